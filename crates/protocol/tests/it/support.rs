//! Short cuts of the tests.

use bytes::Bytes;
use socketio_protocol::socket::{DecodeError, Decoder, Encoded, Limits, Packet, Payload};

/// Decodes one complete packet, its attachments being the units behind the text.
pub(crate) fn decode(text: &str, attachments: &[&[u8]]) -> Result<Packet, DecodeError> {
    let mut decoder = Decoder::new(Limits::default());
    let mut packet = decoder.text(text.into())?;
    for data in attachments {
        assert_eq!(packet, None, "complete before its attachments");
        packet = decoder.binary(Bytes::copy_from_slice(data))?;
    }
    assert!(!decoder.is_waiting());
    Ok(packet.unwrap())
}

/// The payload of a packet without attachments that must be legal.
pub(crate) fn payload(text: &str) -> Payload {
    decode(text, &[]).unwrap().payload
}

/// Why a text is refused.
pub(crate) fn refusal(text: &str) -> DecodeError {
    Decoder::new(Limits::default()).text(text.into()).unwrap_err()
}

/// The text of an encoded packet, with the leading `4` of Engine.IO.
pub(crate) fn text_of(encoded: &Encoded) -> &str {
    let frame = &encoded.frames()[0];
    assert!(!frame.is_binary());
    std::str::from_utf8(frame.payload()).unwrap()
}

/// The attachments of an encoded packet.
pub(crate) fn attachments_of(encoded: &Encoded) -> Vec<&[u8]> {
    let binary = encoded.frames()[1..].iter();
    binary.inspect(|frame| assert!(frame.is_binary())).map(|frame| frame.payload()).collect()
}

/// Feeds an encoded packet to a decoder, as its receiver would.
pub(crate) fn receive(encoded: &Encoded) -> Packet {
    let text = text_of(encoded).strip_prefix('4').unwrap();
    decode(text, &attachments_of(encoded)).unwrap()
}
