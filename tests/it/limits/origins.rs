//! Pages of other origins: in the official server they open WebSockets, whatever its `cors` says; with `allowed_origins` they open
//! nothing.

use actix_socketio::{AllowedOrigins, SocketIo};

use super::start;
use crate::support::{Exchange, Response, TestServer, send};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";
const UPGRADE: &str = "connection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn polling(server: &TestServer, headers: &str) -> Response {
    send(server.addr, "GET", POLLING, headers, b"").await.response().await
}

async fn websocket(server: &TestServer, headers: &str) -> Response {
    let headers = format!("{UPGRADE}{headers}");
    let mut exchange: Exchange = send(server.addr, "GET", WEBSOCKET, &headers, b"").await;
    exchange.head().await
}

/// The status of a handshake over polling, and over WebSocket.
async fn statuses(server: &TestServer, headers: &str) -> (u16, u16) {
    (polling(server, headers).await.status, websocket(server, headers).await.status)
}

#[actix_rt::test]
async fn without_the_option_every_origin_is_taken_as_by_the_official_server() {
    let (_io, server, _ends) = start(|builder| builder);
    for origin in ["", "origin: https://evil.example\r\n", "origin: null\r\n"] {
        assert_eq!(statuses(&server, origin).await, (200, 101), "{origin}");
    }
}

#[actix_rt::test]
async fn pages_of_the_same_host_are_taken_and_others_are_not() {
    let (io, server, _ends) = start(|b| b.allowed_origins(AllowedOrigins::same_host()));
    let host = server.addr;
    for origin in
        ["".to_owned(), format!("origin: http://{host}\r\n"), format!("origin: https://{host}\r\n")]
    {
        assert_eq!(statuses(&server, &origin).await, (200, 101), "{origin}");
    }
    let before = io.clients_count();
    let port = host.port();
    for origin in [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "http://127.0.0.1".to_owned(),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://evil.example/{host}"),
        format!("http://{host}\r\norigin: https://evil.example"),
        "\u{e9}".to_owned(),
        String::new(),
    ] {
        let headers = format!("origin: {origin}\r\n");
        let refused = polling(&server, &headers).await;
        assert_eq!(refused.parts(), (403, r#"{"code":4,"message":"Forbidden"}"#), "{origin}");
        assert_eq!(websocket(&server, &headers).await.status, 400, "{origin}");
    }
    // A refused handshake leaves no session; those that were taken may end meanwhile.
    assert!(io.clients_count() <= before);
}

#[actix_rt::test]
async fn a_port_that_is_the_schemes_own_may_be_named_or_not() {
    let (_io, server, _ends) = start(|b| b.allowed_origins(AllowedOrigins::same_host()));
    let of_host = |host: &str| format!("x-forwarded-host: {host}\r\norigin: https://a.example\r\n");
    for host in ["a.example", "a.example:443", "A.example"] {
        assert_eq!(statuses(&server, &of_host(host)).await, (200, 101), "{host}");
    }
    for host in ["a.example:80", "b.example", "a.example.evil.example"] {
        assert_eq!(statuses(&server, &of_host(host)).await, (403, 400), "{host}");
    }
}

#[actix_rt::test]
async fn listed_origins_are_taken_besides_or_alone() {
    let listed = "origin: https://a.example\r\n";
    let (_io, server, _ends) =
        start(|b| b.allowed_origins(AllowedOrigins::same_host().and(["https://a.example"])));
    let own = format!("origin: http://{}\r\n", server.addr);
    assert_eq!(statuses(&server, listed).await, (200, 101));
    assert_eq!(statuses(&server, &own).await, (200, 101));
    let (_io, server, _ends) =
        start(|b| b.allowed_origins(AllowedOrigins::only(["https://a.example"])));
    let own = format!("origin: http://{}\r\n", server.addr);
    assert_eq!(statuses(&server, listed).await, (200, 101));
    assert_eq!(statuses(&server, &own).await, (403, 400));
}

#[test]
fn a_text_that_no_browser_sends_is_refused() {
    for text in ["a.example", "https://a.example/", "https://a.example:443", "*"] {
        let origins = AllowedOrigins::only([text]);
        let error = SocketIo::builder().allowed_origins(origins).build().unwrap_err();
        assert!(error.to_string().starts_with("option `allowed_origins`: "), "{text}");
    }
}
