//! Polling and WebSocket of one session at the same time: what is left of the old transport harms nobody.

use std::{sync::Arc, time::Duration};

use actix_socketio::SocketIo;
use tokio::sync::Notify;

use crate::support::{Polling, TestServer, Ws, echoing, send, within};

/// Opens the second transport of a polling session, and probes.
pub(crate) async fn probe(server: &TestServer, client: &Polling) -> Ws {
    let path = format!("/socket.io/?EIO=4&transport=websocket&sid={}", client.sid);
    let (response, mut ws) = Ws::request(server.addr, &path).await;
    assert_eq!(response.status, 101);
    ws.ask("2probe", "3probe").await;
    ws
}

#[actix_rt::test]
async fn an_old_post_that_breaks_off_does_not_end_the_upgraded_session() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    for _ in 0..20 {
        let client = Polling::connect(&server).await;
        let mut ws = probe(&server, &client).await;
        let post =
            send(server.addr, "POST", &client.path(), "content-length: 100\r\n", b"42").await;
        ws.text("5").await;
        ws.fence().await;
        drop(post);
        // Enough round trips for the server to notice.
        for _ in 0..20 {
            ws.fence().await;
        }
    }
}

#[actix_rt::test]
async fn a_post_that_waits_for_handlers_is_answered_although_a_websocket_probes() {
    let io = SocketIo::builder().max_inflight_events(2).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let finish = Arc::new(Notify::new());
    let finished = finish.clone();
    io.of("/").on("work", async move || finished.notified().await);
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let post = client.start_post([r#"42["work"]"#; 4].join("\x1e")).await;
    let mut ws = probe(&server, &client).await;
    let answered = actix_rt::spawn(post.response());
    // The probe of another WebSocket, which is refused, is a sign that the server has had its turn.
    let path = format!("/socket.io/?EIO=4&transport=websocket&sid={}", client.sid);
    let (_, mut refused) = Ws::request(server.addr, &path).await;
    refused.expect_close(None).await;
    (0..4).for_each(|_| finish.notify_one());
    let response = within("the answer to the POST", async {
        while !answered.is_finished() {
            finish.notify_one();
            tokio::task::yield_now().await;
        }
        answered.await.unwrap()
    });
    assert_eq!(response.await.parts(), (200, "ok"));
    ws.text("5").await;
    ws.fence().await;
}

#[actix_rt::test]
async fn a_polling_client_that_never_joins_a_namespace_is_gone_after_the_connect_timeout() {
    let timeout = Duration::from_millis(50);
    let io = SocketIo::builder().connect_timeout(timeout).build().unwrap();
    let server = TestServer::start(&io);
    let client = Polling::open(&server).await;
    within("no client", async {
        while io.clients_count() != 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(client.poll().await.status, 400);
}
