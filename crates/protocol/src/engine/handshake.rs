//! The open packet, the first one a client gets.
//!
//! Called by the engine when a session begins. The ids and limits in it are the caller's.

use serde::Serialize;

use super::Frame;
use crate::socket::push_json;

/// What the open packet tells a client. The keys are written in the order of the fields.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Open<'a> {
    /// Id of the session: a secret of this client.
    pub sid: &'a str,
    /// Transports the client may upgrade to.
    pub upgrades: &'a [&'a str],
    /// Time between two pings, in milliseconds.
    #[serde(rename = "pingInterval")]
    pub ping_interval_ms: u64,
    /// Time a client has for its pong, in milliseconds.
    #[serde(rename = "pingTimeout")]
    pub ping_timeout_ms: u64,
    /// Most bytes in one polling payload or WebSocket message.
    #[serde(rename = "maxPayload")]
    pub max_payload: u64,
}

impl Open<'_> {
    /// The text frame `0{"sid":…}`.
    pub fn to_frame(&self) -> Frame {
        let mut text = String::from("0");
        push_json(&mut text, self);
        Frame::text(&text)
    }
}
