//! Binary values in the types of users.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use socketio_protocol::socket::{ArgsError, Binary, EncodeError, encode_ack, encode_event};

use crate::support::{attachments_of, decode, payload, receive, text_of};

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
struct Upload {
    name: String,
    parts: Vec<Binary>,
    preview: Option<Binary>,
}

fn upload() -> Upload {
    let parts = vec![Binary::from(vec![1, 2]), Binary::from(vec![])];
    Upload { name: "n".into(), parts, preview: Some(Binary::from(&b"p"[..])) }
}

#[test]
fn a_binary_value_becomes_an_attachment_wherever_it_stands() {
    let encoded = encode_event("/", None, "up", &(upload(), Binary::from(vec![9]))).unwrap();
    let text = String::from("454-")
        + r#"["up",{"name":"n","parts":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}],"#
        + r#""preview":{"_placeholder":true,"num":2}},{"_placeholder":true,"num":3}]"#;
    assert_eq!(text_of(&encoded), text);
    assert_eq!(attachments_of(&encoded), [&[1, 2][..], &[], b"p", &[9]]);
    let (back, last): (Upload, Binary) = receive(&encoded).payload.event_args().unwrap();
    assert_eq!((back, &last[..]), (upload(), &[9][..]));
}

#[test]
fn a_single_binary_value_is_one_argument() {
    let encoded = encode_ack("/admin", 15, &Binary::from(vec![1, 2, 3, 4])).unwrap();
    assert_eq!(text_of(&encoded), r#"461-/admin,15[{"_placeholder":true,"num":0}]"#);
    let back: Binary = receive(&encoded).payload.ack_args().unwrap();
    assert_eq!(back, Binary::from(vec![1, 2, 3, 4]));
}

#[test]
fn attachments_are_named_by_number_and_not_by_place() {
    let text = r#"52-["e",{"num":1,"_placeholder":true},{"_placeholder":true,"num":0,"x":[]}]"#;
    let packet = decode(text, &[b"zero", b"one"]).unwrap();
    let (a, b): (Binary, Binary) = packet.payload.event_args().unwrap();
    assert_eq!((a.as_ref(), b.as_ref()), (&b"one"[..], &b"zero"[..]));
    let twice = r#"51-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#;
    let (a, b): (Binary, Binary) = decode(twice, &[b"x"]).unwrap().payload.event_args().unwrap();
    assert_eq!(a, b);
}

#[test]
fn a_binary_value_needs_an_attachment() {
    for text in [
        r#"2["e",{"_placeholder":true,"num":0}]"#,
        r#"2["e",{"_placeholder":false,"num":0}]"#,
        r#"2["e",{}]"#,
        r#"2["e","AQID"]"#,
        r#"2["e",[1,2]]"#,
    ] {
        let error = payload(text).event_args::<Binary>().unwrap_err();
        assert!(matches!(error, ArgsError::Invalid { argument: 1, .. }), "{text}: {error}");
    }
}

#[test]
fn outside_of_packets_a_binary_value_is_base64() {
    let text = serde_json::to_string(&Binary::from(vec![1, 2, 3, 4])).unwrap();
    assert_eq!(text, "\"AQIDBA==\"");
    assert_eq!(serde_json::from_str::<Binary>(&text).unwrap(), Binary::from(vec![1, 2, 3, 4]));
    assert!(serde_json::from_str::<Binary>("\"%\"").is_err());
    assert!(serde_json::from_str::<Binary>(r#"{"_placeholder":true,"num":0}"#).is_err());
    // A connect has no attachments, so its data is outside as well.
    let auth: BTreeMap<String, Binary> = payload("0{\"key\":\"AQID\"}").auth().unwrap();
    assert_eq!(auth["key"], Binary::from(vec![1, 2, 3]));
}

#[test]
fn ten_attachments_are_sent_and_eleven_are_refused() {
    let ten = encode_event("/", None, "e", &vec![Binary::default(); 10]).unwrap();
    assert!(text_of(&ten).starts_with("4510-[\"e\",["));
    assert_eq!(ten.frames().len(), 11);
    let error = encode_event("/", None, "big\n", &vec![Binary::default(); 11]).unwrap_err();
    assert!(matches!(error, EncodeError::TooManyAttachments { count: 11, max: 10, .. }));
    assert_eq!(error.to_string(), "event \"big\\n\" has 11 attachments, more than 10");
}

/// Fails in the middle of a packet, by error or by panic, after a binary value.
struct Broken {
    by_panic: bool,
}

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        assert!(!self.by_panic, "asked for");
        Err(serde::ser::Error::custom("asked for"))
    }
}

#[test]
fn a_failed_packet_leaves_nothing_behind() {
    let args = |by_panic| (Binary::from(vec![1]), Broken { by_panic });
    let error = encode_event("/", None, "e", &args(false)).unwrap_err();
    assert_eq!(error.to_string(), "cannot serialise the arguments of event \"e\": asked for");
    let panic = catch_unwind(AssertUnwindSafe(|| encode_ack("/", 1, &args(true)).is_ok()));
    assert!(panic.is_err());
    assert_eq!(serde_json::to_string(&Binary::from(vec![1])).unwrap(), "\"AQ==\"");
    let next = encode_event("/", None, "e", &Binary::from(vec![2])).unwrap();
    assert_eq!(attachments_of(&next), [&[2]]);
}

/// Encodes a packet of its own while it is serialised, and reads one while it is deserialised.
struct Nested;

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = encode_event("/", None, "inner", &Binary::from(vec![7])).unwrap();
        assert_eq!(attachments_of(&inner), [&[7]]);
        Binary::from(vec![8]).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let inner = decode(r#"51-["e",{"_placeholder":true,"num":0}]"#, &[b"inner"]).unwrap();
        assert_eq!(&inner.payload.event_args::<Binary>().unwrap()[..], b"inner");
        assert_eq!(&Binary::deserialize(deserializer)?[..], b"outer");
        Ok(Nested)
    }
}

#[test]
fn packets_inside_of_packets_keep_their_own_attachments() {
    let outer = encode_event("/", None, "outer", &(Binary::from(vec![6]), Nested)).unwrap();
    assert_eq!(attachments_of(&outer), [&[6], &[8]]);
    let packet = decode(r#"51-["e",{"_placeholder":true,"num":0}]"#, &[b"outer"]).unwrap();
    let (Nested,) = packet.payload.event_args().unwrap();
}

#[test]
fn a_failed_parse_leaves_nothing_behind() {
    let packet = decode(r#"51-["e",{"_placeholder":true,"num":0},"x"]"#, &[b"x"]).unwrap();
    assert!(packet.payload.event_args::<(Binary, u32)>().is_err());
    assert!(serde_json::from_str::<Binary>("\"AQ==\"").is_ok());
}

#[test]
fn flattened_and_untagged_types_find_their_attachments() {
    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Body {
        Binary(Binary),
        Text(String),
    }
    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    struct Letter {
        to: String,
        #[serde(flatten)]
        bodies: BTreeMap<String, Body>,
    }
    let body = Body::Binary(Binary(Bytes::from_static(b"x")));
    let text = Body::Text("t".into());
    let letter =
        Letter { to: "me".into(), bodies: [("a".into(), body), ("b".into(), text)].into() };
    let encoded = encode_event("/", None, "letter", &letter).unwrap();
    assert_eq!(receive(&encoded).payload.event_args::<Letter>().unwrap(), letter);
    let value = json!({"to": "me", "a": {"_placeholder": true, "num": 0}, "b": "t"});
    assert_eq!(receive(&encoded).payload.event_args::<serde_json::Value>().unwrap(), value);
}
