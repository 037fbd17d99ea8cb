//! The operations that handlers and handles submit: emits, broadcasts, joins, leaves, disconnections.
//!
//! Each starts at the courier of the context it is issued in, which keeps the order (see `courier::fence`). An [`Emit`] ends at
//! the courier of its socket; the others travel on, unchanged, to the namespace, and broadcasts to one room from there to that room
//! (the `route` module says which way).

use std::{sync::Arc, time::Duration};

use actix::{Addr, ArbiterHandle, Message};
use socketio_protocol::socket::{Encoded, Payload};
use tokio::sync::oneshot;

use crate::{
    audience::{AudienceSpec, Parcel},
    collector::{AckCollector, messages::AckSettled},
    config::Config,
    courier::{Courier, Tally, messages::FenceReleased},
    early::Early,
    error::AckError,
    handshake::Handshake,
    id::{AckId, ContextId, CourierId, NamespaceId, NamespaceName, RoomName, SocketId},
    mailbox::{Mailbox, WeakMailbox},
    namespace::{NamespaceSupervisor, NamespaceTotals},
    server::Lifetime,
    session::Session,
    socket_data::SocketData,
    supervision::Mail,
    topology::Counters,
};

/// Where a courier is reached, and which one it is.
#[derive(Debug, Clone)]
pub struct CourierLink {
    /// Its id.
    pub id: CourierId,
    /// Its mailbox.
    pub addr: Mailbox<Courier>,
    /// What it and its sessions count.
    pub tally: Arc<Tally>,
}

impl CourierLink {
    /// The same, which does not keep the courier alive.
    pub fn downgrade(&self) -> WeakCourierLink {
        WeakCourierLink { id: self.id, addr: self.addr.downgrade(), tally: self.tally.clone() }
    }
}

/// A [`CourierLink`] that does not keep the courier alive.
#[derive(Debug, Clone)]
pub struct WeakCourierLink {
    id: CourierId,
    addr: WeakMailbox<Courier>,
    tally: Arc<Tally>,
}

impl WeakCourierLink {
    /// Which courier.
    pub(crate) fn id(&self) -> CourierId {
        self.id
    }

    /// What it and its sessions have counted, whether or not it goes on.
    pub(crate) fn counters(&self) -> Counters {
        self.tally.counters()
    }

    /// The link, unless the courier has ended.
    pub fn upgrade(&self) -> Option<CourierLink> {
        let addr = self.addr.upgrade()?;
        Some(CourierLink { id: self.id, addr, tally: self.tally.clone() })
    }
}

/// Where an operation comes from: the courier that keeps the order of its context.
#[derive(Debug)]
pub struct Origin {
    /// Courier of the context's thread.
    pub courier: CourierLink,
    /// The context.
    pub context: ContextId,
}

impl Origin {
    /// A new context at this courier.
    pub fn new(courier: CourierLink) -> Arc<Self> {
        Arc::new(Self { courier, context: ContextId::next() })
    }
}

/// Numbers the operations of a courier in the order in which they were issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Ticket(pub u64);

/// Who has issued an operation that travels through supervisors, and which of the issuer's operations it is.
///
/// The operation has taken effect when this is dropped: the issuer's courier is told then, whether the operation was done, its addressee
/// has gone, or a panic has cost it.
#[derive(Debug)]
pub struct Issuer {
    /// Who has.
    pub origin: Arc<Origin>,
    /// Given by the courier.
    pub ticket: Ticket,
}

impl Issuer {
    /// Of an operation that has yet to reach its courier.
    pub fn new(origin: Arc<Origin>) -> Self {
        Self { origin, ticket: Ticket::default() }
    }

    /// What tells the issuer's courier that the operation has taken effect; whoever calls this has to send it.
    pub(crate) fn take_fence(&mut self) -> FenceReleased {
        FenceReleased { context: self.origin.context, ticket: std::mem::take(&mut self.ticket) }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        if self.ticket != Ticket::default() {
            let fence = self.take_fence();
            self.origin.courier.addr.do_send(fence);
        }
    }
}

/// Where a namespace is reached, and which one it is.
#[derive(Debug)]
pub struct NamespaceLink {
    /// Its id.
    pub id: NamespaceId,
    /// Its name.
    pub name: NamespaceName,
    /// Names and values of the parameters of its name, in their order, when it was made from a pattern.
    pub params: Vec<(String, String)>,
    /// Its mailbox.
    pub addr: Mailbox<NamespaceSupervisor>,
    /// How much is in it.
    pub totals: Arc<NamespaceTotals>,
    /// Its thread.
    pub arbiter: ArbiterHandle,
    /// Settings of the server.
    pub config: Arc<Config>,
    /// Whether it goes on.
    pub lifetime: Lifetime,
}

/// Where a socket is reached, and what it is.
#[derive(Debug)]
pub struct SocketLink {
    /// Its public id.
    pub id: SocketId,
    /// Its namespace.
    pub namespace: Arc<NamespaceLink>,
    /// The context of its connection, at the courier that serves it.
    pub origin: Arc<Origin>,
    /// What is known of the client.
    pub handshake: Arc<Handshake>,
    /// `auth` as the client sent it.
    pub auth: Payload,
    /// What the user keeps on it.
    pub data: SocketData,
    /// What is done to it before it is connected.
    pub early: Early,
}

impl SocketLink {
    /// The courier that serves this socket.
    pub fn courier(&self) -> &CourierLink {
        &self.origin.courier
    }
}

/// Whoever waits for an acknowledgement.
#[derive(Debug)]
pub struct AckWaiter {
    /// Id that the packet carries.
    pub id: AckId,
    /// Where the answer goes; it is dropped only with an answer.
    pub reply: AckReply,
    /// Time the client has.
    pub timeout: Duration,
}

/// Where the answer of a client goes.
#[derive(Debug)]
pub enum AckReply {
    /// To whoever has asked this client alone.
    One(oneshot::Sender<Result<Payload, AckError>>),
    /// To the collector of a broadcast, as the answer of this socket.
    Collected(Addr<AckCollector>, SocketId),
}

impl AckReply {
    /// Gives the answer, or says why there is none. Whoever asked may have lost interest.
    pub fn settle(self, answer: Result<Payload, AckError>) {
        match self {
            Self::One(reply) => drop(reply.send(answer)),
            Self::Collected(collector, socket) => {
                collector.do_send(AckSettled { socket, answer });
            }
        }
    }
}

/// Send a packet to one socket.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Emit {
    /// Who issues it.
    pub origin: Arc<Origin>,
    /// Who gets it.
    pub socket: Arc<SocketLink>,
    /// What is sent.
    pub packet: Encoded,
    /// It is dropped when the client is not ready for it.
    pub volatile: bool,
    /// Present when the client is asked for an answer.
    pub ack: Option<AckWaiter>,
}

/// Send a packet to an audience, or disconnect it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Broadcast {
    /// Who issues it.
    pub issuer: Issuer,
    /// Namespace of the audience.
    pub namespace: Arc<NamespaceLink>,
    /// Who gets it.
    pub audience: Arc<AudienceSpec>,
    /// What it gets.
    pub parcel: Parcel,
}

/// Make an audience members of rooms, or end their memberships.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ChangeRooms {
    /// Who issues it.
    pub issuer: Issuer,
    /// Namespace of the audience.
    pub namespace: Arc<NamespaceLink>,
    /// Whose memberships change.
    pub audience: AudienceSpec,
    /// Whether they join or leave.
    pub change: RoomChange,
    /// The rooms.
    pub rooms: Vec<RoomName>,
}

/// What becomes of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoomChange {
    /// It begins.
    Join,
    /// It ends.
    Leave,
}

/// Which sockets are in an audience?
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct FindSockets {
    /// Who asks.
    pub issuer: Issuer,
    /// Namespace of the audience.
    pub namespace: Arc<NamespaceLink>,
    /// The audience.
    pub audience: AudienceSpec,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Vec<FoundSocket>>,
}

/// A socket, and the rooms in which it was when it was found; its own room is the first.
#[derive(Debug, Clone)]
pub struct FoundSocket {
    /// The socket.
    pub link: Arc<SocketLink>,
    /// Its rooms.
    pub rooms: Vec<RoomName>,
}

/// Make a socket a member of a room.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Join {
    /// Who issues it.
    pub issuer: Issuer,
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// The room, made on the first join.
    pub room: RoomName,
}

/// End a socket's membership in a room.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Leave {
    /// Who issues it.
    pub issuer: Issuer,
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// The room, which ends with its last member.
    pub room: RoomName,
}

/// Disconnect a socket from its namespace.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    /// Who issues it.
    pub origin: Arc<Origin>,
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// Whether the whole connection is closed, with all of its namespaces.
    pub close: bool,
}

/// Lost when the turn of a supervisor or a courier panics; whoever waits for it, or behind it, is told by its being dropped.
impl Mail for Emit {}
impl Mail for Broadcast {}
impl Mail for ChangeRooms {}
impl Mail for FindSockets {}
impl Mail for Join {}
impl Mail for Leave {}

/// Whoever is disconnected has to go.
impl Mail for Disconnect {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// Where a session's facts go; kept by the courier beside the outbox.
pub type SessionAddr = Addr<Session>;
