//! `on_connection_error`: which requests it hears of, with which code, message and context.

use actix_socketio::{Builder, SocketIo};

use super::{Log, POLLING, UPGRADE, WEBSOCKET, ask, heard, upgrade};
use crate::support::{Polling, TestServer, Ws};

fn started() -> (Log, TestServer) {
    let log = Log::default();
    let io = heard(SocketIo::builder().max_payload(1000), &log).build().unwrap();
    (log, TestServer::start(&io))
}

#[actix_rt::test]
async fn a_refused_request_is_heard_of_once_with_its_code_message_and_context() {
    let (log, server) = started();
    let sid = Polling::open(&server).await.sid;
    assert_eq!(log.take(), Vec::<String>::new());
    let cases = [
        ("GET", "", "0 Transport unknown []"),
        ("GET", "EIO=4", "0 Transport unknown []"),
        ("GET", "EIO=4&transport=tcp", "0 Transport unknown [tcp]"),
        ("GET", "EIO=4&transport=polling&sid=nobody", "1 Session ID unknown [nobody]"),
        ("POST", "EIO=4&transport=polling&sid=nobody", "1 Session ID unknown [nobody]"),
        ("POST", "EIO=4&transport=polling", "2 Bad handshake method [POST]"),
        ("OPTIONS", "EIO=4&transport=polling", "2 Bad handshake method [OPTIONS]"),
        ("GET", "EIO=4&transport=websocket", "3 Bad request [TRANSPORT_HANDSHAKE_ERROR]"),
        ("GET", "EIO=4&transport=websocket&sid={sid}", "3 Bad request [TRANSPORT_MISMATCH]"),
        ("GET", "EIO=3&transport=polling&sid={sid}", "3 Bad request [PROTOCOL_MISMATCH]"),
        ("POST", "transport=polling&sid={sid}", "3 Bad request [PROTOCOL_MISMATCH]"),
        ("GET", "EIO=3&transport=polling", "5 Unsupported protocol version [3]"),
    ];
    for (method, query, expected) in cases {
        let path = format!("/socket.io/?{}", query.replace("{sid}", &sid));
        ask(server.addr, method, &path, "").await;
        assert_eq!(log.take(), [format!("{method} {expected}")], "{query}");
    }
}

#[actix_rt::test]
async fn a_refused_upgrade_is_heard_of_too() {
    let (log, server) = started();
    let sid = Polling::open(&server).await.sid;
    let cases = [
        ("EIO=4&transport=tcp", "0 Transport unknown [tcp]"),
        ("EIO=4&transport=websocket&sid=nobody", "1 Session ID unknown [nobody]"),
        ("EIO=3&transport=websocket&sid={sid}", "3 Bad request [PROTOCOL_MISMATCH]"),
        ("EIO=3&transport=websocket", "5 Unsupported protocol version [3]"),
    ];
    for (query, expected) in cases {
        let path = format!("/socket.io/?{}", query.replace("{sid}", &sid));
        let (response, _) = upgrade(server.addr, &path, "").await;
        assert_eq!(response.status, 400, "{query}");
        assert_eq!(log.take(), [format!("GET {expected}")], "{query}");
    }
    let response = ask(server.addr, "POST", WEBSOCKET, UPGRADE).await;
    assert_eq!(response.parts(), (400, "Bad handshake method"));
    assert_eq!(log.take(), ["POST 2 Bad handshake method [POST]"]);
}

/// The message is that of the code, and the application's own is the context, in JavaScript too.
#[actix_rt::test]
async fn an_origin_with_an_illegal_character_does_not_get_that_far() {
    let (log, server) = started();
    let response = ask(server.addr, "GET", POLLING, "origin: http://a\x7f\r\n").await;
    assert_eq!(response.parts(), (400, ""));
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn a_forbidden_request_is_heard_of_with_the_message_as_its_context() {
    for message in ["", "not today"] {
        let log = Log::default();
        let forbid = |builder: Builder| {
            builder.allow_request(move |_| std::future::ready(Err(message.to_owned())))
        };
        let io = heard(forbid(SocketIo::builder()), &log).build().unwrap();
        let server = TestServer::start(&io);
        ask(server.addr, "GET", POLLING, "").await;
        upgrade(server.addr, WEBSOCKET, "").await;
        let expected = format!("GET 4 Forbidden [{message}]");
        assert_eq!(log.take(), [expected.clone(), expected]);
    }
}

#[actix_rt::test]
async fn what_goes_wrong_in_a_session_is_no_connection_error() {
    let (log, server) = started();
    let client = Polling::connect(&server).await;
    assert_eq!(client.post("4".repeat(1001)).await.status, 413);
    assert_eq!(ask(server.addr, "PUT", &client.path(), "").await.status, 500);
    let octets = "content-type: application/octet-stream\r\n";
    assert_eq!(ask(server.addr, "POST", &client.path(), octets).await.status, 400);
    let mut ws = Ws::connect(&server).await;
    ws.text("not a packet").await;
    ws.drain().await;
    assert_eq!(log.take(), Vec::<String>::new());
}
