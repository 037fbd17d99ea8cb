//! Limits that are kept before a session hears of anything: how many there are, what bodies may be, how often a WebSocket pings.

use std::time::{Duration, Instant};

use actix_socketio::Limit;

use super::{UNKNOWN_SID, start};
use crate::support::{Message, Polling, Response, Ws, get, masked, send, within};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

fn is_refused(response: &Response) {
    let parts = (response.status, response.header("retry-after"), response.text());
    assert_eq!(parts, (503, Some("5"), ""));
}

#[actix_rt::test]
async fn a_full_server_answers_handshakes_with_503_and_serves_whoever_is_there() {
    let (io, server, mut ends) = start(|builder| builder.max_sessions(2));
    let mut ws = Ws::connect(&server).await;
    let polling = Polling::connect(&server).await;
    is_refused(&get(server.addr, POLLING).await);
    let (refused, _) = Ws::request(server.addr, WEBSOCKET).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    ws.fence().await;
    polling.fence().await;
    assert_eq!(ends.so_far(), []);
    // An upgrade is not another session.
    let (response, mut upgrade) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", polling.sid)).await;
    assert_eq!(response.status, 101);
    upgrade.ask("2probe", "3probe").await;
    drop(ws);
    within("room", async {
        while io.clients_count() == 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    Ws::connect(&server).await.fence().await;
}

#[actix_rt::test]
async fn a_server_without_that_limit_says_so() {
    let (_io, server, _ends) = start(|builder| builder.max_sessions(Limit::Unlimited));
    Ws::connect(&server).await.fence().await;
}

#[actix_rt::test]
async fn a_body_that_is_encoded_is_refused_with_415_and_ends_its_session() {
    let (_io, server, mut ends) = start(|builder| builder);
    let mut witness = Ws::connect(&server).await;
    for encoding in ["gzip", "deflate", "br", "identity, gzip", "", "x"] {
        let client = Polling::connect(&server).await;
        let headers = format!("content-encoding: {encoding}\r\ncontent-length: 1\r\n");
        let response =
            send(server.addr, "POST", &client.path(), &headers, b"3").await.response().await;
        assert_eq!(response.parts(), (415, ""), "{encoding}");
        assert_eq!(ends.reason(&client.id).await, "transport error", "{encoding}");
        assert_eq!(client.poll().await.parts(), UNKNOWN_SID);
        witness.fence().await;
    }
    let client = Polling::connect(&server).await;
    let headers = "content-encoding: Identity\r\ncontent-length: 1\r\n";
    let response = send(server.addr, "POST", &client.path(), headers, b"6").await.response().await;
    assert_eq!(response.parts(), (200, "ok"));
}

#[actix_rt::test]
async fn a_body_that_keeps_coming_has_more_time_than_one_that_does_not() {
    let time = Duration::from_millis(300);
    // Ten bytes are worth a second.
    let (_io, server, mut ends) = start(|builder| builder.body_timeout(time).min_body_rate(10));
    let mut clock = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    let packet = format!(r#"421["echo","{}"]"#, "x".repeat(200));
    let headers = format!("content-length: {}\r\n", packet.len());
    // Worth twenty seconds.
    let (first, second) = packet.as_bytes().split_at(200);
    let mut steady = send(server.addr, "POST", &client.path(), &headers, first).await;
    let begun = Instant::now();
    while begun.elapsed() < 2 * time {
        clock.fence().await;
    }
    steady.write(second).await;
    assert_eq!(steady.next_response().await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), packet.replace("421", "431").replace(r#""echo","#, ""));
    let slow = send(server.addr, "POST", &client.path(), &headers, &first[..9]).await;
    assert_eq!(slow.response().await.parts(), (408, ""));
    assert_eq!(ends.reason(&client.id).await, "transport error");
}

/// It cannot answer pings meanwhile, so its session would end.
#[actix_rt::test]
async fn no_rate_earns_a_body_more_time_than_a_pong_has() {
    let short = Duration::from_millis(500);
    let (_io, server, _ends) =
        start(|b| b.body_timeout(short).min_body_rate(1).ping_interval(short).ping_timeout(short));
    let client = Polling::connect(&server).await;
    let headers = "content-length: 1000\r\n";
    let begun = Instant::now();
    let post = send(server.addr, "POST", &client.path(), headers, &[b'4'; 900]).await;
    assert_eq!(post.response().await.parts(), (408, ""));
    assert!(begun.elapsed() >= 2 * short);
}

#[actix_rt::test]
async fn pings_of_a_websocket_are_answered_up_to_a_rate_and_more_close_it_with_1008() {
    let (_io, server, mut ends) = start(|builder| builder.max_ws_pings(2));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    for n in 0..20 {
        ws.send(&masked(0x89, &[n])).await;
        assert_eq!(ws.next().await, Message::Pong(vec![n]));
    }
    ws.fence().await;
    ws.send(&masked(0x89, b"")).await;
    assert_eq!(ws.next().await, Message::Close(Some(1008)));
    ws.expect_end().await;
    assert_eq!(ends.reason(&ws.id).await, "transport error");
    witness.fence().await;
}

#[actix_rt::test]
async fn two_hundred_pings_at_once_are_answered_and_a_flood_is_not() {
    let (_io, server, mut ends) = start(|builder| builder);
    let mut ws = Ws::connect(&server).await;
    ws.send(&masked(0x89, b"x").repeat(200)).await;
    for _ in 0..200 {
        assert_eq!(ws.next().await, Message::Pong(b"x".to_vec()));
    }
    ws.send(&masked(0x89, b"x").repeat(10_000)).await;
    assert_eq!(ws.next().await, Message::Close(Some(1008)));
    assert_eq!(ends.reason(&ws.id).await, "transport error");
}
