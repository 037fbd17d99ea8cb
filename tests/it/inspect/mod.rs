//! The inspector: what it shows, to whom, and what it costs.

mod access;
mod json;
mod metrics;
mod page;

use actix_socketio::{Args, Inspector, Socket, SocketIo};
use serde_json::Value;

use crate::support::{Response, TestServer, echoing, get};

/// A server whose sockets join rooms, with its inspector under `/inspect`, on so many workers.
fn serve(io: &SocketIo, inspector: &Inspector, workers: usize) -> TestServer {
    drop(echoing(&io.of("/")));
    io.of("/").on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room));
    let (io, inspector) = (io.clone(), inspector.clone());
    TestServer::mounting(workers, move |cfg| {
        io.mount(cfg);
        inspector.mount(cfg, "/inspect");
    })
}

/// Each look is a new one.
fn fresh(io: &SocketIo) -> Inspector {
    io.inspector().min_age(std::time::Duration::ZERO)
}

async fn json(server: &TestServer, query: &str) -> Value {
    let response = get(server.addr, &format!("/inspect/topology.json{query}")).await;
    assert_eq!(response.status, 200, "{response:?}");
    serde_json::from_slice(&response.body).unwrap()
}

/// What every answer says, refusals included.
fn assert_protected(response: &Response) {
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(response.header("access-control-allow-origin"), None);
}
