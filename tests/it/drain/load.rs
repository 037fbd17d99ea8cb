//! A crowd with traffic both ways. 500 clients in every run; `DRAIN_CLIENTS=5000` by hand, see `docs/testing.md`.

use std::time::{Duration, Instant};

use actix_socketio::{Drain, Socket, SocketIo};

use super::figures;
use crate::support::{Message, TestServer, Ws, echoing, ran};

/// Time between two ticks to everybody.
const TICK: Duration = Duration::from_millis(500);
/// For a machine that stands still.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events that are emitted to everybody right before the drain.
const BURST: usize = 20;

/// Reads ticks, of which none may be missing, and answers every tenth with a question. Returns the number of the last one, and when
/// the close came.
async fn take_part(mut ws: Ws) -> (usize, Instant) {
    let mut next = 0;
    loop {
        match ws.next().await {
            Message::Text(text) if text.starts_with("43") => {}
            Message::Text(text) => {
                assert_eq!(text, format!(r#"42["n",{next}]"#), "one is missing");
                next += 1;
                if next % 10 == 0 {
                    // The server may just have closed.
                    ws.try_text(&format!(r#"42{next}["echo"]"#)).await;
                }
            }
            Message::Close(None) => break,
            other => panic!("unexpected: {other:?}"),
        }
    }
    let closed = Instant::now();
    ws.answer_close().await;
    (next, closed)
}

#[actix_rt::test]
async fn a_crowd_with_traffic_is_closed_cleanly_and_one_after_another() {
    let count = std::env::var("DRAIN_CLIENTS").map_or(500, |count| count.parse().unwrap());
    let over = Duration::from_millis(count as u64).max(Duration::from_secs(2));
    // No pings, however long it takes until all are there.
    let io = SocketIo::builder().ping_interval(Duration::from_secs(600)).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on_connect(async |socket: Socket| socket.join("room"));
    let server = TestServer::with_workers(&io, 2);
    let mut clients = Vec::new();
    for _ in 0..count {
        clients.push(Ws::connect(&server).await);
    }
    let readers: Vec<_> = clients.into_iter().map(|ws| actix_rt::spawn(take_part(ws))).collect();
    let mut emitted = 0..;
    let mut emit = || io.to("room").emit("n", &emitted.next());
    (0..BURST).for_each(|_| emit());
    let began = Instant::now();
    let running = ran();
    let mut drained = Box::pin(io.drain(Drain::over(over).deadline(over + PATIENCE)));
    let report = loop {
        match actix_rt::time::timeout(TICK, &mut drained).await {
            Ok(report) => break report,
            Err(_) => emit(),
        }
    };
    let took = ran() - running;
    let mut closes = Vec::new();
    for reader in readers {
        let (ticks, closed) = reader.await.unwrap();
        assert!(ticks >= BURST, "what was emitted before the drain is missing");
        closes.push(closed - began);
    }
    assert_eq!(figures(&report), [count, count, 0, 0, 0]);
    assert!(report.took >= over && took < over + Duration::from_secs(3), "{took:?}; {report}");
    closes.sort();
    let half = closes.partition_point(|close| *close < over / 2);
    let last = closes[count - 1];
    println!("{report}; {half} by half of the time, the last after {last:?}");
    // None is early; how many are late depends on the machine.
    assert!(half <= count / 2 + count / 10, "{half} of {count} by half of the time");
}
