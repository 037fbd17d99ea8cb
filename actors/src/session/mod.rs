//! The session: one per connection, on the worker thread that accepted it. It holds the Engine.IO state, the client's socket in each
//! namespace, the acknowledgements that the client owes, and the running handlers.
//!
//! Transports tell it what arrives; what it sends goes through the courier, or, for engine packets, straight into the outbox.
//! Transports hold no state that matters, so they may freeze or be replaced.

pub mod messages;

mod closing;
mod conduct;
mod connect;
mod describe;
mod dynamic;
mod events;
mod frames;
mod heartbeat;
mod outgoing;
mod pace;
mod upgrade;

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
};

use actix::{Actor, Addr, AsyncContext, Context, SpawnHandle};
use socketio_protocol::{
    engine,
    socket::{Decoder, Packet},
};
use tokio::sync::oneshot;

pub use self::outgoing::OutgoingWatch;
use self::{
    connect::{ConnectedSocket, SocketState},
    events::PendingAck,
    heartbeat::Heartbeat,
    upgrade::Candidate,
};
use crate::{
    budget::MemoryBudget,
    config::{Config, TransportKind},
    dispatch::{DynamicNamespaces, EngineHandler, Scope},
    error::DisconnectReason,
    gate::InboundGate,
    handshake::Handshake,
    id::{AckId, ContextId, NamespaceName, Sid, SocketId, TransportId},
    mailbox::Mailbox,
    operation::{CourierLink, Origin},
    outbox::Outbox,
    server::ServerSupervisor,
    topology::{self, messages::TransportLink},
};

/// Told once when a session ends: the edge forgets its id.
pub trait SessionObserver: Send + Sync + std::fmt::Debug + 'static {
    /// The session is over; its outbox drains on.
    fn closed(&self, sid: Sid);
}

/// What a session is made of.
#[derive(Debug)]
pub struct SessionSetup {
    /// Its id.
    pub sid: Sid,
    /// Settings of the server.
    pub config: Arc<Config>,
    /// Where its outbox is counted.
    pub budget: Arc<MemoryBudget>,
    /// The root of the tree.
    pub server: Mailbox<ServerSupervisor>,
    /// Asked for namespaces that do not exist.
    pub namespaces: Arc<dyn DynamicNamespaces>,
    /// Courier of this thread.
    pub courier: CourierLink,
    /// Told when it ends.
    pub observer: Arc<dyn SessionObserver>,
    /// What opened the connection.
    pub handshake: Handshake,
    /// Transport that opened the connection.
    pub transport: TransportKind,
    /// Present when the connection is not to speak Socket.IO.
    pub engine: Option<Arc<dyn EngineHandler>>,
    /// What handlers find as [`current_app_data`](crate::dispatch::current_app_data).
    pub app_data: Option<Rc<dyn Any>>,
}

/// A running session, as its transports know it.
#[derive(Debug, Clone)]
pub struct SessionLink {
    /// Its id.
    pub sid: Sid,
    /// Its mailbox.
    pub addr: Addr<Session>,
    /// Its number, which is no secret.
    pub connection: ContextId,
    /// What it sends.
    pub outbox: Arc<Outbox>,
    /// Whether it takes more.
    pub gate: Arc<InboundGate>,
    /// Whether its client has still to join its first namespace. The session takes this away when it has, or the edge when it closes it
    /// for that.
    pub joining: Arc<AtomicBool>,
}

/// See the module.
#[derive(Debug)]
pub struct Session {
    sid: Sid,
    config: Arc<Config>,
    server: Mailbox<ServerSupervisor>,
    /// Asked for namespaces that do not exist.
    namespaces: Arc<dyn DynamicNamespaces>,
    /// Until it is told: another session may have the id after that.
    observer: Option<Arc<dyn SessionObserver>>,
    /// The context of this connection: what its handlers issue keeps its order.
    origin: Arc<Origin>,
    /// The same with what else handlers find around them.
    scope: Rc<Scope>,
    handshake: Arc<Handshake>,
    outbox: Arc<Outbox>,
    gate: Arc<InboundGate>,
    joining: Arc<AtomicBool>,
    transport: (TransportId, TransportKind),
    /// Its transports that are actors, and one that has ended, perhaps.
    transports: Vec<TransportLink>,
    candidate: Option<Candidate>,
    heartbeat: Heartbeat,
    decoder: Decoder,
    conduct: conduct::Conduct,
    pace: pace::Pace,
    /// Takes the messages, when the connection does not speak Socket.IO.
    engine: Option<Arc<dyn EngineHandler>>,
    sockets: HashMap<NamespaceName, SocketState>,
    /// Runs until the client has joined its first namespace.
    connect_timer: Option<SpawnHandle>,
    pending_acks: HashMap<AckId, PendingAck>,
    /// Handlers that wait for something.
    running_handlers: usize,
    /// Present when handlers of outgoing events are shown what is sent.
    watch: Option<Arc<OutgoingWatch>>,
    /// Packets that wait because too many handlers run, or for the next second.
    backlog: VecDeque<Packet>,
    /// Their bytes.
    backlog_bytes: usize,
    /// Sockets that have left, until the courier confirms that nothing reaches them any more.
    leaving: HashMap<SocketId, ConnectedSocket>,
    closing: bool,
    /// Why it closes.
    reason: Option<DisconnectReason>,
    /// The connection is closed, but a polling client may still fetch what is queued.
    draining: bool,
    /// A drain waits for the session to stop, which drops this.
    _departure: Option<oneshot::Sender<()>>,
}

impl Session {
    /// Starts a session on the current thread, with its open packet in the outbox.
    pub fn open(setup: SessionSetup) -> SessionLink {
        let (sid, config) = (setup.sid, &setup.config);
        let outbox = Arc::new(Outbox::new(config.outbox, setup.transport, setup.budget.clone()));
        // As many events may wait as may be handled; then reading stops.
        let gate = Arc::new(InboundGate::new(config.max_inflight_events.saturating_mul(2)));
        outbox.push(&[open_packet(sid, config, setup.transport)]);
        let joining = Arc::new(AtomicBool::new(setup.engine.is_none()));
        let link = (outbox.clone(), gate.clone(), joining.clone());
        let origin = Origin::new(setup.courier.clone());
        let connection = origin.context;
        let addr = Self::create(move |ctx| Self::new(setup, origin, link, ctx));
        SessionLink { sid, addr, connection, outbox, gate, joining }
    }

    fn new(
        setup: SessionSetup,
        origin: Arc<Origin>,
        (outbox, gate, joining): (Arc<Outbox>, Arc<InboundGate>, Arc<AtomicBool>),
        ctx: &mut Context<Self>,
    ) -> Self {
        let config = setup.config;
        let connect_timer = match setup.engine {
            Some(_) => None,
            None => Some(ctx.run_later(config.connect_timeout, Self::connect_due)),
        };
        let scope = Rc::new(Scope { origin: origin.clone(), app_data: setup.app_data });
        Self {
            sid: setup.sid,
            server: setup.server,
            namespaces: setup.namespaces,
            observer: Some(setup.observer),
            origin,
            scope,
            handshake: Arc::new(setup.handshake),
            outbox,
            gate,
            joining,
            transport: (TransportId::FIRST, setup.transport),
            transports: Vec::new(),
            candidate: None,
            heartbeat: Heartbeat::start(&config, ctx),
            decoder: Decoder::new(config.packets),
            conduct: conduct::Conduct::default(),
            pace: pace::Pace::new(config.max_events_per_second),
            engine: setup.engine,
            sockets: HashMap::new(),
            connect_timer,
            pending_acks: HashMap::new(),
            running_handlers: 0,
            watch: None,
            backlog: VecDeque::new(),
            backlog_bytes: 0,
            leaving: HashMap::new(),
            closing: false,
            reason: None,
            draining: false,
            _departure: None,
            config,
        }
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        let (_, transport) = self.transport;
        topology::started(log::Level::Info, self.place(), transport.as_str());
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let reason = self.reason.map_or("its thread ends", DisconnectReason::as_str);
        topology::stopped(log::Level::Info, self.place(), reason);
        self.let_go();
    }
}

fn open_packet(sid: Sid, config: &Config, transport: TransportKind) -> engine::Frame {
    let upgrades: &[&str] = match transport {
        TransportKind::Polling if config.upgrades_allowed() => &["websocket"],
        TransportKind::Polling | TransportKind::WebSocket => &[],
    };
    let millis = |d: std::time::Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    engine::Open {
        sid: sid.as_str(),
        upgrades,
        ping_interval_ms: millis(config.ping_interval),
        ping_timeout_ms: millis(config.ping_timeout),
        max_payload: u64::try_from(config.max_payload).unwrap_or(u64::MAX),
    }
    .to_frame()
}
