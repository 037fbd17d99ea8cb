//! The server side of a round: the handlers, what they share, and what they note down for the checker.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    mpsc,
};

use actix_socketio::{Args, ClientAnswer, Error, Socket, SocketIo};
use tokio::sync::Notify;

use super::{
    context::{self, Hand},
    generator::is_quiet,
    plan::{
        BYES, CLIENTS, CONTEXTS, FAREWELLS, IO_THREAD, MIXES, OPERATIONS, Plan, REACTIONS,
        SOCKET_THREAD, Set,
    },
};

/// Name of the namespace that no client leaves before its connection ends.
pub(super) const OTHER: &str = "/other";

/// What an ask has come to, for one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The client's number and that of the message, as the client has said them.
    Answer(usize, usize),
    TimedOut,
    Disconnected,
    Odd(String),
}

/// An ask that is settled.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) context: usize,
    pub(super) number: usize,
    /// Whose disconnect handlers had run before it was issued.
    pub(super) gone: Set,
    /// The one that was asked through its socket; otherwise it went to an audience.
    pub(super) one: Option<usize>,
    pub(super) outcomes: Vec<(usize, Outcome)>,
}

/// What the checker has to know of a round besides the plan and what the clients say.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// For each context and step, whose disconnect handlers had run before it was issued.
    pub(super) gone: Vec<Vec<Set>>,
    pub(super) asked: Vec<Asked>,
    /// For each client the numbers of its own events, as they were handled.
    pub(super) ups: Vec<Vec<usize>>,
    pub(super) problems: Vec<String>,
}

/// One round.
pub(super) struct Round {
    pub(super) plan: Plan,
    pub(super) notes: Mutex<Notes>,
    /// Sockets of the clients in both namespaces.
    sockets: Mutex<Vec<[Option<Socket>; 2]>>,
    reactions: [AtomicUsize; CLIENTS],
    gone: AtomicU32,
    farewells: AtomicUsize,
    finished: AtomicUsize,
    /// All scripts have ended, and all clients that had to go have gone.
    over: AtomicBool,
    changed: Notify,
    /// One for each thread: it does one operation when it gets a turn.
    turns: Mutex<Vec<mpsc::Sender<()>>>,
}

impl Round {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        let notes = Notes {
            gone: vec![vec![0; OPERATIONS]; CONTEXTS],
            ups: vec![Vec::new(); CLIENTS],
            ..Notes::default()
        };
        Arc::new(Self {
            plan,
            notes: Mutex::new(notes),
            sockets: Mutex::new(vec![[None, None]; CLIENTS]),
            reactions: Default::default(),
            gone: AtomicU32::new(0),
            farewells: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            changed: Notify::new(),
            turns: Mutex::default(),
        })
    }

    /// Gives the threads something to do: their contexts are handles.
    pub(super) fn start_threads(self: &Arc<Self>, io: &SocketIo) {
        let [socket, other] = self.sockets(self.plan.lent);
        let hands = [
            (IO_THREAD, Hand::Io { all: io.of("/"), other: io.of(OTHER) }),
            (SOCKET_THREAD, Hand::Socket { socket, other }),
        ];
        for (context, hand) in hands {
            let (sender, turns) = mpsc::channel();
            self.turns.lock().unwrap().push(sender);
            let round = self.clone();
            std::thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
                runtime.block_on(context::run(round, context, hand, Some(turns)));
            });
        }
    }

    /// A client's context has got to this step: the threads shall be as quick, together, as one client.
    pub(super) fn give_turn(&self, step: usize) {
        if let Some(thread) = self.turns.lock().unwrap().get(step % CLIENTS) {
            // It may have done all of its operations.
            let _ = thread.send(());
        }
    }

    pub(super) fn sockets(&self, client: usize) -> [Socket; 2] {
        self.sockets.lock().unwrap()[client].clone().map(Option::unwrap)
    }

    /// The client whose socket this is.
    fn client(&self, id: actix_socketio::SocketId) -> Option<usize> {
        let sockets = self.sockets.lock().unwrap();
        sockets.iter().position(|both| both[0].as_ref().is_some_and(|socket| socket.id() == id))
    }

    pub(super) fn gone(&self) -> Set {
        self.gone.load(Ordering::SeqCst)
    }

    pub(super) fn problem(&self, problem: String) {
        self.notes.lock().unwrap().problems.push(problem);
    }

    pub(super) fn finish(&self) {
        self.finished.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_one();
    }

    async fn until(&self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            self.changed.notified().await;
        }
    }

    /// Until all scripts have ended and so many clients have gone.
    pub(super) async fn over(&self, gone: usize) {
        self.until(|round| {
            let finished = round.finished.load(Ordering::SeqCst) == CONTEXTS;
            finished && round.farewells.load(Ordering::SeqCst) == gone
        })
        .await;
        self.over.store(true, Ordering::SeqCst);
    }

    /// Until nobody is left.
    pub(super) async fn ended(&self) {
        self.until(|round| round.gone().count_ones() as usize == CLIENTS).await;
    }

    /// What has become of an ask of an audience.
    pub(super) fn outcomes(
        &self,
        answers: Result<Vec<ClientAnswer<(usize, usize)>>, Error>,
    ) -> Vec<(usize, Outcome)> {
        let read = |answer: ClientAnswer<_>| match self.client(answer.socket) {
            Some(client) => (client, outcome(answer.answer)),
            None => (0, Outcome::Odd(format!("{} is nobody's socket", answer.socket))),
        };
        match answers {
            Ok(answers) => answers.into_iter().map(read).collect(),
            Err(error) => vec![(0, Outcome::Odd(error.to_string()))],
        }
    }

    /// In the disconnect handler of a client.
    async fn farewell(&self, client: usize, socket: Socket) {
        let before = self.gone.fetch_or(1 << client, Ordering::SeqCst);
        if !self.over.load(Ordering::SeqCst) {
            let (context, number) = (FAREWELLS + client, 0);
            let everyone = socket.within([""; 0]).timeout(context::PATIENCE);
            let answers = everyone.ask_all("q", &(context, number)).await;
            let (outcomes, gone) = (self.outcomes(answers), before | 1 << client);
            let asked = Asked { context, number, gone, one: None, outcomes };
            self.notes.lock().unwrap().asked.push(asked);
            self.farewells.fetch_add(1, Ordering::SeqCst);
        }
        self.changed.notify_one();
    }
}

pub(super) fn outcome(answer: Result<(usize, usize), Error>) -> Outcome {
    match answer {
        Ok((client, number)) => Outcome::Answer(client, number),
        Err(error) if error.is_timeout() => Outcome::TimedOut,
        Err(error) if error.is_disconnected() => Outcome::Disconnected,
        Err(error) => Outcome::Odd(error.to_string()),
    }
}

/// The rooms that a client is in all the time.
fn constant_rooms(client: usize) -> Vec<String> {
    let mut rooms = vec!["hall".to_owned()];
    if client.is_multiple_of(2) {
        rooms.push("even".to_owned());
    }
    if is_quiet(client) {
        rooms.push("quiet".to_owned());
    }
    if client == 0 {
        rooms.extend((0..MIXES).map(|n| format!("mix-{n}")));
        rooms.extend((0..CONTEXTS).map(|n| format!("flip-{n}")));
    }
    rooms
}

/// The round that runs now.
pub(super) type Current = Arc<Mutex<Arc<Round>>>;

/// Registers the handlers, which serve whatever round runs.
pub(super) fn serve(io: &SocketIo, current: &Current) {
    let now = |current: &Current| {
        let current = current.clone();
        move || current.lock().unwrap().clone()
    };
    for (which, name) in ["/", OTHER].into_iter().enumerate() {
        let round = now(current);
        io.of(name).on("setup", async move |socket: Socket, Args(client): Args<usize>| {
            socket.set_data(client);
            if which == 0 {
                socket.join(constant_rooms(client));
            }
            round().sockets.lock().unwrap()[client][which] = Some(socket);
        });
    }
    let round = now(current);
    // Others may have disconnected its socket in `/` by then.
    io.of(OTHER).on("run", async move |io: SocketIo, Args(client): Args<usize>| {
        let [socket, _] = round().sockets(client);
        let hand = Hand::Handler { socket, all: io.of("/"), other: io.of(OTHER) };
        context::run(round(), client, hand, None).await;
    });
    let round = now(current);
    io.of("/").on_disconnect(async move |socket: Socket| {
        if let Some(client) = socket.data::<usize>() {
            round().farewell(*client, socket).await;
        }
    });
    let round = now(current);
    io.of(OTHER).on("up", async move |socket: Socket, Args(number): Args<usize>| {
        let client = *socket.data::<usize>().unwrap();
        round().notes.lock().unwrap().ups[client].push(number);
        number
    });
    let round = now(current);
    io.of(OTHER).on(
        "react",
        async move |socket: Socket, io: SocketIo, Args(cause): Args<(usize, usize)>| {
            let client = *socket.data::<usize>().unwrap();
            let number = round().reactions[client].fetch_add(1, Ordering::SeqCst);
            io.emit("m", &(REACTIONS + client, number, cause));
        },
    );
    io.of(OTHER).on("bye", async |socket: Socket| {
        let client = *socket.data::<usize>().unwrap();
        socket.within([""; 0]).emit("m", &(BYES + client, 0));
    });
}
