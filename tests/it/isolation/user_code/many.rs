//! Panics by the thousand, in every part of a client's life, while others ask for echoes: they get all of them, and stay.
//!
//! For longer, by hand: `PANICS=10000 PANIC_WITNESSES=1000`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_socketio::{EventName, Socket, SocketIo};
use futures_util::future::join_all;
use serde::Deserialize;

use super::{expect_panics, fail};
use crate::support::{TestServer, Ws, echoing, process::setting, within};

/// From one echo of a witness to its next.
const PACE: Duration = Duration::from_millis(200);
/// Clients that make things fail.
const FAILING: usize = 20;
/// Panics of one of them, from the first request to the last disconnect handler.
const PANICS_OF_A_ROUND: usize = 6;
/// For all of it; most of the time is that of the machine.
const LONGEST: Duration = Duration::from_secs(300);

/// At which step a client makes things fail.
#[derive(Deserialize)]
struct Auth {
    at: String,
}

fn fails_at(socket: &Socket, step: &str) -> bool {
    socket.auth::<Auth>().is_ok_and(|auth| auth.at == step)
}

fn prepare(io: &SocketIo) {
    io.of("/")
        .before_connect(async |socket: Socket| {
            if fails_at(&socket, "middleware") {
                fail("middleware");
            }
        })
        .on_connect(async |socket: Socket| {
            if fails_at(&socket, "later") {
                fail("connect");
            }
        })
        .before_event(async |EventName(name): EventName| {
            if name == "guarded" {
                fail("packet middleware");
            }
        })
        .on("event", async || fail("event"))
        .on("ask", async |socket: Socket| {
            let _: u32 = socket.ask("question", &()).await.unwrap();
            fail("ack");
        })
        .on_disconnect(async |socket: Socket| {
            if fails_at(&socket, "later") {
                fail("disconnect");
            }
        });
}

/// All six panics of a client, one after the other.
async fn fail_everywhere(ws: &mut Ws) {
    const FAILED: &str = r#"[{"error":"Internal server error"}]"#;
    ws.ask(r#"40{"at":"middleware"}"#, r#"44{"message":"Internal server error"}"#).await;
    ws.text(r#"40{"at":"later"}"#).await;
    assert!(ws.next_text().await.starts_with(r#"40{"sid":"#));
    ws.ask(r#"421["event"]"#, &format!("431{FAILED}")).await;
    ws.ask(r#"422["guarded"]"#, &format!("432{FAILED}")).await;
    ws.text(r#"423["ask"]"#).await;
    let asked = ws.next_text().await;
    let id = asked.strip_prefix("42").and_then(|it| it.strip_suffix(r#"["question"]"#)).unwrap();
    ws.ask(&format!("43{id}[1]"), &format!("433{FAILED}")).await;
    ws.text("41").await;
}

/// Asks for one echo after the other until it is told to stop; gives how many it has got, and the longest that one took. Its connection is
/// still open then.
async fn witness(mut ws: Ws, stop: Arc<AtomicBool>) -> (Ws, usize, Duration) {
    let (mut echoes, mut slowest) = (0, Duration::ZERO);
    let mut pace = actix_rt::time::interval(PACE);
    while !stop.load(Ordering::Acquire) {
        let asked = Instant::now();
        let (event, answer) =
            (format!(r#"42{echoes}["echo",{echoes}]"#), format!("43{echoes}[{echoes}]"));
        // Anything else than the answer, or an end of the connection, fails here.
        ws.ask(&event, &answer).await;
        slowest = slowest.max(asked.elapsed());
        echoes += 1;
        pace.tick().await;
    }
    (ws, echoes, slowest)
}

#[actix_rt::test]
async fn thousands_of_panics_cost_no_other_client_anything() {
    let rounds = setting("PANICS", 360).div_ceil(PANICS_OF_A_ROUND * FAILING).max(1);
    let (io, begun) = (SocketIo::new(), Instant::now());
    let mut ends = echoing(&io.of("/"));
    prepare(&io);
    let server = TestServer::with_workers(&io, 2);
    let stop = Arc::new(AtomicBool::new(false));
    let mut witnesses = Vec::new();
    for _ in 0..setting("PANIC_WITNESSES", 20) {
        let ws = Ws::connect(&server).await;
        witnesses.push(actix_rt::spawn(witness(ws, stop.clone())));
    }
    let failing = (0..FAILING).map(|_| async {
        let mut ws = Ws::open(&server).await;
        for _ in 0..rounds {
            fail_everywhere(&mut ws).await;
        }
        ws
    });
    let failing = actix_rt::time::timeout(LONGEST, join_all(failing)).await.unwrap();
    let panics = rounds * FAILING * PANICS_OF_A_ROUND;
    expect_panics(&io, "all", panics as u64).await;
    stop.store(true, Ordering::Release);
    let (mut still, mut echoes, mut slowest) = (Vec::new(), 0, Duration::ZERO);
    for witness in witnesses {
        let (ws, own, longest) = within("a witness", witness).await.unwrap();
        still.push(ws);
        echoes += own;
        slowest = slowest.max(longest);
    }
    let ended = ends.so_far();
    assert!(ended.iter().all(|(_, reason)| *reason == "client namespace disconnect"), "{ended:?}");
    assert_eq!(ended.len(), rounds * FAILING);
    println!(
        "{panics} panics, {echoes} echoes, the slowest after {slowest:?}, all in {:?}",
        begun.elapsed()
    );
    drop((failing, still));
}
