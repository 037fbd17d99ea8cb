//! Packets that no client may send: each ends its connection, with the official reason, and disturbs nobody else.

use actix_socketio::SocketIo;

use crate::support::{Ends, Polling, TestServer, Ws, between, echoing};

/// Texts of a client with a socket in `/` and none in `/admin`.
pub(crate) const NO_SOCKET_IO: [&str; 50] = [
    // no packet, or none of a known type
    "4",
    "4abc",
    "49",
    "4é",
    "47[\"back\"]",
    // headers
    "42-[\"back\"]",
    "4210000000000000000[\"back\"]",
    "429007199254740992[\"back\"]",
    "4299999999999999999999[\"back\"]",
    "42-1[\"back\"]",
    // events without a legal name
    "42",
    "42[]",
    "42{}",
    "42null",
    "42\"back\"",
    "42[null]",
    "42[true]",
    "42[[\"back\"]]",
    "42[{\"toString\":\"back\"}]",
    "42{\"back\":1}",
    "42[\"connect\"]",
    "42[\"connect_error\"]",
    "42[\"disconnect\"]",
    "42[\"disconnecting\"]",
    "42[\"newListener\"]",
    "42[\"removeListener\"]",
    // broken JSON
    "42[\"back\"",
    "42[\"back\",]",
    "42[\"back\"]]",
    "42[\"back\",\u{1}]",
    "42[\"back\",\"\\x\"]",
    "42['back']",
    // acks
    "43[]",
    "431",
    "431{}",
    "431null",
    // connects and disconnects with the wrong data
    "40/other,[]",
    "40/other,\"x\"",
    "41[]",
    "411",
    // attachments that cannot be
    "450-[\"back\"]",
    "45-[\"back\"]",
    "45[\"back\"]",
    "4501-[\"back\"]",
    "4511-[\"back\"]",
    "451.5-[\"back\"]",
    "451e1-[\"back\"]",
    "459999999999-[\"back\"]",
    "451-[\"back\",{\"_placeholder\":true,\"num\":1}]",
    "451-[\"back\",{\"_placeholder\":true,\"num\":\"splice\"}]",
];

/// Packets that are legal elsewhere: a second CONNECT, and whatever is for a namespace not joined.
const OUT_OF_PLACE: [&str; 4] = ["40", "42/admin,[\"back\"]", "43/admin,1[]", "41/admin,"];

fn server() -> (TestServer, Ends) {
    let io = SocketIo::new();
    let ends = echoing(&io.of("/"));
    let _admin = echoing(&io.of("/admin"));
    (TestServer::start(&io), ends)
}

#[actix_rt::test]
async fn a_packet_that_cannot_be_decoded_ends_a_websocket_and_disturbs_nobody() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    for packet in NO_SOCKET_IO {
        let mut ws = Ws::connect(&server).await;
        ws.text(packet).await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "forced close", "{packet}");
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn a_packet_that_cannot_be_decoded_ends_a_polling_session_and_disturbs_nobody() {
    let (server, mut ends) = server();
    let witness = Polling::connect(&server).await;
    for packet in NO_SOCKET_IO {
        let client = Polling::connect(&server).await;
        let poll = client.start_poll().await;
        assert_eq!(client.post(packet).await.parts(), (200, "ok"), "{packet}");
        assert_eq!(poll.response().await.text(), "1", "{packet}");
        assert_eq!(ends.reason(&client.id).await, "forced close", "{packet}");
        let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
        assert_eq!(client.poll().await.parts(), (400, unknown));
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn a_packet_out_of_place_ends_the_connection() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    for packet in OUT_OF_PLACE {
        let mut ws = Ws::connect(&server).await;
        ws.text(packet).await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "forced close", "{packet}");
        let client = Polling::connect(&server).await;
        assert_eq!(client.post(packet).await.parts(), (200, "ok"));
        assert_eq!(client.poll().await.text(), "1", "{packet}");
        assert_eq!(ends.reason(&client.id).await, "forced close", "{packet}");
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn the_default_namespace_may_be_named() {
    let (server, mut ends) = server();
    let mut ws = Ws::open(&server).await;
    ws.text("40/,").await;
    ws.id = between(&ws.next_text().await, r#"40{"sid":""#, r#""}"#).to_owned();
    ws.ask(r#"42/,1["echo"]"#, "431[]").await;
    ws.text("41/,").await;
    assert_eq!(ends.reason(&ws.id).await, "client namespace disconnect");
}

#[actix_rt::test]
async fn a_text_that_is_no_engine_packet_ends_a_websocket() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    for text in ["", "7", "9", "x", " 4", "é1234", "\u{1F600}", "b", "bAQ=="] {
        let mut ws = Ws::connect(&server).await;
        ws.text(text).await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "parse error", "{text:?}");
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn a_body_that_is_no_engine_payload_is_a_bad_request_and_ends_the_session() {
    let (server, mut ends) = server();
    let mut witness = Ws::connect(&server).await;
    let too_many = ["6"; 4097].join("\x1e");
    let bodies: [&[u8]; 14] = [
        b"",
        b"7",
        b"x",
        "é1234".as_bytes(),
        b"\xff",
        b"42[\"back\",\"\xc3\"]",
        b"\x1e",
        b"42[\"back\"]\x1e",
        b"\x1e42[\"back\"]",
        b"42[\"back\"]\x1e\x1e42[\"back\"]",
        b"b!!!!",
        b"bA",
        b"42[\"back\"]\x1e9",
        too_many.as_bytes(),
    ];
    for body in bodies {
        let client = Polling::connect(&server).await;
        let shown = body[..body.len().min(20)].escape_ascii();
        assert_eq!(client.post(body).await.parts(), (400, ""), "{shown}");
        // No packet of such a body counts, so nothing was sent back.
        assert_eq!(ends.reason(&client.id).await, "parse error", "{shown}");
        let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
        assert_eq!(client.poll().await.parts(), (400, unknown));
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn as_many_packets_as_allowed_are_taken() {
    let (server, _ends) = server();
    let client = Polling::connect(&server).await;
    let body = [["6"; 4095].join("\x1e").as_str(), r#"421["echo"]"#].join("\x1e");
    assert_eq!(client.post(body).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "431[]");
}

#[actix_rt::test]
async fn engine_packets_without_meaning_are_ignored() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    for packet in ["0", "0{}", "3", "3probe", "5", "6", "6x", "44{\"message\":\"x\"}"] {
        ws.text(packet).await;
        ws.fence().await;
        assert_eq!(client.post(packet).await.parts(), (200, "ok"));
        client.fence().await;
    }
}

#[actix_rt::test]
async fn a_ping_of_the_client_is_a_transport_error() {
    let (server, mut ends) = server();
    for ping in ["2", "2probe"] {
        let mut ws = Ws::connect(&server).await;
        ws.text(ping).await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "transport error");
        let client = Polling::connect(&server).await;
        assert_eq!(client.post(ping).await.parts(), (200, "ok"));
        assert_eq!(ends.reason(&client.id).await, "transport error");
    }
}

#[actix_rt::test]
async fn a_close_of_the_client_is_a_transport_close() {
    let (server, mut ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.text("1").await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "transport close");
    let client = Polling::connect(&server).await;
    let poll = client.start_poll().await;
    assert_eq!(client.post("1").await.parts(), (200, "ok"));
    assert_eq!(poll.response().await.text(), "6");
    assert_eq!(ends.reason(&client.id).await, "transport close");
}

#[actix_rt::test]
async fn text_where_an_attachment_is_due_ends_the_connection() {
    let (server, mut ends) = server();
    for text in [r#"42["back"]"#, r#"451-["back",{"_placeholder":true,"num":0}]"#, "41"] {
        let mut ws = Ws::connect(&server).await;
        ws.text(r#"451-["back",{"_placeholder":true,"num":0}]"#).await;
        ws.text(text).await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "forced close");
    }
}

#[actix_rt::test]
async fn an_attachment_that_nothing_announced_ends_the_connection() {
    let (server, mut ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.binary(&[1, 2, 3]).await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"451-["back",{"_placeholder":true,"num":0}]"#).await;
    ws.binary(&[1]).await;
    ws.expect(r#"451-["back",{"_placeholder":true,"num":0}]"#).await;
    ws.expect_bytes(b"\x82\x01\x01").await;
    ws.binary(&[2]).await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
    let client = Polling::connect(&server).await;
    assert_eq!(client.post("bAQ==").await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "1");
    assert_eq!(ends.reason(&client.id).await, "forced close");
}

#[actix_rt::test]
async fn heartbeats_may_come_between_a_packet_and_its_attachments() {
    let (server, _ends) = server();
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"451-1["echo",{"_placeholder":true,"num":0}]"#).await;
    ws.text("3").await;
    ws.binary(&[1]).await;
    ws.expect(r#"461-1[{"_placeholder":true,"num":0}]"#).await;
    ws.expect_bytes(b"\x82\x01\x01").await;
}

#[actix_rt::test]
async fn anything_before_the_first_connect_ends_the_connection() {
    let (server, _ends) = server();
    let mut witness = Ws::connect(&server).await;
    for packet in [r#"42["back"]"#, "41", "431[]", r#"42/nowhere,["back"]"#] {
        let mut ws = Ws::open(&server).await;
        ws.text(packet).await;
        ws.expect_close(None).await;
        witness.fence().await;
    }
}

#[actix_rt::test]
async fn a_websocket_that_breaks_off_is_a_transport_close() {
    let (server, mut ends) = server();
    let ws = Ws::connect(&server).await;
    let id = ws.id.clone();
    drop(ws);
    assert_eq!(ends.reason(&id).await, "transport close");
}
