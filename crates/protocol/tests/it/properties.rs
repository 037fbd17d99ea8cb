//! What holds for all inputs.

use bytes::Bytes;
use bytestring::ByteString;
use proptest::prelude::*;
use serde_json::Value;
use socketio_protocol::engine::{self, Frame, decode_payload, encode_payload};
use socketio_protocol::socket::{
    Binary, DecodeError, Decoder, Limits, Packet, PacketKind, Payload, encode_ack, encode_event,
};

use crate::generators::{data, event, id, json, namespace, near_packet};
use crate::support::{attachments_of, receive, text_of};

/// Everything that can be asked of a packet; must not panic, whatever the packet is.
fn read_all(packet: &Packet) {
    let payload = &packet.payload;
    let _ = payload.event();
    let _ = payload.event_args::<Value>();
    let _ = payload.event_args::<(Value, Option<Binary>, Payload)>();
    let _ = payload.event_args::<Payload>();
    let _ = payload.ack_args::<(String, Value)>();
    let _ = payload.auth::<Value>();
    let _ = encode_event("/", None, "again", &payload.args());
}

/// Units of a connection in which a packet starts at `text`.
fn feed(decoder: &mut Decoder, units: &[Result<ByteString, Bytes>]) -> Vec<Decoded> {
    let step = |unit: &Result<ByteString, Bytes>| match unit {
        Ok(text) => decoder.text(text.clone()),
        Err(data) => decoder.binary(data.clone()),
    };
    units.iter().map(step).collect()
}

type Decoded = Result<Option<Packet>, DecodeError>;

fn units() -> impl Strategy<Value = Vec<Result<ByteString, Bytes>>> {
    let text = near_packet().prop_map(|text| Ok(text.into()));
    let legal =
        (namespace(), id(), prop::collection::vec(any::<u8>(), 0..3)).prop_map(|(n, id, d)| {
            let binary: Vec<Binary> = d.iter().map(|byte| vec![*byte].into()).collect();
            let encoded = encode_event(&n, id, "e", &binary).unwrap();
            Ok(text_of(&encoded)[1..].into())
        });
    let binary = data().prop_map(|data| Err(data.into()));
    prop::collection::vec(prop_oneof![text, legal, binary], 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_come_out_as_they_went_in(
        namespace in namespace(),
        id in id(),
        name in event(),
        values in prop::collection::vec(json(), 0..4),
        binary in prop::collection::vec(data(), 0..4),
    ) {
        let args = (&values, binary.iter().cloned().map(Binary::from).collect::<Vec<_>>());
        let encoded = encode_event(&namespace, id, &name, &args).unwrap();
        let packet = receive(&encoded);
        prop_assert_eq!(packet.kind, PacketKind::Event);
        prop_assert_eq!(&packet.namespace[..], namespace.as_str());
        prop_assert_eq!(packet.id, id);
        prop_assert_eq!(packet.payload.event(), name.as_str());
        let (back, attached): (Vec<Value>, Vec<Binary>) = packet.payload.event_args().unwrap();
        prop_assert_eq!(back, values);
        prop_assert!(attached.iter().map(AsRef::<[u8]>::as_ref).eq(&binary));
        prop_assert_eq!(packet.payload.attachments(), &binary[..]);
        // Sent on, it is the same packet.
        let on = encode_event(&namespace, id, &name, &packet.payload.args()).unwrap();
        prop_assert_eq!(text_of(&on), text_of(&encoded));
        prop_assert_eq!(attachments_of(&on), attachments_of(&encoded));
    }

    #[test]
    fn acks_come_out_as_they_went_in(
        namespace in namespace(),
        id in 0..1_u64 << 53,
        value in json(),
        binary in prop::option::of(data()),
    ) {
        let encoded = encode_ack(&namespace, id, &(&value, binary.clone().map(Binary::from))).unwrap();
        let packet = receive(&encoded);
        prop_assert_eq!((packet.kind, packet.id), (PacketKind::Ack, Some(id)));
        prop_assert_eq!(&packet.namespace[..], namespace.as_str());
        let (back, attached): (Value, Option<Binary>) = packet.payload.ack_args().unwrap();
        prop_assert_eq!(back, value);
        prop_assert_eq!(attached, binary.map(Binary::from));
    }

    #[test]
    fn an_encoded_frame_is_what_its_text_makes(name in event(), value in json()) {
        let encoded = encode_event("/", None, &name, &value).unwrap();
        prop_assert_eq!(&encoded.frames()[0], &Frame::text(text_of(&encoded)));
        let expected = format!("42{}", serde_json::to_string(&(&name, &value)).unwrap());
        prop_assert_eq!(text_of(&encoded), expected);
    }

    #[test]
    fn payloads_come_out_as_they_went_in(
        parts in prop::collection::vec(prop_oneof![
            "[0-6][^\u{1e}]{0,30}".prop_map(Ok),
            data().prop_map(Err),
        ], 1..20),
    ) {
        let frame = |part: &Result<String, Vec<u8>>| match part {
            Ok(text) => Frame::text(text),
            Err(data) => Frame::binary(data),
        };
        let frames: Vec<Frame> = parts.iter().map(frame).collect();
        let body = encode_payload(&frames);
        let separators = parts.len() - 1;
        prop_assert_eq!(body.len(), frames.iter().map(Frame::polling_len).sum::<usize>() + separators);
        let packet = |part: &Result<String, Vec<u8>>| match part {
            Ok(text) => engine::Packet::decode(text.as_str().into()).unwrap(),
            Err(data) => engine::Packet::Binary(data.clone().into()),
        };
        let packets: Vec<engine::Packet> = parts.iter().map(packet).collect();
        prop_assert_eq!(decode_payload(body.clone(), parts.len()), Ok(packets));
        prop_assert!(decode_payload(body, separators).is_err());
    }

    #[test]
    fn a_payload_is_its_parts(body in prop::collection::vec(prop_oneof![
        Just(0x1e_u8), Just(b'b'), Just(b'4'), Just(b'='), any::<u8>(),
    ], 0..60)) {
        let parts: Vec<Vec<u8>> = body.split(|byte| *byte == 0x1e).map(<[u8]>::to_vec).collect();
        let one_by_one: Result<Vec<_>, _> =
            parts.into_iter().map(|part| decode_payload(part.into(), 1)).collect();
        let whole = decode_payload(body.into(), usize::MAX);
        prop_assert_eq!(whole.ok(), one_by_one.ok().map(|parts| parts.concat()));
    }

    #[test]
    fn no_text_makes_an_engine_packet_panic(text in any::<String>()) {
        let _ = engine::Packet::decode(text.into());
    }

    #[test]
    fn no_units_make_a_decoder_panic(units in units()) {
        let mut decoder = Decoder::new(Limits::default());
        for packet in feed(&mut decoder, &units).into_iter().flatten().flatten() {
            read_all(&packet);
        }
    }

    #[test]
    fn any_text_that_is_accepted_is_within_the_rules(text in near_packet()) {
        let Ok(Some(packet)) = Decoder::new(Limits::default()).text(text.into()) else { return Ok(()) };
        prop_assert!(packet.namespace.starts_with('/'));
        prop_assert!(packet.id.is_none_or(|id| id < 1 << 53));
        let json = packet.payload.json();
        prop_assert!(json.is_empty() || serde_json::from_str::<&serde_json::value::RawValue>(json).is_ok());
        if packet.kind == PacketKind::Event {
            prop_assert!(encode_event("/", None, &packet.payload.event(), &packet.payload.args()).is_ok());
        }
        read_all(&packet);
    }

    #[test]
    fn a_decoder_remembers_nothing_but_an_unfinished_packet(before in units(), after in units()) {
        let mut used = Decoder::new(Limits::default());
        feed(&mut used, &before);
        while used.is_waiting() {
            let _ = used.binary(Bytes::new());
        }
        let mut fresh = Decoder::new(Limits::default());
        prop_assert_eq!(feed(&mut used, &after), feed(&mut fresh, &after));
    }
}
