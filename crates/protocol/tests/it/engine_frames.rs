//! Server frames, close frames and the open packet.

use socketio_protocol::engine::{Frame, Open, close_frame};

#[test]
fn a_text_frame_is_final_and_unmasked() {
    let frame = Frame::text("4hello");
    assert_eq!(&frame.websocket()[..], b"\x81\x064hello");
    assert_eq!(frame.payload(), b"4hello");
    assert_eq!(frame.len(), 6);
    assert!(!frame.is_binary() && !frame.is_empty());
}

#[test]
fn an_attachment_has_no_type() {
    let frame = Frame::binary(&[1, 2, 3, 4]);
    assert_eq!(&frame.websocket()[..], b"\x82\x04\x01\x02\x03\x04");
    assert_eq!(frame.payload(), [1, 2, 3, 4]);
    assert!(frame.is_binary());
    assert_eq!(&Frame::binary(&[]).websocket()[..], b"\x82\x00");
    assert!(Frame::binary(&[]).is_empty());
}

#[test]
fn the_length_takes_seven_sixteen_or_sixty_four_bits() {
    let cases: [(usize, &[u8]); 6] = [
        (125, b"\x82\x7d"),
        (126, b"\x82\x7e\x00\x7e"),
        (127, b"\x82\x7e\x00\x7f"),
        (65535, b"\x82\x7e\xff\xff"),
        (65536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        (1_000_000, b"\x82\x7f\x00\x00\x00\x00\x00\x0f\x42\x40"),
    ];
    for (len, header) in cases {
        let frame = Frame::binary(&vec![9; len]);
        assert_eq!(&frame.websocket()[..header.len()], header);
        assert_eq!(frame.websocket().len(), header.len() + len);
        assert_eq!(frame.len(), len);
        assert_eq!(frame.payload(), vec![9; len]);
    }
}

#[test]
fn fixed_frames_are_what_text_makes_of_them() {
    assert_eq!(Frame::ping(), Frame::text("2"));
    assert_eq!(Frame::noop(), Frame::text("6"));
    assert_eq!(Frame::close(), Frame::text("1"));
}

#[test]
fn a_clone_shares_its_bytes() {
    let frame = Frame::text("4hello");
    assert_eq!(frame.clone().websocket().as_ptr(), frame.websocket().as_ptr());
}

#[test]
fn a_close_frame_holds_code_and_reason_or_nothing() {
    assert_eq!(&close_frame(None, "")[..], b"\x88\x00");
    assert_eq!(&close_frame(None, "unsent")[..], b"\x88\x00");
    assert_eq!(&close_frame(Some(1000), "")[..], b"\x88\x02\x03\xe8");
    assert_eq!(&close_frame(Some(1009), "too big")[..], b"\x88\x09\x03\xf1too big");
}

#[test]
fn a_long_reason_is_cut_at_a_character() {
    let fits = "x".repeat(123);
    assert_eq!(&close_frame(Some(1000), &fits)[4..], fits.as_bytes());
    assert_eq!(&close_frame(Some(1000), &"x".repeat(500))[4..], fits.as_bytes());
    // 61 characters of two bytes are 122 bytes; half of the next one would be 123.
    let frame = close_frame(Some(1000), &"é".repeat(100));
    assert_eq!(frame[1], 124);
    assert_eq!(&frame[4..], "é".repeat(61).as_bytes());
}

#[test]
fn protocol_open_packet() {
    let open = Open {
        sid: "lv_VI97HAXpY6yYWAAAC",
        upgrades: &["websocket"],
        ping_interval_ms: 25_000,
        ping_timeout_ms: 20_000,
        max_payload: 1_000_000,
    };
    let text = "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],\
                \"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";
    assert_eq!(open.to_frame().payload(), text.as_bytes());
    let none = Open { upgrades: &[], sid: "a\"b", ..open };
    assert!(none.to_frame().payload().starts_with(br#"0{"sid":"a\"b","upgrades":[],"#));
}
