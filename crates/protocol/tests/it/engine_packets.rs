//! Text units to Engine.IO packets.

use socketio_protocol::engine::{DecodeError, Packet};

fn decode(text: &str) -> Result<Packet, DecodeError> {
    Packet::decode(text.into())
}

#[test]
fn every_type_has_its_digit() {
    assert_eq!(decode("0{}"), Ok(Packet::Open("{}".into())));
    assert_eq!(decode("1"), Ok(Packet::Close));
    assert_eq!(decode("2"), Ok(Packet::Ping("".into())));
    assert_eq!(decode("2probe"), Ok(Packet::Ping("probe".into())));
    assert_eq!(decode("3"), Ok(Packet::Pong("".into())));
    assert_eq!(decode("3probe"), Ok(Packet::Pong("probe".into())));
    assert_eq!(decode("4hello"), Ok(Packet::Message("hello".into())));
    assert_eq!(decode("4"), Ok(Packet::Message("".into())));
    assert_eq!(decode("4€"), Ok(Packet::Message("€".into())));
    assert_eq!(decode("5"), Ok(Packet::Upgrade));
    assert_eq!(decode("6"), Ok(Packet::Noop));
}

#[test]
fn text_behind_a_type_without_data_is_dropped() {
    assert_eq!(decode("1bye"), Ok(Packet::Close));
    assert_eq!(decode("5x"), Ok(Packet::Upgrade));
    assert_eq!(decode("6x"), Ok(Packet::Noop));
}

#[test]
fn an_empty_text_is_refused() {
    assert_eq!(decode(""), Err(DecodeError::Empty));
}

#[test]
fn an_unknown_type_is_refused_whatever_its_width() {
    for (text, first) in
        [("7", '7'), ("bAQID", 'b'), (" 4", ' '), ("é1234", 'é'), ("𝄞", '𝄞'), ("\0", '\0')]
    {
        assert_eq!(decode(text), Err(DecodeError::UnknownType(first)), "{text:?}");
    }
}

#[test]
fn the_text_of_a_message_is_not_copied() {
    let unit = bytestring::ByteString::from("4hello".to_owned());
    let Ok(Packet::Message(text)) = Packet::decode(unit.clone()) else { panic!("no message") };
    assert_eq!(text.as_bytes().as_ptr(), unit.as_bytes()[1..].as_ptr());
}
