//! Cross-origin requests: the headers of every response that is not one to a preflight.

use actix_socketio::Cors;

use super::{POLLING, WEBSOCKET, all, ask, sid, start, upgrade};
use crate::support::{Response, TestServer, send};

const ALLOWED: &str = "origin: https://a.example\r\n";
const FOREIGN: &str = "origin: https://evil.example\r\n";

fn started(cors: Cors) -> TestServer {
    start(|builder| builder.cors(cors).max_payload(1000)).1
}

/// One response of each kind: of a session, and to requests that are refused.
async fn responses(server: &TestServer, origin: &str) -> Vec<(&'static str, u16, Response)> {
    let addr = server.addr;
    let open = ask(addr, "GET", POLLING, origin).await;
    let session = format!("{POLLING}&sid={}", sid(&open));
    let connect = format!("{origin}content-length: 2\r\n");
    let connect = send(addr, "POST", &session, &connect, b"40").await.response().await;
    let poll = ask(addr, "GET", &session, origin).await;
    let large = format!("{origin}content-length: 1001\r\n");
    let large = send(addr, "POST", &session, &large, &[b'4'; 1001]).await.response().await;
    let put = ask(addr, "PUT", &session, origin).await;
    let nobody = ask(addr, "GET", &format!("{POLLING}&sid=nobody"), origin).await;
    let method = ask(addr, "POST", POLLING, origin).await;
    let octets = format!("{origin}content-type: application/octet-stream\r\n");
    let octets = ask(addr, "POST", &session, &octets).await;
    let (websocket, _) = upgrade(addr, WEBSOCKET, origin).await;
    vec![
        ("handshake", 200, open),
        ("POST", 200, connect),
        ("poll", 200, poll),
        ("too large", 413, large),
        ("PUT", 500, put),
        ("unknown sid", 400, nobody),
        ("bad method", 400, method),
        ("octets", 400, octets),
        ("websocket", 101, websocket),
    ]
}

/// The headers that are about origins, and none of them twice.
fn about_origins(response: &Response) -> Vec<String> {
    let about = |name: &str| name.starts_with("access-control-") || name == "vary";
    let mut lines: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| about(name))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.sort_unstable();
    lines
}

/// Every response has these headers about origins, in alphabetical order.
async fn expect(server: &TestServer, origin: &str, lines: &[&str]) {
    for (what, status, response) in responses(server, origin).await {
        assert_eq!(response.status, status, "{what} {origin}");
        assert_eq!(about_origins(&response), lines, "{what} {origin}");
    }
}

#[actix_rt::test]
async fn without_the_option_no_response_speaks_of_origins() {
    let (_io, server) = start(|builder| builder.max_payload(1000));
    for origin in [ALLOWED, FOREIGN, ""] {
        expect(&server, origin, &[]).await;
        assert_eq!(ask(server.addr, "OPTIONS", POLLING, origin).await.parts(), super::BAD_METHOD);
    }
}

#[actix_rt::test]
async fn any_origin_is_a_star_whoever_asks() {
    let server = started(Cors::any());
    for origin in [ALLOWED, FOREIGN, ""] {
        expect(&server, origin, &["access-control-allow-origin: *"]).await;
    }
}

#[actix_rt::test]
async fn of_a_list_the_origin_that_asks_is_named_and_a_foreign_one_is_not() {
    let server = started(Cors::origins(["https://a.example", "https://b.example"]));
    let a = ["access-control-allow-origin: https://a.example", "vary: Origin"];
    let b = ["access-control-allow-origin: https://b.example", "vary: Origin"];
    expect(&server, ALLOWED, &a).await;
    expect(&server, "origin: https://b.example\r\n", &b).await;
    for origin in [FOREIGN, ""] {
        expect(&server, origin, &["vary: Origin"]).await;
    }
}

#[actix_rt::test]
async fn an_origin_is_compared_as_a_whole() {
    let server = started(Cors::origins(["https://a.example"]));
    for near in [
        "https://a.example.evil.example",
        "https://a.example:8443",
        "https://a.example/",
        "https://A.example",
        "http://a.example",
        "https://sub.a.example",
        "null",
        "*",
    ] {
        let response = ask(server.addr, "GET", POLLING, &format!("origin: {near}\r\n")).await;
        assert_eq!(about_origins(&response), ["vary: Origin"], "{near}");
    }
}

#[actix_rt::test]
async fn a_function_may_decide_which_origins_are_allowed() {
    let server = started(Cors::matching(|origin| origin.ends_with(".a.example")));
    let sub = ["access-control-allow-origin: https://x.a.example", "vary: Origin"];
    expect(&server, "origin: https://x.a.example\r\n", &sub).await;
    expect(&server, ALLOWED, &["vary: Origin"]).await;
}

#[actix_rt::test]
async fn credentials_and_exposed_headers_are_on_every_response() {
    let cors = Cors::origins(["https://a.example"])
        .credentials(true)
        .exposed_headers(["x-one", "x-two"])
        .allowed_headers(["x-a", "x-b"])
        .methods(["GET", "POST"])
        .max_age(std::time::Duration::from_secs(600));
    let server = started(cors);
    let allowed = [
        "access-control-allow-credentials: true",
        "access-control-allow-origin: https://a.example",
        "access-control-expose-headers: x-one,x-two",
        "vary: Origin",
    ];
    expect(&server, ALLOWED, &allowed).await;
    for origin in [FOREIGN, ""] {
        let [credentials, _, exposed, vary] = allowed;
        expect(&server, origin, &[credentials, exposed, vary]).await;
    }
}

#[actix_rt::test]
async fn an_empty_list_of_exposed_headers_is_no_header() {
    let server = started(Cors::any().exposed_headers([]));
    expect(&server, ALLOWED, &["access-control-allow-origin: *"]).await;
}

#[actix_rt::test]
async fn a_refused_upgrade_does_not_speak_of_origins() {
    let server = started(Cors::origins(["https://a.example"]).credentials(true));
    for origin in [ALLOWED, FOREIGN, ""] {
        let path = format!("{WEBSOCKET}&sid=nobody");
        let (response, _) = upgrade(server.addr, &path, origin).await;
        assert_eq!(response.status, 400);
        assert_eq!(all(&response, "content-type"), ["text/html"]);
        assert_eq!(about_origins(&response), Vec::<String>::new(), "{origin}");
    }
}
