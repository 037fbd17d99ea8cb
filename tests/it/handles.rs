//! Handles outside of handlers: before the server runs, from other threads, after their socket has gone.

use std::{net::IpAddr, sync::mpsc};

use actix_socketio::{Namespace, Socket, SocketIo};

use crate::support::{TestServer, Ws, between, echoing, within};

#[actix_rt::test]
async fn emitting_before_the_server_is_mounted_reaches_nobody_and_does_not_panic() {
    let io = SocketIo::new();
    io.emit("x", &1);
    io.to("room").except("other").emit("x", &1);
    io.of("/news").emit("x", &1);
    io.of("/news").except("room").emit("x", &1);
    assert!(io.of("/news").to("room").try_emit("x", &1).is_ok());
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.fence().await;
    ws.text("40/news,").await;
    between(&ws.next_text().await, r#"40/news,{"sid":""#, r#""}"#);
    ws.fence().await;
}

#[actix_rt::test]
async fn a_server_without_any_namespace_has_the_default_one() {
    let io = SocketIo::new();
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    io.emit("x", &());
    ws.expect(r#"42["x"]"#).await;
}

#[actix_rt::test]
async fn a_server_that_was_never_mounted_takes_emits() {
    let io = SocketIo::new();
    for _ in 0..1000 {
        io.emit("x", &"nobody");
    }
    drop(io);
}

#[actix_rt::test]
async fn a_namespace_may_be_made_while_the_server_runs() {
    let io = SocketIo::new();
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.ask("40/late,", r#"44/late,{"message":"Invalid namespace"}"#).await;
    // Without its slash it is the same namespace.
    let _ends = echoing(&io.of("late"));
    ws.text("40/late,").await;
    between(&ws.next_text().await, r#"40/late,{"sid":""#, r#""}"#);
    ws.ask(r#"42/late,1["echo"]"#, "43/late,1[]").await;
}

#[actix_rt::test]
async fn a_client_keeps_the_handlers_that_there_were_when_it_connected() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut early = Ws::connect(&server).await;
    io.of("/").on("late", async || "late");
    early.text(r#"421["late"]"#).await;
    early.fence().await;
    let mut late = Ws::connect(&server).await;
    late.ask(r#"421["late"]"#, r#"431["late"]"#).await;
}

#[actix_rt::test]
async fn handles_work_from_other_threads() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let (sender, sockets) = mpsc::channel();
    io.of("/").on("register", async move |socket: Socket, namespace: Namespace| {
        sender.send((socket, namespace)).unwrap();
    });
    let server = TestServer::with_workers(&io, 2);
    let (mut ws, mut other) = (Ws::connect(&server).await, Ws::connect(&server).await);
    ws.ask(r#"420["register"]"#, "430[]").await;
    let (socket, namespace) = sockets.recv().unwrap();
    let thread = std::thread::spawn(move || {
        io.emit("from", &"io");
        namespace.emit("from", &"namespace");
        socket.join("room");
        socket.emit("from", &"socket");
        socket.broadcast().emit("from", &"broadcast");
    });
    within("the thread", async { thread.join().unwrap() }).await;
    let mut got = [ws.next_text().await, ws.next_text().await, ws.next_text().await];
    got.sort();
    assert_eq!(
        got,
        [r#"42["from","io"]"#, r#"42["from","namespace"]"#, r#"42["from","socket"]"#]
            .map(str::to_owned)
    );
    for _ in 0..3 {
        other.next_text().await;
    }
    other.fence().await;
}

#[actix_rt::test]
async fn an_ask_may_be_awaited_anywhere() {
    let io = SocketIo::new();
    let (sender, sockets) = mpsc::channel();
    io.of("/").on("register", async move |socket: Socket| sender.send(socket).unwrap());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["register"]"#, "430[]").await;
    let socket = sockets.recv().unwrap();
    let answer = socket.ask::<u8>("question", &());
    let text = ws.next_text().await;
    ws.text(&format!("43{}[7]", between(&text, "42", r#"["question"]"#))).await;
    assert_eq!(within("the answer", answer).await.unwrap(), 7);
    drop(ws);
    // With the client gone, it ends as well.
    let answer = socket.ask::<u8>("question", &());
    assert!(within("the end", answer).await.unwrap_err().is_disconnected());
}

#[actix_rt::test]
async fn the_handle_of_a_socket_that_is_gone_does_nothing() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let (sender, sockets) = mpsc::channel();
    io.of("/").on("register", async move |socket: Socket| sender.send(socket).unwrap());
    let server = TestServer::start(&io);
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["register"]"#, "430[]").await;
    let socket = sockets.recv().unwrap();
    ws.text("41").await;
    ends.reason(&ws.id).await;
    socket.emit("x", &());
    socket.join("room");
    socket.to("room").emit("x", &());
    socket.leave("room");
    socket.disconnect(true);
    // The same connection in the same namespace again is another socket.
    ws.text("40").await;
    ws.next_text().await;
    ws.fence().await;
    witness.fence().await;
}

#[actix_rt::test]
async fn a_socket_knows_the_request_that_opened_its_connection() {
    let io = SocketIo::new();
    io.of("/").on("who", async |socket: Socket| {
        let handshake = socket.handshake();
        let host = handshake.headers.iter().find(|(name, _)| name == "host").unwrap().1.clone();
        (handshake.url.clone(), host, handshake.address, handshake.secure)
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["who"]"#).await;
    let (url, host, address) = (
        "/socket.io/?EIO=4&transport=websocket",
        server.addr,
        "127.0.0.1".parse::<IpAddr>().unwrap(),
    );
    ws.expect(&format!(r#"431["{url}","{host}","{address}",false]"#)).await;
}

#[actix_rt::test]
async fn two_servers_in_one_process_are_two() {
    let (one, two) = (SocketIo::new(), SocketIo::new());
    let (_one, _two) = (echoing(&one.of("/")), echoing(&two.of("/")));
    let (server_one, server_two) = (TestServer::start(&one), TestServer::start(&two));
    let mut client_one = Ws::connect(&server_one).await;
    let mut client_two = Ws::connect(&server_two).await;
    one.emit("x", &1);
    client_one.expect(r#"42["x",1]"#).await;
    client_two.fence().await;
    two.to(client_one.id.as_str()).emit("x", &2);
    client_two.fence().await;
    client_one.fence().await;
}
