//! Server frames: one Engine.IO packet encoded once, for every transport and every receiver.
//!
//! Made by the Socket.IO encoders and by the engine for its own packets; queued and written by the
//! transports. It only writes frames: reading, masking and fragments are the transport's.

use bytes::{Buf as _, Bytes};

use super::payload::base64_len;

/// Length of the longest header of an unmasked WebSocket frame, in bytes.
pub(crate) const MAX_HEADER: usize = 10;

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;

/// Longest reason of a close frame: a control frame holds 125 bytes, the code takes two.
const MAX_REASON: usize = 123;

/// One Engine.IO packet as an unmasked, unfragmented WebSocket frame, header included. A clone
/// shares the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    header_len: u8,
    binary: bool,
}

impl Frame {
    /// A text frame. `payload` is the text of an Engine.IO packet, type included: `2`, `40{…}`.
    pub fn text(payload: &str) -> Frame {
        Frame::copied(TEXT, payload.as_bytes())
    }

    /// A binary frame: an attachment, which has no type.
    pub fn binary(payload: &[u8]) -> Frame {
        Frame::copied(BINARY, payload)
    }

    /// The ping `2`.
    pub fn ping() -> Frame {
        Frame::fixed(b"\x81\x012")
    }

    /// The noop `6`, which ends a pending poll.
    pub fn noop() -> Frame {
        Frame::fixed(b"\x81\x016")
    }

    /// The Engine.IO close `1`. See [`close_frame`] for that of WebSocket.
    pub fn close() -> Frame {
        Frame::fixed(b"\x81\x011")
    }

    /// The whole WebSocket frame, header included.
    pub fn websocket(&self) -> &Bytes {
        &self.bytes
    }

    /// The payload, without header.
    pub fn payload(&self) -> &[u8] {
        &self.bytes[usize::from(self.header_len)..]
    }

    /// Whether this is an attachment.
    pub fn is_binary(&self) -> bool {
        self.binary
    }

    /// Length of the payload, in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len() - usize::from(self.header_len)
    }

    /// Whether the payload is empty, which only an attachment can be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes this takes in a polling payload, without separator.
    pub fn polling_len(&self) -> usize {
        if self.binary { 1 + base64_len(self.len()) } else { self.len() }
    }

    /// A text frame of the bytes of `buffer` from `payload_at` on, which must be UTF-8; the header
    /// is written in front of them, where the caller has left at least [`MAX_HEADER`] bytes.
    pub(crate) fn in_place(mut buffer: Vec<u8>, payload_at: usize) -> Frame {
        let (header, header_len) = header(TEXT, buffer.len() - payload_at);
        let start = payload_at - header_len;
        buffer[start..payload_at].copy_from_slice(&header[..header_len]);
        let mut bytes = Bytes::from(buffer);
        bytes.advance(start);
        Frame { bytes, header_len: header_len as u8, binary: false }
    }

    fn copied(opcode: u8, payload: &[u8]) -> Frame {
        let (header, header_len) = header(opcode, payload.len());
        let mut frame = Vec::with_capacity(header_len + payload.len());
        frame.extend_from_slice(&header[..header_len]);
        frame.extend_from_slice(payload);
        Frame { bytes: frame.into(), header_len: header_len as u8, binary: opcode == BINARY }
    }

    fn fixed(frame: &'static [u8]) -> Frame {
        Frame { bytes: Bytes::from_static(frame), header_len: 2, binary: false }
    }
}

/// The header of a final, unmasked frame, and how many of its bytes count.
fn header(opcode: u8, len: usize) -> ([u8; MAX_HEADER], usize) {
    let mut header = [0; MAX_HEADER];
    header[0] = 0x80 | opcode;
    let header_len = match len {
        0..=125 => {
            header[1] = len as u8;
            2
        }
        126..=0xffff => {
            header[1] = 126;
            header[2..4].copy_from_slice(&(len as u16).to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(len as u64).to_be_bytes());
            MAX_HEADER
        }
    };
    (header, header_len)
}

/// A WebSocket close frame, unmasked. Without a code it is empty and `reason` is not sent; with one
/// the reason is cut to 123 bytes at a character boundary.
pub fn close_frame(code: Option<u16>, reason: &str) -> Bytes {
    let Some(code) = code else { return Bytes::from_static(&[0x88, 0]) };
    let reason = prefix(reason, MAX_REASON).as_bytes();
    let mut frame = vec![0x80 | CLOSE, 2 + reason.len() as u8];
    frame.extend_from_slice(&code.to_be_bytes());
    frame.extend_from_slice(reason);
    frame.into()
}

/// The longest prefix of `text` of at most `max` bytes that ends at a character boundary.
fn prefix(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..end.unwrap_or_default()]
}
