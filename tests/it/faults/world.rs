//! The server of this test, what it has seen, and a client beside that must not notice anything.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use actix::{Actor, Context, Handler};
use actix_socketio::{Args, DisconnectReason, Lifecycle, Socket, SocketIo};
use tokio::sync::watch;

use super::{
    LATE,
    proxy::{Faults, Proxy},
};
use crate::support::{Client, Moment, Over, TestServer, process::connections, ran};

const PING_INTERVAL: Duration = Duration::from_millis(300);
const PING_TIMEOUT: Duration = Duration::from_millis(1500);
/// A client gives up when it has heard nothing for so long.
pub(super) const PATIENCE: Duration = Duration::from_millis(1800);
/// Within this time after its last sign of life, a session has ended.
pub(super) const BOUND: Duration = Duration::from_millis(1800 + 5000);

/// What the server knows of a socket.
#[derive(Debug, Default)]
struct Seen {
    /// The highest number so far.
    last: u64,
    wrong: Vec<(u64, u64)>,
    ended: bool,
}

type AllSeen = Arc<Mutex<HashMap<String, Seen>>>;

/// See the module.
pub(super) struct World {
    pub(super) server: TestServer,
    pub(super) faults: Arc<Faults>,
    io: SocketIo,
    seen: AllSeen,
    ends: watch::Receiver<usize>,
    rooms: Arc<AtomicUsize>,
}

struct Watcher(Arc<AtomicUsize>);

impl Actor for Watcher {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Watcher {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
        match fact {
            Lifecycle::RoomCreated { .. } => drop(self.0.fetch_add(1, SeqCst)),
            Lifecycle::RoomDeleted { .. } => drop(self.0.fetch_sub(1, SeqCst)),
            _ => {}
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        let io = SocketIo::builder()
            .ping_interval(PING_INTERVAL)
            .ping_timeout(PING_TIMEOUT)
            .connect_timeout(PING_TIMEOUT)
            .upgrade_timeout(PING_TIMEOUT)
            .body_timeout(PING_TIMEOUT)
            .build()
            .unwrap();
        let seen = AllSeen::default();
        let rooms = Arc::<AtomicUsize>::default();
        io.of("/").forward(Watcher(rooms.clone()).start().recipient::<Lifecycle>());
        let ends = count(&io, &seen);
        let server = TestServer::with_workers(&io, 2);
        Self { server, faults: Arc::default(), io, seen, ends, rooms }
    }

    /// Waits for the end of this socket. `false` when it does not come in time.
    pub(super) async fn ends_in_time(&self, id: &str) -> bool {
        let mut ends = self.ends.clone();
        let ended = || self.seen.lock().unwrap().get(id).is_some_and(|seen| seen.ended);
        let end = ends.wait_for(|_| ended());
        actix_rt::time::timeout(BOUND, end).await.is_ok()
    }

    /// The events of this socket that were not the next in turn, each with the highest number before it.
    pub(super) fn out_of_order(&self, id: &str) -> Vec<(u64, u64)> {
        self.seen.lock().unwrap().get(id).map_or(Vec::new(), |seen| seen.wrong.clone())
    }

    /// Waits until nothing is left.
    pub(super) async fn settle(&self) {
        let deadline = Instant::now() + BOUND;
        loop {
            let sockets = self.io.everyone().fetch_sockets().await.unwrap().len();
            let left = [
                ("sessions", self.io.clients_count()),
                ("sockets", sockets),
                ("rooms", self.rooms.load(SeqCst)),
                ("connections", connections(&self.server)),
            ];
            if left.iter().all(|(_, count)| *count == 0) {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {left:?}");
            actix_rt::task::yield_now().await;
        }
    }
}

/// The server counts: every number comes back to its sender alone, then to the sender's room. The end of each socket is told.
fn count(io: &SocketIo, seen: &AllSeen) -> watch::Receiver<usize> {
    let (tell, ends) = watch::channel(0);
    let (joined, counted, ended) = (seen.clone(), seen.clone(), seen.clone());
    io.of("/")
        .on_connect(async move |socket: Socket| {
            joined.lock().unwrap().insert(socket.id().to_string(), Seen::default());
            socket.join(format!("of {}", socket.id()));
        })
        .on("echo", async || ())
        .on("n", async move |socket: Socket, Args(n): Args<u64>| {
            if let Some(seen) = counted.lock().unwrap().get_mut(socket.id().as_str()) {
                if n != seen.last + 1 {
                    seen.wrong.push((seen.last, n));
                }
                seen.last = seen.last.max(n);
            }
            socket.emit("own", &n);
            socket.within(format!("of {}", socket.id())).emit("room", &n);
        })
        .on_disconnect(async move |socket: Socket, _: DisconnectReason| {
            if let Some(seen) = ended.lock().unwrap().get_mut(socket.id().as_str()) {
                seen.ended = true;
            }
            tell.send_modify(|ends| *ends += 1);
        });
    ends
}

/// A client without a proxy, on a thread of its own, and how long it has waited for an echo at most.
pub(super) struct Witness {
    over: Arc<AtomicBool>,
    thread: JoinHandle<(usize, Duration)>,
}

impl Witness {
    pub(super) fn start(addr: SocketAddr) -> Self {
        let over = Arc::<AtomicBool>::default();
        let ends = over.clone();
        let echo = async move {
            let (mut echoes, mut longest) = (0, Duration::ZERO);
            while !ends.load(SeqCst) {
                let connected = Moment::now();
                match echo_until(addr, &ends, &mut echoes, &mut longest).await {
                    // It could not answer a ping.
                    Err(_) if connected.stood_still() > LATE => {}
                    echoed => echoed.unwrap(),
                }
            }
            (echoes, longest)
        };
        let thread = std::thread::spawn(|| actix_rt::System::new().block_on(echo));
        Self { over, thread }
    }

    /// How many echoes it has got, and the longest time for one.
    pub(super) fn end(self) -> (usize, Duration) {
        self.over.store(true, SeqCst);
        self.thread.join().unwrap()
    }
}

/// Asks for echoes over one connection.
async fn echo_until(
    addr: SocketAddr,
    over: &AtomicBool,
    echoes: &mut usize,
    longest: &mut Duration,
) -> io::Result<()> {
    let mut client = Client::open(addr, Over::WebSocket, BOUND).await?;
    client.join().await?;
    while !over.load(SeqCst) {
        let asked = ran();
        client.send(r#"421["echo"]"#).await?;
        client.expect("431[]").await?;
        *longest = (*longest).max(ran() - asked);
        *echoes += 1;
        // It is a witness, not a load.
        actix_rt::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// A proxy in front of this server.
pub(super) async fn proxy(
    world: &World,
    chance: super::chance::Chance,
    plan: fn(&mut super::chance::Chance) -> super::proxy::Plan,
) -> Proxy {
    Proxy::start(world.server.addr, world.faults.clone(), chance, plan).await.unwrap()
}
