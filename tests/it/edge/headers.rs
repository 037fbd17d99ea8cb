//! `initial_headers` and `headers`: for which responses they are called, in which order, and what they can do.

use actix_socketio::{Builder, SessionCookie};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};

use super::{Log, POLLING, WEBSOCKET, all, ask, lines, start, upgrade};
use crate::support::{Polling, Response, TestServer, Ws, send};

const INITIAL: HeaderName = HeaderName::from_static("x-initial");
const EVERY: HeaderName = HeaderName::from_static("x-every");

/// Both hooks note that they are called, and add a header.
fn hooked(builder: Builder, log: &Log) -> Builder {
    let (initial, every) = (log.clone(), log.clone());
    builder
        .initial_headers(move |headers: &mut HeaderMap, request: &HttpRequest| {
            initial.note(format!("initial {}", request.method()));
            headers.insert(INITIAL, HeaderValue::from_static("1"));
        })
        .headers(move |headers: &mut HeaderMap, request: &HttpRequest| {
            every.note(format!("every {}", request.method()));
            headers.insert(EVERY, HeaderValue::from_static("1"));
        })
}

fn started() -> (Log, TestServer) {
    let log = Log::default();
    let (_io, server) = start(|builder| hooked(builder.max_payload(1000), &log));
    (log, server)
}

fn added(response: &Response) -> (Vec<&str>, Vec<&str>) {
    (all(response, "x-initial"), all(response, "x-every"))
}

#[actix_rt::test]
async fn the_first_response_of_a_polling_session_gets_both_and_the_others_one() {
    let (log, server) = started();
    let open = ask(server.addr, "GET", POLLING, "").await;
    assert_eq!(log.take(), ["initial GET", "every GET"]);
    assert_eq!(added(&open), (vec!["1"], vec!["1"]));
    let client = Polling { addr: server.addr, sid: super::sid(&open), id: String::new() };
    let connect = client.post("40").await;
    assert_eq!(log.take(), ["every POST"]);
    let poll = client.poll().await;
    assert_eq!(log.take(), ["every GET"]);
    for response in [connect, poll] {
        assert_eq!(added(&response), (vec![], vec!["1"]));
    }
}

#[actix_rt::test]
async fn a_websocket_gets_both_and_an_upgrade_one() {
    let (log, server) = started();
    let (websocket, mut ws) = Ws::request(server.addr, WEBSOCKET).await;
    assert_eq!(websocket.status, 101);
    assert_eq!(log.take(), ["initial GET", "every GET"]);
    assert_eq!(added(&websocket), (vec!["1"], vec!["1"]));
    assert!(ws.next_text().await.starts_with("0{"));
    let client = Polling::open(&server).await;
    log.take();
    let (upgraded, _probe) =
        upgrade(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid), "").await;
    assert_eq!(upgraded.status, 101);
    assert_eq!(log.take(), ["every GET"]);
    assert_eq!(added(&upgraded), (vec![], vec!["1"]));
}

#[actix_rt::test]
async fn a_response_to_a_refused_request_gets_neither() {
    let (log, server) = started();
    let client = Polling::open(&server).await;
    log.take();
    let session = client.path();
    let cases = [
        ("GET", "/socket.io/", "", 400),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", "", 400),
        ("GET", "/socket.io/?EIO=3&transport=polling", "", 400),
        ("POST", POLLING, "", 400),
        ("PUT", &session, "", 500),
        ("POST", &session, "content-type: application/octet-stream\r\n", 400),
    ];
    let mut called = Vec::new();
    for (method, path, headers, status) in cases {
        let response = ask(server.addr, method, path, headers).await;
        assert_eq!(response.status, status, "{method} {path}");
        called.push((method, path.replace(&client.sid, "SID"), log.take()));
    }
    let (response, _) = upgrade(server.addr, &format!("{WEBSOCKET}&sid=nobody"), "").await;
    assert_eq!(response.status, 400);
    called.push(("upgrade", WEBSOCKET.to_owned(), log.take()));
    called.retain(|(_, _, calls)| !calls.is_empty());
    assert_eq!(called, []);
}

#[actix_rt::test]
async fn a_response_to_a_body_that_is_too_large_gets_neither() {
    let (log, server) = started();
    let client = Polling::open(&server).await;
    log.take();
    let length = "content-length: 1001\r\n";
    let response = send(server.addr, "POST", &client.path(), length, &[b'4'; 1001]).await;
    assert_eq!(response.response().await.status, 413);
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn the_hooks_see_what_is_sent_and_may_change_it() {
    let log = Log::default();
    let (initial, every) = (log.clone(), log.clone());
    let (_io, server) = start(|builder| {
        builder
            .cookie(SessionCookie::default())
            .initial_headers(move |headers, _| {
                let names = [header::CONTENT_TYPE, header::CACHE_CONTROL, header::SET_COOKIE];
                let known = names.into_iter().filter(|name| headers.contains_key(name));
                initial.note(known.map(|name| name.to_string()).collect::<Vec<_>>().join(" "));
                headers.remove(header::SET_COOKIE);
                headers.insert(INITIAL, HeaderValue::from_static("1"));
                headers.append(INITIAL, HeaderValue::from_static("2"));
            })
            .headers(move |headers, _| {
                every.note(headers.get_all(INITIAL).count().to_string());
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            })
    });
    let open = ask(server.addr, "GET", POLLING, "").await;
    assert_eq!(log.take(), ["content-type cache-control set-cookie", "2"]);
    let expected = [
        "cache-control: no-cache",
        "content-type: text/plain; charset=UTF-8",
        "x-initial: 1",
        "x-initial: 2",
    ];
    assert_eq!(lines(&open), expected);
}

#[actix_rt::test]
async fn the_responses_of_a_session_have_the_official_headers_and_no_other() {
    let (_io, server) = start(|builder| builder);
    let client = Polling::open(&server).await;
    let connect = client.post("40").await;
    assert_eq!(connect.header("content-length"), Some("2"));
    assert_eq!(lines(&connect), ["cache-control: no-store", "content-type: text/html"]);
    let poll = client.poll().await;
    assert_eq!(
        lines(&poll),
        ["cache-control: no-store", "content-type: text/plain; charset=UTF-8"]
    );
}

#[actix_rt::test]
async fn a_websocket_has_no_header_but_those_of_its_handshake() {
    let (_io, server) = start(|builder| builder);
    let (websocket, _) = upgrade(server.addr, WEBSOCKET, "").await;
    assert_eq!(all(&websocket, "upgrade"), ["websocket"]);
    assert_eq!(lines(&websocket), ["sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]);
}
