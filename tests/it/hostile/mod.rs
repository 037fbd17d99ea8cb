//! Clients that mean harm: whatever they send, they get the answer that is due, others are served meanwhile, and what was used for them
//! is given back. `docs/testing.md` has the table of them.
//!
//! Every test plays on a [`Scene`]. Figures of the process are looked at where a test has one of its own, as with nextest.

mod floods;
mod frames;
mod handshakes;
mod http;
mod ids;
mod logs;
mod packets;

use std::{
    future::pending,
    net::SocketAddr,
    time::{Duration, Instant},
};

use actix_socketio::{Builder, SocketIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    DEADLINE, Ends, Exchange, Polling, Served, TestServer, UPGRADE, Witness, Ws, echoing, process,
    within,
};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

const UNKNOWN_SID: &str = r#"{"code":1,"message":"Session ID unknown"}"#;

/// Memory that an allocator may keep, in bytes.
const KEPT: usize = 10 << 20;

/// A server with an echo, and a witness.
struct Scene {
    io: SocketIo,
    server: TestServer,
    ends: Ends,
    witness: Witness,
    /// Bytes that were in use before, and the memory of the process, which is more.
    allocated: usize,
    memory: usize,
    descriptors: usize,
}

impl Scene {
    async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(options: impl FnOnce(Builder) -> Builder) -> Self {
        let io = options(SocketIo::builder()).build().unwrap();
        let ends = echoing(&io.of("/"));
        let server = TestServer::start(&io);
        let witness = Witness::of(&server).await;
        // What the first clients leave behind is there before anything is measured.
        let client = Polling::connect(&server).await;
        client.post("1").await;
        drop(Ws::connect(&server).await);
        settle("sessions before", || io.clients_count() == 1).await;
        process::forget_peak();
        let (_, allocated) = process::allocated();
        let (memory, descriptors) = (process::memory(), process::files());
        Self { io, server, ends, witness, allocated, memory, descriptors }
    }

    fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// An allocator keeps of what happens for the first time what it needs to do it again; that counts as used before.
    async fn first_round_is_over(&mut self) {
        settle("sessions", || self.io.clients_count() == 1).await;
        (self.allocated, self.memory) = (process::allocated().1, process::memory());
    }

    /// All clients but the witness have gone, with all that was used for them, and the witness has been served. Nothing has panicked, or
    /// the server says so when it is dropped.
    async fn assert_unharmed(self) -> Served {
        settle("sessions", || self.io.clients_count() == 1).await;
        if process::is_alone() {
            settle("descriptors", || process::files() <= self.descriptors).await;
            // What the allocator gives back to the system is up to it.
            settle("memory", || process::allocated().1 <= self.allocated + KEPT).await;
        }
        self.witness.assert_served().await
    }

    /// At no time more memory than this was in use beside what was before.
    fn assert_peak(&self, more: usize) {
        if process::is_alone() {
            let peak = process::peak_memory().saturating_sub(self.memory);
            assert!(peak <= more + KEPT, "{} KiB more", peak >> 10);
        }
    }

    /// A client with a socket sends this. Its connection is closed, with this code if there is one, and it is told no more than that.
    async fn assert_closes(&mut self, bytes: &[u8], code: Option<u16>, reason: &str) {
        let mut ws = Ws::connect(&self.server).await;
        // It may be closed before all of them are sent.
        let _ = ws.try_send(bytes).await;
        ws.expect_close(code).await;
        assert_eq!(self.ends.reason(&ws.id).await, reason, "{}", shown(bytes));
    }
}

/// Waits for what must be so in the end.
async fn settle(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        let (allocated, open) = (process::allocated().1 >> 10, process::files());
        assert!(Instant::now() < deadline, "{what}: {allocated} KiB, {open} descriptors");
        actix_rt::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The beginning of some bytes, for messages.
fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(60)].escape_ascii().to_string()
}

/// A request for a WebSocket, whole.
fn upgrade(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n{UPGRADE}\r\n")
}

/// Sends these bytes on a connection of their own and reads meanwhile. Returns all that comes until the server ends the connection or
/// sends a close frame, and how much was sent until then.
async fn converse(addr: SocketAddr, bytes: &[u8]) -> (Vec<u8>, usize) {
    let exchange = Exchange::begin(addr, b"").await;
    let (mut reader, mut writer) = exchange.stream.into_split();
    let mut sent = 0;
    let write = async {
        for piece in bytes.chunks(1 << 14) {
            if writer.write_all(piece).await.is_err() {
                break;
            }
            sent += piece.len();
        }
        pending::<()>().await;
    };
    let mut answer = Vec::new();
    let read = async {
        // An end is an end, broken off or not.
        while reader.read_buf(&mut answer).await.is_ok_and(|read| read > 0) {
            if matches!(answer[..], [.., 0x88, 0] | [.., 0x88, 2, _, _]) {
                break;
            }
        }
    };
    let ended = async {
        tokio::select! { () = write => {}, () = read => {} }
    };
    within(format_args!("an end after {}", shown(bytes)), ended).await;
    (answer, sent)
}

/// What happens takes processor time in proportion to its size: of four times as much, it takes far less than sixteen times as long.
async fn assert_linear(what: &str, size: usize, happens: impl AsyncFn(usize)) {
    if !process::is_alone() {
        return happens(size).await;
    }
    let mut least = [Duration::MAX; 2];
    for _ in 0..3 {
        for (least, size) in least.iter_mut().zip([size / 4, size]) {
            let before = process::processor_time();
            happens(size).await;
            *least = process::processor_time().saturating_sub(before).min(*least);
        }
    }
    let [quarter, whole] = least;
    println!("{what}: {quarter:?} for a quarter, {whole:?} for the whole");
    assert!(whole <= 8 * quarter + Duration::from_millis(20), "{what}: {quarter:?}, {whole:?}");
}
