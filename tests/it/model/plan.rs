//! What a round consists of: the clients with their fates, and the contexts with their operations. Data only; `generator` makes it,
//! `world` and `client` perform it, `audience` and `checker` know what has to come of it.

/// Clients of a round. Client 0 is the witness: it stays, and is a member of every room that somebody else's context may emit to.
pub(super) const CLIENTS: usize = 10;
/// Contexts with a script: one for each client's connection, then the two threads.
pub(super) const CONTEXTS: usize = CLIENTS + 2;
/// The thread that goes through the handle of the server.
pub(super) const IO_THREAD: usize = CLIENTS;
/// The thread that goes through the handle of one socket, and so issues in the context of that connection.
pub(super) const SOCKET_THREAD: usize = CLIENTS + 1;
/// Operations of each script.
pub(super) const OPERATIONS: usize = 400;
/// Rooms `Mix`.
pub(super) const MIXES: usize = 3;

/// The first of the contexts that only react: what client k causes others to get is numbered as context `REACTIONS + k`.
pub(super) const REACTIONS: usize = 100;
/// What disconnect handlers ask.
pub(super) const FAREWELLS: usize = 200;
/// The last that a client has sent to everyone, so that everyone knows that it has nothing more to send.
pub(super) const BYES: usize = 300;

/// Clients, one bit each.
pub(super) type Set = u32;

/// A name of a room, and who is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Everyone, always.
    Hall,
    /// Clients with an even number, always.
    Even,
    /// Every third client, always; not the witness.
    Quiet,
    /// Whom their owners have made members; always the witness.
    Mix(usize),
    /// The same, but never the witness: only for exceptions.
    Mute,
    /// Whom this context has made members, which alone emits there; always the witness.
    Flip(usize),
    /// The same without the witness, so that the room begins and ends.
    Alone(usize),
    /// The own room of this client's socket.
    Own(usize),
}

impl Room {
    /// Whether its members are not known to contexts other than their owners.
    pub(super) fn is_in_flux(self) -> bool {
        matches!(self, Self::Mix(_) | Self::Mute)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Audience {
    /// Everyone, if there are none.
    pub(super) rooms: Vec<Room>,
    pub(super) except: Vec<Room>,
    pub(super) but_sender: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Op {
    Emit {
        audience: Audience,
        attachments: usize,
    },
    Direct {
        to: usize,
        volatile: bool,
        attachments: usize,
    },
    /// With `mute`, the client does not answer; with `wait`, the script waits for the answer.
    Ask {
        to: usize,
        mute: bool,
        wait: bool,
    },
    AskAll {
        audience: Audience,
    },
    /// To everyone in the other namespace.
    Other {
        attachments: usize,
    },
    /// With `many`, by way of an audience, otherwise through the socket.
    Change {
        client: usize,
        room: Room,
        join: bool,
        many: bool,
    },
    /// All members of `Quiet`.
    ChangeQuiet {
        room: Room,
        join: bool,
    },
    Disconnect {
        client: usize,
        many: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) op: Op,
    /// Other handlers of the thread have their turn next.
    pub(super) yields: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// Members of `Flip` and `Alone` of this context, before each step.
    pub(super) own_rooms: Vec<(Set, Set)>,
}

/// What becomes of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    /// Its connection ends after so many messages.
    Crashes(usize),
    /// It leaves the namespace, and stays in the other, after so many messages.
    Leaves(usize),
    /// Its owner disconnects it. It answers nothing: whoever asks it is told when it goes.
    Disconnected,
}

/// How an attempt to upgrade ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    HalfRequest,
    Connected,
    ProbeSent,
    ProbeAnswered,
    /// The polls have paused already.
    Paused,
    /// Something else than the packet that switches.
    Nonsense,
    Succeeds,
}

#[derive(Debug, Clone)]
pub(super) enum Transport {
    WebSocket,
    /// With attempts to upgrade after so many messages.
    Polling(Vec<(usize, Attempt)>),
}

#[derive(Debug, Clone)]
pub(super) struct Client {
    pub(super) transport: Transport,
    pub(super) fate: Fate,
    /// The context that alone changes its memberships of rooms in flux, and disconnects it.
    pub(super) owner: usize,
    /// It sends an event of its own after each so many messages.
    pub(super) up_every: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) clients: Vec<Client>,
    pub(super) scripts: Vec<Script>,
    /// The client whose socket [`SOCKET_THREAD`] has.
    pub(super) lent: usize,
}

impl Plan {
    /// The client whose connection a context is.
    pub(super) fn client_of(&self, context: usize) -> Option<usize> {
        match context {
            IO_THREAD => None,
            SOCKET_THREAD => Some(self.lent),
            client => Some(client),
        }
    }
}

/// What an attachment of a message holds.
pub(super) fn attachment(context: usize, number: usize, index: usize) -> Vec<u8> {
    let mut bytes = format!("{context}/{number}/{index}").into_bytes();
    bytes.resize(bytes.len() + number % 200, 0xfe);
    bytes
}
