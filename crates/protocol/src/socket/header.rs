//! The part of a packet's text in front of its JSON: type, attachments, namespace, id.
//!
//! Called by the decoder for every text. It looks at no payload.

use super::{DecodeError, Limits, PacketKind};

/// Ids that every JavaScript peer can hold exactly.
const MAX_ID: u64 = (1 << 53) - 1;
const MAX_ID_DIGITS: usize = 16;

/// The header of a packet; the text of its payload begins at `payload_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) kind: PacketKind,
    /// Zero exactly for the types that have none.
    pub(super) attachments: usize,
    pub(super) namespace: &'a str,
    pub(super) id: Option<u64>,
    pub(super) payload_at: usize,
}

impl<'a> Header<'a> {
    pub(super) fn parse(text: &'a str, limits: &Limits) -> Result<Self, DecodeError> {
        let bytes = text.as_bytes();
        let (kind, binary) = kind(text)?;
        let mut at = 1;
        let attachments = if binary { attachments(bytes, &mut at, limits)? } else { 0 };
        let namespace = namespace(text, &mut at, limits)?;
        let id = id(bytes, &mut at)?;
        Ok(Header { kind, attachments, namespace, id, payload_at: at })
    }
}

fn kind(text: &str) -> Result<(PacketKind, bool), DecodeError> {
    Ok(match text.as_bytes().first().ok_or(DecodeError::Empty)? {
        b'0' => (PacketKind::Connect, false),
        b'1' => (PacketKind::Disconnect, false),
        b'2' => (PacketKind::Event, false),
        b'3' => (PacketKind::Ack, false),
        b'4' => (PacketKind::ConnectError, false),
        b'5' => (PacketKind::Event, true),
        b'6' => (PacketKind::Ack, true),
        _ => return Err(DecodeError::UnknownType(text.chars().next().unwrap_or_default())),
    })
}

/// One or two digits without leading zero, and the `-` behind them.
fn attachments(bytes: &[u8], at: &mut usize, limits: &Limits) -> Result<usize, DecodeError> {
    let digits = digits(bytes, *at);
    *at += digits.len();
    if bytes.get(*at) != Some(&b'-') || matches!(digits, [] | [b'0', ..]) {
        return Err(DecodeError::IllegalAttachments);
    }
    *at += 1;
    let max = limits.max_attachments;
    match digits.len() {
        1 | 2 if decimal(digits) <= max as u64 => Ok(decimal(digits) as usize),
        _ => Err(DecodeError::TooManyAttachments { max }),
    }
}

/// From `/` up to a comma, which is skipped, or up to the end.
fn namespace<'a>(text: &'a str, at: &mut usize, limits: &Limits) -> Result<&'a str, DecodeError> {
    let rest = &text.as_bytes()[*at..];
    if rest.first() != Some(&b'/') {
        return Ok("/");
    }
    let max = limits.max_namespace_len;
    let start = *at;
    let len = match rest.iter().take(max.saturating_add(1)).position(|byte| *byte == b',') {
        Some(len) => len,
        None if rest.len() <= max => rest.len(),
        None => return Err(DecodeError::NamespaceTooLong { max }),
    };
    *at = (start + len + 1).min(text.len());
    Ok(&text[start..start + len])
}

fn id(bytes: &[u8], at: &mut usize) -> Result<Option<u64>, DecodeError> {
    let digits = digits(bytes, *at);
    *at += digits.len();
    match digits.len() {
        0 => Ok(None),
        1..=MAX_ID_DIGITS if decimal(digits) <= MAX_ID => Ok(Some(decimal(digits))),
        _ => Err(DecodeError::IdTooLarge),
    }
}

fn digits(bytes: &[u8], at: usize) -> &[u8] {
    let rest = &bytes[at..];
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &rest[..len]
}

/// Of at most 16 digits, so it cannot overflow.
fn decimal(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}
