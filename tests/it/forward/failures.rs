//! Actors that do not answer: those that are gone, that panic, that are slow, that are given too much.

use std::time::Duration;

use actix::Actor;
use actix_socketio::{Builder, EventError, EventName, Received, SocketIo};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Desk, Note};
use crate::support::{Polling, TestServer, Ws, echoing, within};

/// Long enough for a busy machine to answer within, short enough to wait for.
const SHORT: Duration = Duration::from_millis(400);

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

const GONE: &str = r#"[{"error":"handler not available"}]"#;
const LATE: &str = r#"[{"error":"handler timed out"}]"#;
const OVERLOADED: &str = r#"[{"error":"handler overloaded"}]"#;

/// A server that forwards notes to a clerk who waits for permissions, and tells what error handlers hear.
fn server(options: Builder) -> (TestServer, Desk, UnboundedReceiver<(String, EventError)>) {
    let io = options.build().unwrap();
    let _ends = echoing(&io.of("/"));
    let (sender, errors) = unbounded_channel();
    let (clerk, desk) = Desk::new(0);
    io.of("/")
        .on_error(async move |EventName(name): EventName, error: EventError| {
            sender.send((name, error)).unwrap();
        })
        .forward(clerk.start().recipient::<Received<Note>>());
    (TestServer::start(&io), desk, errors)
}

async fn next_error(errors: &mut UnboundedReceiver<(String, EventError)>) -> EventError {
    let (event, error) = within("an error", errors.recv()).await.unwrap();
    assert_eq!(event, "note");
    error
}

#[actix_rt::test]
async fn an_actor_that_is_gone_gives_an_error() {
    let io = SocketIo::builder().forward_timeout(LONG).build().unwrap();
    let (clerk, desk) = Desk::new(0);
    io.of("/").forward(clerk.start().recipient::<Received<Note>>());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let mut other = Ws::connect(&server).await;
    // What it panics with, and what comes later.
    ws.ask(r#"421["note","panic"]"#, &format!("431{GONE}")).await;
    ws.ask(r#"422["note","a"]"#, &format!("432{GONE}")).await;
    other.ask(r#"420["note","a"]"#, &format!("430{GONE}")).await;
    drop(desk);
}

#[actix_rt::test]
async fn what_waits_in_the_mailbox_of_an_actor_that_panics_is_answered_with_an_error() {
    let (server, mut desk, mut errors) = server(SocketIo::builder().forward_timeout(LONG));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["note","a"]"#).await;
    desk.expect("a").await;
    ws.text(r#"422["note","panic"]"#).await;
    ws.text(r#"423["note","b"]"#).await;
    ws.text(r#"42["note","c"]"#).await;
    ws.fence().await;
    desk.permits.add_permits(1);
    ws.expect(r#"42["noted",1]"#).await;
    // What ends at the same time is answered in any order.
    let mut answers = [ws.next_text().await, ws.next_text().await, ws.next_text().await];
    answers.sort();
    assert_eq!(answers, ["431[1]".to_owned(), format!("432{GONE}"), format!("433{GONE}")]);
    for _ in 0..3 {
        let error = next_error(&mut errors).await;
        assert!(error.is_gone() && !error.is_timeout() && !error.is_overloaded());
        assert_eq!(error.to_string(), "handler not available");
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn an_actor_that_is_slow_gives_an_error_and_what_it_has_not_begun_with_it_skips() {
    let (server, mut desk, mut errors) = server(SocketIo::builder().forward_timeout(SHORT));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["note","a"]"#).await;
    ws.text(r#"422["note","b"]"#).await;
    ws.text(r#"42["note","c"]"#).await;
    ws.expect(&format!("431{LATE}")).await;
    ws.expect(&format!("432{LATE}")).await;
    for _ in 0..3 {
        assert!(next_error(&mut errors).await.is_timeout());
    }
    desk.expect("a").await;
    desk.assert_nothing_begun();
    // It goes on with what it has begun, and its answer is not sent.
    desk.permits.add_permits(2);
    ws.expect(r#"42["noted",1]"#).await;
    ws.ask(r#"423["note","d"]"#, r#"42["noted",2]"#).await;
    ws.expect("433[2]").await;
    desk.expect("d").await;
}

#[actix_rt::test]
async fn a_flood_towards_a_slow_actor_stops_the_client_and_does_not_fill_the_mailbox() {
    let (server, mut desk, _errors) =
        server(SocketIo::builder().max_inflight_events(2).forward_timeout(LONG));
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    // Two are forwarded, as many again may wait in the session. Nobody wants an acknowledgement.
    for text in ["a", "b", "c"] {
        let note = format!(r#"42["note","{text}"]"#);
        assert_eq!(client.post(note).await.parts(), (200, "ok"));
    }
    let fourth = actix_rt::spawn(client.start_post(r#"42["note","d"]"#).await.response());
    desk.expect("a").await;
    for _ in 0..20 {
        witness.fence().await;
    }
    assert!(!fourth.is_finished(), "the client may not send more yet");
    desk.permits.add_permits(1);
    assert_eq!(within("the answer", fourth).await.unwrap().parts(), (200, "ok"));
    desk.permits.add_permits(3);
    for text in ["b", "c", "d"] {
        desk.expect(text).await;
    }
}

#[actix_rt::test]
async fn beyond_what_may_lie_with_an_actor_events_are_answered_with_an_error_at_once() {
    let (server, mut desk, mut errors) =
        server(SocketIo::builder().max_forwarded(2).forward_timeout(LONG));
    let mut many = Ws::connect(&server).await;
    let mut other = Ws::connect(&server).await;
    many.text(r#"421["note","a"]"#).await;
    desk.expect("a").await;
    many.text(r#"422["note","b"]"#).await;
    many.text(r#"423["note","c"]"#).await;
    many.fence().await;
    other.ask(r#"424["note","d"]"#, &format!("434{OVERLOADED}")).await;
    assert!(next_error(&mut errors).await.is_overloaded());
    for n in 1..=3 {
        desk.permits.add_permits(1);
        many.expect(&format!(r#"42["noted",{n}]"#)).await;
        many.expect(&format!("43{n}[{n}]")).await;
    }
    desk.permits.add_permits(1);
    other.ask(r#"425["note","e"]"#, r#"42["noted",4]"#).await;
    other.expect("435[4]").await;
    for text in ["b", "c", "e"] {
        desk.expect(text).await;
    }
}
