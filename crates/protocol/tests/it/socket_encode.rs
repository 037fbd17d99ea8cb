//! Packets to frames.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use socketio_protocol::socket::{
    Binary, EncodeError, encode_ack, encode_connect, encode_connect_error, encode_disconnect,
    encode_event,
};

use crate::support::{attachments_of, receive, text_of};

fn event<T: Serialize + ?Sized>(args: &T) -> String {
    text_of(&encode_event("/", None, "e", args).unwrap()).to_owned()
}

fn ack<T: Serialize + ?Sized>(args: &T) -> String {
    text_of(&encode_ack("/", 1, args).unwrap()).to_owned()
}

#[test]
fn protocol_events() {
    let text = |namespace, id, name| encode_event(namespace, id, name, &()).unwrap();
    assert_eq!(text_of(&text("/", None, "foo")), "42[\"foo\"]");
    assert_eq!(text_of(&text("/admin", None, "bar")), "42/admin,[\"bar\"]");
    assert_eq!(text_of(&text("/", Some(12), "foo")), "4212[\"foo\"]");
    assert_eq!(text_of(&text("/admin", Some(1), "tellme")), "42/admin,1[\"tellme\"]");
    assert_eq!(text_of(&encode_event("/", None, "hey", "Jude").unwrap()), "42[\"hey\",\"Jude\"]");
}

#[test]
fn protocol_events_with_attachments() {
    let encoded = encode_event("/", None, "baz", &Binary::from(vec![1, 2, 3, 4])).unwrap();
    let whole: Vec<&[u8]> = encoded.frames().iter().map(|frame| &frame.websocket()[..]).collect();
    let text = b"\x81\x29451-[\"baz\",{\"_placeholder\":true,\"num\":0}]";
    assert_eq!(whole, [&text[..], b"\x82\x04\x01\x02\x03\x04"]);
    assert_eq!(encoded.byte_len(), text.len() + 6);

    let args = (Binary::from(vec![1, 2]), Binary::from(vec![3, 4]));
    let encoded = encode_event("/admin", None, "baz", &args).unwrap();
    let text =
        "452-/admin,[\"baz\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
    assert_eq!(text_of(&encoded), text);
    assert_eq!(attachments_of(&encoded), [[1, 2], [3, 4]]);
}

#[test]
fn protocol_acks() {
    assert_eq!(text_of(&encode_ack("/", 12, &()).unwrap()), "4312[]");
    assert_eq!(text_of(&encode_ack("/admin", 13, "bar").unwrap()), "43/admin,13[\"bar\"]");
    let encoded = encode_ack("/", 15, &("bar", Binary::from(vec![1, 2, 3, 4]))).unwrap();
    assert_eq!(text_of(&encoded), "461-15[\"bar\",{\"_placeholder\":true,\"num\":0}]");
    assert_eq!(attachments_of(&encoded), [[1, 2, 3, 4]]);
}

#[test]
fn protocol_connect_refuse_and_disconnect() {
    let sid = "oSO0OpakMV_3jnilAAAA";
    let text = "40/admin,{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}";
    assert_eq!(text_of(&encode_connect("/admin", sid)), text);
    assert_eq!(text_of(&encode_connect("/", "s")), "40{\"sid\":\"s\"}");
    let refused = encode_connect_error("/", "Not authorized", None);
    assert_eq!(text_of(&refused), "44{\"message\":\"Not authorized\"}");
    let refused = encode_connect_error("/n", "no\"pe", Some(&json!({"code": [1]})));
    assert_eq!(text_of(&refused), r#"44/n,{"message":"no\"pe","data":{"code":[1]}}"#);
    assert_eq!(text_of(&encode_disconnect("/")), "41");
    assert_eq!(text_of(&encode_disconnect("/admin")), "41/admin,");
}

#[derive(Serialize)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Serialize)]
struct Pair(u8, u8);

#[derive(Serialize)]
struct Wrapper<T>(T);

#[derive(Serialize)]
struct Nothing;

#[derive(Serialize)]
enum Shape {
    Dot,
    Circle(f32),
    Line(u8, u8),
    Square { side: u8 },
}

#[test]
fn a_tuple_is_several_arguments() {
    assert_eq!(event(&(1, "two", [3; 2])), "42[\"e\",1,\"two\",[3,3]]");
    assert_eq!(event(&[1, 2]), "42[\"e\",1,2]");
    assert_eq!(event(&((1, 2),)), "42[\"e\",[1,2]]");
    assert_eq!(event(&Pair(1, 2)), "42[\"e\",1,2]");
    assert_eq!(event(&(Pair(1, 2),)), "42[\"e\",[1,2]]");
    assert_eq!(event(&Wrapper(Pair(1, 2))), "42[\"e\",1,2]");
    assert_eq!(ack(&Pair(1, 2)), "431[1,2]");
    assert_eq!(event(&Wrapper((1, 2))), "42[\"e\",1,2]");
    assert_eq!(ack(&(1, None::<u8>)), "431[1,null]");
    assert_eq!(ack(&((),)), "431[null]");
}

#[test]
fn unit_is_no_argument() {
    assert_eq!(event(&()), "42[\"e\"]");
    assert_eq!(event(&Nothing), "42[\"e\"]");
    assert_eq!(event(&Wrapper(())), "42[\"e\"]");
    assert_eq!(event(&[0_u8; 0]), "42[\"e\"]");
    assert_eq!(ack(&()), "431[]");
    assert_eq!(ack(&[0_u8; 0]), "431[]");
}

#[test]
fn anything_else_is_one_argument() {
    let raw = RawValue::from_string("{ \"a\" :1.0}".into()).unwrap();
    for (text, expected) in [
        (event(&1_u8), "1"),
        (event(&-1_i128), "-1"),
        (event(&u128::MAX), "340282366920938463463374607431768211455"),
        (event(&1.5_f32), "1.5"),
        (event(&f64::NAN), "null"),
        (event(&true), "true"),
        (event(&'é'), "\"é\""),
        (event("text\n\""), r#""text\n\"""#),
        (event(&vec![1, 2]), "[1,2]"),
        (event(&[1, 2][..]), "[1,2]"),
        (event(&Vec::<u8>::new()), "[]"),
        (event(&None::<u8>), "null"),
        (event(&json!(null)), "null"),
        (event(&Wrapper(json!(null))), "null"),
        (event(&Some(1)), "1"),
        (event(&Some((1, 2))), "[1,2]"),
        (event(&Point { x: 1.0, y: 0.5 }), "{\"x\":1.0,\"y\":0.5}"),
        (event(&Some(Pair(1, 2))), "[1,2]"),
        (event(&BTreeMap::from([(1, 2)])), "{\"1\":2}"),
        (event(&Shape::Dot), "\"Dot\""),
        (event(&Shape::Circle(1.0)), "{\"Circle\":1.0}"),
        (event(&Shape::Line(1, 2)), "{\"Line\":[1,2]}"),
        (event(&Shape::Square { side: 1 }), "{\"Square\":{\"side\":1}}"),
        (event(&json!({"a": [1]})), "{\"a\":[1]}"),
        (event(&format_args!("{}!", 1)), "\"1!\""),
        (event(&raw), "{ \"a\" :1.0}"),
    ] {
        assert_eq!(text, format!("42[\"e\",{expected}]"));
    }
    assert_eq!(ack(&vec![1, 2]), "431[[1,2]]");
}

#[test]
fn names_are_escaped() {
    let encoded = encode_event("/", None, "a\"b\\\n\u{1}é", &1).unwrap();
    assert_eq!(text_of(&encoded), r#"42["a\"b\\\n\u0001é",1]"#);
    assert_eq!(receive(&encoded).payload.event(), "a\"b\\\n\u{1}é");
    assert_eq!(text_of(&encode_event("/", None, "", &()).unwrap()), "42[\"\"]");
}

#[test]
fn reserved_names_cannot_be_emitted() {
    let error = encode_event("/", None, "connect", &()).unwrap_err();
    assert!(matches!(&error, EncodeError::ReservedEvent { event } if event == "connect"));
    assert_eq!(error.to_string(), "\"connect\" is reserved and cannot be emitted");
}

#[test]
fn what_json_cannot_hold_is_an_error_that_names_the_event() {
    let map = BTreeMap::from([((1, 2), 3)]);
    let error = encode_event("/", None, "map", &map).unwrap_err();
    assert!(error.to_string().starts_with("cannot serialise the arguments of event \"map\": key"));
    let error = encode_ack("/", 9, &map).unwrap_err();
    assert!(error.to_string().starts_with("cannot serialise the arguments of ack 9: key"));
}

#[test]
fn the_frame_header_fits_in_front_of_every_length() {
    for len in (0..300).chain(65_000..65_600).step_by(3).chain([1_000_000]) {
        let args = "x".repeat(len);
        let encoded = encode_event("/namespace", Some(u64::MAX), "event", &args).unwrap();
        let text = format!("42/namespace,18446744073709551615[\"event\",\"{args}\"]");
        assert_eq!(text_of(&encoded), text);
        assert_eq!(encoded.frames()[0], socketio_protocol::engine::Frame::text(&text));
    }
}

#[test]
fn a_clone_shares_its_frames() {
    for encoded in [
        encode_event("/", None, "e", "text").unwrap(),
        encode_event("/", None, "e", &Binary::from(vec![1])).unwrap(),
    ] {
        for (a, b) in encoded.frames().iter().zip(encoded.clone().frames()) {
            assert_eq!(a.websocket().as_ptr(), b.websocket().as_ptr());
        }
    }
}
