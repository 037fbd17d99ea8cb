//! WebSocket frames, good and bad: what RFC 6455 asks of a server, byte for byte.

use actix_socketio::SocketIo;

use crate::support::{Ends, Message, TestServer, Ws, echoing, masked};

fn server() -> (TestServer, Ends) {
    let io = SocketIo::builder().max_payload(1000).build().unwrap();
    let ends = echoing(&io.of("/"));
    (TestServer::start(&io), ends)
}

/// The first bytes of these connections are followed by nothing: the server closes with `code`, and nobody else notices.
async fn assert_closes(bytes: &[u8], code: u16) {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.send(bytes).await;
    let [high, low] = code.to_be_bytes();
    ws.expect_bytes(&[0x88, 2, high, low]).await;
    ws.expect_end().await;
    assert_eq!(ends.reason(&ws.id).await, "transport error");
    witness.fence().await;
}

#[actix_rt::test]
async fn reserved_bits_are_a_protocol_error() {
    for first in [0xc1, 0xa1, 0x91, 0xf1, 0xc9] {
        assert_closes(&masked(first, b"6"), 1002).await;
    }
}

#[actix_rt::test]
async fn a_frame_without_mask_is_a_protocol_error() {
    assert_closes(b"\x81\x016", 1002).await;
    assert_closes(b"\x89\x00", 1002).await;
}

#[actix_rt::test]
async fn an_unknown_opcode_is_a_protocol_error() {
    for first in [0x83, 0x87, 0x8b, 0x8f] {
        assert_closes(&masked(first, b"x"), 1002).await;
    }
}

#[actix_rt::test]
async fn a_control_frame_that_is_fragmented_or_too_long_is_a_protocol_error() {
    assert_closes(&masked(0x09, b""), 1002).await;
    assert_closes(&masked(0x89, &[0; 126]), 1002).await;
    assert_closes(&masked(0x88, &[3; 126]), 1002).await;
}

#[actix_rt::test]
async fn fragments_out_of_order_are_a_protocol_error() {
    // An end without a beginning, and two beginnings.
    assert_closes(&masked(0x80, b"6"), 1002).await;
    assert_closes(&masked(0x00, b"6"), 1002).await;
    assert_closes(&[masked(0x01, b"42"), masked(0x01, b"42")].concat(), 1002).await;
    assert_closes(&[masked(0x01, b"42"), masked(0x81, b"6")].concat(), 1002).await;
}

#[actix_rt::test]
async fn text_that_is_not_utf8_closes_with_1007() {
    assert_closes(&masked(0x81, b"42[\"back\",\"\xff\"]"), 1007).await;
    assert_closes(&masked(0x81, b"\xc3"), 1007).await;
    assert_closes(&[masked(0x01, b"42[\"back\",\"\xc3"), masked(0x80, b"\"]")].concat(), 1007)
        .await;
}

#[actix_rt::test]
async fn a_message_that_is_too_large_closes_with_1009() {
    assert_closes(&masked(0x81, &[b'4'; 1001]), 1009).await;
    assert_closes(&masked(0x82, &[0; 70_000]), 1009).await;
}

#[actix_rt::test]
async fn fragments_that_are_too_large_together_close_with_1009() {
    assert_closes(&[masked(0x01, &[b'4'; 600]), masked(0x80, &[b'4'; 401])].concat(), 1009).await;
}

#[actix_rt::test]
async fn a_message_of_too_many_fragments_closes_with_1008() {
    let fragments = [masked(0x01, b"4"), masked(0x00, b"").repeat(1024)].concat();
    assert_closes(&fragments, 1008).await;
}

#[actix_rt::test]
async fn a_message_that_is_too_large_is_refused_on_its_header_alone() {
    // 1001 bytes, 70,000 bytes and 2^62 bytes, of which none is sent, nor is the mask.
    assert_closes(b"\x81\xfe\x03\xe9", 1009).await;
    assert_closes(b"\x81\xff\0\0\0\0\0\x01\x11\x70", 1009).await;
    assert_closes(b"\x82\xff\x40\0\0\0\0\0\0\0", 1009).await;
}

#[actix_rt::test]
async fn a_message_as_large_as_allowed_is_taken() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    let text = "x".repeat(1000 - r#"421["echo",""]"#.len());
    ws.ask(&format!(r#"421["echo","{text}"]"#), &format!(r#"431["{text}"]"#)).await;
}

#[actix_rt::test]
async fn fragments_are_one_message() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.send(&masked(0x01, b"42")).await;
    ws.send(&masked(0x00, b"1[\"echo\",\"\xc3")).await;
    ws.send(&masked(0x00, b"")).await;
    ws.send(&masked(0x80, b"\xa9\"]")).await;
    ws.expect("431[\"é\"]").await;
    ws.text(r#"451-2["echo",{"_placeholder":true,"num":0}]"#).await;
    ws.send(&masked(0x02, &[1])).await;
    ws.send(&masked(0x80, &[2, 3])).await;
    ws.expect(r#"461-2[{"_placeholder":true,"num":0}]"#).await;
    ws.expect_bytes(b"\x82\x03\x01\x02\x03").await;
}

#[actix_rt::test]
async fn control_frames_may_come_between_fragments() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.send(&masked(0x01, b"421[\"ec")).await;
    ws.send(&masked(0x89, b"now")).await;
    ws.expect_bytes(b"\x8a\x03now").await;
    ws.send(&masked(0x8a, b"unasked")).await;
    ws.send(&masked(0x80, b"ho\"]")).await;
    ws.expect("431[]").await;
}

#[actix_rt::test]
async fn a_ping_frame_is_answered_with_its_payload() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    for len in [0, 1, 2, 124, 125] {
        let payload: Vec<u8> = (0..len).map(|i| i * 2 + 1).collect();
        ws.send(&masked(0x89, &payload)).await;
        assert_eq!(ws.next().await, Message::Pong(payload));
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn a_frame_may_arrive_byte_by_byte() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    for byte in masked(0x81, br#"421["echo"]"#) {
        ws.send(&[byte]).await;
        // Each byte is on its own: the server has answered a round trip in between.
        Ws::open(&server).await;
    }
    ws.expect("431[]").await;
}

#[actix_rt::test]
async fn many_frames_may_arrive_at_once() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    let frame = |n: usize| masked(0x81, format!(r#"42{n}["echo",{n}]"#).as_bytes());
    let frames: Vec<u8> = (0..50).flat_map(frame).collect();
    ws.send(&frames).await;
    for n in 0..50 {
        ws.expect(&format!("43{n}[{n}]")).await;
    }
}

#[actix_rt::test]
async fn a_close_frame_is_answered_with_its_code() {
    let (server, mut ends) = server();
    let cases: [(&[u8], &[u8]); 4] = [
        (b"", b"\x88\x00"),
        (b"\x03\xe8", b"\x88\x02\x03\xe8"),
        (b"\x03\xe9going away", b"\x88\x02\x03\xe9"),
        (b"\x0b\xb8own code", b"\x88\x02\x0b\xb8"),
    ];
    for (payload, answer) in cases {
        let mut ws = Ws::connect(&server).await;
        ws.send(&masked(0x88, payload)).await;
        ws.expect_bytes(answer).await;
        ws.expect_end().await;
        assert_eq!(ends.reason(&ws.id).await, "transport close");
    }
}

#[actix_rt::test]
async fn a_close_frame_with_an_illegal_payload_is_a_protocol_error() {
    // Half a code; codes that must not be on the wire.
    assert_closes(&masked(0x88, b"\x03"), 1002).await;
    assert_closes(&masked(0x88, b"\x03\xed"), 1002).await;
    assert_closes(&masked(0x88, b"\x03\xee"), 1002).await;
    assert_closes(&masked(0x88, b"\x00\x00"), 1002).await;
}

#[actix_rt::test]
async fn nothing_counts_after_a_close_frame() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.send(&[masked(0x88, b""), masked(0x81, br#"421["echo"]"#)].concat()).await;
    ws.expect_bytes(b"\x88\x00").await;
    ws.expect_end().await;
}

#[actix_rt::test]
async fn bad_frames_right_behind_the_upgrade_request_hurt_nobody() {
    let (server, _ends) = server();
    let mut witness = Ws::connect(&server).await;
    let head = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\n\
        connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    for frame in [b"\xb1\x80\0\0\0\0".as_slice(), b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff"] {
        let bytes = [head.as_bytes(), frame].concat();
        let mut exchange = crate::support::Exchange::begin(server.addr, &bytes).await;
        assert_eq!(exchange.head().await.status, 101);
        while exchange.read().await > 0 {}
        witness.fence().await;
    }
}
