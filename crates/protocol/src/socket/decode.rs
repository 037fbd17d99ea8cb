//! The decoder: text and binary units of one connection become packets.
//!
//! Owned by a session, fed with every Engine.IO message in the order in which they came. It bounds
//! what a packet may be; how long one may take to become complete is the session's clock.

use bytes::Bytes;
use bytestring::ByteString;

use super::header::Header;
use super::{DecodeError, Packet, PacketKind, Payload, event, json, placeholder};

/// What a client may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most attachments of one packet, 10 by default. The number has two digits at most on the
    /// wire, so more than 99 is the same as 99.
    pub max_attachments: usize,
    /// Longest namespace in bytes, slash included, 256 by default.
    pub max_namespace_len: usize,
    /// Longest event name in bytes, 256 by default.
    pub max_event_len: usize,
    /// Most bytes of one packet, its text and its attachments together, 11,000,000 by default.
    pub max_packet_bytes: usize,
    /// Deepest nesting of a payload, its outermost array or object being the first level, 128 by
    /// default.
    pub max_json_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_attachments: 10,
            max_namespace_len: 256,
            max_event_len: 256,
            max_packet_bytes: 11_000_000,
            max_json_depth: 128,
        }
    }
}

/// Decodes the stream of text and binary units of one connection.
///
/// After an error the connection must be closed; the decoder keeps nothing of the packet at fault.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    partial: Option<Partial>,
}

/// A packet whose attachments are still on their way.
#[derive(Debug)]
struct Partial {
    packet: Packet,
    missing: usize,
    bytes: usize,
}

impl Decoder {
    /// A decoder at the start of a connection.
    pub fn new(limits: Limits) -> Self {
        Decoder { limits, partial: None }
    }

    /// Takes the content of one Engine.IO text message, without its type `4`. Gives the packet, or
    /// `None` when attachments are due first.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when the text is no packet that a client may send, is beyond the limits, or
    /// comes while attachments are due.
    pub fn text(&mut self, text: ByteString) -> Result<Option<Packet>, DecodeError> {
        if self.partial.take().is_some() {
            return Err(DecodeError::UnexpectedText);
        }
        let max = self.limits.max_packet_bytes;
        if text.len() > max {
            return Err(DecodeError::PacketTooLarge { max });
        }
        let header = Header::parse(&text, &self.limits)?;
        let json = &text[header.payload_at..];
        check_payload(&header, json, &self.limits)?;
        let json = json.trim_end_matches(json::WHITE_SPACE);
        let packet = Packet {
            kind: header.kind,
            namespace: match header.namespace {
                "/" => ByteString::from_static("/"),
                namespace => text.slice_ref(namespace),
            },
            id: header.id,
            payload: Payload::new(text.slice_ref(json), Vec::new()),
        };
        if header.attachments == 0 {
            return Ok(Some(packet));
        }
        self.partial = Some(Partial { packet, missing: header.attachments, bytes: text.len() });
        Ok(None)
    }

    /// Takes one binary message: the next attachment. Gives the packet when it was the last one.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when no attachment is due, or when the packet grows beyond the limit.
    pub fn binary(&mut self, data: Bytes) -> Result<Option<Packet>, DecodeError> {
        let Some(mut partial) = self.partial.take() else {
            return Err(DecodeError::UnexpectedBinary);
        };
        let max = self.limits.max_packet_bytes;
        partial.bytes = partial.bytes.saturating_add(data.len());
        if partial.bytes > max {
            return Err(DecodeError::PacketTooLarge { max });
        }
        partial.packet.payload.attach(data);
        partial.missing -= 1;
        if partial.missing == 0 {
            return Ok(Some(partial.packet));
        }
        self.partial = Some(partial);
        Ok(None)
    }

    /// Bytes of the packet whose attachments are still due, zero if there is none.
    pub fn pending_bytes(&self) -> usize {
        self.partial.as_ref().map_or(0, |partial| partial.bytes)
    }

    /// Whether a packet has begun whose attachments are still due.
    pub fn is_waiting(&self) -> bool {
        self.partial.is_some()
    }
}

fn check_payload(header: &Header<'_>, json: &str, limits: &Limits) -> Result<(), DecodeError> {
    let first = json.as_bytes().first();
    let legal = match header.kind {
        PacketKind::Connect => matches!(first, None | Some(b'{')),
        PacketKind::Disconnect => first.is_none() && header.id.is_none(),
        PacketKind::Event | PacketKind::Ack => first == Some(&b'['),
        PacketKind::ConnectError => matches!(first, Some(b'{' | b'"')),
    };
    if !legal {
        return Err(DecodeError::IllegalPayload);
    }
    if header.kind == PacketKind::Ack && header.id.is_none() {
        return Err(DecodeError::MissingId);
    }
    if !json.is_empty() {
        json::validate(json, limits.max_json_depth)?;
    }
    if header.kind == PacketKind::Event {
        event::check(json, limits.max_event_len)?;
    }
    if header.attachments > 0 && !placeholder::all_within(json, header.attachments) {
        return Err(DecodeError::Placeholder);
    }
    Ok(())
}
