//! `serve_client`: the files of the browser client, with the headers and the choices of the official server.

use std::{fs, io::Read, path::Path};

use actix_socketio::{Cors, EngineMessage, EngineSocket, SocketIo, Transport};
use flate2::read::{GzDecoder, ZlibDecoder};

use super::{Log, POLLING, UNKNOWN_TRANSPORT, UPGRADE, all, ask, lines, sid, start, upgrade};
use crate::support::{TestServer, get, send};

const FILES: [&str; 8] = [
    "socket.io.js",
    "socket.io.min.js",
    "socket.io.esm.min.js",
    "socket.io.msgpack.min.js",
    "socket.io.js.map",
    "socket.io.min.js.map",
    "socket.io.esm.min.js.map",
    "socket.io.msgpack.min.js.map",
];

const CLIENT: &str = "/socket.io/socket.io.min.js";

const CACHE: &str = "cache-control: public, max-age=0";
const SCRIPT: &str = "content-type: application/javascript; charset=utf-8";
const MAP: &str = "content-type: application/json; charset=utf-8";
const ETAG: &str = "etag: \"4.8.4\"";

fn on_disk(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/client");
    fs::read(folder.join(name)).unwrap()
}

#[actix_rt::test]
async fn every_file_is_served_as_it_is_with_the_version_as_its_tag() {
    let (_io, server) = start(|builder| builder);
    for name in FILES {
        let response = get(server.addr, &format!("/socket.io/{name}")).await;
        assert_eq!(response.status, 200, "{name}");
        let kind = if name.ends_with(".map") { MAP } else { SCRIPT };
        assert_eq!(lines(&response), [CACHE, kind, ETAG], "{name}");
        assert!(response.body == on_disk(name), "{name}");
    }
}

#[actix_rt::test]
async fn a_name_that_is_no_file_is_a_request_without_a_transport() {
    let (_io, server) = start(|builder| builder);
    let names = [
        "missing.js",
        "socket.io.esm.js",
        "Socket.io.min.js",
        "%73ocket.io.min.js",
        "socket.io.min.js/",
        "socket.io.min.js%00",
        "x/socket.io.min.js",
        "./socket.io.min.js",
        "/socket.io.min.js",
        "../socket.io/socket.io.min.js",
        "VERSION",
        "LICENSE",
    ];
    for name in names {
        let response = get(server.addr, &format!("/socket.io/{name}")).await;
        assert_eq!(response.parts(), UNKNOWN_TRANSPORT, "{name}");
    }
}

#[actix_rt::test]
async fn neither_method_nor_query_matters() {
    let (io, server) = start(|builder| builder);
    let file = on_disk("socket.io.min.js");
    for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
        let response = ask(server.addr, method, CLIENT, "").await;
        assert_eq!(response.status, 200, "{method}");
        assert!(response.body == file, "{method}");
    }
    for query in ["v=2", "EIO=4&transport=polling", "EIO=4&transport=polling&sid=nobody"] {
        let response = get(server.addr, &format!("{CLIENT}?{query}")).await;
        assert_eq!(lines(&response), [CACHE, SCRIPT, ETAG], "{query}");
        assert!(response.body == file, "{query}");
    }
    assert_eq!(io.clients_count(), 0);
}

#[actix_rt::test]
async fn a_head_request_gets_the_headers_alone() {
    let (_io, server) = start(|builder| builder);
    let close = "connection: close\r\naccept-encoding: gzip\r\n";
    let mut exchange = send(server.addr, "HEAD", CLIENT, close, b"").await;
    let head = exchange.head().await;
    assert_eq!(head.status, 200);
    assert_eq!(lines(&head), [CACHE, "content-encoding: gzip", SCRIPT, ETAG]);
    while exchange.read().await > 0 {}
    assert_eq!(exchange.buffer.len(), 0);
}

#[actix_rt::test]
async fn a_client_that_has_this_version_gets_304_and_no_headers() {
    let (_io, server) = start(|builder| builder);
    for tag in ["\"4.8.4\"", "W/\"4.8.4\"", " \"4.8.4\" "] {
        for name in FILES {
            let header = format!("if-none-match: {tag}\r\naccept-encoding: br\r\n");
            for method in ["GET", "POST"] {
                let path = format!("/socket.io/{name}");
                let response = ask(server.addr, method, &path, &header).await;
                assert_eq!(response.parts(), (304, ""), "{tag}");
                assert_eq!(lines(&response), Vec::<String>::new(), "{tag}");
            }
        }
    }
    let others = [
        "",
        "*",
        "4.8.4",
        "\"4.8.3\"",
        "w/\"4.8.4\"",
        "\"a\", \"4.8.4\"",
        "\"a\"\r\nif-none-match: \"4.8.4\"",
    ];
    for tag in others {
        let response = ask(server.addr, "GET", CLIENT, &format!("if-none-match: {tag}\r\n")).await;
        assert_eq!(lines(&response), [CACHE, SCRIPT, ETAG], "{tag}");
        assert!(response.body == on_disk("socket.io.min.js"), "{tag}");
    }
}

fn decode(encoding: &str, body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    match encoding {
        "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut content).unwrap(),
        "gzip" => GzDecoder::new(body).read_to_end(&mut content).unwrap(),
        "deflate" => ZlibDecoder::new(body).read_to_end(&mut content).unwrap(),
        other => panic!("{other:?}"),
    };
    content
}

#[actix_rt::test]
async fn each_compression_gives_the_same_file_at_first_and_later() {
    let (_io, server) = start(|builder| builder);
    for encoding in ["br", "gzip", "deflate"] {
        for _ in 0..2 {
            let accept = format!("accept-encoding: {encoding}\r\n");
            let response = ask(server.addr, "GET", CLIENT, &accept).await;
            let named = format!("content-encoding: {encoding}");
            assert_eq!(lines(&response), [CACHE, &named, SCRIPT, ETAG]);
            assert!(response.body.len() < 16_000, "{encoding}: {}", response.body.len());
            assert!(decode(encoding, &response.body) == on_disk("socket.io.min.js"), "{encoding}");
        }
    }
}

#[actix_rt::test]
async fn the_compression_is_the_one_that_the_client_prefers() {
    let (_io, server) = start(|builder| builder);
    let cases = [
        ("*", "br"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("br, gzip", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("gzip; q=0.4, br; q=0.5", "br"),
        ("br;q=0.5, gzip;q=0.5", "br"),
        ("deflate, gzip", "deflate"),
        ("gzip;q=0.5,deflate;q=0.9", "deflate"),
        ("br;q=0, *", "gzip"),
        ("*;q=0.5, gzip", "gzip"),
        ("identity;q=1, gzip;q=0.2", "gzip"),
        ("gzip;q=0.001", "gzip"),
        (",gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0", "none"),
        ("*;q=0", "none"),
        ("identity, *;q=0", "none"),
        ("identity", "none"),
        ("identity;q=0", "none"),
        ("zstd", "none"),
        ("x-gzip", "none"),
        ("gzip;q=foo", "none"),
        ("gzip;level=1;q=0", "none"),
    ];
    let mut chosen = Vec::new();
    for (accept, _) in cases {
        let header = format!("accept-encoding: {accept}\r\n");
        let response = ask(server.addr, "GET", CLIENT, &header).await;
        assert_eq!(response.status, 200, "{accept}");
        chosen.push((accept, response.header("content-encoding").unwrap_or("none").to_owned()));
    }
    assert_eq!(chosen, cases.map(|(accept, encoding)| (accept, encoding.to_owned())));
}

#[actix_rt::test]
async fn a_file_is_for_the_origins_that_may_connect() {
    let (_io, server) =
        start(|builder| builder.cors(Cors::origins(["http://a"]).credentials(true)));
    let both = ["access-control-allow-credentials: true", "access-control-allow-origin: http://a"];
    let response = ask(server.addr, "GET", CLIENT, "origin: http://a\r\n").await;
    assert_eq!(lines(&response), [both[0], both[1], CACHE, SCRIPT, ETAG, "vary: Origin"]);
    let response = ask(server.addr, "GET", CLIENT, "origin: http://b\r\n").await;
    assert_eq!(lines(&response), [both[0], CACHE, SCRIPT, ETAG, "vary: Origin"]);
    let known = "origin: http://a\r\nif-none-match: \"4.8.4\"\r\n";
    let response = ask(server.addr, "GET", CLIENT, known).await;
    assert_eq!(response.parts(), (304, ""));
    assert_eq!(lines(&response), [both[0], both[1], "vary: Origin"]);
    let response = ask(server.addr, "OPTIONS", CLIENT, "origin: http://a\r\n").await;
    assert_eq!(response.parts(), (204, ""));
}

/// They are no requests of a session.
#[actix_rt::test]
async fn no_hook_hears_of_a_file() {
    let log = Log::default();
    let (headers, initial, error, allow) = (log.clone(), log.clone(), log.clone(), log.clone());
    let (_io, server) = start(|builder| {
        builder
            .headers(move |_, _| headers.note("headers"))
            .initial_headers(move |_, _| initial.note("initial_headers"))
            .on_connection_error(move |_, _| error.note("error"))
            .allow_request(move |_| {
                allow.note("allow_request");
                std::future::ready(Err(String::new()))
            })
    });
    assert_eq!(get(server.addr, CLIENT).await.status, 200);
    assert_eq!(log.take(), Vec::<String>::new());
}

#[actix_rt::test]
async fn a_request_for_a_websocket_is_never_for_a_file() {
    let (_io, server) = start(|builder| builder);
    let (response, _) = upgrade(server.addr, CLIENT, "").await;
    assert_eq!(response.status, 400);
    assert_eq!(lines(&response), ["content-type: text/html"]);
    assert_eq!(all(&response, "connection"), ["close"]);
    // Where nobody takes upgrades it is an ordinary request.
    let (_io, server) = start(|builder| builder.transports(&[Transport::Polling]));
    assert!(ask(server.addr, "GET", CLIENT, UPGRADE).await.body == on_disk("socket.io.min.js"));
}

#[actix_rt::test]
async fn files_come_under_any_path() {
    let (_io, server) = start(|builder| builder.path("/live/chat"));
    let response = get(server.addr, "/live/chat/socket.io.min.js").await;
    assert!(response.body == on_disk("socket.io.min.js"));
    assert_eq!(get(server.addr, CLIENT).await.status, 404);
}

#[actix_rt::test]
async fn without_the_option_there_are_no_files() {
    let (_io, server) = start(|builder| builder.serve_client(false));
    for name in FILES {
        let response = get(server.addr, &format!("/socket.io/{name}")).await;
        assert_eq!(response.parts(), UNKNOWN_TRANSPORT, "{name}");
    }
    // Not even as the name of a session's path.
    let open = get(server.addr, &POLLING.replace("?", "socket.io.js?")).await;
    assert_eq!(sid(&open).len(), 20);
}

#[actix_rt::test]
async fn a_server_of_engine_io_alone_has_no_files() {
    let ignore = async |_: EngineSocket, _: EngineMessage| {};
    let engine = SocketIo::builder().build_engine(ignore).unwrap();
    let server = TestServer::mounting(1, move |cfg| engine.mount(cfg));
    assert_eq!(get(server.addr, CLIENT).await.parts(), UNKNOWN_TRANSPORT);
}
