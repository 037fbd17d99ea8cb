//! Text and binary units to Socket.IO packets: every rule with what it accepts and what it refuses.

use bytes::Bytes;
use socketio_protocol::socket::{DecodeError, Decoder, Limits, Packet, PacketKind};

use crate::support::{decode, payload, refusal};

/// Kind, namespace, id and JSON of a packet.
fn parts(packet: &Packet) -> (PacketKind, &str, Option<u64>, &str) {
    (packet.kind, &packet.namespace, packet.id, packet.payload.json())
}

#[test]
fn protocol_packets_without_attachments() {
    use PacketKind::*;
    let cases = [
        ("0", (Connect, "/", None, "")),
        ("0/admin,", (Connect, "/admin", None, "")),
        ("0/admin,{\"token\":\"123\"}", (Connect, "/admin", None, "{\"token\":\"123\"}")),
        ("1", (Disconnect, "/", None, "")),
        ("1/admin,", (Disconnect, "/admin", None, "")),
        ("2[\"foo\"]", (Event, "/", None, "[\"foo\"]")),
        ("2/admin,[\"bar\"]", (Event, "/admin", None, "[\"bar\"]")),
        ("212[\"foo\"]", (Event, "/", Some(12), "[\"foo\"]")),
        ("2/admin,1[\"tellme\"]", (Event, "/admin", Some(1), "[\"tellme\"]")),
        ("3/admin,13[\"bar\"]", (Ack, "/admin", Some(13), "[\"bar\"]")),
        ("312[]", (Ack, "/", Some(12), "[]")),
        ("4{\"message\":\"Not authorized\"}", {
            (ConnectError, "/", None, "{\"message\":\"Not authorized\"}")
        }),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(&decode(text, &[]).unwrap()), expected, "{text}");
    }
}

#[test]
fn protocol_packets_with_attachments() {
    let event = decode("51-[\"baz\",{\"_placeholder\":true,\"num\":0}]", &[&[1, 2, 3, 4]]).unwrap();
    assert_eq!((event.kind, event.payload.event().as_ref()), (PacketKind::Event, "baz"));
    assert_eq!(event.payload.attachments(), [Bytes::from_static(&[1, 2, 3, 4])]);

    let two =
        "52-/admin,[\"baz\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]";
    let event = decode(two, &[&[1, 2], &[3, 4]]).unwrap();
    assert_eq!(&event.namespace[..], "/admin");
    assert_eq!(event.payload.attachments()[1], Bytes::from_static(&[3, 4]));

    let ack = decode("61-15[\"bar\",{\"_placeholder\":true,\"num\":0}]", &[&[1, 2, 3, 4]]).unwrap();
    assert_eq!((ack.kind, ack.id), (PacketKind::Ack, Some(15)));
}

#[test]
fn a_namespace_ends_at_a_comma_or_at_the_end() {
    for (text, namespace) in [
        ("0/custom", "/custom"),
        ("0/custom,", "/custom"),
        ("0/é,", "/é"),
        ("0/,", "/"),
        ("0/", "/"),
    ] {
        assert_eq!(&decode(text, &[]).unwrap().namespace[..], namespace, "{text}");
    }
    assert_eq!(&decode("2/a?b=c,[\"e\"]", &[]).unwrap().namespace[..], "/a?b=c");
    // Without a comma the payload is part of the namespace, so the event has none.
    assert_eq!(refusal("2/custom[\"e\"]"), DecodeError::IllegalPayload);
    assert_eq!(refusal("0custom"), DecodeError::IllegalPayload);
}

#[test]
fn a_namespace_beyond_the_limit_is_refused() {
    let fits = format!("/{}", "n".repeat(255));
    assert_eq!(&decode(&format!("0{fits}"), &[]).unwrap().namespace[..], fits);
    assert_eq!(&decode(&format!("0{fits},"), &[]).unwrap().namespace[..], fits);
    for text in [format!("0{fits}n"), format!("0{fits}n,"), format!("0/{}", "é".repeat(300_000))] {
        assert_eq!(refusal(&text), DecodeError::NamespaceTooLong { max: 256 });
    }
}

#[test]
fn an_id_is_decimal_and_exact_in_javascript() {
    for (text, id) in
        [("20[\"e\"]", 0), ("2007[\"e\"]", 7), ("29007199254740991[\"e\"]", (1 << 53) - 1)]
    {
        assert_eq!(decode(text, &[]).unwrap().id, Some(id), "{text}");
    }
    for text in [
        "29007199254740992[\"e\"]".to_owned(),
        "200000000000000001[\"e\"]".to_owned(),
        format!("2{}", "2".repeat(999_990)),
        format!("3{}[]", "9".repeat(400)),
    ] {
        assert_eq!(refusal(&text), DecodeError::IdTooLarge);
    }
    for text in ["2-1[\"e\"]", "2 1[\"e\"]", "2+1[\"e\"]", "21.5[\"e\"]", "2٣[\"e\"]", "2 [\"e\"]"]
    {
        assert_eq!(refusal(text), DecodeError::IllegalPayload, "{text}");
    }
}

#[test]
fn the_number_of_attachments_is_one_or_two_plain_digits() {
    for count in [1, 2, 9, 10] {
        let mut decoder = Decoder::new(Limits::default());
        assert_eq!(decoder.text(format!("5{count}-[\"e\"]").into()), Ok(None));
        for _ in 1..count {
            assert_eq!(decoder.binary(Bytes::new()), Ok(None));
        }
        assert!(decoder.binary(Bytes::new()).unwrap().is_some());
    }
    for text in [
        "5[\"e\"]",
        "5-[\"e\"]",
        "50-[\"e\"]",
        "500-[\"e\"]",
        "501-[\"e\"]",
        "5",
        "51",
        "61",
        "5-1-[\"e\"]",
        "51.5-[\"e\"]",
        "51e1-[\"e\"]",
        "5 2-[\"e\"]",
        "5abc-[\"e\"]",
        "5+1-[\"e\"]",
        "51 -[\"e\"]",
        "60-1[]",
        "61[1]",
        "5é-[\"e\"]",
    ] {
        assert_eq!(refusal(text), DecodeError::IllegalAttachments, "{text}");
    }
    for text in [
        "511-[\"e\"]",
        "599-[\"e\"]",
        "5100-[\"e\"]",
        "559999-[\"e\"]",
        "699999999999999999999-1[]",
    ] {
        assert_eq!(refusal(text), DecodeError::TooManyAttachments { max: 10 }, "{text}");
    }
}

#[test]
fn the_limit_of_attachments_is_the_configured_one() {
    let limits = Limits { max_attachments: 99, ..Limits::default() };
    assert_eq!(Decoder::new(limits).text("599-[\"e\"]".into()), Ok(None));
    let limits = Limits { max_attachments: 1000, ..limits };
    let refused = Decoder::new(limits).text("5100-[\"e\"]".into());
    assert_eq!(refused, Err(DecodeError::TooManyAttachments { max: 1000 }));
    let limits = Limits { max_attachments: 0, ..limits };
    let refused = Decoder::new(limits).text("51-[\"e\"]".into());
    assert_eq!(refused, Err(DecodeError::TooManyAttachments { max: 0 }));
}

#[test]
fn text_while_attachments_are_due_is_refused_and_frees_them() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.text("52-[\"e\"]".into()), Ok(None));
    assert_eq!(decoder.binary(Bytes::from_static(b"x")), Ok(None));
    assert!(decoder.is_waiting());
    assert_eq!(decoder.text("1".into()), Err(DecodeError::UnexpectedText));
    assert!(!decoder.is_waiting());
}

#[test]
fn binary_data_that_nothing_announced_is_refused() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.binary(Bytes::new()), Err(DecodeError::UnexpectedBinary));
    assert_eq!(decoder.text("51-[\"e\"]".into()), Ok(None));
    assert!(decoder.binary(Bytes::new()).unwrap().is_some());
    assert_eq!(decoder.binary(Bytes::new()), Err(DecodeError::UnexpectedBinary));
    assert_eq!(decoder.text("450-[\"e\"]".into()).unwrap_err(), DecodeError::IllegalPayload);
    assert!(!decoder.is_waiting());
}

#[test]
fn placeholders_name_announced_attachments() {
    for num in [
        "\"splice\"",
        "-1",
        "0.5",
        "1",
        "1e9",
        "null",
        "true",
        "[0]",
        "{}",
        "1.0",
        "18446744073709551616",
    ] {
        let text = format!("51-[\"e\",{{\"_placeholder\":true,\"num\":{num}}}]");
        assert_eq!(refusal(&text), DecodeError::Placeholder, "{text}");
    }
    for arg in [
        "{\"_placeholder\":true}",
        "{\"num\":0,\"_placeholder\":false,\"_placeholder\":true,\"num\":7}",
        "{\"a\":[1,{\"b\":{ \"num\" : 1 , \"_placeholder\" : true }}]}",
        "{\"\\u005fplaceholder\":true,\"num\":3}",
        "{\"_placeholder\":true,\"num\":0,\"x\":{\"_placeholder\":true,\"num\":1}}",
    ] {
        assert_eq!(refusal(&format!("51-[\"e\",{arg}]")), DecodeError::Placeholder, "{arg}");
    }
}

#[test]
fn what_only_looks_like_a_placeholder_is_data() {
    for arg in [
        "{\"_placeholder\":false,\"num\":7}",
        "{\"_placeholder\":1,\"num\":7}",
        "{\"_placeholder\":\"true\",\"num\":7}",
        "{\"_placeholder\":true,\"_placeholder\":null}",
        "\"{\\\"_placeholder\\\":true}\"",
        "[\"_placeholder\",true,\"num\",7]",
        "{\"num\":7,\"\\ud800\":\"_placeholder\"}",
        "{\"_placeholder\":true,\"num\":7,\"num\": 0 ,\"x\":1}",
    ] {
        assert!(decode(&format!("51-[\"e\",{arg}]"), &[b"x"]).is_ok(), "{arg}");
    }
    // Types without attachments know no placeholders.
    assert!(decode("2[\"e\",{\"_placeholder\":true,\"num\":\"splice\"}]", &[]).is_ok());
}

#[test]
fn a_packet_is_bounded_with_its_attachments() {
    let limits = Limits { max_packet_bytes: 20, ..Limits::default() };
    let too_large = Err(DecodeError::PacketTooLarge { max: 20 });
    let mut decoder = Decoder::new(limits);
    assert_eq!(decoder.text("2[\"e\",\"123456789012\"]".into()), too_large);
    assert_eq!(decoder.text("52-[\"e\"]".into()), Ok(None));
    assert_eq!(decoder.binary(Bytes::from_static(&[0; 10])), Ok(None));
    assert_eq!(decoder.binary(Bytes::from_static(&[0; 3])), too_large);
    assert!(!decoder.is_waiting());
    assert_eq!(decoder.text("51-[\"e\"]".into()), Ok(None));
    assert!(decoder.binary(Bytes::from_static(&[0; 12])).unwrap().is_some());
}

#[test]
fn each_kind_has_its_payload() {
    for text in [
        "0[]",
        "0null",
        "0\"x\"",
        "0 ",
        "01[]",
        "1{}",
        "1[]",
        "15",
        "1 ",
        "1/admin,5",
        "1/admin,{}",
        "2",
        "25",
        "2{}",
        "2\"e\"",
        "2null",
        "2/admin,",
        "31",
        "31{}",
        "31null",
        "4",
        "4[]",
        "4null",
        "41",
    ] {
        assert_eq!(refusal(text), DecodeError::IllegalPayload, "{text}");
    }
    assert_eq!(refusal("3[]"), DecodeError::MissingId);
    assert_eq!(refusal("61-[]"), DecodeError::MissingId);
    assert!(decode("4\"Not authorized\"", &[]).is_ok());
}

#[test]
fn a_needless_id_is_accepted_where_official_servers_do() {
    assert_eq!(decode("0/a,1", &[]).unwrap().id, Some(1));
    assert_eq!(payload("05{\"token\":1}").json(), "{\"token\":1}");
}

#[test]
fn the_payload_is_exactly_one_json_value() {
    for text in [
        "2[\"e\"",
        "2[\"e\",]",
        "2[\"e\"]]",
        "2[\"e\"]x",
        "2[\"e\" 1]",
        "2['e']",
        "2[\"e\",01]",
        "2[\"e\",\"\u{1}\"]",
        "2[\"e\",NaN]",
        "2[\"e\",undefined]",
        "2[\"e\",\"\\x\"]",
        "2[\"e\",\"\\u12\"]",
        "2[\"e\"]\u{c}",
        "0{",
        "0{a:1}",
        "2[",
        "2[\"",
        "2[\"e\\",
        "31[1,,2]",
        "4\"x",
        "2[\"e\",1.]",
    ] {
        assert!(matches!(refusal(text), DecodeError::Json { .. }), "{text}: {}", refusal(text));
    }
    for text in
        ["2[\"e\"] \n", "2[ \"e\" , 1 ]", "2[\"e\",1e400,-0,1E+2]", "2[\"e\",{\"__proto__\":1}]"]
    {
        assert!(decode(text, &[]).is_ok(), "{text}");
    }
    assert_eq!(payload("2[\"e\",1]\r\n\t ").json(), "[\"e\",1]");
}

#[test]
fn halves_of_surrogate_pairs_pass_in_arguments() {
    for text in [
        "2[\"e\",\"\\ud800\"]",
        "2[\"e\",{\"\\udfff\":1}]",
        "31[\"\\ud800x\"]",
        "0{\"a\":\"\\ud800\"}",
    ] {
        assert!(decode(text, &[]).is_ok(), "{text}");
    }
    assert!(decode("51-[\"e\",\"\\ud800\",{\"_placeholder\":true,\"num\":0}]", &[b"x"]).is_ok());
}

#[test]
fn json_deeper_than_128_is_refused() {
    let nested =
        |depth: usize| format!("2[\"e\",{}{}]", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(decode(&nested(128), &[]).is_ok());
    assert_eq!(refusal(&nested(129)), DecodeError::TooDeep { max: 128 });
    assert_eq!(refusal(&nested(500_000)), DecodeError::TooDeep { max: 128 });
    let objects = format!("0{}1{}", "{\"a\":".repeat(129), "}".repeat(129));
    assert_eq!(refusal(&objects), DecodeError::TooDeep { max: 128 });
    // Brackets in strings are no nesting, whatever is escaped in front of them.
    let strings = format!("2[\"e\",\"\\\"\\\\\\\"{}\"]", "[{".repeat(1000));
    assert!(decode(&strings, &[]).is_ok());
    let wide = format!("2[\"e\"{}]", ",[]".repeat(1000));
    assert!(decode(&wide, &[]).is_ok());
}

#[test]
fn what_begins_with_no_type_is_refused() {
    assert_eq!(refusal(""), DecodeError::Empty);
    for (text, first) in
        [("7", '7'), ("é1234", 'é'), ("[\"e\"]", '['), ("x", 'x'), (" 2[\"e\"]", ' ')]
    {
        assert_eq!(refusal(text), DecodeError::UnknownType(first), "{text}");
    }
}

#[test]
fn text_and_attachments_are_not_copied() {
    let text = bytestring::ByteString::from("51-/n,[\"e\",1]".to_owned());
    let data = Bytes::from(vec![1, 2, 3]);
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decoder.text(text.clone()), Ok(None));
    let packet = decoder.binary(data.clone()).unwrap().unwrap();
    assert_eq!(packet.namespace.as_bytes().as_ptr(), text.as_bytes()[3..].as_ptr());
    assert_eq!(packet.payload.json().as_bytes().as_ptr(), text.as_bytes()[6..].as_ptr());
    assert_eq!(packet.payload.attachments()[0].as_ptr(), data.as_ptr());
}

#[test]
fn no_error_repeats_what_the_client_sent() {
    let secret = "s3cret\u{1b}";
    for text in [
        format!("2[\"{secret}"),
        format!("2{{\"{secret}\":1}}"),
        format!("0/{}", secret.repeat(99)),
    ] {
        let error = refusal(&text);
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}
