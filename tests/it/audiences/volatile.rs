//! Volatile events: clients that are not ready do not get them, and get everything else.

use actix_socketio::{Args, Socket, SocketIo};

use crate::support::{Polling, TestServer, Ws, echoing};

/// A server whose `burst` sends this many volatile events of a kilobyte between two that are not.
fn server(builder: actix_socketio::Builder) -> (TestServer, SocketIo) {
    let io = builder.build().unwrap();
    drop(echoing(&io.of("/")));
    io.of("/").on("burst", async |socket: Socket, Args(count): Args<u32>| {
        let padding = "x".repeat(1000);
        socket.emit("first", &());
        for n in 0..count {
            socket.volatile().emit("v", &(n, &padding));
        }
        socket.emit("last", &());
    });
    io.of("/").on("broadcast", async |socket: Socket| {
        socket.within(socket.id()).volatile().emit("w", &());
    });
    (TestServer::start(&io), io)
}

#[actix_rt::test]
async fn a_websocket_that_keeps_up_gets_them_in_order() {
    let (server, _io) = server(SocketIo::builder());
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["burst",3]"#).await;
    ws.expect(r#"42["first"]"#).await;
    for n in 0..3 {
        assert!(ws.next_text().await.starts_with(&format!(r#"42["v",{n},"#)));
    }
    ws.expect(r#"42["last"]"#).await;
    ws.text(r#"42["broadcast"]"#).await;
    ws.expect(r#"42["w"]"#).await;
}

#[actix_rt::test]
async fn a_websocket_with_too_much_waiting_loses_them_and_nothing_else() {
    let (server, _io) = server(SocketIo::builder().volatile_limit(2500));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["burst",100]"#).await;
    ws.expect(r#"42["first"]"#).await;
    let mut volatile = 0;
    loop {
        match ws.next_text().await.as_str() {
            r#"42["last"]"# => break,
            text => assert!(text.starts_with(r#"42["v","#)),
        }
        volatile += 1;
    }
    // All are emitted before anything is written.
    assert_eq!(volatile, 3);
}

#[actix_rt::test]
async fn a_polling_client_gets_one_while_its_poll_waits_and_none_otherwise() {
    let (server, io) = server(SocketIo::builder());
    let polling = Polling::connect(&server).await;
    assert_eq!(polling.post(r#"42["burst",10]"#).await.parts(), (200, "ok"));
    assert_eq!(polling.poll().await.text(), "42[\"first\"]\u{1e}42[\"last\"]");
    polling.fence().await;
    // Nothing waits to be written, but nobody waits for it either.
    io.everyone().volatile().emit("lost", &());
    polling.fence().await;
}

#[actix_rt::test]
async fn a_poll_that_waits_is_answered_by_a_volatile_event() {
    let (server, io) = server(SocketIo::builder());
    let polling = Polling::connect(&server).await;
    let mut tries = 0;
    // Whether the poll has arrived cannot be seen from here, so it is tried until it has.
    let poll = polling.start_poll().await;
    let answered = poll.response();
    let emitting = async {
        while tries < 1_000_000 {
            io.everyone().volatile().emit("hello", &());
            tries += 1;
            actix_rt::task::yield_now().await;
        }
    };
    let response = futures_util::future::select(Box::pin(answered), Box::pin(emitting)).await;
    let futures_util::future::Either::Left((response, _)) = response else { panic!("no answer") };
    assert_eq!(response.text(), r#"42["hello"]"#);
}
