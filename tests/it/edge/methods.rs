//! Every method on every kind of request, and requests for sessions that have moved on or ended. All as the official server answers,
//! but for requests that it never answers.

use actix_socketio::{Socket, SocketIo};

use super::{
    BAD_METHOD, BAD_REQUEST, POLLING, UNKNOWN_SID, UNKNOWN_TRANSPORT, UPGRADE, WEBSOCKET, ask,
};
use crate::support::{Polling, TestServer, Ws, echoing, send};

#[actix_rt::test]
async fn other_methods_are_refused_by_the_kind_of_request() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let cases = [
        (POLLING.to_owned(), BAD_METHOD),
        (WEBSOCKET.to_owned(), BAD_METHOD),
        (client.path(), (500, "")),
        (format!("{WEBSOCKET}&sid={}", client.sid), BAD_REQUEST),
        (format!("{POLLING}&sid=nobody"), UNKNOWN_SID),
        ("/socket.io/?EIO=4".to_owned(), UNKNOWN_TRANSPORT),
    ];
    for (path, (status, body)) in &cases {
        for method in ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
            let response = ask(server.addr, method, path, "").await;
            assert_eq!(response.parts(), (*status, *body), "{method} {path}");
        }
        let head = send(server.addr, "HEAD", path, "", b"").await.head().await;
        assert_eq!(head.status, *status, "HEAD {path}");
    }
    for method in ["OPTIONS", "PUT", "POST"] {
        let response = ask(server.addr, method, WEBSOCKET, UPGRADE).await;
        assert_eq!(response.parts(), (400, "Bad handshake method"), "{method}");
    }
    client.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn after_an_upgrade_every_other_request_is_a_bad_one() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let websocket = format!("{WEBSOCKET}&sid={}", client.sid);
    let (_, mut ws) = Ws::request(server.addr, &websocket).await;
    ws.ask("2probe", "3probe").await;
    assert_eq!(client.post("6").await.parts(), (200, "ok"));
    ws.text("5").await;
    ws.fence().await;
    for path in [&client.path(), &websocket] {
        for method in ["GET", "POST", "PUT"] {
            assert_eq!(ask(server.addr, method, path, "").await.parts(), BAD_REQUEST, "{method}");
        }
    }
    ws.fence().await;
    drop(ws);
    while client.poll().await.parts() != UNKNOWN_SID {}
}

#[actix_rt::test]
async fn nothing_of_a_session_is_known_after_its_close_packet() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    // What follows the close packet is dropped.
    assert_eq!(client.post("1\x1e42[\"back\"]").await.parts(), (200, "ok"));
    assert_eq!(ends.reason(&client.id).await, "transport close");
    assert_eq!(client.poll().await.parts(), UNKNOWN_SID);
    assert_eq!(client.post("6").await.parts(), UNKNOWN_SID);
    let (refused, mut ws) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid)).await;
    assert_eq!(refused.status, 400);
    ws.expect_bytes(b"Session ID unknown").await;
}

#[actix_rt::test]
async fn a_session_that_the_server_closes_takes_posts_until_its_client_has_polled() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    io.of("/").on("leave", async |socket: Socket| socket.disconnect(true));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    client.post(r#"42["leave"]"#).await;
    assert_eq!(ends.reason(&client.id).await, "server namespace disconnect");
    for _ in 0..2 {
        assert_eq!(client.post(r#"42["back"]"#).await.parts(), (200, "ok"));
    }
    let (_, mut late) = Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid)).await;
    late.expect_close(None).await;
    let mut last = String::new();
    while !last.ends_with('1') || last == "41" {
        last = client.poll().await.text().to_owned();
        assert!(["41", "1", "41\x1e1"].contains(&&*last), "{last}");
    }
    assert_eq!(client.poll().await.parts(), UNKNOWN_SID);
    assert_eq!(client.post("6").await.parts(), UNKNOWN_SID);
}
