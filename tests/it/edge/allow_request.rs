//! `allow_request`: who is asked, when, and what the refused are told.

use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use actix_web::HttpRequest;
use tokio::sync::oneshot;

use super::{
    BAD_METHOD, BAD_REQUEST, Log, POLLING, UNKNOWN_SID, UNKNOWN_TRANSPORT, UNSUPPORTED, WEBSOCKET,
    all, ask, lines, start, upgrade,
};
use crate::support::{Exchange, Polling, Response, TestServer, Ws, between, echoing, send, within};

/// Allows everything, or nothing with this message, and notes what it is asked.
fn deciding(answer: Result<(), &'static str>) -> (Log, TestServer) {
    let log = Log::default();
    let asked = log.clone();
    let (_io, server) = start(|builder| {
        builder.allow_request(move |request: HttpRequest| {
            asked.note(format!("{} {}", request.method(), request.uri()));
            ready(answer.map_err(str::to_owned))
        })
    });
    (log, server)
}

/// The rest of an answer whose connection ends.
async fn to_end(response: &Response, mut exchange: Exchange) -> String {
    while exchange.read().await > 0 {}
    let body = String::from_utf8(exchange.buffer.to_vec()).unwrap();
    assert_eq!(response.header("content-length"), Some(body.len().to_string().as_str()));
    body
}

#[actix_rt::test]
async fn a_refused_polling_client_gets_403_with_the_message_or_forbidden() {
    let cases = [
        ("", r#"{"code":4,"message":"Forbidden"}"#),
        ("not \"today\"", r#"{"code":4,"message":"not \"today\""}"#),
        ("née\n", r#"{"code":4,"message":"née\n"}"#),
    ];
    for (message, body) in cases {
        let (_log, server) = deciding(Err(message));
        let response = ask(server.addr, "GET", POLLING, "").await;
        assert_eq!(response.parts(), (403, body));
        assert_eq!(lines(&response), ["content-type: application/json"]);
    }
}

#[actix_rt::test]
async fn a_refused_websocket_gets_400_with_the_message_in_plain_text() {
    for (message, body) in [("", "Forbidden"), ("not \"today\"", "not \"today\""), ("née", "née")]
    {
        let (_log, server) = deciding(Err(message));
        let (response, exchange) = upgrade(server.addr, WEBSOCKET, "").await;
        assert_eq!(response.status, 400);
        assert_eq!(lines(&response), ["content-type: text/html"]);
        assert_eq!(all(&response, "connection"), ["close"]);
        assert_eq!(to_end(&response, exchange).await, body);
    }
}

#[actix_rt::test]
async fn only_handshakes_are_asked_for_and_never_a_known_session() {
    let (log, server) = deciding(Ok(()));
    let client = Polling::connect(&server).await;
    assert_eq!(log.take(), [format!("GET {POLLING}")]);
    client.post("41").await;
    let (response, _probe) =
        upgrade(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid), "").await;
    assert_eq!(response.status, 101);
    assert_eq!(log.take(), Vec::<String>::new());
    Ws::connect(&server).await;
    assert_eq!(log.take(), [format!("GET {WEBSOCKET}")]);
}

#[actix_rt::test]
async fn a_request_that_cannot_be_a_handshake_is_refused_before_it_is_asked_for() {
    let (log, server) = deciding(Err("no"));
    let cases = [
        ("POST", "EIO=4&transport=polling", BAD_METHOD),
        ("POST", "EIO=3&transport=polling", BAD_METHOD),
        ("OPTIONS", "EIO=4&transport=polling", BAD_METHOD),
        ("GET", "EIO=4&transport=websocket", BAD_REQUEST),
        ("GET", "EIO=4&transport=tcp", UNKNOWN_TRANSPORT),
        ("GET", "EIO=4&transport=polling&sid=nobody", UNKNOWN_SID),
        ("POST", "EIO=4&transport=polling&sid=nobody", UNKNOWN_SID),
    ];
    for (method, query, answer) in cases {
        let response = ask(server.addr, method, &format!("/socket.io/?{query}"), "").await;
        assert_eq!(response.parts(), answer, "{method} {query}");
    }
    for (query, body) in [
        ("EIO=4&transport=websocket&sid=nobody", "Session ID unknown"),
        ("EIO=4&transport=tcp", "Transport unknown"),
    ] {
        let (response, exchange) = upgrade(server.addr, &format!("/socket.io/?{query}"), "").await;
        assert_eq!(to_end(&response, exchange).await, body);
    }
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn the_protocol_version_is_looked_at_only_after_the_request_is_allowed() {
    let polling = "/socket.io/?EIO=3&transport=polling";
    let websocket = "/socket.io/?EIO=3&transport=websocket";
    let (log, server) = deciding(Err("no"));
    let refused = ask(server.addr, "GET", polling, "").await;
    assert_eq!(refused.parts(), (403, r#"{"code":4,"message":"no"}"#));
    let (response, exchange) = upgrade(server.addr, websocket, "").await;
    assert_eq!(to_end(&response, exchange).await, "no");
    assert_eq!(log.take(), [format!("GET {polling}"), format!("GET {websocket}")]);
    let (log, server) = deciding(Ok(()));
    assert_eq!(ask(server.addr, "GET", polling, "").await.parts(), UNSUPPORTED);
    assert_eq!(log.take(), [format!("GET {polling}")]);
}

#[actix_rt::test]
async fn the_request_is_there_to_decide_by() {
    let (_io, server) = start(|builder| {
        builder.allow_request(|request: HttpRequest| {
            let token = request.headers().get("authorization");
            ready(match token.is_some_and(|token| token == "Bearer t") {
                true if request.query_string().contains("v=2") => Ok(()),
                _ => Err("who are you?".to_owned()),
            })
        })
    });
    let path = format!("{POLLING}&v=2");
    assert_eq!(ask(server.addr, "GET", &path, "").await.status, 403);
    let token = "authorization: Bearer t\r\n";
    assert_eq!(ask(server.addr, "GET", POLLING, token).await.status, 403);
    assert_eq!(ask(server.addr, "GET", &path, token).await.status, 200);
}

#[actix_rt::test]
async fn a_refusal_leaves_nothing_behind() {
    let log = Log::default();
    let said = log.clone();
    let (io, server) = start(|builder| builder.allow_request(|_| ready(Err("no".to_owned()))));
    io.of("/").on_connect(async move |_: actix_socketio::Socket| said.note("connected"));
    ask(server.addr, "GET", POLLING, "").await;
    let (response, exchange) = upgrade(server.addr, WEBSOCKET, "").await;
    to_end(&response, exchange).await;
    assert_eq!(io.clients_count(), 0);
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn others_are_served_while_a_request_is_being_decided() {
    let (decide, decision) = oneshot::channel::<()>();
    let decision = Arc::new(Mutex::new(Some(decision)));
    let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let (io, server) = start(|builder| {
        builder.allow_request(move |request: HttpRequest| {
            let decision = request
                .query_string()
                .contains("slow")
                .then(|| decision.lock().unwrap().take())
                .flatten();
            began.send(()).unwrap();
            async move {
                match decision {
                    Some(decision) => decision.await.map_err(|_| "gone".to_owned()),
                    None => Ok(()),
                }
            }
        })
    });
    let _ends = echoing(&io.of("/"));
    let slow = send(server.addr, "GET", &format!("{POLLING}&slow"), "", b"").await;
    within("the first question", begun.recv()).await.unwrap();
    Polling::connect(&server).await.fence().await;
    decide.send(()).unwrap();
    let rest = r#"","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    between(slow.response().await.text(), r#"0{"sid":""#, rest);
}
