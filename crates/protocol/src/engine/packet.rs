//! One Engine.IO packet as a client sends it.
//!
//! Called by the WebSocket transport for each text message and by the payload decoder for each part.
//! It does not decide whether a packet is legal in the state of its session.

use bytes::Bytes;
use bytestring::ByteString;

/// One Engine.IO packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// `0`: the handshake, with its JSON text. Only servers send it.
    Open(ByteString),
    /// `1`: the session ends. Text behind the type means nothing and is dropped.
    Close,
    /// `2`: a heartbeat, or the probe of an upgrade with the text `probe`.
    Ping(ByteString),
    /// `3`: the answer to a ping, with its text.
    Pong(ByteString),
    /// `4`: a text message; here, the text of a Socket.IO packet.
    Message(ByteString),
    /// A binary message: a binary WebSocket message, or a payload part that begins with `b`.
    Binary(Bytes),
    /// `5`: the client moves to this transport. Text behind the type is dropped.
    Upgrade,
    /// `6`: nothing; it only ends a pending poll. Text behind the type is dropped.
    Noop,
}

impl Packet {
    /// Decodes one text unit: a WebSocket text message, or a payload part that does not begin with
    /// `b`. The text of the packet is a slice of `text`, not a copy.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the text is empty or does not begin with a digit from 0 to 6.
    pub fn decode(text: ByteString) -> Result<Packet, DecodeError> {
        let Some(&kind) = text.as_bytes().first() else { return Err(DecodeError::Empty) };
        // A type is one ASCII byte, so the rest begins at a character boundary.
        let rest = |text: ByteString| text.split_at(1).1;
        Ok(match kind {
            b'0' => Packet::Open(rest(text)),
            b'1' => Packet::Close,
            b'2' => Packet::Ping(rest(text)),
            b'3' => Packet::Pong(rest(text)),
            b'4' => Packet::Message(rest(text)),
            b'5' => Packet::Upgrade,
            b'6' => Packet::Noop,
            _ => return Err(DecodeError::UnknownType(text.chars().next().unwrap_or_default())),
        })
    }
}

/// Why a text unit is no Engine.IO packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There is not even a type.
    #[error("empty packet")]
    Empty,
    /// The first character names no type.
    #[error("unknown packet type {0:?}")]
    UnknownType(char),
}
