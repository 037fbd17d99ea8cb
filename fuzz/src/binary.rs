//! Packets whose attachments follow their text: lines of the input are what a connection brings, one after the other.
//!
//! A line that begins with `t` is a text, one with `b` an attachment.

use bytes::Bytes;
use socketio_protocol::socket::{
    DecodeError, Decoder, EncodeError, Packet, PacketKind, Value, encode_event,
};

use crate::{
    packet::{LIMITS, assert_same_args, check_fields, read_all, receive},
    reference::{
        json::{self, Json},
        packet::{self, Parsed, has_placeholder_key},
    },
};

/// A packet that is not complete.
struct Due<'a> {
    parsed: Parsed<'a>,
    bytes: usize,
    attachments: Vec<Bytes>,
}

/// Feeds a decoder; it keeps no more than what is due, and no more than the limit.
pub fn run(data: &[u8]) {
    let mut decoder = Decoder::new(LIMITS);
    let mut due = None;
    for line in data.split(|byte| *byte == b'\n') {
        match line.split_first() {
            Some((b't', text)) => {
                let Ok(text) = std::str::from_utf8(text) else { continue };
                due = take_text(&decoder.text(text.into()), due, text);
            }
            Some((b'b', data)) => {
                let data = Bytes::copy_from_slice(data);
                due = take_binary(&decoder.binary(data.clone()), due, data);
            }
            _ => continue,
        }
        let kept = due.as_ref().map_or(0, |due| due.bytes);
        assert_eq!((decoder.is_waiting(), decoder.pending_bytes()), (due.is_some(), kept));
        assert!(kept <= LIMITS.max_packet_bytes, "{kept} bytes are kept");
    }
}

type Decoded = Result<Option<Packet>, DecodeError>;

fn take_text<'a>(decoded: &Decoded, due: Option<Due<'_>>, text: &'a str) -> Option<Due<'a>> {
    let parsed = match packet::parse(text, &LIMITS) {
        _ if due.is_some() => {
            assert_eq!(decoded, &Err(DecodeError::UnexpectedText));
            return None;
        }
        None => {
            assert!(decoded.is_err(), "illegal, and {decoded:?}");
            return None;
        }
        Some(parsed) => parsed,
    };
    if parsed.attachments == 0 {
        let Ok(Some(packet)) = decoded else { panic!("complete, and {decoded:?}") };
        check_fields(packet, &parsed);
        return None;
    }
    assert_eq!(decoded, &Ok(None));
    Some(Due { parsed, bytes: text.len(), attachments: Vec::new() })
}

fn take_binary<'a>(decoded: &Decoded, due: Option<Due<'a>>, data: Bytes) -> Option<Due<'a>> {
    let Some(mut due) = due else {
        assert_eq!(decoded, &Err(DecodeError::UnexpectedBinary));
        return None;
    };
    due.bytes += data.len();
    due.attachments.push(data);
    if due.bytes > LIMITS.max_packet_bytes {
        assert_eq!(decoded, &Err(DecodeError::PacketTooLarge { max: LIMITS.max_packet_bytes }));
        return None;
    }
    if due.attachments.len() < due.parsed.attachments {
        assert_eq!(decoded, &Ok(None));
        return Some(due);
    }
    let Ok(Some(packet)) = decoded else { panic!("complete, and {decoded:?}") };
    check(packet, &due);
    None
}

fn check(packet: &Packet, due: &Due<'_>) {
    check_fields(packet, &due.parsed);
    assert_eq!(packet.payload.attachments(), due.attachments);
    read_all(&packet.payload);
    if packet.kind != PacketKind::Event {
        return;
    }
    let (name, args) = (packet.payload.event(), packet.payload.args());
    let sent = encode_event(&packet.namespace, packet.id, &name, &args).expect("it is sent on");
    assert_same_args(&receive(&sent).payload.args(), &args);
    check_values(packet);
}

/// Of arguments that are missing nothing comes back.
type Values = (Value, Option<Value>, Option<Value>);

/// As values, with the attachments in their places, it comes out as it went in.
fn check_values(packet: &Packet) {
    let Ok(values) = packet.payload.event_args::<Values>() else { return };
    let sent = match encode_event("/", None, "e", &values) {
        Ok(sent) => sent,
        // One attachment may stand in many places.
        Err(EncodeError::TooManyAttachments { count, max, .. }) => return assert!(count > max),
        Err(error) => panic!("{error}"),
    };
    let text = std::str::from_utf8(sent.frames()[0].payload()).expect("text is UTF-8");
    let json = &text[text.find('[').expect("a list")..];
    let sent_json = json::parse(json, usize::MAX).expect("JSON");
    // An object that only looks like an attachment becomes one on its way, as in JavaScript.
    if sent.frames().len() == 1 || !has_placeholder_key(&without_placeholders(sent_json)) {
        let back = receive(&sent).payload.event_args::<Values>();
        assert_eq!(back.expect("values"), values);
    }
}

/// The same without the objects that the encoder writes for attachments.
fn without_placeholders(value: Json) -> Json {
    let is_one = |entries: &[(Option<String>, Json)]| {
        let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_deref()).collect();
        keys == [Some("_placeholder"), Some("num")] && entries[0].1 == Json::Bool(true)
    };
    match value {
        Json::Object(entries) if is_one(&entries) => Json::Null,
        Json::Object(entries) => Json::Object(
            entries.into_iter().map(|(key, value)| (key, without_placeholders(value))).collect(),
        ),
        Json::Array(values) => Json::Array(values.into_iter().map(without_placeholders).collect()),
        other => other,
    }
}
