//! Limits that the official server does not have, and how many connections there are.

use std::time::Duration;

use actix_socketio::{Builder, SocketIo};

use super::{UNKNOWN_SID, all, start};
use crate::support::{Ends, Message, Polling, TestServer, Ws, echoing, masked, send, within};

fn started(options: impl FnOnce(Builder) -> Builder) -> (SocketIo, TestServer, Ends) {
    let (io, server) = start(options);
    let ends = echoing(&io.of("/"));
    (io, server, ends)
}

/// Waits until the server counts this many connections; they end in their own time.
async fn counts(io: &SocketIo, count: usize) {
    within(format_args!("{count} clients"), async {
        while io.clients_count() != count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// An event in this many fragments.
fn fragments(count: usize) -> Vec<u8> {
    let event = br#"421["echo"]"#;
    let mut frames = masked(0x01, event);
    for _ in 2..count {
        frames.extend(masked(0x00, b""));
    }
    frames.extend(masked(0x80, b""));
    frames
}

#[actix_rt::test]
async fn a_message_of_too_many_fragments_closes_with_1008() {
    let (_io, server, mut ends) = started(|builder| builder.max_ws_fragments(4));
    let mut ws = Ws::connect(&server).await;
    for _ in 0..3 {
        ws.send(&fragments(4)).await;
        ws.expect("431[]").await;
    }
    ws.send(&fragments(5)).await;
    assert_eq!(ws.next().await, Message::Close(Some(1008)));
    ws.expect_end().await;
    assert_eq!(ends.reason(&ws.id).await, "transport error");
}

#[actix_rt::test]
async fn fragments_are_counted_before_the_message_ends() {
    let (_io, server, mut ends) = started(|builder| builder.max_ws_fragments(4));
    let mut ws = Ws::connect(&server).await;
    let open_ended = [masked(0x02, b"x"), masked(0x00, b"").repeat(4)].concat();
    ws.send(&open_ended).await;
    assert_eq!(ws.next().await, Message::Close(Some(1008)));
    assert_eq!(ends.reason(&ws.id).await, "transport error");
}

#[actix_rt::test]
async fn a_body_of_too_many_packets_is_refused_and_closes_the_session() {
    let (_io, server, mut ends) = started(|builder| builder.max_packets_per_payload(3));
    let client = Polling::connect(&server).await;
    let three = ["421[\"echo\"]"; 3].join("\x1e");
    assert_eq!(client.post(&three).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "431[]\x1e431[]\x1e431[]");
    assert_eq!(client.post(format!("{three}\x1e3")).await.parts(), (400, ""));
    assert_eq!(ends.reason(&client.id).await, "parse error");
    assert_eq!(client.post("3").await.parts(), UNKNOWN_SID);
}

#[actix_rt::test]
async fn a_slow_body_is_answered_with_408_and_its_session_ends() {
    let short = Duration::from_millis(20);
    for framing in ["content-length: 100\r\n", "transfer-encoding: chunked\r\n"] {
        let (io, server, mut ends) = started(|builder| builder.body_timeout(short));
        let client = Polling::connect(&server).await;
        let waiting = client.start_poll().await;
        let post = send(server.addr, "POST", &client.path(), framing, b"2\r\n42").await;
        let response = post.response().await;
        assert_eq!(response.parts(), (408, ""), "{framing}");
        assert_eq!(all(&response, "connection"), ["close"], "{framing}");
        assert_eq!(ends.reason(&client.id).await, "transport error");
        assert_eq!(waiting.response().await.status, 200, "{framing}");
        counts(&io, 0).await;
    }
}

#[actix_rt::test]
async fn a_body_that_only_announces_to_be_too_large_is_refused_unsent_and_the_session_goes_on() {
    let (_io, server, mut ends) = started(|builder| builder.max_payload(1000));
    let client = Polling::connect(&server).await;
    let announced = "content-length: 1001\r\n";
    let response = send(server.addr, "POST", &client.path(), announced, b"").await.response().await;
    assert_eq!(response.parts(), (413, ""));
    assert_eq!(all(&response, "connection"), ["close"]);
    client.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn connections_are_counted_as_they_come_and_go() {
    let io = SocketIo::new();
    assert_eq!(io.clients_count(), 0);
    let server = TestServer::start(&io);
    let _ends = echoing(&io.of("/"));
    let polling = Polling::open(&server).await;
    assert_eq!(io.clients_count(), 1);
    let ws = Ws::open(&server).await;
    let second = Ws::connect(&server).await;
    assert_eq!(io.clone().clients_count(), 3);
    drop(ws);
    counts(&io, 2).await;
    assert_eq!(polling.post("1").await.parts(), (200, "ok"));
    counts(&io, 1).await;
    drop(second);
    counts(&io, 0).await;
}

#[actix_rt::test]
async fn an_upgrade_and_a_second_namespace_are_not_another_connection() {
    let (io, server, _ends) = started(|builder| builder);
    let _admins = echoing(&io.of("/admin"));
    let client = Polling::connect(&server).await;
    client.post("40/admin,").await;
    client.poll().await;
    let path = format!("{}&sid={}", super::WEBSOCKET, client.sid);
    let (_, mut ws) = Ws::request(server.addr, &path).await;
    ws.ask("2probe", "3probe").await;
    assert_eq!(io.clients_count(), 1);
    ws.text("5").await;
    ws.fence().await;
    assert_eq!(io.clients_count(), 1);
    drop(ws);
    counts(&io, 0).await;
}

/// The limits that nobody has set follow the one that somebody has.
#[actix_rt::test]
async fn a_message_of_the_largest_size_comes_in_and_goes_out_whatever_that_size_is() {
    let size = 12_000_000;
    let (_io, server, mut ends) = started(|builder| builder.max_payload(size));
    let client = Polling::connect(&server).await;
    let text = "x".repeat(size - r#"421["echo",""]"#.len());
    assert_eq!(client.post(format!(r#"421["echo","{text}"]"#)).await.parts(), (200, "ok"));
    let ack = client.poll().await;
    let beginning: String = ack.text().chars().take(20).collect();
    assert!(ack.text() == format!(r#"431["{text}"]"#), "{}, {beginning:?}", ack.status);
    assert_eq!(ends.so_far(), []);
}
