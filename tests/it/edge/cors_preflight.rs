//! Cross-origin requests: what a browser is told that asks before it sends one.

use std::time::Duration;

use actix_socketio::Cors;
use tokio::io::AsyncWriteExt;

use super::{POLLING, ask, lines, sid, start};
use crate::support::{Polling, TestServer, send, within};

const ALLOWED: &str = "origin: https://a.example\r\n";
const FOREIGN: &str = "origin: https://evil.example\r\n";
const ASKS: &str =
    "access-control-request-method: POST\r\naccess-control-request-headers: x-q,content-type\r\n";

const ANY: &str = "access-control-allow-origin: *";
const NAMED: &str = "access-control-allow-origin: https://a.example";
const METHODS: &str = "access-control-allow-methods: GET,HEAD,PUT,PATCH,POST,DELETE";
const ASKED: &str = "access-control-allow-headers: x-q,content-type";

fn started(cors: Cors) -> TestServer {
    start(|builder| builder.cors(cors)).1
}

/// A preflight is answered with these headers, in alphabetical order, for whatever path below that of the server.
async fn expect(server: &TestServer, headers: &str, expected: &[&str]) {
    let open = ask(server.addr, "GET", POLLING, "").await;
    let session = format!("{POLLING}&sid={}", sid(&open));
    let nobody = format!("{POLLING}&sid=nobody");
    for path in [POLLING, &session, &nobody, "/socket.io/", "/socket.io/?EIO=3&transport=tcp"] {
        let response = ask(server.addr, "OPTIONS", path, headers).await;
        assert_eq!(response.parts(), (204, ""), "{path} {headers}");
        assert_eq!(lines(&response), expected, "{path} {headers}");
    }
}

#[actix_rt::test]
async fn any_origin_gets_the_default_methods_and_the_headers_that_it_asks_for() {
    let server = started(Cors::any());
    let vary = "vary: Access-Control-Request-Headers";
    for origin in [ALLOWED, FOREIGN, ""] {
        let headers = format!("{origin}{ASKS}");
        expect(&server, &headers, &[ASKED, METHODS, ANY, vary]).await;
        expect(&server, origin, &[METHODS, ANY, vary]).await;
    }
}

#[actix_rt::test]
async fn of_a_list_the_origin_that_asks_is_named_and_a_foreign_one_is_not() {
    let server = started(Cors::origins(["https://a.example", "https://b.example"]));
    let vary = "vary: Origin, Access-Control-Request-Headers";
    expect(&server, &format!("{ALLOWED}{ASKS}"), &[ASKED, METHODS, NAMED, vary]).await;
    expect(&server, ALLOWED, &[METHODS, NAMED, vary]).await;
    for origin in [FOREIGN, ""] {
        expect(&server, &format!("{origin}{ASKS}"), &[ASKED, METHODS, vary]).await;
        expect(&server, origin, &[METHODS, vary]).await;
    }
}

const CREDENTIALS: &str = "access-control-allow-credentials: true";
const HEADERS: &str = "access-control-allow-headers: x-a,x-b";
const TWO_METHODS: &str = "access-control-allow-methods: GET,POST";
const AGE: &str = "access-control-max-age: 600";

fn strict() -> Cors {
    Cors::origins(["https://a.example"])
        .credentials(true)
        .allowed_headers(["x-a", "x-b"])
        .methods(["GET", "POST"])
        .max_age(Duration::from_secs(600))
}

#[actix_rt::test]
async fn what_is_set_is_sent_whatever_is_asked_for() {
    let server = started(strict());
    for asks in [ASKS, ""] {
        let headers = format!("{ALLOWED}{asks}");
        let allowed = [CREDENTIALS, HEADERS, TWO_METHODS, NAMED, AGE, "vary: Origin"];
        expect(&server, &headers, &allowed).await;
        for origin in [FOREIGN, ""] {
            let foreign = [CREDENTIALS, HEADERS, TWO_METHODS, AGE, "vary: Origin"];
            expect(&server, &format!("{origin}{asks}"), &foreign).await;
        }
    }
}

#[actix_rt::test]
async fn exposed_headers_are_sent_with_a_preflight_too() {
    let server = started(strict().exposed_headers(["x-one", "x-two"]));
    let exposed = "access-control-expose-headers: x-one,x-two";
    let headers = format!("{ALLOWED}{ASKS}");
    let expected = [CREDENTIALS, HEADERS, TWO_METHODS, NAMED, exposed, AGE, "vary: Origin"];
    expect(&server, &headers, &expected).await;
}

#[actix_rt::test]
async fn an_age_of_zero_is_sent() {
    let server = started(Cors::any().max_age(Duration::ZERO).allowed_headers(["x-a"]));
    let headers = "access-control-allow-headers: x-a";
    expect(&server, ALLOWED, &[headers, METHODS, ANY, "access-control-max-age: 0"]).await;
}

#[actix_rt::test]
async fn an_empty_list_is_no_header() {
    let server = started(Cors::any().methods([]).allowed_headers([]).exposed_headers([]));
    expect(&server, &format!("{ALLOWED}{ASKS}"), &[ANY]).await;
}

/// The official server says `content-length: 0` for browsers that wait for a body, which RFC 9110 forbids with 204 and actix-http takes out.
#[actix_rt::test]
async fn a_preflight_has_no_body_and_the_request_may_follow_on_its_connection() {
    let server = started(Cors::any());
    let mut connection = send(server.addr, "OPTIONS", POLLING, ASKS, b"").await;
    let head = connection.head().await;
    assert_eq!((head.status, head.header("transfer-encoding")), (204, None));
    let request = format!("GET {POLLING} HTTP/1.1\r\nhost: {}\r\n\r\n", server.addr);
    within("room for a request", connection.stream.write_all(request.as_bytes())).await.unwrap();
    sid(&connection.response().await);
}

#[actix_rt::test]
async fn a_preflight_disturbs_no_session_and_asks_no_hook() {
    let log = super::Log::default();
    let (refused, heard, edited) = (log.clone(), log.clone(), log.clone());
    let (io, server) = start(|builder| {
        builder
            .cors(Cors::any())
            .allow_request(move |_| {
                refused.note("allow_request");
                std::future::ready(Ok(()))
            })
            .on_connection_error(move |_, _| heard.note("connection_error"))
            .headers(move |_, _| edited.note("headers"))
    });
    let _ends = crate::support::echoing(&io.of("/"));
    let client = Polling::connect(&server).await;
    let waiting = client.start_poll().await;
    log.take();
    for path in [POLLING, &client.path()] {
        assert_eq!(ask(server.addr, "OPTIONS", path, ASKS).await.status, 204);
    }
    assert_eq!(log.take(), Vec::<String>::new());
    client.post(r#"421["echo"]"#).await;
    assert_eq!(waiting.response().await.text(), "431[]");
}
