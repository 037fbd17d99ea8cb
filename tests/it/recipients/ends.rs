//! What a recipient starts, and what becomes of it when that which it stands for is no more.

use actix::{MailboxError, Recipient, dev::SendError};
use actix_socketio::{
    SocketIo,
    message::{Ask, AskAll, Broadcast, Emit},
};
use tokio::task::yield_now;

use crate::support::{TestServer, Ws, echoing, logged, within};

fn event(name: &str) -> Emit {
    Emit::new(name, &()).unwrap()
}

#[actix_rt::test]
async fn a_recipient_may_be_there_before_the_server_is_mounted() {
    let io = SocketIo::new();
    let all: Recipient<Emit> = io.of("/").recipient();
    let room: Recipient<Emit> = io.of("/later").to("room").recipient();
    let result = within("a result", all.send(event("nobody is there"))).await;
    assert!(result.unwrap().is_ok());
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    all.do_send(event("x"));
    ws.expect(r#"42["x"]"#).await;
    io.of("/later").on_connect(async |socket: actix_socketio::Socket| socket.join("room"));
    ws.ask_for_namespace("/later").await;
    room.do_send(event("y"));
    ws.expect(r#"42/later,["y"]"#).await;
}

#[test]
fn a_recipient_that_cannot_start_the_server_is_closed() {
    logged(log::Level::Error);
    let io = SocketIo::new();
    let all: Recipient<Emit> = io.of("/").recipient();
    assert!(!all.connected());
    all.do_send(event("x"));
    assert!(matches!(all.try_send(event("x")), Err(SendError::Closed(_))));
    assert!(
        logged(log::Level::Error).iter().any(|line| line.contains("outside of an actix system"))
    );
}

#[actix_rt::test]
async fn a_recipient_of_a_removed_namespace_gives_errors() {
    let io = SocketIo::new();
    let chat = io.of("/chat");
    let (emits, asks) = (chat.recipient::<Emit>(), chat.to("room").recipient::<AskAll>());
    let of_a_child: Recipient<Emit> = io.of_pattern("/org/{org}").unwrap().recipient();
    assert!(io.remove_namespace("/chat"));
    // A new one of that name is another.
    io.of("/chat");
    let emitted = within("a result", emits.send(event("x"))).await.unwrap();
    assert!(emitted.unwrap_err().is_gone());
    let asked = within("a result", asks.send(AskAll::new("x", &()).unwrap())).await.unwrap();
    assert!(asked.unwrap_err().is_gone());
    assert!(within("a result", of_a_child.send(event("x"))).await.unwrap().is_ok());
}

#[actix_rt::test]
async fn a_recipient_of_a_closed_server_gives_errors() {
    let io = SocketIo::new();
    let (sender, sockets) = std::sync::mpsc::channel();
    io.of("/").on_connect(async move |socket: actix_socketio::Socket| sender.send(socket).unwrap());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let socket = sockets.recv().unwrap();
    let all: Recipient<Emit> = io.of("/").recipient();
    let (one, by_id) = (socket.recipient::<Ask>(), io.of("/").recipient_of::<Ask>(socket.id()));
    io.close();
    assert!(within("a result", all.send(event("x"))).await.unwrap().unwrap_err().is_gone());
    for asks in [one, by_id] {
        let answer = within("a result", asks.send(Ask::new("x", &()).unwrap())).await;
        assert!(answer.unwrap().unwrap_err().is_gone());
    }
    ws.drain().await;
}

#[actix_rt::test]
async fn errors_that_nobody_waits_for_are_logged() {
    let io = SocketIo::new();
    let chat: Recipient<Emit> = io.of("/chat").recipient();
    logged(log::Level::Error);
    io.remove_namespace("/chat");
    chat.do_send(event("by do_send"));
    chat.try_send(event("by try_send")).unwrap();
    // What is sent later is handled later, and its error is heard.
    let heard = within("a result", chat.send(event("by send"))).await.unwrap();
    assert_eq!(heard.unwrap_err().to_string(), "the namespace is gone");
    let logged: Vec<_> =
        logged(log::Level::Error).into_iter().filter(|it| it.contains("event \"by ")).collect();
    assert_eq!(
        logged,
        [
            r#"event "by do_send" through a recipient: the namespace is gone"#,
            r#"event "by try_send" through a recipient: the namespace is gone"#,
        ]
    );
}

#[actix_rt::test]
async fn a_recipient_does_not_keep_the_server_alive() {
    let io = SocketIo::new();
    let all: Recipient<Emit> = io.of("/").recipient();
    assert!(within("a result", all.send(event("x"))).await.unwrap().is_ok());
    drop(io);
    within("the end of the server", async {
        while all.connected() {
            yield_now().await;
        }
    })
    .await;
    assert_eq!(
        all.send(event("x")).await.unwrap_err().to_string(),
        MailboxError::Closed.to_string()
    );
    let Err(SendError::Closed(back)) = all.try_send(event("back")) else { panic!("it is open") };
    assert!(format!("{back:?}").contains("back"));
}

#[actix_rt::test]
async fn what_was_sent_is_delivered_although_the_recipient_is_dropped_and_then_it_ends() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let all: Recipient<Broadcast> = io.of("/").recipient();
    let weak = all.downgrade();
    for number in 0..100 {
        all.do_send(Broadcast::new("x", &number).unwrap());
    }
    drop(all);
    for number in 0..100 {
        ws.expect(&format!(r#"42["x",{number}]"#)).await;
    }
    within("the end of the actor", async {
        while weak.upgrade().is_some_and(|again| again.connected()) {
            yield_now().await;
        }
    })
    .await;
}
