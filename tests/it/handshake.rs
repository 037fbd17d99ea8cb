//! Handshakes: what opens a session, what is refused, and with which bytes.

use std::{collections::HashSet, time::Duration};

use actix_socketio::SocketIo;

use crate::support::{Polling, TestServer, Ws, between, echoing, get, given_time, is_id, send};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

#[actix_rt::test]
async fn a_websocket_opens_with_the_open_packet_byte_for_byte() {
    let server = TestServer::start(&SocketIo::new());
    let (response, mut ws) = Ws::request(server.addr, WEBSOCKET).await;
    assert_eq!(response.status, 101);
    // From RFC 6455, for the key that it uses as its example.
    assert_eq!(response.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    ws.expect_bytes(b"\x81\x6b0{\"sid\":\"").await;
    assert!(is_id(str::from_utf8(&ws.bytes(20).await).unwrap()));
    let rest = br#"","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    ws.expect_bytes(rest).await;
}

#[actix_rt::test]
async fn polling_opens_with_the_open_packet_and_the_official_headers() {
    let server = TestServer::start(&SocketIo::new());
    let response = get(server.addr, POLLING).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("text/plain; charset=UTF-8"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("content-length"), Some("118"));
    assert_eq!(response.header("access-control-allow-origin"), None);
    let rest = r#"","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    assert!(is_id(between(response.text(), r#"0{"sid":""#, rest)));
}

#[actix_rt::test]
async fn the_open_packet_tells_the_options() {
    let io = SocketIo::builder()
        .path("/chat")
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .max_payload(5000)
        .build()
        .unwrap();
    let server = TestServer::start(&io);
    let response = get(server.addr, "/chat/?EIO=4&transport=polling").await;
    let rest =
        r#"","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":5000}"#;
    assert!(is_id(between(response.text(), r#"0{"sid":""#, rest)));
    assert_eq!(get(server.addr, POLLING).await.status, 404);
}

#[actix_rt::test]
async fn the_path_is_a_prefix_that_ends_in_a_slash() {
    let server = TestServer::start(&SocketIo::new());
    assert_eq!(get(server.addr, "/socket.io/any/thing?transport=polling&EIO=4").await.status, 200);
    assert_eq!(get(server.addr, "/socket.io?EIO=4&transport=polling").await.status, 404);
    assert_eq!(get(server.addr, "/other/?EIO=4&transport=polling").await.status, 404);
}

#[actix_rt::test]
async fn ids_have_twenty_characters_and_no_two_are_the_same() {
    let server = TestServer::start(&SocketIo::new());
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let ws = Ws::connect(&server).await;
        let polling = Polling::connect(&server).await;
        ids.extend([ws.sid, ws.id, polling.sid, polling.id]);
    }
    assert_eq!(ids.len(), 80);
    assert!(ids.iter().all(|id| is_id(id)), "{ids:?}");
}

#[actix_rt::test]
async fn a_refused_request_is_told_the_official_code_and_message() {
    let server = TestServer::start(&SocketIo::new());
    let sid = Polling::open(&server).await.sid;
    let unknown_transport = r#"{"code":0,"message":"Transport unknown"}"#;
    let unknown_sid = r#"{"code":1,"message":"Session ID unknown"}"#;
    let bad_method = r#"{"code":2,"message":"Bad handshake method"}"#;
    let bad_request = r#"{"code":3,"message":"Bad request"}"#;
    let unsupported = r#"{"code":5,"message":"Unsupported protocol version"}"#;
    let cases = [
        ("GET", "", unknown_transport),
        ("GET", "EIO=4", unknown_transport),
        ("GET", "EIO=4&transport=", unknown_transport),
        ("GET", "EIO=4&transport=webtransport", unknown_transport),
        ("GET", "EIO=4&transport=__proto__", unknown_transport),
        ("GET", "EIO=4&transport=constructor", unknown_transport),
        ("GET", "EIO=4&transport=polling&transport=websocket", unknown_transport),
        ("GET", "EIO=4&transport=polling&transport=polling", unknown_transport),
        ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA", unknown_sid),
        ("GET", "EIO=4&transport=polling&sid=__proto__", unknown_sid),
        ("POST", "EIO=4&transport=polling&sid=constructor", unknown_sid),
        ("GET", "EIO=3&transport=polling&sid=nobody", unknown_sid),
        ("POST", "EIO=4&transport=polling", bad_method),
        ("PUT", "EIO=4&transport=polling", bad_method),
        ("OPTIONS", "EIO=4&transport=polling", bad_method),
        ("POST", "EIO=4&transport=websocket", bad_method),
        ("GET", "EIO=4&transport=websocket", bad_request),
        ("GET", "EIO=4&transport=websocket&sid={sid}", bad_request),
        ("GET", "EIO=3&transport=polling&sid={sid}", bad_request),
        ("GET", "transport=polling&sid={sid}", bad_request),
        ("POST", "EIO=3&transport=polling&sid={sid}", bad_request),
        ("GET", "EIO=3&transport=polling", unsupported),
        ("GET", "EIO=5&transport=polling", unsupported),
        ("GET", "transport=polling", unsupported),
    ];
    for (method, query, body) in cases {
        let path = format!("/socket.io/?{}", query.replace("{sid}", &sid));
        let request = send(server.addr, method, &path, "content-length: 0\r\n", b"").await;
        let response = request.response().await;
        assert_eq!(response.parts(), (400, body), "{method} {query}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{query}");
    }
}

#[actix_rt::test]
async fn a_refused_upgrade_is_answered_in_plain_text_and_the_connection_ends() {
    let server = TestServer::start(&SocketIo::new());
    let sid = Polling::open(&server).await.sid;
    let cases = [
        ("EIO=4", "Transport unknown"),
        ("EIO=4&transport=__proto__", "Transport unknown"),
        ("EIO=4&transport=websocket&transport=polling", "Transport unknown"),
        ("EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA", "Session ID unknown"),
        ("EIO=4&transport=websocket&sid=__proto__", "Session ID unknown"),
        ("EIO=3&transport=websocket&sid={sid}", "Bad request"),
        ("EIO=3&transport=websocket", "Unsupported protocol version"),
    ];
    for (query, body) in cases {
        let path = format!("/socket.io/?{}", query.replace("{sid}", &sid));
        let (response, mut ws) = Ws::request(server.addr, &path).await;
        assert_eq!(response.status, 400, "{query}");
        assert_eq!(response.header("connection"), Some("close"), "{query}");
        assert_eq!(response.header("content-type"), Some("text/html"), "{query}");
        ws.expect_bytes(body.as_bytes()).await;
        ws.expect_end().await;
    }
}

#[actix_rt::test]
async fn another_method_for_a_session_is_an_error_of_the_server() {
    let server = TestServer::start(&SocketIo::new());
    let client = Polling::open(&server).await;
    let response = send(server.addr, "PUT", &client.path(), "content-length: 0\r\n", b"").await;
    assert_eq!(response.response().await.parts(), (500, ""));
}

/// From polling to WebSocket, with everything that the client has to do for it.
async fn upgrade(client: &Polling) -> Ws {
    let path = format!("{WEBSOCKET}&sid={}", client.sid);
    let (response, mut ws) = Ws::request(client.addr, &path).await;
    assert_eq!(response.status, 101);
    ws.text("2probe").await;
    ws.expect("3probe").await;
    // The poll that waits is released, so that the client can stop polling.
    assert_eq!(client.poll().await.text(), "6");
    ws.text("5").await;
    ws
}

#[actix_rt::test]
async fn a_session_upgrades_from_polling_to_websocket() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let mut ws = upgrade(&client).await;
    ws.text(r#"421["echo","over websocket"]"#).await;
    ws.expect_bytes(b"\x81\x1543").await;
    ws.expect_bytes(br#"1["over websocket"]"#).await;
}

#[actix_rt::test]
async fn after_an_upgrade_the_session_polls_no_more() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let mut ws = upgrade(&client).await;
    ws.fence().await;
    let mismatch = (400, r#"{"code":3,"message":"Bad request"}"#);
    assert_eq!(client.poll().await.parts(), mismatch);
    assert_eq!(client.post("2").await.parts(), mismatch);
    ws.fence().await;
}

#[actix_rt::test]
async fn what_waits_during_an_upgrade_arrives_after_it() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let path = format!("{WEBSOCKET}&sid={}", client.sid);
    let (_, mut ws) = Ws::request(server.addr, &path).await;
    ws.ask("2probe", "3probe").await;
    client.post("421[\"echo\",1]\x1e422[\"echo\",2]").await;
    ws.text("5").await;
    ws.expect_all(["431[1]", "432[2]"]).await;
}

#[actix_rt::test]
async fn a_second_websocket_of_a_session_is_closed_at_once() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut first = Ws::connect(&server).await;
    let path = format!("{WEBSOCKET}&sid={}", first.sid);
    let (response, mut second) = Ws::request(server.addr, &path).await;
    assert_eq!(response.status, 101);
    second.expect_bytes(b"\x88\x00").await;
    first.fence().await;
}

#[actix_rt::test]
async fn a_websocket_that_upgrades_wrongly_is_closed_and_polling_goes_on() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for wrong in ["5", "2", "40", "421[\"echo\"]"] {
        let path = format!("{WEBSOCKET}&sid={}", client.sid);
        let (_, mut ws) = Ws::request(server.addr, &path).await;
        ws.text(wrong).await;
        ws.expect_close(None).await;
        client.fence().await;
    }
}

#[actix_rt::test]
async fn the_server_pings_and_a_client_that_answers_stays() {
    given_time(Duration::from_millis(20), async |interval| {
        let io = SocketIo::builder().ping_interval(interval).build().unwrap();
        let server = TestServer::start(&io);
        let (mut ws, polling) = (Ws::connect(&server).await, Polling::connect(&server).await);
        for _ in 0..5 {
            ws.expect_bytes(b"\x81\x012").await;
            ws.text("3").await;
            assert_eq!(polling.poll().await.text(), "2");
            assert_eq!(polling.post("3").await.parts(), (200, "ok"));
        }
    })
    .await;
}

#[actix_rt::test]
async fn a_client_that_answers_no_ping_is_disconnected() {
    given_time(Duration::from_millis(20), async |short| {
        let io = SocketIo::builder().ping_interval(short).ping_timeout(short).build().unwrap();
        let mut ends = echoing(&io.of("/"));
        let server = TestServer::start(&io);
        let mut ws = Ws::connect(&server).await;
        ws.expect("2").await;
        ws.expect_close(None).await;
        assert_eq!(ends.reason(&ws.id).await, "ping timeout");
    })
    .await;
}

#[actix_rt::test]
async fn a_client_that_joins_no_namespace_in_time_is_disconnected() {
    let io = SocketIo::builder().connect_timeout(Duration::from_millis(20)).build().unwrap();
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.expect_close(None).await;
}
