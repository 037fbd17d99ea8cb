//! Any value, with the binary values in it.

use serde_json::json;
use socketio_protocol::socket::{Binary, Value, encode_event};

use crate::support::{attachments_of, receive, text_of};

#[test]
fn a_value_is_sent_on_with_the_binary_values_in_it() {
    let sent = (Binary::from(vec![7]), json!({"a": [1, -2, 1.5, null, true, "x"]}));
    let first = receive(&encode_event("/", None, "up", &sent).unwrap());
    let (data, rest): (Value, Value) = first.payload.event_args().unwrap();
    assert_eq!(data, Value::Binary(Binary::from(vec![7])));
    let again = encode_event("/", None, "up", &(json!("before"), &rest, [&data, &data])).unwrap();
    let text = String::from("452-")
        + r#"["up","before",{"a":[1,-2,1.5,null,true,"x"]},"#
        + r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]]"#;
    assert_eq!(text_of(&again), text);
    assert_eq!(attachments_of(&again), [&[7][..], &[7]]);
}

#[test]
fn an_object_that_only_looks_like_a_placeholder_stays_an_object() {
    let value: Value = serde_json::from_str(r#"{"_placeholder":true,"num":0}"#).unwrap();
    assert!(matches!(value, Value::Object(_)));
    assert_eq!(text_of(&encode_event("/", None, "e", &Value::Null).unwrap()), r#"42["e",null]"#);
}

/// As every JavaScript engine prints and reads them: a number that differs in its last digit is another number.
#[test]
fn a_number_is_the_same_wherever_it_is_read() {
    for number in [1.0 / 11.0, 0.1 + 0.2, 993.3599099578499, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
        let sent = receive(&encode_event("/", None, "n", &(number, number)).unwrap());
        let (typed, value): (f64, Value) = sent.payload.event_args().unwrap();
        assert_eq!(typed, number);
        assert_eq!(value, Value::Number(serde_json::Number::from_f64(number).unwrap()));
    }
}
