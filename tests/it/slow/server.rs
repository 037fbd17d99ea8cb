//! The server of this test, in a process of its own: what it logs, counts and holds is that of no other test, and of no client.
//!
//! It is this test binary once more, playing the ignored test below. Routes beside the server are how it is told what to do, and asked
//! what it has seen.

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader, Lines, Read},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use actix_rt::time::{interval, sleep};
use actix_socketio::{
    DisconnectReason, Limit, Payload, Socket, SocketIo, TopologyLimits, TopologyLog,
};
use actix_web::web::{Json, get};
use serde::{Deserialize, Serialize};
use tokio::time::MissedTickBehavior;

use super::{PING, TICK, frame};
use crate::support::{self, TestServer, logged, process};

/// The setting that says what the process is for, in JSON.
const SETTINGS: &str = "SLOW_SERVER";
const LISTENING: &str = "listening on ";
/// Time between two looks at what waits.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Settings {
    /// Bytes that may wait for a client.
    pub(super) outbox: usize,
    pub(super) write_timeout: Duration,
}

/// What the server is told.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    StartBroadcasts,
    StopBroadcasts,
    /// The most memory from now on.
    Measure,
}

impl Turn {
    const ALL: [Self; 3] = [Self::StartBroadcasts, Self::StopBroadcasts, Self::Measure];

    fn path(self) -> &'static str {
        match self {
            Self::StartBroadcasts => "/start",
            Self::StopBroadcasts => "/stop",
            Self::Measure => "/measure",
        }
    }
}

/// How a socket has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) id: String,
    pub(super) reason: String,
    /// How long after it has joined the room.
    pub(super) after: Duration,
}

/// What the server knows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Report {
    /// Broadcasts, and as many volatile ones.
    pub(super) emitted: u64,
    pub(super) ends: Vec<End>,
    /// Warnings and errors.
    pub(super) log: Vec<String>,
    /// Volatile packets that a client was not ready for.
    pub(super) dropped: u64,
    /// Connections closed because their outbox was full, because they took nothing, and because memory was short.
    pub(super) closed: [u64; 3],
    /// What waits, in bytes, and the most that ever has: for all clients, and for one.
    pub(super) waiting: usize,
    pub(super) most_waiting: usize,
    pub(super) most_for_one: usize,
    /// Of the process, in bytes, and the most since [`Turn::Measure`].
    pub(super) memory: usize,
    pub(super) peak: usize,
    /// Bytes that are allocated.
    pub(super) allocated: usize,
}

/// A server process. It ends when this is dropped.
pub(super) struct Server {
    pub(super) addr: SocketAddr,
    child: Child,
    /// Kept open for its last words.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    pub(super) fn start(settings: Settings) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["slow::server::a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
            .env(SETTINGS, serde_json::to_string(&settings).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let addr = output.find_map(|line| {
            line.unwrap().split_once(LISTENING).map(|(_, addr)| addr.parse().unwrap())
        });
        Self { addr: addr.expect("the server did not start"), child, _output: output }
    }

    pub(super) async fn tell(&self, turn: Turn) {
        assert_eq!(support::get(self.addr, turn.path()).await.status, 200);
    }

    pub(super) async fn report(&self) -> Report {
        serde_json::from_slice(&support::get(self.addr, "/report").await.body).unwrap()
    }

    /// A report for which this is so, or what is still to come after this time.
    pub(super) async fn until(
        &self,
        what: &str,
        time: Duration,
        is_so: impl Fn(&Report) -> bool,
    ) -> Report {
        let deadline = Instant::now() + time;
        loop {
            let report = self.report().await;
            if is_so(&report) {
                return report;
            }
            assert!(Instant::now() < deadline, "{what}: not within {time:?}: {report:?}");
            sleep(LOOK).await;
        }
    }

    /// Ends the process; nothing in it has panicked, or it says so.
    pub(super) fn end(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What routes and handlers share.
#[derive(Default)]
struct Seen {
    joined: HashMap<String, Instant>,
    broadcasting: bool,
    report: Report,
}

#[derive(Clone)]
struct Process {
    io: SocketIo,
    seen: Arc<Mutex<Seen>>,
}

impl Process {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn watch_sockets(&self) {
        let (joining, ending) = (self.clone(), self.clone());
        self.io
            .of("/")
            .on("echo", async |args: Payload| args)
            .on("join", async move |socket: Socket| {
                joining.seen().joined.insert(socket.id().to_string(), Instant::now());
                socket.join("all");
            })
            .on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
                let (mut seen, id) = (ending.seen(), socket.id().to_string());
                let after = seen.joined[&id].elapsed();
                seen.report.ends.push(End { id, reason: reason.as_str().to_owned(), after });
            });
    }

    fn take(&self, turn: Turn) -> &'static str {
        match turn {
            Turn::StartBroadcasts => self.seen().broadcasting = true,
            Turn::StopBroadcasts => self.seen().broadcasting = false,
            Turn::Measure => process::forget_peak(),
        }
        ""
    }

    async fn broadcast(self) {
        let padding = "x".repeat(frame());
        let mut ticks = interval(TICK);
        // After a time in which the machine stood still, what was not sent is not sent at once.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let mut seen = self.seen();
            if seen.broadcasting {
                seen.report.emitted += 1;
                let n = seen.report.emitted;
                drop(seen);
                self.io.to("all").volatile().emit("v", &n);
                self.io.to("all").emit("n", &(n, &padding));
            }
        }
    }

    /// Looks at what waits, for the figures of the most.
    async fn look(self) {
        let limits = TopologyLimits {
            namespaces: 0,
            rooms: 0,
            members: 0,
            sessions: usize::MAX,
            patience: LOOK,
        };
        loop {
            sleep(LOOK).await;
            let topology = self.io.topology_with(limits).await;
            let sessions = topology.couriers.iter().flat_map(|courier| &courier.sessions.items);
            let for_one = sessions.map(|session| session.outbox.bytes).max().unwrap_or(0);
            let waiting = self.io.pressure().waiting_bytes;
            let report = &mut self.seen().report;
            report.most_for_one = report.most_for_one.max(for_one);
            report.most_waiting = report.most_waiting.max(waiting);
        }
    }

    async fn report(self) -> Json<Report> {
        let counters = self.io.topology_with(TopologyLimits::totals()).await.counters;
        let pressure = self.io.pressure();
        Json(Report {
            log: logged(log::Level::Warn),
            dropped: counters.dropped,
            closed: [counters.slow_consumers, pressure.slow_consumers, pressure.closed_for_memory],
            waiting: pressure.waiting_bytes,
            memory: process::memory(),
            peak: process::peak_memory(),
            allocated: process::allocated().1,
            ..self.seen().report.clone()
        })
    }
}

#[actix_rt::test]
#[ignore = "played by the tests beside"]
async fn a_process_of_its_own() {
    let Ok(settings) = env::var(SETTINGS) else { return };
    let Settings { outbox, write_timeout } = serde_json::from_str(&settings).unwrap();
    logged(log::Level::Warn);
    let io = SocketIo::builder()
        .outbox_limits(outbox, 16_384)
        .write_timeout(write_timeout)
        // What one client may hold is what bounds them here.
        .memory_budget(Limit::Unlimited)
        .ping_interval(PING)
        // Whoever is gone is gone for another reason.
        .ping_timeout(Duration::from_secs(120))
        .topology_log(TopologyLog::Off)
        // A machine with too much to do stops threads for so long, too, and the log has to be exact.
        .stall_threshold(None)
        .build()
        .unwrap();
    let process = Process { io: io.clone(), seen: Arc::default() };
    process.watch_sockets();
    let beside = process.clone();
    let server = TestServer::mounting(2, move |cfg| {
        io.mount(cfg);
        let process = beside.clone();
        cfg.route("/report", get().to(move || process.clone().report()));
        for turn in Turn::ALL {
            let process = beside.clone();
            cfg.route(turn.path(), get().to(move || std::future::ready(process.take(turn))));
        }
    });
    actix_rt::spawn(process.clone().broadcast());
    actix_rt::spawn(process.look());
    println!("{LISTENING}{}", server.addr);
    // Until whoever has started it has gone.
    let wait = || std::io::stdin().read_to_end(&mut Vec::new());
    actix_rt::task::spawn_blocking(wait).await.unwrap().unwrap();
}
