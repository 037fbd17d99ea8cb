//! What the tests drive a server with: a real server on loopback, and clients that are no more than bytes.
//!
//! Nothing here knows Socket.IO beyond what it takes to get a connection going; the packets stand in the tests.

mod client;
mod ends;
mod hold;
mod http;
mod line;
mod logs;
mod panics;
mod polling;
pub(crate) mod process;
pub(crate) mod scene;
mod server;
mod time;
mod websocket;
mod witness;

use std::{fmt::Display, future::Future, time::Duration};

use actix_socketio::TopologyLimits;

pub(crate) use self::{
    client::{Client, Over, Step},
    ends::{Ends, echoing},
    hold::hold,
    http::{Exchange, Response, get, send},
    line::{Line, reset_when_dropped},
    logs::{logged, logged_of_thread},
    polling::Polling,
    server::TestServer,
    time::{Moment, given_time, ran},
    websocket::{Message, UPGRADE, Ws, masked},
    witness::{Served, Witness},
};

/// Longest wait for anything: long enough for a machine that is busy, or stands still for some seconds; before the first ping, where that comes
/// after the default time.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What is listed by default, of actors that may take their time.
pub(crate) fn patiently() -> TopologyLimits {
    TopologyLimits { patience: DEADLINE / 5, ..TopologyLimits::default() }
}

/// Waits for what must happen soon.
pub(crate) async fn within<F: Future>(what: impl Display, future: F) -> F::Output {
    match actix_rt::time::timeout(DEADLINE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: not within {DEADLINE:?}"),
    }
}

/// The text between `before` and `after`, which make up the rest of `text`.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after))
        .unwrap_or_else(|| panic!("{text:?} is not {before:?} … {after:?}"))
}

/// Whether a text may be the id of a session or of a socket.
pub(crate) fn is_id(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    text.len() == 20 && text.bytes().all(legal)
}
