//! Clients: how they connect, are refused, send and end, over both transports; and the frames beneath.

use actix_socketio::{
    Args, Auth, Binary, ConnectError, DisconnectReason, EngineMessage, SocketIo, Transport,
    test_util::{self, ClientDisconnect, TestClient, TestConnection},
};
use actix_web::{App, test, web};
use serde_json::{Value, json};

use super::{assert_contains, connect, panic_of};

const TRANSPORTS: [Transport; 2] = [Transport::WebSocket, Transport::Polling];

#[actix_web::test]
async fn middleware_refuses_with_message_and_data_or_lets_in() {
    for transport in TRANSPORTS {
        let io = SocketIo::new();
        io.of("/admin").before_connect(async |Auth(auth): Auth<Value>| {
            match auth["token"] == "secret" {
                true => Ok(()),
                false => Err(ConnectError::new("not authorized").with_data(json!({ "code": 401 }))),
            }
        });
        let builder = TestClient::builder(&io).transport(transport);
        let refused = builder.clone().connect("/admin").await.unwrap_err();
        assert_eq!(refused, ConnectError::new("not authorized").with_data(json!({ "code": 401 })));
        let client = builder.auth(&json!({ "token": "secret" })).connect("admin").await.unwrap();
        client.assert_silence().await;
    }
}

#[actix_web::test]
async fn a_handshake_that_is_refused_is_an_error_with_its_status() {
    let builder = SocketIo::builder().allow_request(async |_| Err("not today".to_owned()));
    let io = builder.build().unwrap();
    let refused = TestClient::connect(&io, "/").await.unwrap_err();
    assert_eq!(refused, ConnectError::new("not today").with_data(json!({ "status": 400 })));
    let polling = TestClient::builder(&io).transport(Transport::Polling);
    let refused = polling.connect("/").await.unwrap_err();
    let data = json!({ "status": 403, "code": 4 });
    assert_eq!(refused, ConnectError::new("not today").with_data(data));
}

#[actix_web::test]
async fn binary_arguments_go_there_and_back() {
    for transport in TRANSPORTS {
        let io = SocketIo::new();
        io.of("/").on("echo", async |Args((n, data)): Args<(u32, Binary)>| (data, n));
        let client = TestClient::builder(&io).transport(transport).connect("/").await.unwrap();
        for size in [0, 3, 200, 70_000] {
            let data = Binary::from(vec![7; size]);
            let answer = client.ask::<(Binary, u32)>("echo", &(size, &data)).await;
            assert_eq!((answer.0.len(), answer.1 as usize), (size, size));
        }
    }
}

#[actix_web::test]
async fn the_ends_of_a_client_have_their_reasons() {
    for transport in TRANSPORTS {
        let io = SocketIo::new();
        io.of("/").on_disconnect(async |io: SocketIo, reason: DisconnectReason| {
            io.emit("left", reason.as_str());
        });
        let watcher = connect(&io, "/").await;
        let client = || TestClient::builder(&io).transport(transport).connect("/");
        client().await.unwrap().disconnect();
        assert_eq!(watcher.next::<String>("left").await, "client namespace disconnect");
        let closing = client().await.unwrap();
        closing.connection().close();
        assert_eq!(watcher.next::<String>("left").await, "transport close");
        assert_eq!(closing.disconnected().await, ClientDisconnect::TransportClose);
        drop(client().await.unwrap());
        let lost = match transport {
            Transport::WebSocket => "transport close",
            // A request that is broken off.
            Transport::Polling => "transport error",
        };
        assert_eq!(watcher.next::<String>("left").await, lost);
        watcher.assert_silence().await;
        assert_eq!(io.clients_count(), 1);
    }
}

#[actix_web::test]
async fn a_server_that_closes_delivers_first_and_ends_all_clients() {
    for transport in TRANSPORTS {
        let io = SocketIo::new();
        let client = TestClient::builder(&io).transport(transport).connect("/").await.unwrap();
        io.emit("last words", &());
        io.close();
        client.next::<()>("last words").await;
        assert_eq!(client.disconnected().await, ClientDisconnect::TransportClose);
        test_util::settle().await;
        assert_eq!(io.clients_count(), 0);
    }
}

#[actix_web::test]
async fn one_connection_has_sockets_in_several_namespaces() {
    let io = SocketIo::new();
    io.of("/a");
    io.of("/b");
    let connection = TestClient::builder(&io).open().await.unwrap();
    let (a, b) = (connection.connect("/a").await.unwrap(), connection.connect("/b").await.unwrap());
    io.of("/a").emit("a", &());
    io.of("/b").emit("b", &());
    // In another order than they came.
    b.next::<()>("b").await;
    a.next::<()>("a").await;
    assert_eq!(io.clients_count(), 1);
    a.disconnect();
    b.assert_silence().await;
    drop((b, connection));
    test_util::settle().await;
    assert_eq!(io.clients_count(), 0);
}

async fn text(connection: &TestConnection) -> String {
    match connection.next_raw().await {
        Some(EngineMessage::Text(text)) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn raw_frames_go_in_and_out_as_they_are() {
    for transport in TRANSPORTS {
        let io = SocketIo::new();
        io.of("/").on("echo", async |Args(data): Args<Binary>| data);
        let connection = TestClient::builder(&io).transport(transport).open().await.unwrap();
        assert_contains(&text(&connection).await, &[r#"0{"sid":""#, r#""pingInterval":25000"#]);
        connection.send_raw("40");
        assert_contains(&text(&connection).await, &[r#"40{"sid":""#]);
        connection.send_raw(r#"451-3["echo",{"_placeholder":true,"num":0}]"#);
        connection.send_raw_binary(b"\x00\xff");
        assert_eq!(text(&connection).await, r#"461-3[{"_placeholder":true,"num":0}]"#);
        let data = EngineMessage::Binary(b"\x00\xff".as_slice().into());
        assert_eq!(connection.next_raw().await, Some(data));
        // No packet.
        connection.send_raw("4?");
        test_util::settle().await;
        assert_eq!(io.clients_count(), 0);
    }
}

#[actix_web::test]
async fn a_message_beyond_the_limit_ends_a_websocket_as_over_the_network() {
    let io = SocketIo::builder().max_payload(1000).build().unwrap();
    let client = connect(&io, "/").await;
    client.emit("big", &"x".repeat(2000));
    assert_eq!(client.disconnected().await, ClientDisconnect::TransportClose);
}

#[actix_web::test]
async fn a_server_that_was_mounted_before_is_refused_with_what_to_do() {
    let io = SocketIo::new();
    let _app =
        test::init_service(App::new().configure(|cfg| io.mount(cfg)).route("/", web::get())).await;
    let panic = panic_of(async { TestClient::connect(&io, "/").await }).await;
    assert_contains(&panic, &["another thread", "test_util::start"]);
}
