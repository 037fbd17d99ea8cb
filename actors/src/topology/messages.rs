//! The one question that every actor answers, and what each of them says. Reports carry the addresses of the children, so that whoever
//! asks can go on; no actor asks another.

use std::{fmt, sync::Arc};

use actix::{Addr, Message, WeakAddr, WeakRecipient};
use tokio::sync::oneshot;

use super::report::{Counters, Listing, QueueDepth, SocketNode};
use crate::{
    collector::AckCollector,
    config::TransportKind,
    forwarder::Forwarder,
    id::{ContextId, RoomName, SocketId, TransportId},
    operation::{CourierLink, NamespaceLink, SessionAddr},
    room::RoomSupervisor,
};

/// Say what you are and who your children are. From [`walk`](super::walk), which waits for the answer for a while.
pub struct Describe<R> {
    /// How many children may be listed, at most.
    pub limits: super::TopologyLimits,
    /// Where the answer goes.
    pub reply: oneshot::Sender<R>,
}

impl<R: 'static> Message for Describe<R> {
    type Result = ();
}

impl<R> fmt::Debug for Describe<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Describe")
    }
}

impl<R> Describe<R> {
    /// Answers; whoever has asked may have lost patience.
    pub fn answer(self, report: impl FnOnce(&super::TopologyLimits) -> R) {
        if !self.reply.is_closed() {
            drop(self.reply.send(report(&self.limits)));
        }
    }
}

/// Of the server supervisor.
#[derive(Debug)]
pub struct ServerReport {
    /// The namespaces with the most sockets.
    pub namespaces: Listing<Arc<NamespaceLink>>,
    /// Sockets of all namespaces.
    pub sockets: usize,
    /// Rooms of all namespaces.
    pub rooms: usize,
    /// Couriers that have not ended.
    pub couriers: Vec<CourierLink>,
    /// Forwarders that have not ended.
    pub forwarders: Listing<WeakAddr<Forwarder>>,
    /// Actors behind recipients that have not ended.
    pub outlets: Listing<OutletAddr>,
    /// What couriers that have ended had counted, and actors that were started again.
    pub counters: Counters,
}

/// Of a namespace.
#[derive(Debug)]
pub struct NamespaceReport {
    /// The rooms with the most members.
    pub rooms: Listing<RoomLink>,
    /// Collectors of broadcasts that went through it.
    pub collectors: Listing<WeakAddr<AckCollector>>,
}

/// A room as its namespace knows it.
#[derive(Debug)]
pub struct RoomLink {
    /// Its name.
    pub name: RoomName,
    /// Its mailbox.
    pub addr: Addr<RoomSupervisor>,
    /// Messages sent to it so far.
    pub sent: u64,
    /// How many members it has.
    pub members: usize,
}

/// Of a room.
#[derive(Debug)]
pub struct RoomReport {
    /// Its members.
    pub members: Listing<SocketId>,
    /// Messages that it has received so far.
    pub received: u64,
}

/// Of the collector of a broadcast.
#[derive(Debug, Clone, Copy)]
pub struct CollectorReport {
    /// Clients that have not answered yet.
    pub owing: usize,
    /// Clients that have.
    pub settled: usize,
}

/// Of a forwarder.
#[derive(Debug, Clone, Copy)]
pub struct ForwarderReport {
    /// Facts that wait for its actor.
    pub waiting: usize,
    /// Facts that its actor was not told, since it did not keep up.
    pub missed: u64,
}

/// Of the actor behind recipients.
#[derive(Debug)]
pub struct OutletReport {
    /// Whom it sends to.
    pub serves: String,
    /// Messages that it has taken so far.
    pub taken: u64,
}

/// Where an actor behind recipients is asked. It lives in the crate above.
pub type OutletAddr = WeakRecipient<Describe<OutletReport>>;

/// Of a courier.
#[derive(Debug)]
pub struct CourierReport {
    /// Sockets that it serves.
    pub sockets: usize,
    /// Contexts with something under way.
    pub fenced: usize,
    /// Its connections.
    pub sessions: Listing<SessionEntry>,
}

/// A connection as its courier knows it.
#[derive(Debug)]
pub struct SessionEntry {
    /// Its context.
    pub context: ContextId,
    /// Its mailbox.
    pub addr: SessionAddr,
    /// What waits for its client.
    pub outbox: QueueDepth,
    /// Its sockets.
    pub sockets: Listing<SocketNode>,
}

/// Of a session.
#[derive(Debug)]
pub struct SessionReport {
    /// The transport in use.
    pub transport: TransportKind,
    /// Handlers that wait for something.
    pub running_handlers: usize,
    /// Events that wait for a handler to finish.
    pub waiting_events: usize,
    /// Answers that the client owes.
    pub pending_acks: usize,
    /// Its transports that are actors.
    pub transports: Vec<TransportLink>,
}

/// A transport as its session knows it.
pub struct TransportLink {
    /// Its id.
    pub id: TransportId,
    /// Where it is asked. It freezes while its peer does not read, so its mailbox may be full.
    pub addr: WeakRecipient<Describe<TransportReport>>,
}

impl fmt::Debug for TransportLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportLink({})", self.id.0)
    }
}

impl Clone for TransportLink {
    fn clone(&self) -> Self {
        Self { id: self.id, addr: self.addr.clone() }
    }
}

/// Of a transport.
#[derive(Debug, Clone, Copy)]
pub struct TransportReport {
    /// It has asked to replace polling.
    pub upgrades: bool,
    /// Bytes of a message in fragments that has not ended yet.
    pub unfinished: usize,
}
