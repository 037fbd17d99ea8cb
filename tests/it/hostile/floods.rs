//! Much of what is harmless alone.

use std::time::{Duration, Instant};

use actix_socketio::{Namespace, Socket};

use super::{POLLING, Scene, WEBSOCKET, settle};
use crate::support::{Exchange, Polling, Ws, given_time, masked, process};

/// Without optimisation, as many as a test has time for.
const fn many(count: usize) -> usize {
    if cfg!(debug_assertions) { count / 5 } else { count }
}

const PING: Duration = Duration::from_millis(200);

/// Of the server, for those who are there and have to wait, if the machine does not stand still.
const PATIENCE: Duration = Duration::from_millis(1500);

#[actix_rt::test]
async fn a_flood_of_pongs_starts_nothing_and_others_are_pinged_on_time() {
    let scene = Scene::with(|builder| builder.ping_interval(PING)).await;
    let mut ws = Ws::connect(&scene.server).await;
    let threads = process::threads();
    let pongs = masked(0x81, b"3").repeat(1000);
    for _ in 0..1000 {
        // It may be closed for it.
        if ws.try_send(&pongs).await.is_err() {
            break;
        }
    }
    if process::is_alone() {
        assert_eq!(process::threads(), threads);
    }
    scene.assert_peak(0);
    drop(ws);
    // Time for a ping, whatever the flood has taken.
    let mut other = Ws::connect(&scene.server).await;
    other.expect("2").await;
    drop(other);
    let served = scene.assert_unharmed().await;
    assert!(served.pings > 0, "{served:?}");
}

/// However many are let pass, each is forgotten at once: its sender is pinged on time, and is gone when it stops to answer.
#[actix_rt::test]
async fn pongs_that_are_let_pass_put_nothing_off_and_start_nothing() {
    const PONGS: usize = 10_000;
    given_time(PATIENCE, async |patience| {
        let mut scene = Scene::with(|builder| {
            let builder = builder.ping_interval(PING).ping_timeout(patience);
            builder.max_unsolicited_pongs(2 * PONGS)
        })
        .await;
        let mut ws = Ws::connect(&scene.server).await;
        let (connected, threads) = (Instant::now(), process::threads());
        let (mut pings, mut pongs) = (0, 0);
        while pings < 3 {
            // They answer the ping, whenever it comes.
            if pongs < PONGS {
                ws.send(&masked(0x81, b"3").repeat(100)).await;
                pongs += 100;
            } else {
                ws.text("3").await;
            }
            ws.text(r#"421["echo"]"#).await;
            match &*ws.next_text().await {
                "2" => pings += 1,
                answer => assert_eq!(answer, "431[]"),
            }
        }
        let took = connected.elapsed();
        assert!(took < 3 * PING + patience, "the third ping came after {took:?}");
        if process::is_alone() {
            assert_eq!(process::threads(), threads);
        }
        scene.assert_peak(0);
        assert_eq!(scene.ends.reason(&ws.id).await, "ping timeout");
        drop(ws);
        scene.assert_unharmed().await;
    })
    .await;
}

#[actix_rt::test]
async fn thousands_of_clients_that_come_and_go_leave_nothing() {
    let scene = Scene::start().await;
    for n in 0..many(10_000) {
        match n % 4 {
            0 => drop(Exchange::begin(scene.addr(), super::upgrade(WEBSOCKET).as_bytes()).await),
            1 => drop(Ws::open(&scene.server).await),
            2 => drop(Ws::connect(&scene.server).await),
            _ => drop(Polling::connect(&scene.server).await.start_poll().await),
        }
    }
    scene.assert_unharmed().await;
}

/// A poll that breaks off ends its session, so these are the ones that nobody polls.
#[actix_rt::test]
async fn polling_sessions_that_nobody_polls_are_gone_after_the_ping_timeout() {
    given_time(PATIENCE, async |patience| {
        let scene = Scene::with(|builder| builder.ping_interval(PING).ping_timeout(patience)).await;
        let request = format!("GET {POLLING} HTTP/1.1\r\nhost: x\r\n\r\n").repeat(50);
        let mut exchange = Exchange::begin(scene.addr(), b"").await;
        for _ in 0..many(5000) / 50 {
            exchange.write(request.as_bytes()).await;
            for _ in 0..50 {
                assert_eq!(exchange.next_response().await.status, 200);
            }
        }
        drop(exchange);
        let served = scene.assert_unharmed().await;
        assert!(served.pings > 0, "{served:?}");
    })
    .await;
}

/// Each has its room in the outbox, and no more, however often it says that it is alive.
#[actix_rt::test]
async fn clients_that_never_read_are_gone_with_what_waited_for_them() {
    const CLIENTS: usize = 20;
    const OUTBOX: usize = 1 << 20;
    /// More than the system keeps for those who do not read.
    const ROUNDS: usize = 400;
    let scene = Scene::with(|builder| builder.outbox_limits(OUTBOX, 100)).await;
    let text = "x".repeat(100_000);
    scene.io.of("/").on("join", async |socket: Socket| socket.join("room")).on(
        "flood",
        async move |all: Namespace| {
            all.to("room").emit("x", &text);
        },
    );
    let mut silent = Vec::new();
    for _ in 0..CLIENTS {
        let mut ws = Ws::connect(&scene.server).await;
        ws.ask(r#"420["join"]"#, "430[]").await;
        silent.push(ws);
    }
    let mut speaker = Ws::connect(&scene.server).await;
    let mut rounds = 0;
    while scene.io.clients_count() > 2 {
        rounds += 1;
        assert!(rounds <= ROUNDS, "they are still there");
        speaker.ask(r#"421["flood"]"#, "431[]").await;
        for ws in &mut silent {
            let _ = ws.try_send(&masked(0x81, b"3")).await;
        }
    }
    scene.assert_peak(CLIENTS * OUTBOX);
    drop((silent, speaker));
    settle("clients", || scene.io.clients_count() == 1).await;
    scene.assert_unharmed().await;
}
