//! The limits and periods that the actors keep. The public builder in the root crate fills it in and documents every option.

use std::time::Duration;

use socketio_protocol::socket::Limits;

use crate::{supervision::RestartLimit, topology::TopologyLog};

/// The kind of a transport, `transport.name` in JavaScript.
///
/// ```
/// # use actix_socketio_actors::config::TransportKind as Transport;
/// assert_eq!(Transport::Polling.as_str(), "polling");
/// assert_eq!(Transport::WebSocket.as_str(), "websocket");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransportKind {
    /// HTTP long polling.
    Polling,
    /// WebSocket.
    WebSocket,
}

impl TransportKind {
    /// The official name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// The transports that clients may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transports {
    /// HTTP long polling.
    pub polling: bool,
    /// WebSocket.
    pub websocket: bool,
}

impl Transports {
    /// Whether this one is among them.
    pub fn has(self, kind: TransportKind) -> bool {
        match kind {
            TransportKind::Polling => self.polling,
            TransportKind::WebSocket => self.websocket,
        }
    }
}

/// A number that is bounded or, when that is spelled out, not. Zero is never "as many as there are".
///
/// ```
/// # use actix_socketio_actors::config::Limit;
/// assert!(Limit::Of(2).allows(2) && !Limit::from(2).allows(3));
/// assert!(Limit::Unlimited.allows(usize::MAX));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many at most.
    Of(usize),
    /// As many as there are.
    Unlimited,
}

impl Limit {
    /// Whether there may be so many.
    pub fn allows(self, count: usize) -> bool {
        match self {
            Self::Of(limit) => count <= limit,
            Self::Unlimited => true,
        }
    }
}

impl From<usize> for Limit {
    fn from(limit: usize) -> Self {
        Self::Of(limit)
    }
}

/// Settings of one server, shared by all of its actors.
#[derive(Debug, Clone)]
pub struct Config {
    /// The transports that clients may use.
    pub transports: Transports,
    /// Whether polling clients may upgrade.
    pub allow_upgrades: bool,
    /// Time between two pings.
    pub ping_interval: Duration,
    /// Time that the client has to answer a ping.
    pub ping_timeout: Duration,
    /// Time that an upgrade may take.
    pub upgrade_timeout: Duration,
    /// Time in which a new connection has to join its first namespace.
    pub connect_timeout: Duration,
    /// Time that a client has to answer an ask, unless the ask says otherwise.
    pub ack_timeout: Duration,
    /// Time that the body of a polling request may take to arrive.
    pub body_timeout: Duration,
    /// Bytes a second with which the body of a polling request earns more time.
    pub min_body_rate: usize,
    /// Time in which a WebSocket client has to take some of what waits for it.
    pub write_timeout: Duration,
    /// Time between two parts of a packet with attachments.
    pub binary_timeout: Duration,
    /// Time that handlers have to finish after their connection has closed.
    pub close_timeout: Duration,
    /// Time without a sign of life after which a thread is reported, if threads are watched.
    pub stall_threshold: Option<Duration>,
    /// Time after which a courier stops waiting for a supervisor and lets later emits of a context go.
    pub fence_timeout: Duration,
    /// Largest message, in bytes.
    pub max_payload: usize,
    /// Most fragments of one WebSocket message.
    pub max_ws_fragments: usize,
    /// Most packets in one polling request.
    pub max_packets_per_payload: usize,
    /// Most events of one connection being handled at once; as many again may wait, then reading stops.
    pub max_inflight_events: usize,
    /// Most events of one connection that are handled in a second; further ones wait, and reading stops.
    pub max_events_per_second: Limit,
    /// Most namespaces that one connection may be in, or ask for, at once.
    pub max_namespaces_per_connection: usize,
    /// Most namespaces that exist because a client has asked for them.
    pub max_dynamic_namespaces: usize,
    /// Whether such a namespace ends with its last socket.
    pub cleanup_empty_child_namespaces: bool,
    /// Most outgoing events of one connection that may wait for the handlers that are shown them; further ones are not shown.
    pub max_watched_events: usize,
    /// Messages that wait for one recipient before it is full.
    pub recipient_capacity: usize,
    /// How often a supervisor, a room or a courier may go on after a panic.
    pub restart_limit: RestartLimit,
    /// When the tree of actors is logged.
    pub topology_log: TopologyLog,
    /// Time that an actor of the application has to answer an event that is forwarded to it.
    pub forward_timeout: Duration,
    /// Most events that may lie in the mailbox of such an actor, and most facts that may wait for it.
    pub max_forwarded: usize,
    /// Bytes that all connections may hold together.
    pub memory_budget: Limit,
    /// Most sessions at once.
    pub max_sessions: Limit,
    /// Most sessions of one address at once.
    pub max_sessions_per_ip: Limit,
    /// Most pings of a WebSocket client in a second.
    pub max_ws_pings: usize,
    /// Most acknowledgements in a minute that nobody waits for.
    pub max_bad_acks: usize,
    /// Most pongs between two pings that answer none.
    pub max_unsolicited_pongs: usize,
    /// Most rooms of one socket, its own not counted.
    pub max_rooms_per_socket: usize,
    /// Longest name of a room, in bytes.
    pub max_room_len: usize,
    /// What one connection's outbox may hold.
    pub outbox: OutboxLimits,
    /// What may wait in one context behind a broadcast that is under way; then its order is given up.
    pub fence: FenceLimits,
    /// Limits of the packet decoder.
    pub packets: Limits,
}

/// What may wait in one context.
#[derive(Debug, Clone, Copy)]
pub struct FenceLimits {
    /// In bytes of payload.
    pub bytes: usize,
    /// In operations.
    pub operations: usize,
}

/// What may wait for one connection before it counts as a slow consumer.
#[derive(Debug, Clone, Copy)]
pub struct OutboxLimits {
    /// In bytes of payload.
    pub bytes: usize,
    /// In Engine.IO packets.
    pub packets: usize,
    /// In bytes of payload, beyond which volatile packets are dropped.
    pub volatile_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            transports: Transports { polling: true, websocket: true },
            allow_upgrades: true,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(45),
            ack_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            min_body_rate: 1024,
            write_timeout: Duration::from_secs(10),
            binary_timeout: Duration::from_secs(45),
            close_timeout: Duration::from_secs(30),
            stall_threshold: Some(Duration::from_millis(500)),
            fence_timeout: Duration::from_secs(5),
            max_payload: 1_000_000,
            max_ws_fragments: 1024,
            max_packets_per_payload: 4096,
            max_inflight_events: 64,
            max_events_per_second: Limit::Unlimited,
            max_watched_events: 1024,
            restart_limit: RestartLimit { restarts: 5, within: Duration::from_secs(10) },
            topology_log: TopologyLog::default(),
            forward_timeout: Duration::from_secs(10),
            max_forwarded: 16_384,
            max_namespaces_per_connection: 32,
            max_dynamic_namespaces: 10_000,
            cleanup_empty_child_namespaces: false,
            recipient_capacity: 16,
            memory_budget: Limit::Of(1 << 30),
            max_sessions: Limit::Of(100_000),
            max_sessions_per_ip: Limit::Unlimited,
            max_ws_pings: 20,
            max_bad_acks: 100,
            max_unsolicited_pongs: 10,
            max_rooms_per_socket: 10_000,
            max_room_len: 256,
            outbox: OutboxLimits { bytes: 4 << 20, packets: 16_384, volatile_bytes: 256 << 10 },
            fence: FenceLimits { bytes: 64 << 20, operations: 1 << 20 },
            packets: Limits::default(),
        }
    }
}

impl Config {
    /// Whether a polling client is offered the upgrade to WebSocket.
    pub fn upgrades_allowed(&self) -> bool {
        self.allow_upgrades && self.transports.websocket
    }
}
