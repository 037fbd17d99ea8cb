//! How clients join and leave namespaces: CONNECT, CONNECT_ERROR and DISCONNECT, frame by frame.

use actix_socketio::{Args, Auth, ConnectError, Namespace, Socket, SocketIo};
use serde_json::{Value, json};

use crate::support::{TestServer, Ws, between, echoing, is_id, within};

#[actix_rt::test]
async fn a_connect_is_answered_with_the_id_of_the_socket() {
    let server = TestServer::start(&SocketIo::new());
    let mut ws = Ws::open(&server).await;
    ws.text("40").await;
    ws.expect_bytes(b"\x81\x2040{\"sid\":\"").await;
    let id = ws.bytes(20).await;
    ws.expect_bytes(b"\"}").await;
    assert!(is_id(str::from_utf8(&id).unwrap()));
    assert_ne!(id, ws.sid.as_bytes());
}

#[actix_rt::test]
async fn a_namespace_that_does_not_exist_refuses_and_the_connection_goes_on() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask("40/nowhere,", r#"44/nowhere,{"message":"Invalid namespace"}"#).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn middleware_refuses_with_message_and_data_and_the_client_may_ask_again() {
    let io = SocketIo::new();
    let private = io.of("/private");
    let _ends = echoing(&private);
    private.before_connect(async |Auth(auth): Auth<Value>| match auth["token"] == "secret" {
        true => Ok(()),
        false => Err(ConnectError::new("not authorized").with_data(json!({ "code": 401 }))),
    });
    private.before_connect(async |Auth(auth): Auth<Value>| match auth["name"].as_str() {
        Some(_) => Ok(()),
        None => Err("no name"),
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    let refusal = r#"44/private,{"message":"not authorized","data":{"code":401}}"#;
    ws.ask("40/private,", refusal).await;
    ws.ask(r#"40/private,{"token":"guess"}"#, refusal).await;
    let refusal = r#"44/private,{"message":"no name"}"#;
    ws.ask(r#"40/private,{"token":"secret"}"#, refusal).await;
    ws.text(r#"40/private,{"token":"secret","name":"Ada"}"#).await;
    assert!(is_id(between(&ws.next_text().await, r#"40/private,{"sid":""#, r#""}"#)));
    ws.ask(r#"42/private,1["echo",true]"#, "43/private,1[true]").await;
}

#[actix_rt::test]
async fn auth_that_does_not_fit_its_middleware_refuses_the_client() {
    let io = SocketIo::new();
    io.of("/").before_connect(async |_: Auth<u32>| ());
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.text(r#"40{"token":1}"#).await;
    assert!(ws.next_text().await.starts_with(r#"44{"message":""#));
}

#[actix_rt::test]
async fn a_connect_handler_emits_after_the_answer_to_the_connect() {
    let io = SocketIo::new();
    io.of("/admin").on_connect(async |socket: Socket, Auth(auth): Auth<Value>| {
        socket.emit("welcome", &(socket.namespace(), auth));
    });
    let server = TestServer::start(&io);
    for connect in ["40/admin", "40/admin,", "40/admin,{}"] {
        let mut ws = Ws::open(&server).await;
        ws.text(connect).await;
        assert!(is_id(between(&ws.next_text().await, r#"40/admin,{"sid":""#, r#""}"#)));
        ws.expect(r#"42/admin,["welcome","/admin",{}]"#).await;
    }
}

#[actix_rt::test]
async fn a_disconnect_leaves_the_namespace_and_the_connection_goes_on() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let _admin = echoing(&io.of("/admin"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text("40/admin,").await;
    ws.next_text().await;
    ws.text("41").await;
    assert_eq!(ends.reason(&ws.id).await, "client namespace disconnect");
    ws.ask(r#"42/admin,3["echo",1]"#, "43/admin,3[1]").await;
    ws.text("40").await;
    assert_ne!(between(&ws.next_text().await, r#"40{"sid":""#, r#""}"#), ws.id);
    ws.fence().await;
}

#[actix_rt::test]
async fn the_server_disconnects_a_socket_from_its_namespace() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let _admin = echoing(&io.of("/admin"));
    io.of("/").on("kick", async |socket: Socket, Args(close): Args<bool>| socket.disconnect(close));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text("40/admin,").await;
    ws.next_text().await;
    ws.text(r#"42["kick",false]"#).await;
    ws.expect("41").await;
    assert_eq!(ends.reason(&ws.id).await, "server namespace disconnect");
    ws.ask(r#"42/admin,1["echo"]"#, "43/admin,1[]").await;
}

#[actix_rt::test]
async fn the_server_closes_a_connection_with_all_of_its_sockets() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let mut admin = echoing(&io.of("/admin"));
    io.of("/").on("kick", async |socket: Socket, Args(close): Args<bool>| socket.disconnect(close));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text("40/admin,").await;
    let id = between(&ws.next_text().await, r#"40/admin,{"sid":""#, r#""}"#).to_owned();
    ws.text(r#"42["kick",true]"#).await;
    ws.expect_all(["41", "41/admin,"]).await;
    ws.expect_close(None).await;
    assert_eq!(admin.reason(&id).await, "server namespace disconnect");
}

/// Middleware that joins, leaves and emits before it decides, at once or after a moment.
fn early(io: &SocketIo) {
    let namespace = io.of("/early");
    namespace
        .before_connect(async |socket: Socket, Auth(auth): Auth<Value>| {
            socket.join(["x", "y"]);
            socket.emit("early", &1);
            actix_rt::task::yield_now().await;
            socket.leave("y");
            socket.emit("early", &2);
            match auth["stop"].as_str() {
                Some(stop) => Err(ConnectError::new(stop)),
                None => Ok(()),
            }
        })
        .on_connect(async |socket: Socket, namespace: Namespace| {
            namespace.to("x").emit("to x", &socket.id());
            namespace.to("y").emit("to y", &());
        })
        .on("rooms", async |socket: Socket| socket.rooms().await.unwrap()[1..].join(","));
}

#[actix_rt::test]
async fn what_middleware_emits_comes_before_the_answer_and_what_it_joins_is_joined() {
    let io = SocketIo::new();
    early(&io);
    let server = TestServer::with_workers(&io, 2);
    for _ in 0..10 {
        let mut ws = Ws::open(&server).await;
        ws.text("40/early,").await;
        ws.expect_all([r#"42/early,["early",1]"#, r#"42/early,["early",2]"#]).await;
        let id = between(&ws.next_text().await, r#"40/early,{"sid":""#, r#""}"#).to_owned();
        ws.expect(&format!(r#"42/early,["to x","{id}"]"#)).await;
        ws.ask(r#"42/early,1["rooms"]"#, r#"43/early,1["x"]"#).await;
    }
}

#[actix_rt::test]
async fn what_middleware_emits_comes_before_a_refusal_and_nothing_is_joined() {
    let io = SocketIo::new();
    early(&io);
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.text(r#"40/early,{"stop":"no"}"#).await;
    ws.expect_all([r#"42/early,["early",1]"#, r#"42/early,["early",2]"#]).await;
    ws.expect(r#"44/early,{"message":"no"}"#).await;
    let nobody = within("nobody", io.of("/early").to("x").fetch_sockets()).await.unwrap();
    assert!(nobody.is_empty());
}
