//! A decoded Socket.IO packet.
//!
//! Made by the decoder, consumed by the session. Packets to be sent are never of this type: they
//! are encoded straight into frames.

use bytestring::ByteString;

use super::Payload;

/// What a packet is for. Whether it has attachments is not part of this: types 5 and 6 are events
/// and acks whose payload has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// `0`: a client asks for a namespace, or a server grants it.
    Connect,
    /// `1`: a namespace is left.
    Disconnect,
    /// `2` and `5`: an event.
    Event,
    /// `3` and `6`: the answer to an event that had an id.
    Ack,
    /// `4`: a namespace is refused.
    ConnectError,
}

/// One Socket.IO packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is for.
    pub kind: PacketKind,
    /// The namespace, `/` when the text names none.
    pub namespace: ByteString,
    /// The id that joins an ack to its event; an event without it wants no ack. At most 2^53-1.
    pub id: Option<u64>,
    /// The data.
    pub payload: Payload,
}
