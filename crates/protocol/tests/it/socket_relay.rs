//! Payloads that are sent on as they came.

use serde::Serialize;
use serde_json::Value;
use socketio_protocol::socket::{Binary, Payload, encode_ack, encode_event, serialize_args};

use crate::support::{attachments_of, decode, payload, receive, text_of};

#[test]
fn arguments_are_sent_on_byte_for_byte() {
    for args in [
        "",
        ",1",
        r#",{"b":1,"a":{"__proto__":null}},1.0,1e400,12345678901234567890"#,
        r#","\ud800","\u00e9\/","é𝄞""#,
        r#",[ 1 , {"x" : 2 }],null"#,
    ] {
        let event = payload(&format!("2[\"e\"{args}]"));
        let on = encode_event("/room", Some(3), "f", &event.args()).unwrap();
        let text = text_of(&on).strip_prefix("42/room,3[\"f\"").unwrap();
        assert_eq!(text, format!("{args}]"));
    }
}

#[test]
fn a_payload_is_read_from_all_arguments() {
    let event = payload(r#"2["e", 1,"\ud800",{"a":1.0}]"#);
    assert_eq!(event.event_args::<Payload>().unwrap(), event.args());
    assert_eq!(event.args().json(), r#"[ 1,"\ud800",{"a":1.0}]"#);
    assert_eq!(payload("2[\"e\"]").event_args::<Payload>().unwrap().json(), "[]");
    assert_eq!(payload("31[1,2]").ack_args::<Payload>().unwrap().json(), "[1,2]");
}

#[test]
fn a_payload_answers_an_ack_with_several_arguments() {
    let event = payload("27[\"e\",1,[2]]");
    let ack = encode_ack("/", 7, &event.event_args::<Payload>().unwrap()).unwrap();
    assert_eq!(text_of(&ack), "437[1,[2]]");
}

#[test]
fn attachments_travel_with_their_payload() {
    let text = r#"52-["e",{"num":1,"_placeholder":true},[{"_placeholder":true,"num":0}]]"#;
    let event = decode(text, &[b"zero", b"one"]).unwrap();
    for args in [event.payload.args(), event.payload.event_args().unwrap()] {
        let on = encode_event("/", None, "f", &args).unwrap();
        assert_eq!(
            text_of(&on),
            r#"452-["f",{"num":1,"_placeholder":true},[{"_placeholder":true,"num":0}]]"#
        );
        assert_eq!(attachments_of(&on), [&b"zero"[..], b"one"]);
        assert_eq!(receive(&on).payload.event_args::<Payload>().unwrap(), args);
    }
}

#[test]
fn a_payload_with_attachments_is_the_only_argument() {
    let event = decode(r#"51-["e",{"_placeholder":true,"num":0}]"#, &[b"x"]).unwrap();
    let args = event.payload.args();
    let error = encode_event("/", None, "f", &(Binary::from(vec![1]), &args)).unwrap_err();
    assert!(error.to_string().ends_with("must be the only argument"), "{error}");
    assert!(encode_event("/", None, "f", &(&args, &args)).is_err());
    assert!(serde_json::to_string(&args).is_err());
    assert_eq!(serde_json::to_string(&payload("31[1, 2]")).unwrap(), "[1,2]");
}

#[test]
fn what_is_no_list_of_arguments_is_not_sent_on() {
    assert!(encode_event("/", None, "f", &payload("0")).is_err());
    assert!(encode_event("/", None, "f", &payload("0{\"a\":1}")).is_err());
    assert!(encode_event("/", None, "f", &Payload::default()).is_err());
    assert!(payload("0{\"a\":1}").auth::<Payload>().is_err());
}

#[test]
fn inside_of_an_argument_a_payload_is_an_array() {
    let event = payload("2[\"e\",7,[1, 2]]");
    let (_, inner): (Value, Payload) = event.event_args().unwrap();
    assert_eq!(inner.json(), "[1, 2]");
    assert!(payload("2[\"e\",7,8]").event_args::<(Value, Payload)>().is_err());
    assert!(payload("2[\"e\",7]").event_args::<(Value, Payload)>().is_err());
    assert_eq!(serde_json::from_str::<Payload>("[1,2]").unwrap().json(), "[1,2]");
    assert!(serde_json::from_str::<Payload>("{}").is_err());
    assert!(serde_json::from_str::<Payload>("\"[\"").is_err());
}

#[test]
fn only_packets_and_json_arrays_become_payloads() {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer, UnitDeserializer};
    let text: StrDeserializer<'_, Error> = "[not json".into_deserializer();
    assert!(Payload::deserialize(text).is_err());
    let unit: UnitDeserializer<Error> = ().into_deserializer();
    assert!(Payload::deserialize(unit).is_err());
}

/// Arguments that are serialised now and encoded later are encoded as if it were now.
fn assert_same_later<T: Serialize>(args: &T) {
    let at_once = encode_event("/n", Some(1), "e", args).unwrap();
    let later = encode_event("/n", Some(1), "e", &serialize_args("e", args).unwrap()).unwrap();
    assert_eq!(text_of(&later), text_of(&at_once));
    assert_eq!(attachments_of(&later), attachments_of(&at_once));
}

#[test]
fn arguments_may_be_serialised_before_their_namespace_is_known() {
    assert_same_later(&());
    assert_same_later(&Value::Null);
    assert_same_later(&None::<u8>);
    assert_same_later(&[(); 0]);
    assert_same_later(&vec![1, 2]);
    assert_same_later(&(1, "\u{e9}\n", [2, 3]));
    assert_same_later(&serde_json::json!({ "b": 1, "a": { "x": null } }));
    assert_same_later(&(Binary::from(vec![1]), vec![Binary::from(vec![2]), vec![3].into()], 4));
    assert_eq!(serialize_args("e", &(1, "x")).unwrap().json(), r#"[1,"x"]"#);
    assert_eq!(serialize_args("e", &()).unwrap().json(), "[]");
}

#[test]
fn what_cannot_be_encoded_later_is_refused_at_once() {
    let eleven = vec![Binary::from(vec![0]); 11];
    let keys = std::collections::HashMap::from([(vec![1], 1)]);
    for (event, now, later) in [
        ("e", encode_event("/", None, "e", &eleven).err(), serialize_args("e", &eleven).err()),
        ("e", encode_event("/", None, "e", &keys).err(), serialize_args("e", &keys).err()),
        (
            "connect",
            encode_event("/", None, "connect", &1).err(),
            serialize_args("connect", &1).err(),
        ),
    ] {
        assert_eq!(later.unwrap().to_string(), now.unwrap().to_string(), "{event}");
    }
}
