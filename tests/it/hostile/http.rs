//! HTTP requests that are wrong, too large or too slow.

use std::time::Duration;

use super::{POLLING, Scene, UNKNOWN_SID, assert_linear, converse, shown};
use crate::support::{Exchange, Polling, send};

/// A body as a browser sends it.
async fn post(client: &Polling, body: &[u8]) -> (u16, String) {
    let response = client.post(body).await;
    (response.status, response.text().to_owned())
}

#[actix_rt::test]
async fn a_body_of_one_byte_too_many_is_refused_and_its_session_goes_on() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let body = vec![b'6'; 1_000_001];
    assert_eq!(post(&client, &body).await, (413, String::new()));
    client.fence().await;
    client.post("1").await;
    drop(body);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn half_a_million_packets_in_a_body_are_refused_for_their_number() {
    let mut scene = Scene::start().await;
    assert_linear("packets", 500_000, async |count| {
        let client = Polling::connect(&scene.server).await;
        let body = "6\x1e".repeat(count - 1) + "6";
        assert_eq!(post(&client, body.as_bytes()).await, (400, String::new()));
        assert_eq!(client.poll().await.parts(), (400, UNKNOWN_SID));
    })
    .await;
    let client = Polling::connect(&scene.server).await;
    post(&client, ("6\x1e".repeat(499_999) + "6").as_bytes()).await;
    assert_eq!(scene.ends.reason(&client.id).await, "parse error");
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn hundreds_of_octet_streams_are_answered_to_the_end() {
    let mut scene = Scene::start().await;
    for _ in 0..200 {
        let client = Polling::connect(&scene.server).await;
        let headers = "content-type: application/octet-stream\r\ncontent-length: 1\r\n";
        let mut request = send(client.addr, "POST", &client.path(), headers, b"6").await;
        assert_eq!(request.next_response().await.parts(), (400, ""));
        // Nothing is open any more.
        assert_eq!(request.read().await, 0);
        assert_eq!(scene.ends.reason(&client.id).await, "transport error");
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_body_for_nobody_is_not_read() {
    const OFFERED: usize = 64 << 20;
    let scene = Scene::start().await;
    let path = format!("{POLLING}&sid=AAAAAAAAAAAAAAAAAAAA");
    let chunk = [b"100000\r\n".as_slice(), &vec![b'4'; 1 << 20], b"\r\n"].concat();
    for framing in ["transfer-encoding: chunked", "content-length: 1073741824"] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n");
        let request = [head.as_bytes(), &chunk.repeat(OFFERED >> 20)].concat();
        let (answer, sent) = converse(scene.addr(), &request).await;
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{framing}: {}", shown(&answer));
        assert!(answer.ends_with(UNKNOWN_SID.as_bytes()), "{framing}: {}", answer.escape_ascii());
        // The system's buffers take some.
        assert!(sent < OFFERED / 2, "{framing}: {sent} bytes were taken");
    }
    drop(chunk);
    scene.assert_unharmed().await;
}

/// Whatever it is refused for, the session or the connection: what is still to come is not read either.
#[actix_rt::test]
async fn the_rest_of_a_body_that_is_refused_is_not_read() {
    const OFFERED: usize = 64 << 20;
    let scene = Scene::start().await;
    let chunks = [b"100000\r\n".as_slice(), &vec![b'4'; 1 << 20], b"\r\n"].concat();
    let chunks = chunks.repeat(OFFERED >> 20);
    let octets = "content-type: application/octet-stream\r\n";
    for (method, headers, status) in [("POST", "", 413), ("POST", octets, 400), ("PUT", "", 500)] {
        let client = Polling::connect(&scene.server).await;
        let head = format!(
            "{method} {} HTTP/1.1\r\nhost: x\r\n{headers}transfer-encoding: chunked\r\n\r\n",
            client.path()
        );
        let (answer, sent) = converse(scene.addr(), &[head.as_bytes(), &chunks].concat()).await;
        let status = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(status.as_bytes()), "{status}: {}", shown(&answer));
        assert!(sent < OFFERED / 2, "{status}: {sent} bytes were taken");
        client.post("1").await;
    }
    drop(chunks);
    scene.assert_unharmed().await;
}

/// A body that comes too slowly is not waited for behind the answer.
#[actix_rt::test]
async fn a_body_that_comes_too_slowly_ends_its_connection() {
    let scene = Scene::with(|builder| builder.body_timeout(Duration::from_millis(20))).await;
    for framing in ["transfer-encoding: chunked", "content-length: 100"] {
        let client = Polling::connect(&scene.server).await;
        let head = format!("POST {} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n5\r\n6", client.path());
        let (answer, _) = converse(scene.addr(), head.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{framing}: {}", shown(&answer));
    }
    scene.assert_unharmed().await;
}

/// Requests in which two servers might find different ends, in which nothing is read any more.
#[actix_rt::test]
async fn a_request_whose_end_or_host_is_ambiguous_is_refused_and_ends_its_connection() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let session = client.path();
    let cases = [
        ("both lengths", "host: x\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n"),
        ("both, turned", "host: x\r\ntransfer-encoding: chunked\r\ncontent-length: 6\r\n"),
        ("two lengths", "host: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n"),
        ("a list of lengths", "host: x\r\ncontent-length: 1, 2\r\n"),
        ("a signed length", "host: x\r\ncontent-length: +1\r\n"),
        ("a length that is none", "host: x\r\ncontent-length: 0x1\r\n"),
        ("chunks not last", "host: x\r\ntransfer-encoding: chunked, x\r\n"),
        ("unknown coding", "host: x\r\ntransfer-encoding: x\r\n"),
        ("chunks twice", "host: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
        ("no host", "content-length: 1\r\n"),
        ("two hosts", "host: x\r\nhost: y\r\ncontent-length: 1\r\n"),
        ("space before the colon", "host: x\r\ncontent-length : 1\r\n"),
        ("a folded header", "host: x\r\nx: y\r\n z\r\ncontent-length: 1\r\n"),
    ];
    let mut wrong = Vec::new();
    for (what, headers) in cases {
        let head = format!("POST {session} HTTP/1.1\r\n{headers}\r\n");
        // The second request is one only if the first one ends where it should not.
        let smuggled = format!("1\r\n6\r\n0\r\n\r\nGET {POLLING} HTTP/1.1\r\nhost: x\r\n\r\n");
        let mut exchange = Exchange::begin(scene.addr(), (head + &smuggled).as_bytes()).await;
        let status = exchange.head().await.status;
        while exchange.read().await > 0 {}
        let more = exchange.buffer.windows(7).any(|it| it == b"HTTP/1.");
        if status != 400 || more {
            wrong.push((what, status, more));
        }
    }
    assert_eq!(wrong, []);
    client.fence().await;
    client.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_chunk_whose_size_is_none_ends_its_connection_and_session() {
    let mut scene = Scene::start().await;
    for size in ["10000000000000000", "ffffffffffffffffff", "-1", "g", "1 1", ""] {
        let client = Polling::connect(&scene.server).await;
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n{size}\r\n6\r\n0\r\n\r\n",
            client.path()
        );
        let (answer, _) = converse(scene.addr(), head.as_bytes()).await;
        // The system may throw the answer away together with what is not read.
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 400 "),
            "{size:?}: {}",
            shown(&answer)
        );
        assert_eq!(scene.ends.reason(&client.id).await, "transport error", "{size:?}");
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_head_of_megabytes_is_refused_after_a_part_of_it() {
    let scene = Scene::start().await;
    assert_linear("one header", 20_000_000, async |size| {
        let head = format!("GET {POLLING} HTTP/1.1\r\nhost: x\r\nx: {}", "y".repeat(size));
        let (answer, sent) = converse(scene.addr(), head.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 431 "), "{}", shown(&answer));
        assert!(sent < size, "{sent} bytes were taken");
    })
    .await;
    // In small pieces, each of which is looked at.
    assert_linear("pieces", 200_000, async |size| {
        let mut exchange = Exchange::begin(scene.addr(), b"GET / HTTP/1.1\r\nhost: x\r\nx: ").await;
        for _ in 0..size / 100 {
            exchange.stream.writable().await.unwrap();
            if exchange.stream.try_write(&[b'y'; 100]).is_err() {
                break;
            }
        }
        if size >= 200_000 {
            assert_eq!(exchange.head().await.status, 431);
        }
    })
    .await;
    scene.assert_unharmed().await;
}
