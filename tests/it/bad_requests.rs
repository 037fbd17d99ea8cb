//! Polling requests that a client should not make: too large, too many at once, broken off.

use std::time::Duration;

use actix_socketio::SocketIo;

use crate::support::{Ends, Exchange, Polling, TestServer, Ws, echoing, send};

const UNKNOWN: (u16, &str) = (400, r#"{"code":1,"message":"Session ID unknown"}"#);

fn server() -> (TestServer, Ends) {
    let io = SocketIo::builder().max_payload(1000).build().unwrap();
    let ends = echoing(&io.of("/"));
    (TestServer::start(&io), ends)
}

#[actix_rt::test]
async fn a_body_that_is_too_large_is_refused_and_the_session_goes_on() {
    let (server, mut ends) = server();
    let client = Polling::connect(&server).await;
    assert_eq!(client.post("4".repeat(1001)).await.parts(), (413, ""));
    client.fence().await;
    let body = format!(r#"421["echo","{}"]"#, "x".repeat(1000 - r#"421["echo",""]"#.len()));
    assert_eq!(client.post(&body).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.body.len(), body.len() - r#""echo","#.len());
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn a_body_that_is_far_too_large_is_refused_before_its_end() {
    let (server, _ends) = server();
    let client = Polling::connect(&server).await;
    let headers = "content-length: 1000000000\r\n";
    let request = send(server.addr, "POST", &client.path(), headers, &[b'4'; 3000]).await;
    assert_eq!(request.response().await.parts(), (413, ""));
    client.fence().await;
}

#[actix_rt::test]
async fn a_chunked_body_that_is_too_large_is_refused_and_the_session_goes_on() {
    let (server, _ends) = server();
    let client = Polling::connect(&server).await;
    let chunk = [b"1f4\r\n".as_slice(), &[b'4'; 500], b"\r\n"].concat();
    let headers = "transfer-encoding: chunked\r\n";
    for body in [[&chunk[..], &chunk, b"1\r\n4\r\n0\r\n\r\n"].concat(), chunk.repeat(5)] {
        let request = send(server.addr, "POST", &client.path(), headers, &body).await;
        assert_eq!(request.response().await.parts(), (413, ""));
        client.fence().await;
    }
}

#[actix_rt::test]
async fn a_body_that_comes_too_slowly_ends_the_session() {
    let io = SocketIo::builder().body_timeout(Duration::from_millis(20)).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let headers = "content-length: 100\r\n";
    let request = send(server.addr, "POST", &client.path(), headers, b"42[").await;
    assert_eq!(request.response().await.parts(), (408, ""));
    assert_eq!(ends.reason(&client.id).await, "transport error");
}

#[actix_rt::test]
async fn a_post_for_nobody_is_answered_before_its_body_comes() {
    let (server, _ends) = server();
    let path = "/socket.io/?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA";
    let headers = "content-length: 1000000000\r\n";
    let request = send(server.addr, "POST", path, headers, b"4").await;
    assert_eq!(request.response().await.parts(), UNKNOWN);
}

#[actix_rt::test]
async fn an_octet_stream_is_a_transport_error() {
    let (server, mut ends) = server();
    let client = Polling::connect(&server).await;
    let headers = "content-type: application/octet-stream\r\ncontent-length: 1\r\n";
    let request = send(server.addr, "POST", &client.path(), headers, b"6").await;
    assert_eq!(request.response().await.parts(), (400, ""));
    assert_eq!(ends.reason(&client.id).await, "transport error");
    assert_eq!(client.poll().await.parts(), UNKNOWN);
}

/// Sends requests until one of them finds the other waiting, which ends the session.
async fn overlap(client: &Polling) -> (Exchange, Exchange) {
    (client.start_poll().await, client.start_poll().await)
}

#[actix_rt::test]
async fn a_second_poll_ends_the_session_and_the_first_poll_with_it() {
    let (server, mut ends) = server();
    let client = Polling::connect(&server).await;
    let (first, second) = overlap(&client).await;
    let (first, second) = (first.response().await, second.response().await);
    let mut both = [first.parts(), second.parts()];
    both.sort_unstable();
    assert_eq!(both, [(200, "1"), (400, "")]);
    assert_eq!(ends.reason(&client.id).await, "transport error");
    assert_eq!(client.poll().await.parts(), UNKNOWN);
}

#[actix_rt::test]
async fn a_second_post_ends_the_session() {
    let (server, mut ends) = server();
    let client = Polling::connect(&server).await;
    let half = "content-length: 2\r\n";
    // Of two halves, the server reads one and refuses the other.
    let mut first = send(server.addr, "POST", &client.path(), half, b"6").await;
    let mut second = send(server.addr, "POST", &client.path(), half, b"6").await;
    let refused = tokio::select! {
        response = first.head() => response,
        response = second.head() => response,
    };
    assert_eq!(refused.parts(), (400, ""));
    assert_eq!(ends.reason(&client.id).await, "transport error");
}

#[actix_rt::test]
async fn a_poll_that_breaks_off_ends_the_session() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    drop(client.start_poll().await);
    assert_eq!(ends.reason(&client.id).await, "transport error");
    assert_eq!(client.poll().await.parts(), UNKNOWN);
    witness.fence().await;
}

#[actix_rt::test]
async fn a_post_that_breaks_off_ends_the_session() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    let headers = "content-length: 100\r\n";
    drop(send(server.addr, "POST", &client.path(), headers, b"42[").await);
    assert_eq!(ends.reason(&client.id).await, "transport error");
    witness.fence().await;
}

#[actix_rt::test]
async fn packets_of_one_body_are_handled_in_their_order() {
    let (server, _ends) = server();
    let client = Polling::connect(&server).await;
    let packets: Vec<_> = (0..40).map(|n| format!(r#"42{n}["echo"]"#)).collect();
    assert_eq!(client.post(packets.join("\x1e")).await.parts(), (200, "ok"));
    let acks: Vec<_> = (0..40).map(|n| format!("43{n}[]")).collect();
    assert_eq!(client.poll().await.text(), acks.join("\x1e"));
}

#[actix_rt::test]
async fn a_poll_takes_what_fits_and_the_next_one_the_rest() {
    let (server, _ends) = server();
    let client = Polling::connect(&server).await;
    let text = "x".repeat(400);
    for n in 1..=3 {
        client.post(format!(r#"42{n}["echo","{text}"]"#)).await;
    }
    let (one, two) = (format!(r#"431["{text}"]"#), format!(r#"432["{text}"]"#));
    assert_eq!(client.poll().await.text(), format!("{one}\x1e{two}"));
    assert_eq!(client.poll().await.text(), format!(r#"433["{text}"]"#));
}
