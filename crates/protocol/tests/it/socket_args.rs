//! Typed arguments of events and acks, and the data of a connect.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use socketio_protocol::socket::ArgsError;

use crate::support::payload;

#[derive(Debug, Deserialize, PartialEq)]
struct Message {
    room: String,
    text: String,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Pair(u32, u32);

#[derive(Debug, Deserialize, PartialEq)]
struct Wrapper<T>(T);

#[derive(Debug, Deserialize, PartialEq)]
struct Nothing;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Rgb(u8, u8, u8),
}

#[test]
fn a_tuple_takes_the_arguments_in_their_order() {
    let event = payload(r#"2["e",1,"two",[3,4],{"five":6}]"#);
    let args: (u32, String, Vec<u32>, Value) = event.event_args().unwrap();
    assert_eq!(args, (1, "two".to_owned(), vec![3, 4], json!({"five": 6})));
}

#[test]
fn a_tuple_struct_takes_the_arguments_in_their_order() {
    let event = payload("2[\"e\",1,2,3]");
    assert_eq!(event.event_args::<Pair>().unwrap(), Pair(1, 2));
    assert_eq!(event.event_args::<Wrapper<Pair>>().unwrap(), Wrapper(Pair(1, 2)));
    let missing = payload("2[\"e\",1]").event_args::<Pair>().unwrap_err();
    assert!(matches!(missing, ArgsError::Missing { argument: 2 }));
    let nested = payload("2[\"e\",[1,2],3]");
    assert_eq!(nested.event_args::<(Pair,)>().unwrap(), (Pair(1, 2),));
    assert!(nested.event_args::<Pair>().is_err());
    assert_eq!(payload("31[1,2]").ack_args::<Pair>().unwrap(), Pair(1, 2));
}

#[test]
fn any_other_type_takes_the_first_argument() {
    let event = payload(r#"2["e",{"room":"r","text":"t"},2]"#);
    let message = Message { room: "r".into(), text: "t".into() };
    assert_eq!(event.event_args::<Message>().unwrap(), message);
    assert_eq!(event.event_args::<Value>().unwrap(), json!({"room": "r", "text": "t"}));
    assert_eq!(payload("2[\"e\",[1,2],3]").event_args::<Vec<u32>>().unwrap(), [1, 2]);
    assert_eq!(payload("2[ \"e\" , 12 , 3 ]").event_args::<u32>().unwrap(), 12);
    assert_eq!(payload("2[\"e\",12]").event_args::<i128>().unwrap(), 12);
    assert_eq!(payload("2[\"e\",\"red\",1]").event_args::<Colour>().unwrap(), Colour::Red);
    let rgb = payload("2[\"e\",{\"rgb\":[1,2,3]},1]").event_args::<Colour>().unwrap();
    assert_eq!(rgb, Colour::Rgb(1, 2, 3));
}

#[test]
fn a_newtype_is_what_it_holds() {
    let event = payload("2[\"e\",1,2]");
    assert_eq!(event.event_args::<Wrapper<u32>>().unwrap(), Wrapper(1));
    assert_eq!(event.event_args::<Wrapper<(u32, u32)>>().unwrap(), Wrapper((1, 2)));
    assert_eq!(event.event_args::<[u8; 2]>().unwrap(), [1, 2]);
}

#[test]
fn unit_ignores_all_arguments() {
    for text in ["2[\"e\"]", "2[\"e\",1,{}]", "2[\"e\",null]"] {
        assert!(payload(text).event_args::<()>().is_ok(), "{text}");
        assert_eq!(payload(text).event_args::<Nothing>().unwrap(), Nothing, "{text}");
    }
    assert!(payload("31[1]").ack_args::<()>().is_ok());
}

#[test]
fn arguments_beyond_a_tuple_are_ignored() {
    assert_eq!(payload("2[\"e\",1,{},[]]").event_args::<(u32,)>().unwrap(), (1,));
}

#[test]
fn missing_arguments_are_none() {
    let event = payload("2[\"e\",1]");
    assert_eq!(event.event_args::<(u8, Option<u8>, Option<String>)>().unwrap(), (1, None, None));
    let (_, wrapped): (u8, Wrapper<Option<u8>>) = event.event_args().unwrap();
    assert_eq!(wrapped, Wrapper(None));
    assert_eq!(payload("2[\"e\"]").event_args::<Option<u32>>().unwrap(), None);
    assert_eq!(payload("2[\"e\",null]").event_args::<Option<u32>>().unwrap(), None);
    assert_eq!(payload("2[\"e\",5]").event_args::<Option<u32>>().unwrap(), Some(5));
    assert_eq!(payload("2[\"e\",null,2]").event_args::<(Option<u8>, u8)>().unwrap(), (None, 2));
}

#[test]
fn errors_name_the_argument() {
    let event = payload("2[\"e\",1,\"x\"]");
    let missing = event.event_args::<(u32, String, u32)>().unwrap_err();
    assert!(matches!(missing, ArgsError::Missing { argument: 3 }));
    assert_eq!(missing.to_string(), "argument 3 is missing");
    let wrong = event.event_args::<(u32, u32)>().unwrap_err();
    assert!(matches!(wrong, ArgsError::Invalid { argument: 2, .. }));
    assert!(wrong.to_string().starts_with("argument 2: invalid type: string \"x\", expected u32"));
    let first = event.event_args::<String>().unwrap_err();
    assert!(matches!(first, ArgsError::Invalid { argument: 1, .. }));
    for error in [
        payload("2[\"e\"]").event_args::<u32>().unwrap_err(),
        payload("2[\"e\"]").event_args::<Message>().unwrap_err(),
        payload("2[\"e\" ]").event_args::<(Value,)>().unwrap_err(),
        payload("31[]").ack_args::<Value>().unwrap_err(),
    ] {
        assert!(matches!(error, ArgsError::Missing { argument: 1 }), "{error}");
    }
}

#[test]
fn an_ack_has_no_name_to_skip() {
    assert_eq!(payload("31[\"a\",2]").ack_args::<(String, u8)>().unwrap(), ("a".to_owned(), 2));
    assert_eq!(payload("31[7]").ack_args::<u8>().unwrap(), 7);
    assert_eq!(payload("31[]").ack_args::<Option<u8>>().unwrap(), None);
    assert_eq!(payload("31[ ]").ack_args::<(Option<u8>,)>().unwrap(), (None,));
}

#[test]
fn strings_are_found_whatever_they_hold() {
    let event = payload(r#"2["e","]\",[{\\","{}",{"a":"]}"},"é"]"#);
    let args: (String, String, Value, String) = event.event_args().unwrap();
    assert_eq!(args, ("]\",[{\\".into(), "{}".into(), json!({"a": "]}"}), "é".into()));
}

#[test]
fn half_of_a_surrogate_pair_fails_only_where_it_is_read() {
    let event = payload(r#"2["e","\ud800",1]"#);
    assert!(event.event_args::<String>().is_err());
    let (_, one): (serde::de::IgnoredAny, u32) = event.event_args().unwrap();
    assert_eq!(one, 1);
    let raw: Box<RawValue> = event.event_args().unwrap();
    assert_eq!(raw.get(), r#""\ud800""#);
}

#[test]
fn raw_values_keep_their_text() {
    let event = payload("2[\"e\", {\"b\":1.0, \"a\":2} ,1e3]");
    let (object, number): (Box<RawValue>, Box<RawValue>) = event.event_args().unwrap();
    assert_eq!((object.get(), number.get()), ("{\"b\":1.0, \"a\":2}", "1e3"));
}

#[test]
fn json_too_deep_for_a_value_is_an_error_and_no_overflow() {
    let text = format!("2[\"e\",{}{}]", "[".repeat(127), "]".repeat(127));
    assert!(payload(&text).event_args::<Value>().is_ok());
    let text = format!("0{}1{}", "{\"a\":".repeat(128), "}".repeat(128));
    assert!(matches!(payload(&text).auth::<Value>(), Err(ArgsError::Auth(_))));
}

#[test]
fn the_data_of_a_connect_may_be_absent() {
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Auth {
        token: String,
    }
    let given = payload("0{\"token\":\"abc\"}");
    assert_eq!(given.auth::<Auth>().unwrap(), Auth { token: "abc".into() });
    assert_eq!(given.auth::<Option<Auth>>().unwrap(), Some(Auth { token: "abc".into() }));
    assert_eq!(given.auth::<Wrapper<Value>>().unwrap(), Wrapper(json!({"token": "abc"})));
    let absent = payload("0");
    assert_eq!(absent.auth::<Auth>().unwrap(), Auth::default());
    assert_eq!(absent.auth::<Value>().unwrap(), json!({}));
    assert_eq!(absent.auth::<Option<Auth>>().unwrap(), None);
    assert!(absent.auth::<Message>().is_err());
    assert!(absent.auth::<()>().is_ok() && given.auth::<()>().is_ok());
    let error = given.auth::<Message>().unwrap_err();
    assert!(error.to_string().starts_with("auth: missing field `room`"), "{error}");
}
