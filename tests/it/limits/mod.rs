//! The limits that a server keeps, theme by theme: what is within one is served, what is beyond it ends as `docs/guarantees.md` says, and
//! another client notices nothing of it.

mod addresses;
mod build;
mod conduct;
mod edge;
mod fences;
mod joining;
mod origins;
mod pace;
mod packets;
mod rooms;
mod waiting;

use actix_socketio::{Builder, SocketIo};

use crate::support::{Ends, Polling, TestServer, Ws, echoing};

const UNKNOWN_SID: (u16, &str) = (400, r#"{"code":1,"message":"Session ID unknown"}"#);

/// A server that echoes in `/`.
fn start(options: impl FnOnce(Builder) -> Builder) -> (SocketIo, TestServer, Ends) {
    let io = options(SocketIo::builder()).build().unwrap();
    let server = TestServer::start(&io);
    let ends = echoing(&io.of("/"));
    (io, server, ends)
}

/// What ends both a WebSocket and a polling session, for this reason, while a third client is served.
async fn ends_both(server: &TestServer, ends: &mut Ends, packet: &str, reason: &str) {
    let shown = &packet[..packet.len().min(40)];
    let mut witness = Ws::connect(server).await;
    let mut ws = Ws::connect(server).await;
    ws.text(packet).await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, reason, "{shown}");
    witness.fence().await;
    let polling = Polling::connect(server).await;
    assert_eq!(polling.post(packet).await.parts(), (200, "ok"), "{shown}");
    assert_eq!(polling.poll().await.text(), "1", "{shown}");
    assert_eq!(ends.reason(&polling.id).await, reason, "{shown}");
    assert_eq!(polling.poll().await.parts(), UNKNOWN_SID, "{shown}");
    witness.fence().await;
}
