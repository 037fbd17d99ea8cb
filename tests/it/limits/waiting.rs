//! What waits for clients: for one that takes nothing, and for all of them together.

use std::{sync::Arc, time::Duration};

use actix_socketio::{Builder, Limit, Pressure, Socket, SocketIo};
use tokio::sync::Notify;

use super::start;
use crate::support::{Polling, TestServer, Ws, get, given_time, within};

const HANDSHAKE: &str = "/socket.io/?EIO=4&transport=polling";

/// Looks are a quarter of it apart.
const SHORT: Duration = Duration::from_millis(100);

async fn until(what: &str, io: &SocketIo, reached: impl Fn(Pressure) -> bool) {
    within(what, async {
        while !reached(io.pressure()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// An event that comes back with so many bytes, over polling when the client fetches it.
fn back(bytes: usize) -> String {
    format!(r#"42["back","{}"]"#, "x".repeat(bytes))
}

#[actix_rt::test]
async fn a_websocket_client_that_takes_nothing_is_disconnected_whatever_it_sends() {
    given_time(SHORT, async |time| {
        let (io, server, mut ends) =
            start(|builder| builder.write_timeout(time).outbox_limits(64 << 20, 1 << 20));
        let text = "x".repeat(1000);
        io.of("/").on("flood", async move |socket: Socket| {
            // More than the kernel keeps.
            (0..20_000).for_each(|_| socket.emit("x", &text));
        });
        let mut witness = Ws::connect(&server).await;
        let mut slow = Ws::connect(&server).await;
        slow.text(r#"42["flood"]"#).await;
        while io.pressure().slow_consumers == 0 {
            // It is alive, and says so.
            slow.text(r#"42["unheard"]"#).await;
            witness.fence().await;
        }
        assert_eq!(ends.reason(&slow.id).await, "transport error");
        assert_eq!(ends.so_far(), []);
        until("all is given back", &io, |pressure| pressure.waiting_bytes == 0).await;
        witness.fence().await;
    })
    .await;
}

#[actix_rt::test]
async fn a_polling_client_may_take_its_time() {
    let (_io, server, mut ends) = start(|builder| builder.write_timeout(SHORT));
    let mut clock = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    client.post(r#"42["back"]"#).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < 3 * SHORT {
        clock.fence().await;
    }
    assert_eq!(client.poll().await.text(), r#"42["back"]"#);
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn when_memory_is_tight_no_handshake_is_taken_and_whoever_is_there_is_served() {
    let (io, server, mut ends) = start(|builder| builder.memory_budget(100_000));
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    client.post(back(70_000)).await;
    assert_eq!(get(server.addr, HANDSHAKE).await.status, 200);
    client.post(back(15_000)).await;
    let refused = get(server.addr, HANDSHAKE).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    assert_eq!(io.pressure().refused_handshakes, 1);
    witness.fence().await;
    assert_eq!(client.poll().await.text().len(), back(70_000).len() + back(15_000).len() + 1);
    assert_eq!(io.pressure().waiting_bytes, 0);
    assert_eq!(get(server.addr, HANDSHAKE).await.status, 200);
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn packets_whose_attachments_are_due_count() {
    let (io, server, _ends) = start(|builder| builder.memory_budget(100_000));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"452-["unheard"]"#).await;
    ws.binary(&[0; 90_000]).await;
    until("it counts", &io, |pressure| pressure.waiting_bytes > 90_000).await;
    assert_eq!(get(server.addr, HANDSHAKE).await.status, 503);
    ws.binary(b"x").await;
    ws.fence().await;
    assert_eq!(io.pressure().waiting_bytes, 0);
    ws.text(r#"451-["unheard"]"#).await;
    drop(ws);
    until("it is given back", &io, |pressure| pressure.waiting_bytes == 0).await;
}

#[actix_rt::test]
async fn events_that_wait_for_handlers_count() {
    let (io, server, _ends) = start(|b| b.memory_budget(100_000).max_inflight_events(1));
    let finish = Arc::new(Notify::new());
    let finished = finish.clone();
    io.of("/").on("work", async move || finished.notified().await);
    let waiting = format!(r#"42["unheard","{}"]"#, "x".repeat(90_000));
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["work"]"#).await;
    ws.text(&waiting).await;
    until("it counts", &io, |pressure| pressure.waiting_bytes > 90_000).await;
    assert_eq!(get(server.addr, HANDSHAKE).await.status, 503);
    finish.notify_one();
    ws.expect("431[]").await;
    ws.fence().await;
    assert_eq!(io.pressure().waiting_bytes, 0);
    ws.text(r#"421["work"]"#).await;
    ws.text(&waiting).await;
    until("it counts again", &io, |pressure| pressure.waiting_bytes > 90_000).await;
    drop(ws);
    until("it is given back", &io, |pressure| pressure.waiting_bytes == 0).await;
}

/// A server with little memory that looks often, and two polling clients: one holds much, the other something.
async fn crowded(
    options: impl FnOnce(Builder) -> Builder,
) -> (SocketIo, TestServer, super::Ends, [Polling; 2]) {
    let (io, server, ends) = start(|b| options(b.write_timeout(SHORT)));
    let (large, small) = (Polling::connect(&server).await, Polling::connect(&server).await);
    large.post(back(90_000)).await;
    small.post(back(20_000)).await;
    (io, server, ends, [large, small])
}

#[actix_rt::test]
async fn when_memory_is_short_whoever_holds_most_and_takes_nothing_is_disconnected() {
    let (io, server, mut ends, [large, small]) = crowded(|b| b.memory_budget(100_000)).await;
    assert_eq!(ends.reason(&large.id).await, "transport error");
    let Pressure { closed_for_memory, slow_consumers, .. } = io.pressure();
    assert_eq!((closed_for_memory, slow_consumers), (1, 0));
    assert_eq!(small.poll().await.text(), back(20_000));
    assert_eq!(ends.so_far(), []);
    Ws::connect(&server).await.fence().await;
}

#[actix_rt::test]
async fn memory_without_a_limit_is_never_short() {
    let (io, server, mut ends, [large, small]) =
        crowded(|b| b.memory_budget(Limit::Unlimited)).await;
    let mut clock = Ws::connect(&server).await;
    let begun = std::time::Instant::now();
    while begun.elapsed() < 2 * SHORT {
        clock.fence().await;
    }
    assert!(io.pressure().waiting_bytes > 90_000);
    assert_eq!(large.poll().await.text(), back(90_000));
    assert_eq!(small.poll().await.text(), back(20_000));
    assert_eq!(ends.so_far(), []);
}
