//! The time to join a namespace when memory is tight.

use std::{sync::Arc, time::Duration};

use actix_socketio::{
    SocketIo, Transport,
    test_util::{self, TestClient, TestConnection},
};
use tokio::sync::Notify;

/// A connection over each transport that joins nothing.
async fn open(io: &SocketIo) -> [TestConnection; 2] {
    let open = |transport| TestClient::builder(io).transport(transport).open();
    [open(Transport::WebSocket).await.unwrap(), open(Transport::Polling).await.unwrap()]
}

async fn pass(seconds: u64) {
    test_util::advance(Duration::from_secs(seconds)).await;
}

#[actix_web::test]
async fn while_memory_is_tight_a_client_that_joins_no_namespace_has_ten_seconds() {
    test_util::pause();
    let io = SocketIo::builder().memory_budget(100_000).max_inflight_events(1).build().unwrap();
    let finish = Arc::new(Notify::new());
    let finished = finish.clone();
    io.of("/").on("work", async move || finished.notified().await);
    io.of("/").on("echo", async || "echo");
    let busy = TestClient::connect(&io, "/").await.unwrap();
    let witness = TestClient::connect(&io, "/").await.unwrap();
    let _old = open(&io).await;
    pass(20).await;
    assert_eq!(io.clients_count(), 4, "there is no hurry yet");
    let _young = open(&io).await;
    busy.emit("work", &());
    busy.emit("unheard", &"x".repeat(85_000));
    pass(2).await;
    assert_eq!(io.clients_count(), 4, "the young ones are left");
    pass(7).await;
    assert_eq!(io.clients_count(), 4, "they have their ten seconds");
    pass(2).await;
    assert_eq!((io.clients_count(), io.pressure().closed_for_memory), (2, 4));
    assert_eq!(witness.ask::<String>("echo", &()).await, "echo");
    finish.notify_one();
    test_util::settle().await;
    let _unhurried = open(&io).await;
    pass(44).await;
    assert_eq!(io.clients_count(), 4, "there is no hurry any more");
    pass(2).await;
    assert_eq!((io.clients_count(), io.pressure().closed_for_memory), (2, 4));
    assert_eq!(witness.ask::<String>("echo", &()).await, "echo");
}
