//! Requests for a WebSocket: which headers make one, and what is answered to those that are not quite one.

use actix_socketio::SocketIo;

use super::{BAD_REQUEST, Log, POLLING, UPGRADE, WEBSOCKET, all, ask, heard, sid};
use crate::support::{Polling, Response, TestServer, Ws, echoing, send};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const BAD_KEY: &str = "Missing or invalid Sec-WebSocket-Key header";
const BAD_VERSION: &str = "Missing or invalid Sec-WebSocket-Version header";

fn started() -> (Log, TestServer) {
    let log = Log::default();
    let io = heard(SocketIo::builder(), &log).build().unwrap();
    (log, TestServer::start(&io))
}

/// A GET with these headers beside those that ask for a WebSocket.
async fn asked(server: &TestServer, path: &str, headers: &str) -> Response {
    let headers = format!("connection: Upgrade\r\nupgrade: websocket\r\n{headers}");
    let mut exchange = send(server.addr, "GET", path, &headers, b"").await;
    let mut response = exchange.head().await;
    if response.status != 101 {
        while exchange.read().await > 0 {}
        response.body = exchange.buffer.to_vec();
    }
    response
}

#[actix_rt::test]
async fn a_websocket_without_a_proper_key_is_refused_with_the_official_text() {
    let (log, server) = started();
    let session = Polling::open(&server).await.sid;
    let two = format!("{KEY}\r\nsec-websocket-key: {KEY}");
    let long = format!("{KEY}AAAA");
    for key in
        ["", "x", "dGhl", "dGhlIHNhbXBsZQ==", &KEY[..22], "dGhlIHNhbXBsZSBub25jZ!==", &long, &two]
    {
        for path in [WEBSOCKET, &format!("{WEBSOCKET}&sid={session}")] {
            let headers = format!("sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n");
            let response = asked(&server, path, &headers).await;
            assert_eq!(response.parts(), (400, BAD_KEY), "{key}");
            assert_eq!(all(&response, "connection"), ["close"]);
            assert_eq!(all(&response, "content-type"), ["text/html"]);
            assert_eq!(log.take(), [format!("GET 3 Bad request [{BAD_KEY}]")]);
        }
    }
    for headers in ["sec-websocket-version: 13\r\n", ""] {
        assert_eq!(asked(&server, WEBSOCKET, headers).await.parts(), (400, BAD_KEY));
    }
}

#[actix_rt::test]
async fn a_websocket_of_another_version_is_told_which_ones_there_are() {
    let (log, server) = started();
    for version in ["", "12", "14", "7", "x", "13, 8"] {
        let headers = format!("sec-websocket-key: {KEY}\r\nsec-websocket-version: {version}\r\n");
        let response = asked(&server, WEBSOCKET, &headers).await;
        assert_eq!(response.parts(), (400, BAD_VERSION), "{version}");
        assert_eq!(all(&response, "sec-websocket-version"), ["13, 8"]);
        assert_eq!(log.take(), [format!("GET 3 Bad request [{BAD_VERSION}]")]);
    }
    let headers = format!("sec-websocket-key: {KEY}\r\nsec-websocket-version: 8\r\n");
    assert_eq!(asked(&server, WEBSOCKET, &headers).await.status, 101);
}

#[actix_rt::test]
async fn of_the_subprotocols_that_a_client_names_the_first_is_taken() {
    let (_log, server) = started();
    let valid = format!("sec-websocket-key: {KEY}\r\nsec-websocket-version: 13\r\n");
    let headers = format!("{valid}sec-websocket-protocol: a, b\r\n");
    let response = asked(&server, WEBSOCKET, &headers).await;
    assert_eq!((response.status, all(&response, "sec-websocket-protocol")), (101, vec!["a"]));
    for wrong in ["a,,b", "a b", ""] {
        let headers = format!("{valid}sec-websocket-protocol: {wrong}\r\n");
        let refused = (400, "Invalid Sec-WebSocket-Protocol header");
        assert_eq!(asked(&server, WEBSOCKET, &headers).await.parts(), refused, "{wrong}");
    }
}

#[actix_rt::test]
async fn a_session_is_not_upgraded_by_another_method_and_goes_on() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let path = format!("{WEBSOCKET}&sid={}", client.sid);
    for method in ["POST", "PUT", "OPTIONS"] {
        let response = ask(server.addr, method, &path, UPGRADE).await;
        assert_eq!(response.parts(), (405, "Invalid HTTP method"), "{method}");
    }
    client.fence().await;
}

/// The official server opens it and closes it at once.
#[actix_rt::test]
async fn a_websocket_for_polling_is_refused_and_a_session_goes_on() {
    let log = Log::default();
    let io = heard(SocketIo::builder(), &log).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for path in [POLLING, &client.path()] {
        for method in ["GET", "POST"] {
            let response = ask(server.addr, method, path, UPGRADE).await;
            assert_eq!(response.parts(), (400, "Transport unknown"), "{method} {path}");
            assert_eq!(log.take(), [format!("{method} 0 Transport unknown [polling]")]);
        }
    }
    assert_eq!(io.clients_count(), 1);
    client.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn only_connection_and_upgrade_together_ask_for_a_websocket() {
    let (_log, server) = started();
    let rest = format!("sec-websocket-version: 13\r\nsec-websocket-key: {KEY}\r\n");
    let ask = |path: &'static str, headers: &str| {
        let headers = format!("{headers}{rest}");
        async move { send(server.addr, "GET", path, &headers, b"").await }
    };
    // What does not ask for one is an ordinary request, a wish for HTTP/2 among them.
    for headers in
        ["upgrade: websocket\r\n", "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"]
    {
        let response = ask(WEBSOCKET, headers).await.response().await;
        assert_eq!(response.parts(), BAD_REQUEST, "{headers}");
        sid(&ask(POLLING, headers).await.response().await);
    }
    for headers in [
        "connection: keep-alive, Upgrade\r\nupgrade: websocket\r\n",
        "Connection: upgrade\r\nUpgrade: WebSocket\r\n",
    ] {
        assert_eq!(ask(WEBSOCKET, headers).await.head().await.status, 101, "{headers}");
    }
}

/// The context is what the client says; in JavaScript it is 3 whatever that is. And there such a WebSocket is opened first.
#[actix_rt::test]
async fn another_version_of_the_protocol_is_heard_of_as_the_client_names_it() {
    let (log, server) = started();
    for version in ["", "3", "5", "abc", "4.0"] {
        let expected = format!("GET 5 Unsupported protocol version [{version}]");
        let query = format!("/socket.io/?EIO={version}");
        let polling = ask(server.addr, "GET", &format!("{query}&transport=polling"), "").await;
        assert_eq!(polling.parts(), super::UNSUPPORTED, "{version}");
        assert_eq!(log.take(), [&*expected]);
        let (refused, mut ws) =
            Ws::request(server.addr, &format!("{query}&transport=websocket")).await;
        assert_eq!(refused.status, 400, "{version}");
        ws.expect_bytes(b"Unsupported protocol version").await;
        assert_eq!(log.take(), [&*expected]);
    }
}
