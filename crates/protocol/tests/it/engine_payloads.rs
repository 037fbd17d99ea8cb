//! Polling payloads.

use bytes::Bytes;
use socketio_protocol::engine::{
    DecodeError, Frame, Packet, PayloadError, decode_payload, encode_payload,
};

fn decode(body: &'static [u8]) -> Result<Vec<Packet>, PayloadError> {
    decode_payload(Bytes::from_static(body), 4096)
}

fn message(text: &str) -> Packet {
    Packet::Message(text.into())
}

fn binary(data: &'static [u8]) -> Packet {
    Packet::Binary(Bytes::from_static(data))
}

#[test]
fn protocol_texts_joined_by_the_separator() {
    let body = b"4hello\x1e2\x1e4world";
    let packets = vec![message("hello"), Packet::Ping("".into()), message("world")];
    assert_eq!(decode(body), Ok(packets));
    let frames = [Frame::text("4hello"), Frame::ping(), Frame::text("4world")];
    assert_eq!(&encode_payload(&frames)[..], body);
}

#[test]
fn protocol_binary_as_base64() {
    let body = b"4hello\x1ebAQIDBA==";
    assert_eq!(decode(body), Ok(vec![message("hello"), binary(&[1, 2, 3, 4])]));
    let frames = [Frame::text("4hello"), Frame::binary(&[1, 2, 3, 4])];
    assert_eq!(&encode_payload(&frames)[..], body);
}

#[test]
fn base64_is_read_with_and_without_padding() {
    for body in [&b"bAQIDBA=="[..], b"bAQIDBA"] {
        assert_eq!(decode(body), Ok(vec![binary(&[1, 2, 3, 4])]));
    }
    assert_eq!(decode(b"b"), Ok(vec![binary(&[])]));
    assert_eq!(decode(b"b+/+/"), Ok(vec![binary(&[0xfb, 0xff, 0xbf])]));
}

#[test]
fn bad_base64_is_refused() {
    for body in
        [&b"b%"[..], b"bA", b"bAQID BA==", b"bAQ=ID", b"b====", b"bAQIDBB==", "bé".as_bytes()]
    {
        assert_eq!(decode(body), Err(PayloadError::Base64), "{body:?}");
    }
}

#[test]
fn an_empty_part_is_refused() {
    for body in [&b""[..], b"\x1e", b"2\x1e", b"\x1e2", b"2\x1e\x1e2"] {
        assert_eq!(decode(body), Err(PayloadError::Packet(DecodeError::Empty)), "{body:?}");
    }
}

#[test]
fn an_unknown_type_is_refused_in_any_part() {
    let unknown = |first| Err(PayloadError::Packet(DecodeError::UnknownType(first)));
    assert_eq!(decode(b"9"), unknown('9'));
    assert_eq!(decode("4a\x1eé1234".as_bytes()), unknown('é'));
}

#[test]
fn invalid_utf8_is_refused_and_not_replaced() {
    for body in [&b"4\xff"[..], b"4\xc3", b"4a\x1e4\xed\xa0\x80", b"\xf0\x9f"] {
        assert_eq!(decode(body), Err(PayloadError::InvalidUtf8), "{body:?}");
    }
}

#[test]
fn more_packets_than_allowed_are_refused() {
    let body = Bytes::from_static(b"6\x1e6\x1e6");
    assert_eq!(decode_payload(body.clone(), 3), Ok(vec![Packet::Noop; 3]));
    assert_eq!(decode_payload(body.clone(), 2), Err(PayloadError::TooManyPackets { max: 2 }));
    assert_eq!(decode_payload(body, 0), Err(PayloadError::TooManyPackets { max: 0 }));
}

#[test]
fn no_frames_are_an_empty_body() {
    assert!(encode_payload([]).is_empty());
}

#[test]
fn the_length_in_a_payload_is_known_before() {
    for len in 0..10 {
        let frame = Frame::binary(&vec![7; len]);
        assert_eq!(frame.polling_len(), encode_payload([&frame]).len(), "{len} bytes");
    }
    assert_eq!(Frame::text("4€").polling_len(), 4);
}
