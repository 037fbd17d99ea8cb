//! Texts of Socket.IO packets.

use bytestring::ByteString;
use serde_json::value::RawValue;
use socketio_protocol::{
    engine,
    socket::{
        Binary, Decoder, Encoded, Limits, Packet, PacketKind, Payload, Value, encode_ack,
        encode_event,
    },
};

use crate::reference::packet::{self, Parsed};

/// Small enough for short inputs to reach them.
pub(crate) const LIMITS: Limits = Limits {
    max_attachments: 3,
    max_namespace_len: 16,
    max_event_len: 16,
    max_packet_bytes: 256,
    max_json_depth: 6,
};

/// For what we have made ourselves of what was within the limits.
pub(crate) const WIDE: Limits = Limits {
    max_attachments: 99,
    max_namespace_len: 1024,
    max_event_len: 1024,
    max_packet_bytes: 1 << 20,
    max_json_depth: 128,
};

/// Decodes a text, asks everything that can be asked of the packet, and encodes it.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut decoder = Decoder::new(LIMITS);
    let decoded = decoder.text(text.into());
    let parsed = packet::parse(text, &LIMITS);
    let Some(parsed) = parsed else {
        assert!(decoded.is_err(), "illegal, and taken as {decoded:?}");
        assert_eq!((decoder.is_waiting(), decoder.pending_bytes()), (false, 0), "nothing is kept");
        return;
    };
    if parsed.attachments > 0 {
        assert_eq!(decoded, Ok(None), "attachments are due");
        assert_eq!((decoder.is_waiting(), decoder.pending_bytes()), (true, text.len()));
        return;
    }
    match decoded {
        Ok(Some(packet)) => check(&packet, &parsed),
        other => panic!("legal, and {other:?}"),
    }
}

fn check(packet: &Packet, parsed: &Parsed<'_>) {
    check_fields(packet, parsed);
    let canonical = text_of(packet);
    let again = Decoder::new(WIDE).text(canonical.as_str().into());
    assert_eq!(again.as_ref(), Ok(&Some(packet.clone())), "{canonical} is the same packet");
    read_all(&packet.payload);
    let Some(id) = packet.id.or(Some(7)) else { return };
    match packet.kind {
        PacketKind::Event => {
            let (name, args) = (packet.payload.event(), packet.payload.args());
            let sent = encode_event(&packet.namespace, packet.id, &name, &args);
            let sent = receive(&sent.expect("an event is sent on"));
            assert_eq!((&sent.namespace, sent.id), (&packet.namespace, packet.id));
            assert_eq!(sent.payload.event(), name, "the name of the event that is sent on");
            assert_same_args(&sent.payload.args(), &args);
        }
        PacketKind::Ack => {
            let sent = encode_ack(&packet.namespace, id, &packet.payload);
            let sent = receive(&sent.expect("an answer is sent on"));
            assert_eq!((&sent.namespace, sent.id), (&packet.namespace, packet.id));
            assert_same_args(&sent.payload, &packet.payload);
        }
        PacketKind::Connect | PacketKind::Disconnect | PacketKind::ConnectError => {}
    }
}

/// The fields are those of the reference.
pub(crate) fn check_fields(packet: &Packet, parsed: &Parsed<'_>) {
    assert_eq!(packet.kind, parsed.kind);
    assert_eq!(&*packet.namespace, parsed.namespace);
    assert_eq!(packet.id, parsed.id);
    assert_eq!(&**packet.payload.json(), parsed.json);
}

/// The text as a client would have sent it.
fn text_of(packet: &Packet) -> String {
    let kind = match packet.kind {
        PacketKind::Connect => '0',
        PacketKind::Disconnect => '1',
        PacketKind::Event => '2',
        PacketKind::Ack => '3',
        PacketKind::ConnectError => '4',
    };
    let id = packet.id.map(|id| id.to_string()).unwrap_or_default();
    let namespace = match &*packet.namespace {
        "/" => String::new(),
        other => format!("{other},"),
    };
    format!("{kind}{namespace}{id}{}", packet.payload.json())
}

/// Everything that can be asked of a payload; whatever the answer, it does not panic.
pub(crate) fn read_all(payload: &Payload) {
    let _ = payload.event();
    let _ = payload.event_args::<Value>();
    let _ = payload.event_args::<(Value, Option<Binary>, Payload)>();
    let _ = payload.event_args::<(Option<u8>, Box<RawValue>)>();
    let _ = payload.event_args::<Payload>();
    let _ = payload.ack_args::<(String, Value)>();
    let _ = payload.ack_args::<Payload>();
    let _ = payload.auth::<Value>();
    let _ = payload.auth::<Option<serde_json::Value>>();
}

/// Decodes what was encoded.
pub(crate) fn receive(encoded: &Encoded) -> Packet {
    let (text, attachments) = encoded.frames().split_first().expect("a packet has a text");
    let text = ByteString::try_from(text.payload()).expect("text is UTF-8");
    let Ok(engine::Packet::Message(text)) = engine::Packet::decode(text) else {
        panic!("{encoded:?} is no message");
    };
    let mut decoder = Decoder::new(WIDE);
    let mut decoded = decoder.text(text);
    for data in attachments {
        assert!(data.is_binary() && decoded == Ok(None), "{encoded:?} has too many attachments");
        decoded = decoder.binary(data.websocket().slice_ref(data.payload()));
    }
    match decoded {
        Ok(Some(packet)) => packet,
        other => panic!("{encoded:?} is {other:?}"),
    }
}

/// The same arguments, whatever white space is between them.
pub(crate) fn assert_same_args(one: &Payload, other: &Payload) {
    fn parts(payload: &Payload) -> Vec<&str> {
        let parts: Vec<&RawValue> = serde_json::from_str(payload.json()).expect("a list");
        parts.into_iter().map(RawValue::get).collect()
    }
    assert_eq!(parts(one), parts(other));
    assert_eq!(one.attachments(), other.attachments());
}
