//! The HTTP edge option by option: status, headers and bodies. Where the official server has the option, what is expected here is what
//! it answers, header by header.

mod allow_request;
mod build;
#[cfg(feature = "client")]
mod client_files;
mod compression;
mod cookie;
mod cors;
mod cors_preflight;
mod errors;
mod generate_id;
mod headers;
mod limits;
mod methods;
mod query;
mod transports;
mod upgrade_requests;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use actix_socketio::{Builder, SocketIo};

use crate::support::{Exchange, Response, TestServer, send};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

const UPGRADE: &str = "connection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

const UNKNOWN_TRANSPORT: (u16, &str) = (400, r#"{"code":0,"message":"Transport unknown"}"#);
const UNKNOWN_SID: (u16, &str) = (400, r#"{"code":1,"message":"Session ID unknown"}"#);
const BAD_METHOD: (u16, &str) = (400, r#"{"code":2,"message":"Bad handshake method"}"#);
const BAD_REQUEST: (u16, &str) = (400, r#"{"code":3,"message":"Bad request"}"#);
const UNSUPPORTED: (u16, &str) = (400, r#"{"code":5,"message":"Unsupported protocol version"}"#);

fn start(options: impl FnOnce(Builder) -> Builder) -> (SocketIo, TestServer) {
    let io = options(SocketIo::builder()).build().unwrap();
    let server = TestServer::start(&io);
    (io, server)
}

/// A request without a body.
async fn ask(addr: SocketAddr, method: &str, path: &str, headers: &str) -> Response {
    let headers = match method {
        "GET" => headers.to_owned(),
        _ => format!("{headers}content-length: 0\r\n"),
    };
    send(addr, method, path, &headers, b"").await.response().await
}

/// A request for a WebSocket with more headers, and its answer up to the body.
async fn upgrade(addr: SocketAddr, path: &str, headers: &str) -> (Response, Exchange) {
    let mut exchange = send(addr, "GET", path, &format!("{UPGRADE}{headers}"), b"").await;
    (exchange.head().await, exchange)
}

/// The session of an open packet.
fn sid(open: &Response) -> String {
    assert_eq!(open.status, 200, "{open:?}");
    open.text().split('"').nth(3).unwrap().to_owned()
}

/// All headers but those of the connection and of its frames, in alphabetical order: one line for each that was sent.
fn lines(response: &Response) -> Vec<String> {
    let framing = ["connection", "content-length", "date", "transfer-encoding", "upgrade"];
    let mut lines: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| !framing.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.sort_unstable();
    lines
}

/// The lines of the header of this name.
fn all<'a>(response: &'a Response, name: &str) -> Vec<&'a str> {
    response.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect()
}

/// What the hooks of a server have said, for the test to read.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    /// What was said since the last call. A hook runs before its response is sent.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Has `on_connection_error` note what it hears.
fn heard(builder: Builder, log: &Log) -> Builder {
    let log = log.clone();
    builder.on_connection_error(move |error, request| {
        let (method, message, context) = (request.method(), &error.message, &error.context);
        log.note(format!("{method} {} {message} [{context}]", error.code));
    })
}
