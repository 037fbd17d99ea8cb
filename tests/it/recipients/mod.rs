//! Recipients: plain actix addresses of namespaces, rooms and sockets, for actors, threads and runtimes that know no more of us.

mod ends;
mod mailbox;

use std::{future::Future, sync::mpsc, time::Duration};

use actix::Recipient;
use actix_socketio::{
    Args, Binary, Event, Namespace, Socket, SocketId, SocketIo,
    message::{Ask, AskAll, Broadcast, Emit},
};

use crate::support::{Message, TestServer, Ws, between, echoing, within};

#[derive(serde::Serialize, Event)]
#[event(name = "price", ack = bool)]
struct Price(f64);

/// Clients join rooms by `join`, and hand their sockets to the test by `register`.
fn server(io: &SocketIo) -> (TestServer, mpsc::Receiver<Socket>) {
    let (sender, sockets) = mpsc::channel();
    let _ends = echoing(&io.of("/"));
    io.of("/")
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("register", async move |socket: Socket| sender.send(socket).unwrap());
    (TestServer::with_workers(io, 2), sockets)
}

async fn member_of(server: &TestServer, room: &str) -> Ws {
    let mut ws = Ws::connect(server).await;
    ws.ask(&format!(r#"420["join","{room}"]"#), "430[]").await;
    ws
}

/// The id of the ack that a question asks for; `text` is the packet behind it.
async fn asked(ws: &mut Ws, text: &str) -> String {
    between(&ws.next_text().await, "42", text).to_owned()
}

/// Runs a future on a plain tokio runtime of a thread that actix knows nothing of.
fn on_plain_tokio<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> {
    let (sender, done) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert!(actix::System::try_current().is_none());
        drop(sender.send(runtime.block_on(future)));
    });
    async { within("the other runtime", done).await.unwrap() }
}

#[actix_rt::test]
async fn a_namespace_has_a_recipient_whose_messages_are_narrowed() {
    let io = SocketIo::new();
    let (server, _) = server(&io);
    let prices: Recipient<Broadcast> = io.of("/").recipient();
    let (mut euro, mut other) = (member_of(&server, "EURUSD").await, Ws::connect(&server).await);
    prices.do_send(Broadcast::event(&Price(1.09)).unwrap().to("EURUSD"));
    prices.do_send(Broadcast::new("closed", &("at", 18)).unwrap().except("EURUSD"));
    prices.do_send(Broadcast::new("bye", &()).unwrap().to(["EURUSD", other.id.as_str()]));
    euro.expect_all([r#"42["price",1.09]"#, r#"42["bye"]"#]).await;
    other.expect_all([r#"42["closed","at",18]"#, r#"42["bye"]"#]).await;
    euro.fence().await;
}

#[actix_rt::test]
async fn the_recipient_of_a_room_sends_to_that_room_alone() {
    let io = SocketIo::new();
    let (server, _) = server(&io);
    let (mut member, mut other) = (member_of(&server, "room").await, Ws::connect(&server).await);
    let mut muted = member_of(&server, "room").await;
    let room: Recipient<Emit> = io.to("room").except(muted.id.as_str()).recipient();
    assert!(within("a result", room.send(Emit::new("x", &1).unwrap())).await.unwrap().is_ok());
    member.expect(r#"42["x",1]"#).await;
    other.fence().await;
    muted.fence().await;
}

#[actix_rt::test]
async fn messages_carry_attachments_to_the_namespace_that_they_are_sent_to() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/files"));
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.ask_for_namespace("/files").await;
    let files: Recipient<Emit> = io.of("/files").recipient();
    let file = (Binary::from(vec![1, 2]), "a.bin", Binary::from(vec![3]));
    files.do_send(Emit::new("file", &file).unwrap());
    let (first, second) = (r#"{"_placeholder":true,"num":0}"#, r#"{"_placeholder":true,"num":1}"#);
    ws.expect(&format!(r#"452-/files,["file",{first},"a.bin",{second}]"#)).await;
    assert_eq!(ws.next().await, Message::Binary(vec![1, 2]));
    assert_eq!(ws.next().await, Message::Binary(vec![3]));
}

#[actix_rt::test]
async fn a_socket_is_sent_to_and_asked_through_recipients() {
    let io = SocketIo::new();
    let (server, sockets) = server(&io);
    let (mut ws, mut other) = (Ws::connect(&server).await, Ws::connect(&server).await);
    ws.ask(r#"420["register"]"#, "430[]").await;
    let socket = sockets.recv().unwrap();
    let (emits, asks): (Recipient<Emit>, Recipient<Ask>) = (socket.recipient(), socket.recipient());
    emits.do_send(Emit::event(&Price(2.0)).unwrap());
    ws.expect(r#"42["price",2.0]"#).await;
    let answer = asks.send(Ask::event(&Price(3.0)).unwrap());
    let id = asked(&mut ws, r#"["price",3.0]"#).await;
    ws.text(&format!("43{id}[true]")).await;
    let answer = within("the answer", answer).await.unwrap().unwrap();
    assert!(answer.ack_args::<bool>().unwrap());
    other.fence().await;
}

#[actix_rt::test]
async fn a_socket_is_sent_to_and_asked_by_its_id() {
    let io = SocketIo::new();
    let (server, sockets) = server(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["register"]"#, "430[]").await;
    let id: SocketId = sockets.recv().unwrap().id();
    // Somebody who is in the room that is the id of the other gets what is sent there, and answers for himself.
    let mut spy = member_of(&server, id.as_str()).await;
    let emits: Recipient<Emit> = io.of("/").recipient_of(id);
    let asks: Recipient<Ask> = io.of("/").recipient_of(id);
    emits.do_send(Emit::new("x", &()).unwrap());
    ws.expect(r#"42["x"]"#).await;
    spy.expect(r#"42["x"]"#).await;
    let answer = asks.send(Ask::new("who", &()).unwrap());
    for (client, name) in [(&mut spy, "spy"), (&mut ws, "ws")] {
        let id = asked(client, r#"["who"]"#).await;
        client.text(&format!(r#"43{id}["{name}"]"#)).await;
        // The answers come in this order.
        client.fence().await;
    }
    let answer = within("the answer", answer).await.unwrap().unwrap();
    assert_eq!(answer.ack_args::<String>().unwrap(), "ws");
}

#[actix_rt::test]
async fn whoever_is_not_there_is_emitted_to_in_vain_and_does_not_answer() {
    let io = SocketIo::new();
    let (server, sockets) = server(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["register"]"#, "430[]").await;
    let socket = sockets.recv().unwrap();
    let known: (Recipient<Emit>, Recipient<Ask>) = (socket.recipient(), socket.recipient());
    let of = |id| (io.of("/").recipient_of::<Emit>(id), io.of("/").recipient_of::<Ask>(id));
    let by_id = of(socket.id());
    socket.disconnect(true);
    ws.drain().await;
    for (emits, asks) in [known, by_id, of(SocketId::parse("aaaaaaaaaaaaaaaaaaaa").unwrap())] {
        let emitted = within("a result", emits.send(Emit::new("x", &()).unwrap())).await;
        assert!(emitted.unwrap().is_ok());
        let answer = within("an answer", asks.send(Ask::new("x", &()).unwrap())).await;
        assert!(answer.unwrap().unwrap_err().is_disconnected());
    }
}

#[actix_rt::test]
async fn an_audience_is_asked_through_a_recipient_and_each_answer_bears_its_id() {
    let io = SocketIo::new();
    let (server, _) = server(&io);
    let (mut a, mut b) = (member_of(&server, "jury").await, member_of(&server, "jury").await);
    let mut other = Ws::connect(&server).await;
    let court: Recipient<AskAll> = io.of("/").recipient();
    let votes = court.send(AskAll::new("vote", &"guilty?").unwrap().to("jury"));
    for (client, vote) in [(&mut a, true), (&mut b, false)] {
        let id = asked(client, r#"["vote","guilty?"]"#).await;
        client.text(&format!("43{id}[{vote}]")).await;
    }
    let votes = within("the answers", votes).await.unwrap().unwrap();
    let mut votes: Vec<(String, bool)> = votes
        .into_iter()
        .map(|it| (it.socket.to_string(), it.answer.unwrap().ack_args().unwrap()))
        .collect();
    let mut expected = vec![(a.id.clone(), true), (b.id.clone(), false)];
    votes.sort();
    expected.sort();
    assert_eq!(votes, expected);
    other.fence().await;
}

#[actix_rt::test]
async fn who_is_asked_has_the_time_that_the_message_gives() {
    let io = SocketIo::new();
    let (server, _) = server(&io);
    let (first, second) = (Ws::connect(&server).await, Ws::connect(&server).await);
    let soon = Duration::from_millis(20);
    let asks: Recipient<Ask> = io.of("/").recipient_of(SocketId::parse(&first.id).unwrap());
    let answer = within("a time-out", asks.send(Ask::new("x", &()).unwrap().timeout(soon))).await;
    assert!(answer.unwrap().unwrap_err().is_timeout());
    let all: Recipient<AskAll> = io.everyone().timeout(soon).recipient();
    let answers = within("time-outs", all.send(AskAll::new("x", &()).unwrap())).await;
    let answers = answers.unwrap().unwrap();
    assert_eq!(answers.len(), 2);
    assert!(answers.into_iter().all(|it| it.answer.unwrap_err().is_timeout()));
    drop(second);
}

#[actix_rt::test]
async fn a_recipient_of_a_parent_reaches_children_that_come_later() {
    let io = SocketIo::new();
    let orgs = io.of_pattern("/org/{org}").unwrap();
    let all: Recipient<Broadcast> = orgs.recipient();
    let server = TestServer::start(&io);
    let (mut a, mut b) = (Ws::open(&server).await, Ws::open(&server).await);
    a.ask_for_namespace("/org/a").await;
    b.ask_for_namespace("/org/b").await;
    all.do_send(Broadcast::new("x", &1).unwrap());
    a.expect(r#"42/org/a,["x",1]"#).await;
    b.expect(r#"42/org/b,["x",1]"#).await;
}

#[actix_rt::test]
async fn messages_are_sent_from_threads_and_from_other_runtimes() {
    fn is_anywhere<T: Send + Sync + Clone + 'static>() {}
    is_anywhere::<SocketIo>();
    is_anywhere::<Namespace>();
    is_anywhere::<Socket>();
    is_anywhere::<Recipient<Broadcast>>();
    is_anywhere::<Broadcast>();
    is_anywhere::<Emit>();
    is_anywhere::<Ask>();
    is_anywhere::<AskAll>();
    let io = SocketIo::new();
    let (server, _) = server(&io);
    let mut ws = Ws::connect(&server).await;
    let all: Recipient<Emit> = io.of("/").recipient();
    let (recipient, handle) = (all.clone(), io.clone());
    std::thread::spawn(move || {
        recipient.do_send(Emit::new("thread", &()).unwrap());
        handle.emit("thread", &"handle");
        // Two handles are two contexts: the order of these two is open.
    })
    .join()
    .unwrap();
    let mut got = [ws.next_text().await, ws.next_text().await];
    got.sort();
    assert_eq!(got, [r#"42["thread","handle"]"#, r#"42["thread"]"#]);
    let client: Recipient<Ask> = io.of("/").recipient_of(SocketId::parse(&ws.id).unwrap());
    let answer = on_plain_tokio(async move {
        all.send(Emit::new("runtime", &()).unwrap()).await.unwrap().unwrap();
        all.try_send(Emit::new("runtime", &2).unwrap()).unwrap();
        client.send(Ask::new("question", &()).unwrap()).await.unwrap()
    });
    let mut got = [ws.next_text().await, ws.next_text().await, ws.next_text().await];
    got.sort();
    assert_eq!(got[1..], [r#"42["runtime",2]"#, r#"42["runtime"]"#]);
    ws.text(&format!("43{}[7]", between(&got[0], "42", r#"["question"]"#))).await;
    assert_eq!(answer.await.unwrap().ack_args::<u8>().unwrap(), 7);
}

#[actix_rt::test]
async fn a_handle_emits_and_asks_from_another_runtime() {
    let io = SocketIo::new();
    let (server, sockets) = server(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["register"]"#, "430[]").await;
    let socket = sockets.recv().unwrap();
    let answer = on_plain_tokio(async move {
        io.of("/").emit("x", &1);
        let found = io.everyone().fetch_sockets().await.unwrap().len();
        (found, socket.ask::<u8>("question", &()).await)
    });
    ws.expect(r#"42["x",1]"#).await;
    let id = asked(&mut ws, r#"["question"]"#).await;
    ws.text(&format!("43{id}[7]")).await;
    let (found, answer) = answer.await;
    assert_eq!((found, answer.unwrap()), (1, 7));
}

#[test]
fn what_cannot_be_sent_is_refused_when_the_message_is_made() {
    let reserved = Broadcast::new("connect", &()).unwrap_err();
    assert!(reserved.is_encode());
    let keys = std::collections::HashMap::from([(vec![1], 1)]);
    assert!(Emit::new("x", &keys).unwrap_err().is_encode());
    let eleven = vec![Binary::from(vec![0]); 11];
    assert!(Ask::new("x", &eleven).unwrap_err().is_encode());
    assert!(AskAll::new("disconnect", &()).unwrap_err().is_encode());
}
