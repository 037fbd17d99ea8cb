//! Drains: who is still served, what is delivered before a close, how the closes are spread, and what the report says.

mod delivery;
mod load;
mod turns;

use std::time::Duration;

use actix_socketio::{Drain, DrainReport, SocketIo};

use crate::support::{Message, Ws, get, within};

const REASON: &str = "server shutting down";

/// Everybody at once, with more time than any test takes.
fn at_once() -> Drain {
    Drain::over(Duration::ZERO).deadline(Duration::from_secs(60))
}

/// Nobody but the first, for as long as the test runs.
fn one_by_one() -> Drain {
    Drain::over(Duration::from_secs(3600))
}

/// The figures of a report: connections, clean, unanswered, left, forced.
fn figures(report: &DrainReport) -> [usize; 5] {
    [report.connections, report.clean, report.unanswered, report.left, report.forced]
}

async fn report(drain: impl Future<Output = DrainReport>) -> DrainReport {
    within("the report", drain).await
}

async fn refuses(addr: std::net::SocketAddr) {
    let path = "/socket.io/?EIO=4&transport=polling";
    let refused = get(addr, path).await;
    assert_eq!(refused.parts(), (503, ""));
    assert_eq!(refused.header("connection"), Some("close"));
    let (refused, _) = Ws::request(addr, &path.replace("polling", "websocket")).await;
    assert_eq!(refused.status, 503);
}

/// Reads texts up to the close, which is answered.
async fn texts_to_the_close(ws: &mut Ws) -> Vec<String> {
    let mut texts = Vec::new();
    loop {
        match ws.next().await {
            Message::Text(text) => texts.push(text),
            Message::Close(None) => break,
            other => panic!("unexpected: {other:?}"),
        }
    }
    ws.answer_close().await;
    texts
}

#[actix_rt::test]
async fn a_server_is_ready_once_it_is_mounted_and_until_it_is_drained_or_closed() {
    for end in [|io: &SocketIo| io.close(), |io: &SocketIo| drop(io.drain(at_once()))] {
        let io = SocketIo::new();
        assert!(!io.is_ready());
        let server = crate::support::TestServer::start(&io);
        let _client = Ws::connect(&server).await;
        assert!(io.is_ready());
        end(&io);
        assert!(!io.is_ready());
        refuses(server.addr).await;
    }
}
