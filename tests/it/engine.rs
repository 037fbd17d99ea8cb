//! Engine.IO alone: messages are whatever the handler takes them for.

use std::time::Duration;

use actix_socketio::{Builder, EngineMessage, EngineSocket, SocketIo};

use crate::support::{Polling, TestServer, Ws, masked};

fn server(settings: Builder) -> TestServer {
    let engine = settings
        .build_engine(async |socket: EngineSocket, message: EngineMessage| match message {
            EngineMessage::Text(text) if &*text == "close" => {
                socket.send(&EngineMessage::Text("bye".into()));
                socket.close();
            }
            message => socket.send(&message),
        })
        .unwrap();
    TestServer::mounting(1, move |cfg| engine.mount(cfg))
}

#[actix_rt::test]
async fn messages_are_echoed_over_websocket() {
    let server = server(SocketIo::builder());
    let mut ws = Ws::open(&server).await;
    ws.text("4hello").await;
    ws.expect_bytes(b"\x81\x064hello").await;
    // None of these would be a Socket.IO packet.
    for text in ["4", "49", "42[", "4é"] {
        ws.ask(text, text).await;
    }
    ws.binary(&[0, 1, 2]).await;
    ws.expect_bytes(b"\x82\x03\x00\x01\x02").await;
}

#[actix_rt::test]
async fn what_precedes_a_close_is_answered() {
    let server = server(SocketIo::builder());
    let mut ws = Ws::open(&server).await;
    ws.send(&[masked(0x81, b"4hello"), masked(0x88, b"\x03\xe8")].concat()).await;
    ws.expect("4hello").await;
    ws.expect_bytes(b"\x88\x02\x03\xe8").await;
    ws.expect_end().await;
}

#[actix_rt::test]
async fn what_precedes_a_protocol_error_is_answered() {
    let server = server(SocketIo::builder());
    // A reserved bit, an unknown opcode, an end without a beginning, text that is not UTF-8.
    let wrong = [(0xc1, 1002), (0x83, 1002), (0x80, 1002), (0x81, 1007)];
    for (first, code) in wrong {
        let mut ws = Ws::open(&server).await;
        ws.send(
            &[masked(0x81, b"4hello"), masked(first, b"\xff"), masked(0x81, b"4late")].concat(),
        )
        .await;
        ws.expect("4hello").await;
        let [high, low] = u16::to_be_bytes(code);
        ws.expect_bytes(&[0x88, 2, high, low]).await;
        ws.expect_end().await;
    }
}

#[actix_rt::test]
async fn messages_are_echoed_over_polling() {
    let server = server(SocketIo::builder());
    let client = Polling::open(&server).await;
    let body = "4hello\x1ebAAEC\x1e4€";
    assert_eq!(client.post(body).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), body);
}

#[actix_rt::test]
async fn a_handler_closes_the_connection_after_what_it_has_sent() {
    let server = server(SocketIo::builder());
    let mut ws = Ws::open(&server).await;
    ws.ask("4close", "4bye").await;
    ws.expect_close(None).await;
    let client = Polling::open(&server).await;
    client.post("4close").await;
    assert_eq!(client.poll().await.text(), "4bye");
    assert_eq!(client.poll().await.text(), "1");
}

#[actix_rt::test]
async fn a_connection_without_any_namespace_stays() {
    let settings = SocketIo::builder()
        .connect_timeout(Duration::from_millis(10))
        .ping_interval(Duration::from_millis(100));
    let server = server(settings);
    let mut ws = Ws::open(&server).await;
    ws.expect("2").await;
    ws.text("3").await;
    ws.text("4hello").await;
    // The next ping may be quicker.
    let mut text = ws.next_text().await;
    while text == "2" {
        text = ws.next_text().await;
    }
    assert_eq!(text, "4hello");
}
