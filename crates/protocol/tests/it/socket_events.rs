//! Names of events.

use std::borrow::Cow;

use socketio_protocol::socket::{DecodeError, Decoder, Limits};

use crate::support::{payload, refusal};

#[test]
fn a_name_is_a_string_or_a_number() {
    for text in [
        "2[]",
        "2[ ]",
        "2[null]",
        "2[true]",
        "2[{\"toString\":\"foo\"}]",
        "2[[\"a\"]]",
        "2[{}]",
        "2[{\"_placeholder\":true,\"num\":0}]",
    ] {
        assert_eq!(refusal(text), DecodeError::EventName, "{text}");
    }
    assert_eq!(refusal("51-[{\"_placeholder\":true,\"num\":0}]"), DecodeError::EventName);
}

#[test]
fn a_name_without_escapes_is_borrowed() {
    assert!(matches!(payload("2[\"chat message\",1]").event(), Cow::Borrowed("chat message")));
    assert!(matches!(payload("2[ \"é\" ]").event(), Cow::Borrowed("é")));
    assert!(matches!(payload("2[\"\"]").event(), Cow::Borrowed("")));
}

#[test]
fn escapes_in_a_name_are_undone() {
    assert_eq!(payload(r#"2["a\"b\\",1]"#).event(), r#"a"b\"#);
    assert_eq!(payload(r#"2["\u00e9\ud834\udd1e"]"#).event(), "é𝄞");
    assert_eq!(payload(r#"2["a,]\""]"#).event(), "a,]\"");
}

#[test]
fn a_name_that_has_no_utf8_form_is_refused() {
    assert_eq!(refusal(r#"2["\ud800"]"#), DecodeError::EventName);
}

#[test]
fn a_number_as_name_is_its_text_in_javascript() {
    for (text, name) in [
        ("2[1]", "1"),
        ("2[ -17 ,2]", "-17"),
        ("2[1.0]", "1"),
        ("2[1e2]", "100"),
        ("2[-0]", "0"),
        ("2[1.50]", "1.5"),
        ("2[0.000001]", "0.000001"),
        ("2[9007199254740993]", "9007199254740992"),
        ("2[12345678901234567890]", "12345678901234567000"),
        ("2[1e51]", "1e+51"),
        ("2[-1.5E-7]", "-1.5e-7"),
        ("2[1e400]", "Infinity"),
        ("2[-1e400]", "-Infinity"),
    ] {
        assert_eq!(payload(text).event(), name, "{text}");
    }
}

#[test]
fn reserved_names_are_refused_however_they_are_written() {
    for name in
        ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
    {
        assert_eq!(refusal(&format!("2[\"{name}\"]")), DecodeError::ReservedEvent, "{name}");
        assert_eq!(refusal(&format!("51-[\"{name}\",1]")), DecodeError::ReservedEvent, "{name}");
    }
    assert_eq!(refusal(r#"2["\u0063onnect"]"#), DecodeError::ReservedEvent);
}

#[test]
fn names_that_are_only_near_a_reserved_one_are_ordinary() {
    for name in ["error", "Connect", "connection", "connect ", "message", "__proto__", "ping"] {
        assert_eq!(payload(&format!("2[\"{name}\",null]")).event(), name);
    }
}

#[test]
fn a_name_is_bounded_in_bytes_without_escapes() {
    let fits = "é".repeat(128);
    assert_eq!(payload(&format!("2[\"{fits}\"]")).event(), fits);
    assert_eq!(payload(&format!("2[\"{}\"]", "\\u0041".repeat(256))).event(), "A".repeat(256));
    for long in [format!("2[\"{fits}x\"]"), format!("2[\"{}\"]", "x".repeat(500_000))] {
        assert_eq!(refusal(&long), DecodeError::EventNameTooLong { max: 256 });
    }
    let limits = Limits { max_event_len: 3, ..Limits::default() };
    let refused = Decoder::new(limits).text("2[\"long\"]".into());
    assert_eq!(refused, Err(DecodeError::EventNameTooLong { max: 3 }));
}

#[test]
fn what_is_no_event_has_no_name() {
    assert_eq!(payload("0").event(), "");
    assert_eq!(payload("0{\"a\":1}").event(), "");
    assert_eq!(payload("31[]").event(), "");
}
