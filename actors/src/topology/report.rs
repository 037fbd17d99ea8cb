//! The tree of actors as data: what [`walk`](super::walk) finds, what `Display` prints, what serialises.
//!
//! Names are as clients have chosen them: escape them where they are shown, as `Display` does. Session ids are secrets and in no report.

use serde::{Deserialize, Serialize};

use crate::{config::TransportKind, id::SocketId, supervision::Health};

/// The actors of a server as they were a moment ago: namespaces with their rooms, couriers with their sessions.
///
/// Totals are exact, lists are bounded by the [`TopologyLimits`](super::TopologyLimits). `Display` prints the tree.
///
/// ```
/// # use actix_socketio_actors::topology::Topology;
/// let topology = Topology::default(); // of a server that is not mounted
/// assert_eq!(topology.namespaces.total, 0);
/// assert_eq!(topology.counters.delivered, 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Topology {
    /// Whether the root has answered. If it has not, nothing is known of what is below it.
    pub state: NodeState,
    /// Failed, if any actor has: then the server is not ready.
    pub health: Health,
    /// Commands that wait in its mailbox.
    pub queued: u64,
    /// Connections, those included that have joined no namespace.
    pub connections: usize,
    /// Sockets of all namespaces.
    pub sockets: usize,
    /// Rooms of all namespaces.
    pub rooms: usize,
    /// The namespaces: those with the most sockets, in the order of their names.
    pub namespaces: Listing<NamespaceNode>,
    /// The couriers, one for each worker thread that serves connections and one for what belongs to no worker.
    pub couriers: Vec<CourierNode>,
    /// Forwarders, one for each actor of the application that is told what happens.
    pub forwarders: Listing<ForwarderNode>,
    /// Actors behind the recipients that the application holds.
    pub outlets: Listing<OutletNode>,
    /// What has happened since the server was started.
    pub counters: Counters,
}

/// Whether an actor has answered.
///
/// ```
/// # use actix_socketio_actors::topology::NodeState;
/// assert_eq!(serde_json::to_string(&NodeState::Silent).unwrap(), r#""silent""#);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// It was not asked.
    #[default]
    NotAsked,
    /// It has answered in time.
    Answered,
    /// It has not: it is busy, blocked or, for a transport, frozen because its client does not read.
    Silent,
    /// It has ended meanwhile.
    Gone,
}

/// A list that may be cut.
///
/// ```
/// # use actix_socketio_actors::topology::Listing;
/// let listing = Listing { total: 9_901, items: vec!["the first"] };
/// assert_eq!(listing.more(), 9_900);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// How many there are.
    pub total: usize,
    /// Those that are listed.
    pub items: Vec<T>,
}

/// A namespace.
///
/// ```
/// # use actix_socketio_actors::topology::{NamespaceNode, Topology};
/// fn largest(topology: &Topology) -> Option<&NamespaceNode> {
///     topology.namespaces.items.iter().max_by_key(|namespace| namespace.sockets)
/// }
/// assert_eq!(largest(&Topology::default()), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NamespaceNode {
    /// Its name.
    pub name: String,
    /// Whether it has answered.
    pub state: NodeState,
    /// Commands that wait in its mailbox.
    pub queued: u64,
    /// Failed, if it has panicked too often: then nobody is in it.
    pub health: Health,
    /// How often it, or a room of it, has gone on after a panic.
    pub restarts: u64,
    /// Its sockets.
    pub sockets: usize,
    /// Its rooms: those with the most members, in the order of their names. The own room of a socket is none until another joins it.
    pub rooms: Listing<RoomNode>,
    /// Broadcasts that wait for the answers of clients.
    pub collectors: Listing<CollectorNode>,
}

/// A room.
///
/// ```
/// # use actix_socketio_actors::topology::RoomNode;
/// fn is_crowded(room: &RoomNode) -> bool {
///     room.members.total > 1000
/// }
/// assert!(!is_crowded(&RoomNode::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoomNode {
    /// Its name.
    pub name: String,
    /// Whether it has answered.
    pub state: NodeState,
    /// Messages that wait in its mailbox.
    pub queued: u64,
    /// Ids of its members, in no order.
    pub members: Listing<SocketId>,
}

/// The collector of a broadcast that asks for answers.
///
/// ```
/// # use actix_socketio_actors::topology::CollectorNode;
/// assert_eq!(CollectorNode::default().owing, 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CollectorNode {
    /// Whether it has answered.
    pub state: NodeState,
    /// Clients that have not answered yet.
    pub owing: usize,
    /// Clients that have.
    pub settled: usize,
}

/// What tells an actor of the application what happens in namespaces.
///
/// ```
/// # use actix_socketio_actors::topology::ForwarderNode;
/// fn is_behind(forwarder: &ForwarderNode) -> bool {
///     forwarder.waiting > 1000 || forwarder.missed > 0
/// }
/// assert!(!is_behind(&ForwarderNode::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ForwarderNode {
    /// Whether it has answered.
    pub state: NodeState,
    /// Facts that wait for its actor.
    pub waiting: usize,
    /// Facts that its actor was not told, since it did not keep up.
    pub missed: u64,
}

/// The actor behind a recipient, which emits what is sent to that.
///
/// ```
/// # use actix_socketio_actors::topology::OutletNode;
/// assert_eq!(OutletNode::default().taken, 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OutletNode {
    /// Whether it has answered.
    pub state: NodeState,
    /// Whom it sends to.
    pub serves: String,
    /// Messages that it has taken so far.
    pub taken: u64,
}

/// A courier, that is, a worker thread.
///
/// ```
/// # use actix_socketio_actors::topology::{CourierNode, NodeState};
/// fn is_stuck(courier: &CourierNode) -> bool {
///     courier.state == NodeState::Silent && courier.queued > 1000
/// }
/// assert!(!is_stuck(&CourierNode::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CourierNode {
    /// Its number, unique in the process.
    pub number: u32,
    /// Whether it has answered.
    pub state: NodeState,
    /// Commands that wait in its mailbox.
    pub queued: u64,
    /// Failed, if it has panicked too often: then its connections are closed.
    pub health: Health,
    /// Sockets that it serves.
    pub sockets: usize,
    /// Connections that wait at it for something under way, to keep their order.
    pub fenced: usize,
    /// Connections with sockets: those with the most in their outbox, in the order of their numbers.
    pub sessions: Listing<SessionNode>,
    /// What has happened here since it was started.
    pub counters: Counters,
}

/// A connection.
///
/// ```
/// # use actix_socketio_actors::topology::SessionNode;
/// fn is_slow(session: &SessionNode) -> bool {
///     session.outbox.bytes > 1 << 20
/// }
/// assert!(!is_slow(&SessionNode::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionNode {
    /// Its number, unique in the process. It is not the session id, which is a secret.
    pub connection: u64,
    /// Whether it has answered.
    pub state: NodeState,
    /// What waits for the client.
    pub outbox: QueueDepth,
    /// Its sockets, one for each namespace.
    pub sockets: Listing<SocketNode>,
    /// The transport in use; `None` if it has not answered.
    pub transport: Option<TransportKind>,
    /// Handlers that wait for something.
    pub running_handlers: usize,
    /// Events that wait for a handler to finish.
    pub waiting_events: usize,
    /// Answers that the client owes.
    pub pending_acks: usize,
    /// Its WebSocket, or two while one replaces polling; polling has no actor.
    pub transports: Vec<TransportNode>,
}

/// What waits in an outbox.
///
/// ```
/// # use actix_socketio_actors::topology::QueueDepth;
/// let depth = QueueDepth { packets: 3, bytes: 4096 };
/// assert_eq!(serde_json::to_string(&depth).unwrap(), r#"{"packets":3,"bytes":4096}"#);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDepth {
    /// Engine.IO packets.
    pub packets: usize,
    /// Bytes of payload.
    pub bytes: usize,
}

/// A socket: a connection in a namespace.
///
/// ```
/// # use actix_socketio_actors::{id::SocketId, topology::SocketNode};
/// # let id = SocketId::random();
/// let socket = SocketNode { id, namespace: "/admin".into() };
/// assert_eq!(socket.namespace, "/admin");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketNode {
    /// Its public id.
    pub id: SocketId,
    /// Name of its namespace.
    pub namespace: String,
}

/// A WebSocket.
///
/// ```
/// # use actix_socketio_actors::topology::{NodeState, TransportNode};
/// /// A WebSocket does nothing while its client does not read.
/// fn is_frozen(transport: &TransportNode) -> bool {
///     transport.state == NodeState::Silent
/// }
/// assert!(!is_frozen(&TransportNode::default()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportNode {
    /// Which transport of its connection: 0 is the first.
    pub number: u32,
    /// Whether it has answered.
    pub state: NodeState,
    /// It has asked to replace polling.
    pub upgrades: bool,
    /// Bytes of a message in fragments that has not ended yet.
    pub unfinished: usize,
}

/// What has happened, in numbers that only grow.
///
/// ```
/// # use actix_socketio_actors::topology::Counters;
/// let mut all = Counters { delivered: 1, ..Counters::default() };
/// all += Counters { delivered: 2, dropped: 1, ..Counters::default() };
/// assert_eq!((all.delivered, all.dropped), (3, 1));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Packets put into the outbox of a socket.
    pub delivered: u64,
    /// Volatile packets that a client was not ready for.
    pub dropped: u64,
    /// Connections that were closed because too much waited for them.
    pub slow_consumers: u64,
    /// Handlers that have panicked.
    pub panics: u64,
    /// Answers of clients that nobody waited for, or waited for no more.
    pub unknown_acks: u64,
    /// Times that a context was let go because too much of it waited: its order may have been broken.
    pub fences_forced: u64,
    /// Times that a context was let go because a supervisor did not answer: its order may have been broken.
    pub fences_given_up: u64,
    /// Times that a thread did not run for longer than `stall_threshold`, because a handler has blocked it.
    pub stalls: u64,
    /// Times that a supervisor, a room or a courier has gone on after a panic.
    pub restarts: u64,
    /// Commands that such a panic has cost: a broadcast counts once, whomever it would have reached.
    pub lost: u64,
}

impl<T> Listing<T> {
    /// How many there are that are not listed.
    pub fn more(&self) -> usize {
        self.total.saturating_sub(self.items.len())
    }

    /// At most `limit` of these: the first in the order of `best`.
    pub(crate) fn best<I: ExactSizeIterator<Item = T>, K: Ord>(
        all: I,
        limit: usize,
        best: impl Fn(&T) -> K,
    ) -> Self {
        let total = all.len();
        if limit == 0 {
            return Self { total, items: Vec::new() };
        }
        let mut items: Vec<T> = all.collect();
        if total > limit {
            items.select_nth_unstable_by_key(limit - 1, best);
            items.truncate(limit);
        }
        Self { total, items }
    }

    pub(crate) fn map<U>(self, with: impl FnMut(T) -> U) -> Listing<U> {
        Listing { total: self.total, items: self.items.into_iter().map(with).collect() }
    }
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { total: 0, items: Vec::new() }
    }
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.dropped += other.dropped;
        self.slow_consumers += other.slow_consumers;
        self.panics += other.panics;
        self.unknown_acks += other.unknown_acks;
        self.fences_forced += other.fences_forced;
        self.fences_given_up += other.fences_given_up;
        self.stalls += other.stalls;
        self.restarts += other.restarts;
        self.lost += other.lost;
    }
}
