//! What one packet may be. The official server bounds its attachments, and the rest by the size of messages.

use super::{ends_both, start};
use crate::support::{Message, Polling, Ws};

/// An event with so many attachments, which come back in its acknowledgement.
async fn echo(ws: &mut Ws, count: usize, attachment: &[u8]) {
    ws.text(&format!(r#"45{count}-1["echo"]"#)).await;
    for _ in 0..count {
        ws.binary(attachment).await;
    }
    ws.expect(&format!("46{count}-1[]")).await;
    for _ in 0..count {
        assert_eq!(ws.next().await, Message::Binary(attachment.to_vec()));
    }
}

#[actix_rt::test]
async fn ten_attachments_are_taken_and_eleven_are_not() {
    let (_io, server, mut ends) = start(|builder| builder);
    let mut ws = Ws::connect(&server).await;
    echo(&mut ws, 10, b"x").await;
    ends_both(&server, &mut ends, r#"4511-["echo"]"#, "forced close").await;
}

#[actix_rt::test]
async fn the_number_of_attachments_can_be_set() {
    let (_io, server, mut ends) = start(|builder| builder.max_attachments(2));
    let mut ws = Ws::connect(&server).await;
    echo(&mut ws, 2, b"x").await;
    ends_both(&server, &mut ends, r#"453-["echo"]"#, "forced close").await;
}

/// The number has two digits on the wire. Official clients would not take so many back.
#[actix_rt::test]
async fn ninety_nine_attachments_are_taken() {
    let (_io, server, mut ends) = start(|builder| builder.max_attachments(99));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"4599-["unheard"]"#).await;
    for _ in 0..99 {
        ws.binary(b"x").await;
    }
    ws.fence().await;
    ends_both(&server, &mut ends, r#"45100-["echo"]"#, "forced close").await;
}

#[actix_rt::test]
async fn a_packet_may_be_as_large_as_its_limit_attachments_and_all() {
    let (_io, server, mut ends) = start(|b| b.max_payload(1000).max_packet_bytes(1000));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    let text = r#"51-1["echo"]"#;
    echo(&mut ws, 1, &vec![1; 1000 - text.len()]).await;
    ws.text(&format!("4{text}")).await;
    ws.binary(&vec![1; 1001 - text.len()]).await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
    witness.fence().await;
}

/// As many as the number of attachments and the size of messages allow.
#[actix_rt::test]
async fn the_size_of_a_packet_follows_that_of_messages_and_the_number_of_attachments() {
    let (_io, server, _ends) = start(|b| b.max_payload(1000).max_attachments(3));
    let mut ws = Ws::connect(&server).await;
    echo(&mut ws, 3, &[1; 1000]).await;
}

#[actix_rt::test]
async fn a_namespace_that_is_too_long_is_not_sent_back() {
    let (_io, server, mut ends) = start(|builder| builder.max_namespace_len(8));
    let mut ws = Ws::connect(&server).await;
    ws.ask("40/1234567,", r#"44/1234567,{"message":"Invalid namespace"}"#).await;
    for packet in ["40/12345678,", "40/12345678", "42/12345678,[\"echo\"]"] {
        ends_both(&server, &mut ends, packet, "forced close").await;
    }
}

#[actix_rt::test]
async fn an_event_whose_name_is_too_long_ends_the_connection() {
    let (_io, server, mut ends) = start(|builder| builder.max_event_len(4));
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["echo"]"#, "431[]").await;
    ends_both(&server, &mut ends, r#"421["echos"]"#, "forced close").await;
}

#[actix_rt::test]
async fn names_of_256_bytes_are_taken_and_longer_ones_are_not() {
    let (_io, server, mut ends) = start(|builder| builder);
    let mut ws = Ws::connect(&server).await;
    let name = "x".repeat(255);
    ws.ask(&format!("40/{name},"), &format!(r#"44/{name},{{"message":"Invalid namespace"}}"#))
        .await;
    ws.text(&format!(r#"42["x{name}"]"#)).await;
    ws.fence().await;
    ends_both(&server, &mut ends, &format!("40/x{name},"), "forced close").await;
    ends_both(&server, &mut ends, &format!(r#"42["xx{name}"]"#), "forced close").await;
}

#[actix_rt::test]
async fn json_that_is_too_deep_ends_the_connection() {
    let arrays = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    // The list of arguments is the first level.
    let nested = |depth: usize| format!(r#"421["echo",{}]"#, arrays(depth - 1));
    let (_io, server, mut ends) = start(|builder| builder.max_json_depth(3));
    let mut ws = Ws::connect(&server).await;
    ws.ask(&nested(3), "431[[[]]]").await;
    ends_both(&server, &mut ends, &nested(4), "forced close").await;
    let (_io, server, mut ends) = start(|builder| builder);
    let mut ws = Ws::connect(&server).await;
    ws.ask(&nested(128), &format!("431[{}]", arrays(127))).await;
    for depth in [129, 10_000] {
        ends_both(&server, &mut ends, &nested(depth), "forced close").await;
    }
}

#[actix_rt::test]
async fn keys_that_mean_something_to_javascript_come_back_as_they_went() {
    let (_io, server, _ends) = start(|builder| builder);
    let args = r#"{"__proto__":{"constructor":1},"toString":null,"hasOwnProperty":[]}"#;
    let mut ws = Ws::connect(&server).await;
    ws.ask(&format!(r#"421["echo",{args}]"#), &format!("431[{args}]")).await;
    for name in ["__proto__", "constructor", "hasOwnProperty"] {
        ws.text(&format!(r#"42["{name}"]"#)).await;
        ws.fence().await;
    }
}

#[actix_rt::test]
async fn attachments_over_polling_count_as_they_do_over_a_websocket() {
    let (_io, server, mut ends) = start(|builder| builder.max_attachments(1));
    let client = Polling::connect(&server).await;
    assert_eq!(client.post("451-1[\"echo\"]\x1ebAQ==").await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "461-1[]\x1ebAQ==");
    assert_eq!(client.post("452-1[\"echo\"]\x1ebAQ==\x1ebAQ==").await.parts(), (200, "ok"));
    assert_eq!(ends.reason(&client.id).await, "forced close");
}
