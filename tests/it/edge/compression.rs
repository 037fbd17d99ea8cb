//! Compression of polling responses: which ones, in which way, and that the text is the same.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

use super::{POLLING, ask, lines, start};
use crate::support::{Ends, Polling, Response, TestServer, echoing, send};

const PLAIN: [&str; 2] = ["cache-control: no-store", "content-type: text/plain; charset=UTF-8"];

fn started(threshold: Option<usize>) -> (TestServer, Ends) {
    let (io, server) = start(|builder| builder.http_compression(threshold));
    let ends = echoing(&io.of("/"));
    (server, ends)
}

fn by_default() -> (TestServer, Ends) {
    let (io, server) = start(|builder| builder);
    let ends = echoing(&io.of("/"));
    (server, ends)
}

/// A response of this many bytes, for a client that sends `accept`, and its text before compression.
async fn poll(client: &Polling, size: usize, accept: &str) -> (Response, String) {
    let text = "x".repeat(size - r#"431[""]"#.len());
    client.post(format!(r#"421["echo","{text}"]"#)).await;
    let response = ask(client.addr, "GET", &client.path(), accept).await;
    (response, format!(r#"431["{text}"]"#))
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

fn inflate(bytes: &[u8]) -> String {
    let mut text = String::new();
    ZlibDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[actix_rt::test]
async fn a_large_response_is_compressed_for_those_that_accept_gzip() {
    let (server, _ends) = by_default();
    let client = Polling::connect(&server).await;
    let (response, text) = poll(&client, 5000, "accept-encoding: gzip\r\n").await;
    assert_eq!(response.status, 200);
    assert_eq!(lines(&response), [PLAIN[0], "content-encoding: gzip", PLAIN[1]]);
    assert!(response.body.starts_with(b"\x1f\x8b\x08"), "{:?}", response.body);
    assert!(response.body.len() < 200, "{}", response.body.len());
    assert_eq!(gunzip(&response.body), text);
}

#[actix_rt::test]
async fn deflate_is_the_zlib_format() {
    let (server, _ends) = by_default();
    let client = Polling::connect(&server).await;
    let (response, text) = poll(&client, 5000, "accept-encoding: deflate\r\n").await;
    assert_eq!(response.status, 200);
    assert_eq!(lines(&response), [PLAIN[0], "content-encoding: deflate", PLAIN[1]]);
    assert_eq!(response.body[0], 0x78);
    assert_eq!(inflate(&response.body), text);
}

#[actix_rt::test]
async fn the_threshold_is_the_first_size_that_is_compressed() {
    for (threshold, (server, _ends)) in [(1024, by_default()), (2000, started(Some(2000)))] {
        let client = Polling::connect(&server).await;
        let gzip = "accept-encoding: gzip\r\n";
        let (below, text) = poll(&client, threshold - 1, gzip).await;
        assert_eq!(lines(&below), PLAIN);
        assert_eq!(below.parts(), (200, text.as_str()));
        let (at, text) = poll(&client, threshold, gzip).await;
        assert_eq!(at.header("content-encoding"), Some("gzip"));
        assert_eq!(gunzip(&at.body), text);
    }
}

#[actix_rt::test]
async fn a_response_is_sent_as_it_is_to_those_that_accept_neither() {
    let (server, _ends) = by_default();
    let client = Polling::connect(&server).await;
    for accept in ["", "identity", "gzip;q=0", "br", "x-gzip", "*;q=0", "gzip;q=0.0, deflate;q=0"] {
        let header = format!("accept-encoding: {accept}\r\n");
        let (response, text) = poll(&client, 5000, &header).await;
        assert_eq!(lines(&response), PLAIN, "{accept}");
        assert_eq!(response.parts(), (200, text.as_str()), "{accept}");
    }
    let (response, text) = poll(&client, 5000, "").await;
    assert_eq!(lines(&response), PLAIN);
    assert_eq!(response.parts(), (200, text.as_str()));
}

#[actix_rt::test]
async fn of_gzip_and_deflate_the_client_gets_what_it_prefers() {
    let (server, _ends) = by_default();
    let client = Polling::connect(&server).await;
    let cases = [
        ("gzip, deflate, br", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=0.5, identity", "gzip"),
        ("identity;q=1, gzip;q=0.2", "gzip"),
        ("gzip;q=0, deflate", "deflate"),
        ("deflate;q=0.3", "deflate"),
        // What comes first, of equals.
        ("deflate, gzip", "deflate"),
        ("gzip;q=0.5, deflate;q=0.9", "deflate"),
        // Whatever is not named.
        ("*", "gzip"),
        ("gzip;q=0, *", "deflate"),
        ("*;q=0.5, gzip;q=0", "deflate"),
        // One header in two lines.
        ("br\r\naccept-encoding: gzip", "gzip"),
    ];
    let mut chosen = Vec::new();
    for (accept, _) in cases {
        let (response, _) = poll(&client, 5000, &format!("accept-encoding: {accept}\r\n")).await;
        chosen.push((accept, response.header("content-encoding").unwrap_or("none").to_owned()));
    }
    assert_eq!(chosen, cases.map(|(accept, encoding)| (accept, encoding.to_owned())));
}

#[actix_rt::test]
async fn compression_can_be_turned_off() {
    let (server, _ends) = started(None);
    let client = Polling::connect(&server).await;
    let (response, text) = poll(&client, 5000, "accept-encoding: gzip\r\n").await;
    assert_eq!(lines(&response), PLAIN);
    assert_eq!(response.parts(), (200, text.as_str()));
}

#[actix_rt::test]
async fn with_a_threshold_of_zero_even_the_handshake_is_compressed() {
    let (server, _ends) = started(Some(0));
    let open = ask(server.addr, "GET", POLLING, "accept-encoding: gzip\r\n").await;
    assert_eq!(open.header("content-encoding"), Some("gzip"));
    let text = gunzip(&open.body);
    assert!(text.starts_with(r#"0{"sid":""#), "{text}");
}

#[actix_rt::test]
async fn what_answers_a_post_is_not_compressed() {
    let (server, _ends) = started(Some(0));
    let client = Polling::open(&server).await;
    let headers = "accept-encoding: gzip\r\ncontent-length: 2\r\n";
    let response = send(server.addr, "POST", &client.path(), headers, b"40").await;
    let response = response.response().await;
    assert_eq!(response.parts(), (200, "ok"));
    assert_eq!(response.header("content-encoding"), None);
}
