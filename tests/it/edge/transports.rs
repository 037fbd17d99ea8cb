//! `transports` and `allow_upgrades`: which transports a client may use, and what it is told of them.

use actix_socketio::Transport;

use super::{POLLING, UNKNOWN_TRANSPORT, UPGRADE, WEBSOCKET, ask, lines, sid, start, upgrade};
use crate::support::{Polling, TestServer, Ws, between, echoing};

const NO_UPGRADES: &str =
    r#"","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;

fn only(transport: Transport) -> TestServer {
    start(|builder| builder.transports(&[transport])).1
}

#[actix_rt::test]
async fn with_websocket_alone_polling_is_unknown() {
    let server = only(Transport::WebSocket);
    for method in ["GET", "POST", "OPTIONS"] {
        let response = ask(server.addr, method, POLLING, "").await;
        assert_eq!(response.parts(), UNKNOWN_TRANSPORT, "{method}");
        assert_eq!(lines(&response), ["content-type: application/json"]);
    }
    let (response, mut refused) = Ws::request(server.addr, POLLING).await;
    assert_eq!(response.status, 400);
    refused.expect_bytes(b"Transport unknown").await;
    refused.expect_end().await;
}

#[actix_rt::test]
async fn with_websocket_alone_a_websocket_opens() {
    let server = only(Transport::WebSocket);
    let (response, mut ws) = Ws::request(server.addr, WEBSOCKET).await;
    assert_eq!(response.status, 101);
    between(&ws.next_text().await, r#"0{"sid":""#, NO_UPGRADES);
}

#[actix_rt::test]
async fn with_polling_alone_no_upgrade_is_offered() {
    let server = only(Transport::Polling);
    let open = ask(server.addr, "GET", POLLING, "").await;
    between(open.text(), r#"0{"sid":""#, NO_UPGRADES);
}

/// There, nobody takes upgrades, so a request for one is like any other.
#[actix_rt::test]
async fn with_polling_alone_a_request_for_a_websocket_is_an_ordinary_one() {
    let server = only(Transport::Polling);
    let session = sid(&ask(server.addr, "GET", POLLING, "").await);
    for path in [WEBSOCKET, &format!("{WEBSOCKET}&sid={session}")] {
        assert_eq!(ask(server.addr, "GET", path, "").await.parts(), UNKNOWN_TRANSPORT, "{path}");
        let response = ask(server.addr, "GET", path, UPGRADE).await;
        assert_eq!(response.parts(), UNKNOWN_TRANSPORT, "{path}");
        assert_eq!(lines(&response), ["content-type: application/json"], "{path}");
    }
}

#[actix_rt::test]
async fn with_polling_alone_a_polling_client_may_ask_for_whatever_upgrade_it_likes() {
    let server = only(Transport::Polling);
    let open = ask(server.addr, "GET", POLLING, UPGRADE).await;
    between(open.text(), r#"0{"sid":""#, NO_UPGRADES);
}

#[actix_rt::test]
async fn with_polling_alone_a_session_goes_on_after_a_refused_upgrade() {
    let (io, server) = start(|builder| builder.transports(&[Transport::Polling]));
    let _ends = echoing(&io.of("/"));
    let client = Polling::connect(&server).await;
    let (response, _) = upgrade(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid), "").await;
    assert_eq!(response.status, 400);
    client.fence().await;
}

#[actix_rt::test]
async fn both_transports_are_the_default_in_whatever_order_they_are_named() {
    let both = [Transport::WebSocket, Transport::Polling, Transport::Polling];
    let (_io, server) = start(|builder| builder.transports(&both));
    let open = ask(server.addr, "GET", POLLING, "").await;
    let rest = r#"","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
    between(open.text(), r#"0{"sid":""#, rest);
    Ws::open(&server).await;
}

#[actix_rt::test]
async fn without_upgrades_none_is_offered_and_both_transports_open() {
    let (_io, server) = start(|builder| builder.allow_upgrades(false));
    let open = ask(server.addr, "GET", POLLING, "").await;
    between(open.text(), r#"0{"sid":""#, NO_UPGRADES);
    let (_, mut ws) = Ws::request(server.addr, WEBSOCKET).await;
    between(&ws.next_text().await, r#"0{"sid":""#, NO_UPGRADES);
}

/// The option is about what is offered, in JavaScript too.
#[actix_rt::test]
async fn without_upgrades_a_client_that_upgrades_all_the_same_is_upgraded() {
    let (io, server) = start(|builder| builder.allow_upgrades(false));
    let _ends = echoing(&io.of("/"));
    let client = Polling::connect(&server).await;
    let (response, mut ws) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid)).await;
    assert_eq!(response.status, 101);
    ws.ask("2probe", "3probe").await;
    assert_eq!(client.poll().await.parts(), (200, "6"));
    ws.text("5").await;
    ws.fence().await;
}
