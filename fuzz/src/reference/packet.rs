//! The text of a Socket.IO packet by the rules of the protocol and of our limits.

use socketio_protocol::socket::{Limits, PacketKind};

use super::json::{self, Json};

const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// What the text says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parsed<'a> {
    pub(crate) kind: PacketKind,
    pub(crate) attachments: usize,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
    /// Without white space behind it.
    pub(crate) json: &'a str,
    pub(crate) value: Option<Json>,
}

/// The packet, or `None` if a client may not send it.
pub(crate) fn parse<'a>(text: &'a str, limits: &Limits) -> Option<Parsed<'a>> {
    if text.len() > limits.max_packet_bytes {
        return None;
    }
    let kind = match text.chars().next()? {
        '0' => PacketKind::Connect,
        '1' => PacketKind::Disconnect,
        '2' | '5' => PacketKind::Event,
        '3' | '6' => PacketKind::Ack,
        '4' => PacketKind::ConnectError,
        _ => return None,
    };
    let mut rest = &text[1..];
    let mut attachments = 0;
    if text.starts_with(['5', '6']) {
        let (count, behind) = rest.split_once('-')?;
        if count.starts_with('0') || !is_number(count) {
            return None;
        }
        attachments = count.parse().ok().filter(|count| *count <= limits.max_attachments)?;
        rest = behind;
    }
    let mut namespace = "/";
    if rest.starts_with('/') {
        (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
        if namespace.len() > limits.max_namespace_len {
            return None;
        }
    }
    let json = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let id = match &rest[..rest.len() - json.len()] {
        "" => None,
        digits if digits.len() <= 16 => Some(digits.parse().ok().filter(|id| *id < 1 << 53)?),
        _ => return None,
    };
    let value = match json {
        "" => None,
        json => Some(json::parse(json, limits.max_json_depth)?),
    };
    let json = json.trim_end_matches([' ', '\t', '\n', '\r']);
    let parsed = Parsed { kind, attachments, namespace, id, json, value };
    parsed.is_legal(limits).then_some(parsed)
}

fn is_number(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl Parsed<'_> {
    fn is_legal(&self, limits: &Limits) -> bool {
        let begins = |with: &[char]| self.json.starts_with(with);
        let fits = match self.kind {
            PacketKind::Connect => self.json.is_empty() || begins(&['{']),
            PacketKind::Disconnect => self.value.is_none() && self.id.is_none(),
            PacketKind::Event => begins(&['[']) && self.has_legal_name(limits),
            PacketKind::Ack => begins(&['[']) && self.id.is_some(),
            PacketKind::ConnectError => begins(&['{', '"']),
        };
        let within = |value: &Json| placeholders_are_below(value, self.attachments);
        fits && (self.attachments == 0 || self.value.as_ref().is_none_or(within))
    }

    fn has_legal_name(&self, limits: &Limits) -> bool {
        let Some(Json::Array(values)) = &self.value else { return false };
        match values.first() {
            Some(Json::String(Some(name))) => {
                name.len() <= limits.max_event_len && !RESERVED.contains(&name.as_str())
            }
            Some(Json::Number(number)) => self.number_len(number) <= limits.max_event_len,
            _ => false,
        }
    }

    /// Length of a number as JavaScript prints it.
    fn number_len(&self, number: &str) -> usize {
        let value: f64 = number.parse().unwrap_or(f64::NAN);
        match value.abs() {
            0.0 => 1,
            size if size.is_infinite() => "Infinity".len() + usize::from(value < 0.0),
            // What is that small or large has an exponent, with a sign.
            size if size < 1e-6 => format!("{value:e}").len(),
            size if size >= 1e21 => format!("{value:e}").len() + 1,
            _ => value.to_string().len(),
        }
    }
}

/// Whether each object that stands for an attachment names one.
fn placeholders_are_below(value: &Json, count: usize) -> bool {
    let below = |value: &Json| placeholders_are_below(value, count);
    match value {
        Json::Array(values) => values.iter().all(below),
        Json::Object(entries) => {
            // Of equal keys the last counts.
            let get = |name: &str| {
                let is_it = |(key, _): &&(Option<String>, Json)| key.as_deref() == Some(name);
                entries.iter().rev().find(is_it).map(|(_, value)| value)
            };
            let named = match get("num") {
                Some(Json::Number(num)) => num.parse::<usize>().is_ok_and(|num| num < count),
                _ => false,
            };
            (get("_placeholder") != Some(&Json::Bool(true)) || named)
                && entries.iter().all(|(_, value)| below(value))
        }
        _ => true,
    }
}

/// Whether any object has a key like that of a placeholder.
pub(crate) fn has_placeholder_key(value: &Json) -> bool {
    match value {
        Json::Array(values) => values.iter().any(has_placeholder_key),
        Json::Object(entries) => entries.iter().any(|(key, value)| {
            key.as_deref() == Some("_placeholder") || has_placeholder_key(value)
        }),
        _ => false,
    }
}
