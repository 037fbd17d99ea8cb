//! The operations that handlers and handles submit: emits, broadcasts, joins, leaves, disconnections.
//!
//! Each starts at the courier of the context it is issued in, which keeps the order (see `courier::fence`). An [`Emit`] ends at
//! the courier of its socket; the others travel on, unchanged, to the namespace and, where one room is meant, to that room.

use std::{sync::Arc, time::Duration};

use actix::{Addr, Message};
use socketio_protocol::socket::{Encoded, Payload};
use tokio::sync::oneshot;

use crate::{
    courier::{Courier, messages::FenceReleased},
    error::AckError,
    id::{AckId, ContextId, CourierId, NamespaceId, NamespaceName, RoomName, SocketId},
    namespace::NamespaceSupervisor,
    session::Session,
};

/// Where a courier is reached, and which one it is.
#[derive(Debug, Clone)]
pub struct CourierLink {
    /// Its id.
    pub id: CourierId,
    /// Its mailbox.
    pub addr: Addr<Courier>,
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
#[derive(Debug, Clone)]
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

    /// Says that the operation has taken effect.
    pub(crate) fn fence(&self) -> FenceReleased {
        FenceReleased { context: self.origin.context, ticket: self.ticket }
    }

    /// Tells the issuer's courier that the operation has taken effect.
    pub(crate) fn release(&self) {
        self.origin.courier.addr.do_send(self.fence());
    }
}

/// Where a namespace is reached, and which one it is.
#[derive(Debug)]
pub struct NamespaceLink {
    /// Its id.
    pub id: NamespaceId,
    /// Its name.
    pub name: NamespaceName,
    /// Its mailbox.
    pub addr: Addr<NamespaceSupervisor>,
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
}

impl SocketLink {
    /// The courier that serves this socket.
    pub fn courier(&self) -> &CourierLink {
        &self.origin.courier
    }
}

/// The HTTP request that opened the connection, as `socket.handshake` in JavaScript.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Handshake {
    /// Request target: path and query.
    pub url: String,
    /// Header names in lower case with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// Address of the peer, without port.
    pub address: Option<std::net::IpAddr>,
    /// Whether the connection is encrypted.
    pub secure: bool,
}

/// Who gets a broadcast, inside one namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudienceSpec {
    /// The union of these rooms; none means everyone.
    pub rooms: Vec<RoomName>,
    /// Without the members of these.
    pub except: Vec<RoomName>,
    /// Without this socket: the sender.
    pub except_socket: Option<SocketId>,
}

/// Whoever waits for an acknowledgement.
#[derive(Debug)]
pub struct AckWaiter {
    /// Id that the packet carries.
    pub id: AckId,
    /// Where the answer goes; it is dropped only with an answer.
    pub reply: oneshot::Sender<Result<Payload, AckError>>,
    /// Time the client has.
    pub timeout: Duration,
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
    /// Present when the client is asked for an answer.
    pub ack: Option<AckWaiter>,
}

/// Send a packet to an audience.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Broadcast {
    /// Who issues it.
    pub issuer: Issuer,
    /// Namespace of the audience.
    pub namespace: Arc<NamespaceLink>,
    /// Who gets it.
    pub audience: Arc<AudienceSpec>,
    /// What is sent.
    pub packet: Encoded,
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
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Disconnect {
    /// Who issues it.
    pub origin: Arc<Origin>,
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// Whether the whole connection is closed, with all of its namespaces.
    pub close: bool,
}

/// Any of the operations, as a courier lets it wait.
#[derive(Debug)]
pub enum Operation {
    /// See [`Emit`].
    Emit(Emit),
    /// See [`Broadcast`].
    Broadcast(Broadcast),
    /// See [`Join`].
    Join(Join),
    /// See [`Leave`].
    Leave(Leave),
    /// See [`Disconnect`].
    Disconnect(Disconnect),
}

/// What an operation does and the mailboxes through which it travels: same path, same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A packet from courier to courier, or to the own outbox.
    Direct,
    /// A broadcast through the namespace.
    Namespace(NamespaceId),
    /// A broadcast through the namespace and one of its rooms.
    Room(NamespaceId, RoomName),
    /// A membership, through the namespace and one of its rooms.
    Membership(NamespaceId, RoomName),
}

impl Operation {
    /// Who issues it.
    pub fn origin(&self) -> &Arc<Origin> {
        match self {
            Self::Emit(op) => &op.origin,
            Self::Broadcast(op) => &op.issuer.origin,
            Self::Join(op) => &op.issuer.origin,
            Self::Leave(op) => &op.issuer.origin,
            Self::Disconnect(op) => &op.origin,
        }
    }

    /// Gives its ticket to an operation that travels through supervisors.
    pub(crate) fn set_ticket(&mut self, ticket: Ticket) {
        match self {
            Self::Broadcast(op) => op.issuer.ticket = ticket,
            Self::Join(op) => op.issuer.ticket = ticket,
            Self::Leave(op) => op.issuer.ticket = ticket,
            Self::Emit(_) | Self::Disconnect(_) => {}
        }
    }

    /// The path that it takes.
    pub fn route(&self) -> Route {
        match self {
            Self::Emit(_) | Self::Disconnect(_) => Route::Direct,
            Self::Broadcast(op) => match &op.audience.rooms[..] {
                [room] => Route::Room(op.namespace.id, room.clone()),
                _ => Route::Namespace(op.namespace.id),
            },
            Self::Join(Join { socket, room, .. }) | Self::Leave(Leave { socket, room, .. }) => {
                Route::Membership(socket.namespace.id, room.clone())
            }
        }
    }

    /// Bytes of payload that wait with it.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::Emit(op) => op.packet.byte_len(),
            Self::Broadcast(op) => op.packet.byte_len(),
            Self::Join(_) | Self::Leave(_) | Self::Disconnect(_) => 0,
        }
    }
}

/// Where a session's facts go; kept by the courier beside the outbox.
pub type SessionAddr = Addr<Session>;
