//! Packets as lines of text, to be compared and printed.

use std::collections::HashSet;

use serde_json::value::RawValue;
use socketio_protocol::socket::{Packet, PacketKind, Payload};

/// A packet, and its namespace.
pub(super) type Line = (String, String);

/// What a packet of the server says. `failed` are the acknowledgements of events that were not taken.
pub(super) fn describe(packet: &Packet, failed: &HashSet<(String, u64)>) -> String {
    let payload = &packet.payload;
    match (packet.kind, packet.id) {
        (PacketKind::Connect, _) => "connected".into(),
        (PacketKind::Disconnect, _) => "disconnected".into(),
        (PacketKind::ConnectError, _) => {
            let said: serde_json::Value = payload.auth().expect("JSON");
            format!("refused: {}", said["message"].as_str().expect("a message"))
        }
        (PacketKind::Event, Some(_)) => "asks".into(),
        (PacketKind::Event, None) => {
            format!("event {} {}", payload.event(), text(&payload.args()))
        }
        (PacketKind::Ack, id) => {
            let id = id.expect("an ack has an id");
            let failed = failed.contains(&(packet.namespace.to_string(), id));
            match failed && payload.json().starts_with("[{\"error\":\"") {
                true => format!("ack {id} failed"),
                false => ack_line(id, payload),
            }
        }
    }
}

pub(super) fn json(text: &str) -> String {
    serde_json::to_string(text).expect("JSON")
}

pub(super) fn ack_line(id: u64, args: &Payload) -> String {
    format!("ack {id} {}", text(args))
}

/// Arguments without the white space between them, with their attachments.
pub(super) fn text(args: &Payload) -> String {
    let parts: Vec<&RawValue> = serde_json::from_str(args.json()).expect("a list");
    let parts: Vec<_> = parts.into_iter().map(RawValue::get).collect();
    match args.attachments() {
        [] => format!("[{}]", parts.join(",")),
        attachments => format!("[{}] and {attachments:?}", parts.join(",")),
    }
}
