//! The server of this test, and the account of everything that it has taken for its clients.

use std::{
    fmt,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use actix::{Actor, Context, Handler};
use actix_socketio::{Args, Auth, ConnectError, Lifecycle, Namespace, Payload, Socket, SocketIo};
use serde::{Deserialize, Serialize};

use crate::support::{
    TestServer,
    process::{allocated, connections, files, memory},
};

/// Every client is pinged that is there for so long.
const PING: Duration = Duration::from_millis(300);
/// Silence is noticed after this, and what else has a limit ends. Clients on a busy machine are quicker.
const LIMIT: Duration = Duration::from_secs(5);
/// Time that handlers take which work on when their client has gone.
const WORK: Duration = Duration::from_millis(50);
/// Far longer than this test: only the end of the client settles a question.
const NEVER: Duration = Duration::from_secs(3600);
/// Packets that a slow client may leave unread.
const OUTBOX: usize = 64;
/// So often a client that floods itself gets back what it sends: too much if it does not read, whatever the system keeps for it.
const FLOOD: usize = 600;

/// What this process holds.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) files: usize,
    pub(super) pieces: usize,
    pub(super) bytes: usize,
    pub(super) resident: usize,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, pieces, bytes, resident } = self;
        write!(f, "{files} files, {pieces} pieces of {bytes} bytes, {resident} bytes resident")
    }
}

impl Taken {
    pub(super) fn now() -> Self {
        let (pieces, bytes) = allocated();
        Self { files: files(), pieces, bytes, resident: memory() }
    }
}

/// Exists as long as whatever holds it: it is the data of sockets, and handlers have it while they wait.
#[derive(Clone, Default, Serialize)]
struct Held {
    #[serde(skip)]
    token: Arc<()>,
}

#[derive(Default)]
struct Counts {
    rooms: AtomicUsize,
    members: AtomicUsize,
    /// Sockets that were ever connected.
    sockets: AtomicUsize,
    asked: AtomicUsize,
    answered: AtomicUsize,
    /// Middleware and handlers that have waited.
    waited: AtomicUsize,
}

/// See the module.
pub(super) struct Ledger {
    io: SocketIo,
    server: TestServer,
    sockets: Held,
    handlers: Held,
    counts: Arc<Counts>,
}

/// Counts rooms and memberships.
struct Watcher(Arc<Counts>);

impl Actor for Watcher {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Watcher {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
        match fact {
            Lifecycle::RoomCreated { .. } => self.0.rooms.fetch_add(1, SeqCst),
            Lifecycle::Joined { .. } => self.0.members.fetch_add(1, SeqCst),
            Lifecycle::Left { .. } => self.0.members.fetch_sub(1, SeqCst),
            Lifecycle::RoomDeleted { .. } => self.0.rooms.fetch_sub(1, SeqCst),
            Lifecycle::Connected { .. } | Lifecycle::Disconnected { .. } => return,
            Lifecycle::Missed(facts) => panic!("{facts} facts were missed"),
        };
    }
}

/// What clients ask of the middleware.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Wish {
    wait: bool,
    refuse: bool,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let io = SocketIo::builder()
            .ping_interval(PING)
            .ping_timeout(LIMIT)
            .connect_timeout(LIMIT)
            .upgrade_timeout(LIMIT)
            .outbox_limits(1 << 20, OUTBOX)
            .ack_timeout(NEVER)
            .cleanup_empty_child_namespaces(true)
            .build()
            .unwrap();
        let (sockets, handlers) = (Held::default(), Held::default());
        let counts = Arc::<Counts>::default();
        for namespace in [io.of("/"), io.of("/b"), io.of_pattern("/d/{n}").unwrap()] {
            keep_account(&namespace, &sockets, &counts);
        }
        wait(&io.of("/"), &handlers, &counts);
        ask(&io.of("/"), &handlers, &counts);
        let server = TestServer::with_workers(&io, 2);
        Self { io, server, sockets, handlers, counts }
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// Waits until nothing is left.
    pub(super) async fn settle(&self, deadline: Instant) {
        loop {
            let left = self.left().await;
            if left.iter().all(|(_, count)| *count == 0) {
                break;
            }
            assert!(Instant::now() < deadline, "left behind: {left:?}");
            actix_rt::task::yield_now().await;
        }
        // Namespaces remember some collectors that have ended, a few dozen at most, until somebody looks at the tree.
        drop(self.io.topology().await);
    }

    async fn left(&self) -> [(&'static str, usize); 9] {
        let counts = &self.counts;
        let mut sockets = 0;
        for namespace in self.io.namespaces() {
            sockets += namespace.everyone().fetch_sockets().await.map_or(0, |found| found.len());
        }
        [
            ("sessions", self.io.clients_count()),
            ("sockets", sockets),
            ("sockets that something holds", Arc::strong_count(&self.sockets.token) - 4),
            ("dynamic namespaces", self.io.namespaces().len() - 2),
            ("rooms", counts.rooms.load(SeqCst)),
            ("members", counts.members.load(SeqCst)),
            ("questions", counts.asked.load(SeqCst) - counts.answered.load(SeqCst)),
            ("handlers that wait", Arc::strong_count(&self.handlers.token) - 1 - HANDLERS),
            ("connections", connections(&self.server)),
        ]
    }

    /// What is back to zero was more than that before.
    pub(super) fn assert_used(&self, cycles: usize) {
        let counts = &self.counts;
        assert!(counts.sockets.load(SeqCst) > cycles / 2);
        assert!(counts.asked.load(SeqCst) > cycles / 20);
        assert!(counts.waited.load(SeqCst) > cycles / 20);
    }
}

/// Every socket joins rooms and holds something.
fn keep_account(namespace: &Namespace, sockets: &Held, counts: &Arc<Counts>) {
    namespace.forward(Watcher(counts.clone()).start().recipient::<Lifecycle>());
    let (held, counts) = (sockets.clone(), counts.clone());
    namespace.on_connect(async move |socket: Socket| {
        let n = counts.sockets.fetch_add(1, SeqCst);
        socket.set_data(held.clone());
        socket.join(["all".to_owned(), format!("one of seven: {}", n % 7), format!("only {n}")]);
    });
}

/// Closures that hold what their futures hold.
const HANDLERS: usize = 4;

/// Middleware and handlers that are still waiting when their client goes, or that end it.
fn wait(namespace: &Namespace, handlers: &Held, counts: &Arc<Counts>) {
    let work = |handlers: &Held, counts: &Arc<Counts>| {
        let (held, counts) = (handlers.clone(), counts.clone());
        move || {
            let held = held.clone();
            counts.waited.fetch_add(1, SeqCst);
            async move {
                actix_rt::time::sleep(WORK).await;
                drop(held);
            }
        }
    };
    let (in_middleware, in_handler) = (work(handlers, counts), work(handlers, counts));
    namespace
        .before_connect(async move |wish: Option<Auth<Wish>>| match wish {
            Some(Auth(Wish { wait: true, .. })) => {
                in_middleware().await;
                Ok(())
            }
            Some(Auth(Wish { refuse: true, .. })) => Err(ConnectError::new("not you")),
            _ => Ok(()),
        })
        .on("echo", async || ())
        .on("work", async move |socket: Socket| {
            socket.emit("working", &());
            in_handler().await;
        })
        .on("kick", async |socket: Socket, Args(close): Args<bool>| socket.disconnect(close))
        .on("flood", async |socket: Socket, drop: Payload| {
            (0..FLOOD).for_each(|_| socket.emit("drop", &drop));
            socket.emit("all", &());
        });
}

/// Handlers whose questions nobody answers.
fn ask(namespace: &Namespace, handlers: &Held, counts: &Arc<Counts>) {
    let (held, counted) = (handlers.clone(), counts.clone());
    namespace.on("ask", async move |socket: Socket| {
        let _held = held.clone();
        counted.asked.fetch_add(1, SeqCst);
        assert!(socket.ask::<u8>("question", &()).await.unwrap_err().is_disconnected());
        counted.answered.fetch_add(1, SeqCst);
    });
    let (held, counted) = (handlers.clone(), counts.clone());
    namespace.on("ask all", async move |socket: Socket| {
        let _held = held.clone();
        counted.asked.fetch_add(1, SeqCst);
        // In its own room.
        let asked = socket.within(socket.id().as_str()).timeout(NEVER);
        let _ = asked.ask::<u8>("question", &()).await;
        counted.answered.fetch_add(1, SeqCst);
    });
}
