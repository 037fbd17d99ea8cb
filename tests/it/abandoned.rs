//! Clients that go without a word: what they have opened is closed in time, all of it, and what it took is given back.

use std::time::{Duration, Instant};

use actix_socketio::SocketIo;

use crate::support::{
    DEADLINE, Exchange, Polling, TestServer, Ws, echoing, get,
    process::{by, connections, is_alone, memory},
};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const ABANDONED: usize = 5000;
const HALF_OPEN: usize = 200;
/// Rounds after which as much memory is in use as before them, within a tolerance in bytes: one kilobyte of each session would be more.
const ROUNDS: usize = 3;
const MEMORY_TOLERANCE: usize = ROUNDS * ABANDONED * 1000;

/// Opens sessions, as many as can be waited for, and leaves them. Returns the id of the first.
async fn abandon(server: &TestServer) -> String {
    const AT_ONCE: usize = 50;
    let request =
        format!("GET {POLLING} HTTP/1.1\r\nhost: {}\r\n\r\n", server.addr).repeat(AT_ONCE);
    let mut exchange = Exchange::begin(server.addr, b"").await;
    let mut sids = Vec::new();
    for _ in 0..ABANDONED / AT_ONCE {
        exchange.write(request.as_bytes()).await;
        for _ in 0..AT_ONCE {
            let open = exchange.next_response().await;
            sids.push(open.text().split('"').nth(3).unwrap().to_owned());
        }
    }
    assert_eq!(sids.len(), ABANDONED);
    sids.swap_remove(0)
}

#[actix_rt::test]
async fn thousands_of_abandoned_polling_sessions_are_gone_after_the_ping_timeout() {
    let ping = Duration::from_millis(500);
    let io = SocketIo::builder().ping_interval(ping).ping_timeout(ping).build().unwrap();
    let server = TestServer::start(&io);
    let mut in_use = Vec::new();
    for _ in 0..=ROUNDS {
        let sid = abandon(&server).await;
        assert_ne!(io.clients_count(), 0);
        by(Instant::now() + 2 * ping + DEADLINE, "sessions", || io.clients_count()).await;
        let late = get(server.addr, &format!("{POLLING}&sid={sid}")).await;
        assert_eq!(late.parts(), (400, r#"{"code":1,"message":"Session ID unknown"}"#));
        by(Instant::now() + DEADLINE, "connections", || connections(&server)).await;
        in_use.push(memory());
    }
    // An allocator keeps what it has got, so later rounds take what the first one has left. Only in a process of its own can that be
    // seen, which nextest gives to each test.
    if is_alone() {
        assert!(in_use[ROUNDS] < in_use[0] + MEMORY_TOLERANCE, "{in_use:?}");
    }
}

#[actix_rt::test]
async fn websockets_that_never_probe_are_closed_and_their_polling_sessions_unharmed() {
    let timeout = Duration::from_millis(100);
    let io = SocketIo::builder().upgrade_timeout(timeout).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut half_open = Vec::new();
    for _ in 0..HALF_OPEN {
        let client = Polling::connect(&server).await;
        let path = format!("/socket.io/?EIO=4&transport=websocket&sid={}", client.sid);
        let (response, ws) = Ws::request(server.addr, &path).await;
        assert_eq!(response.status, 101);
        half_open.push((client, ws));
    }
    for (client, mut ws) in half_open {
        ws.expect_close(None).await;
        client.fence().await;
    }
    assert_eq!(io.clients_count(), HALF_OPEN);
    assert_eq!(ends.so_far(), []);
    by(Instant::now() + DEADLINE, "connections", || connections(&server)).await;
}

#[actix_rt::test]
async fn websockets_that_never_join_a_namespace_are_closed() {
    let timeout = Duration::from_secs(1);
    let io = SocketIo::builder().connect_timeout(timeout).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut joined = Ws::connect(&server).await;
    let mut silent = Vec::new();
    for _ in 0..HALF_OPEN {
        silent.push(Ws::open(&server).await);
    }
    for mut ws in silent {
        ws.expect_close(None).await;
    }
    by(Instant::now() + DEADLINE, "other connections", || connections(&server) - 1).await;
    assert_eq!(io.clients_count(), 1);
    joined.fence().await;
}
