//! `generate_id`: whose id a session has, and what becomes of a handshake without one.

use std::{
    future::ready,
    sync::{Arc, Mutex},
};

use actix_socketio::SessionCookie;
use actix_web::HttpRequest;
use tokio::sync::oneshot;

use super::{BAD_REQUEST, Log, POLLING, UNSUPPORTED, WEBSOCKET, ask, lines, sid, start, upgrade};
use crate::support::{Polling, TestServer, Ws, echoing, get, send, within};

const ID: &str = "node7-0123456789abcd";

/// The id is in the query, or the error; errors are noted as the application hears of them.
fn told_by_the_query() -> (actix_socketio::SocketIo, TestServer, Log) {
    let log = Log::default();
    let heard = log.clone();
    let (io, server) = start(|builder| {
        builder
            .cookie(SessionCookie::default())
            .generate_id(|request: HttpRequest| {
                let query = request.query_string();
                let value = |key: &str| {
                    let value = query.split('&').find_map(|pair| pair.strip_prefix(key));
                    value.map(str::to_owned)
                };
                ready(value("id=").ok_or_else(|| value("error=").unwrap_or_default()))
            })
            .on_connection_error(move |error, _| {
                heard.note(format!("{} {} [{}]", error.code, error.message, error.context));
            })
    });
    (io, server, log)
}

/// The session of this id.
fn session(server: &TestServer, sid: &str) -> Polling {
    Polling { addr: server.addr, sid: sid.to_owned(), id: String::new() }
}

#[actix_rt::test]
async fn the_session_has_the_id_that_was_made_for_it() {
    let (io, server, log) = told_by_the_query();
    let ends = echoing(&io.of("/"));
    for id in [ID.to_owned(), "A-_z".repeat(16)] {
        let open = get(server.addr, &format!("{POLLING}&id={id}")).await;
        assert_eq!(sid(&open), id);
        let cookie = format!("io={id}; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(open.header("set-cookie"), Some(cookie.as_str()));
        let client = session(&server, &id);
        client.post("40").await;
        assert!(client.poll().await.text().starts_with(r#"40{"sid":""#));
        client.fence().await;
    }
    let (_, mut ws) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&id=of-a-websocket-01234")).await;
    assert!(ws.next_text().await.starts_with(r#"0{"sid":"of-a-websocket-01234","#));
    assert_eq!(log.take(), Vec::<String>::new());
    drop(ends);
}

#[actix_rt::test]
async fn without_an_id_the_handshake_is_a_bad_request() {
    let (io, server, log) = told_by_the_query();
    let too_long = "a".repeat(65);
    let bad = ["error=no", "id=", "id=0123456789abcdefghi", "id=0123456789abcdefg%2F", &too_long];
    for query in bad {
        let response = get(server.addr, &format!("{POLLING}&{query}")).await;
        assert_eq!(response.parts(), BAD_REQUEST, "{query}");
        assert_eq!(lines(&response), ["content-type: application/json"]);
        assert_eq!(log.take(), ["3 Bad request [ID_GENERATION_ERROR]"], "{query}");
        let (response, mut rest) = upgrade(server.addr, &format!("{WEBSOCKET}&{query}"), "").await;
        assert_eq!(response.status, 400);
        assert_eq!(lines(&response), ["content-type: text/html"]);
        while rest.read().await > 0 {}
        assert_eq!(rest.buffer, "Bad request");
        assert_eq!(log.take(), ["3 Bad request [ID_GENERATION_ERROR]"], "{query}");
    }
    assert_eq!(io.clients_count(), 0);
}

#[actix_rt::test]
async fn the_id_of_a_session_that_is_there_is_no_id() {
    let (io, server, log) = told_by_the_query();
    let ends = echoing(&io.of("/"));
    let path = format!("{POLLING}&id={ID}");
    assert_eq!(sid(&get(server.addr, &path).await), ID);
    assert_eq!(get(server.addr, &path).await.parts(), BAD_REQUEST);
    assert_eq!(upgrade(server.addr, &format!("{WEBSOCKET}&id={ID}"), "").await.0.status, 400);
    assert_eq!(log.take(), ["3 Bad request [ID_GENERATION_ERROR]"; 2]);
    // The first one goes on.
    assert_eq!(io.clients_count(), 1);
    let client = session(&server, ID);
    client.post("40").await;
    client.poll().await;
    client.fence().await;
    drop(ends);
}

/// A handler of the first session still runs when the second one opens, so the first one stops while the second one has the id.
#[actix_rt::test]
async fn an_id_can_be_used_again_once_its_session_has_closed() {
    let (io, server, _log) = told_by_the_query();
    let (release, released) = oneshot::channel::<()>();
    let (finish, finished) = oneshot::channel::<()>();
    let slow = Arc::new(Mutex::new(Some((released, finish))));
    io.of("/").on("slow", async move || {
        let (released, finish) = slow.lock().unwrap().take().unwrap();
        released.await.unwrap();
        finish.send(()).unwrap();
    });
    let mut ends = echoing(&io.of("/"));
    let path = format!("{POLLING}&id={ID}");
    let mut sockets = Vec::new();
    for _ in 0..2 {
        assert_eq!(sid(&get(server.addr, &path).await), ID);
        let client = session(&server, ID);
        client.post("40").await;
        let id = client.poll().await.text()[r#"40{"sid":""#.len()..][..20].to_owned();
        if sockets.is_empty() {
            client.post("42[\"slow\"]\u{1e}1").await;
            assert_eq!(ends.reason(&id).await, "transport close");
        }
        sockets.push(id);
    }
    release.send(()).unwrap();
    within("the end of the handler", finished).await.unwrap();
    let second = session(&server, ID);
    second.fence().await;
    second.fence().await;
    assert_eq!(io.clients_count(), 1);
}

#[actix_rt::test]
async fn only_a_handshake_that_is_allowed_gets_an_id() {
    let log = Log::default();
    let (asked, allow) = (log.clone(), log.clone());
    let (_io, server) = start(|builder| {
        builder
            .allow_request(move |request: HttpRequest| {
                allow.note("allow_request");
                ready(match request.query_string().contains("no") {
                    true => Err(String::new()),
                    false => Ok(()),
                })
            })
            .generate_id(move |request: HttpRequest| {
                asked.note(format!("generate_id {}", request.uri()));
                ready(Ok(ID.to_owned()))
            })
    });
    assert_eq!(get(server.addr, &format!("{POLLING}&no")).await.status, 403);
    assert_eq!(log.take(), ["allow_request"]);
    assert_eq!(get(server.addr, &POLLING.replace('4', "3")).await.parts(), UNSUPPORTED);
    assert_eq!(log.take(), ["allow_request"]);
    assert_eq!(get(server.addr, POLLING).await.status, 200);
    assert_eq!(log.take(), ["allow_request".to_owned(), format!("generate_id {POLLING}")]);
    ask(server.addr, "POST", &format!("{POLLING}&sid={ID}"), "").await;
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn an_id_may_take_its_time_and_a_client_that_leaves_meanwhile_leaves_nothing() {
    let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let (io, server) = start(|builder| {
        builder.generate_id(move |request: HttpRequest| {
            let slow = request.query_string().contains("slow");
            let (go, gone) = oneshot::channel::<()>();
            began.send(go).unwrap();
            async move {
                if slow {
                    drop(gone.await);
                }
                Ok(ID.to_owned())
            }
        })
    });
    let slow = send(server.addr, "GET", &format!("{POLLING}&slow"), "", b"").await;
    let mut go = within("the question", begun.recv()).await.unwrap();
    drop(slow);
    within("the end of the question", go.closed()).await;
    assert_eq!(io.clients_count(), 0);
    assert_eq!(sid(&get(server.addr, POLLING).await), ID);
}
