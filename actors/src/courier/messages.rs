//! The mailbox of a [`Courier`](super::Courier). It also takes the operations of [`operation`](crate::operation), from handlers
//! and handles of its own thread, and [`Emit`](crate::operation::Emit) and [`Disconnect`](crate::operation::Disconnect) from
//! other couriers, for sockets that live here.

use std::sync::Arc;

use actix::Message;
use socketio_protocol::socket::Encoded;

use crate::{
    audience::{AudienceSpec, Parcel},
    error::DisconnectReason,
    id::{ContextId, NamespaceId, RoomName, SocketId},
    namespace::messages::{MembershipMissed, SocketGone},
    operation::{SessionAddr, SocketLink, Ticket},
    outbox::Outbox,
    session::{
        OutgoingWatch,
        messages::{CloseSession, SocketRemoved},
    },
    supervision::Mail,
};

/// A session has a new socket that was admitted: answer the client. From its session, which lets the namespace know next.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AddSocket {
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// Where its frames go.
    pub outbox: Arc<Outbox>,
    /// Where its facts go.
    pub session: SessionAddr,
    /// The CONNECT packet that tells the client its id.
    pub reply: Encoded,
    /// Present when the session wants to hear of every event that is sent.
    pub watch: Option<Arc<OutgoingWatch>>,
}

impl Mail for AddSocket {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }

    /// The client may not have been told that it is connected: its connection ends, and what there is of the socket goes.
    fn give_up(self) {
        let reason = DisconnectReason::TransportError;
        let (socket, courier) = (self.socket.id, self.socket.courier().id);
        self.socket.courier().addr.do_send(RemoveSocket { socket, reason });
        self.socket.namespace.addr.do_send(SocketGone { socket, courier, reason });
        let (socket, rooms) = (self.socket, vec![RoomName::from(socket)]);
        self.session.do_send(SocketRemoved { socket, rooms, reason, close: false });
        self.session.do_send(CloseSession { reason });
    }
}

/// A socket is gone: nothing reaches it from now on. From its session, which gets
/// [`SocketRemoved`] back.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct RemoveSocket {
    /// The socket.
    pub socket: SocketId,
    /// Why.
    pub reason: DisconnectReason,
}

impl Mail for RemoveSocket {
    fn fact(&self) -> Option<Self> {
        Some(*self)
    }
}

/// Give the audience's local members what a broadcast brings. From a namespace or a room.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Deliver {
    /// Namespace of the audience.
    pub namespace: NamespaceId,
    /// Who gets it.
    pub audience: Arc<AudienceSpec>,
    /// What it gets.
    pub parcel: Parcel,
    /// Present when this courier issued the broadcast: its context may go on.
    pub fence: Option<FenceReleased>,
}

/// Packets are lost; the fence is not, whatever becomes of them.
impl Mail for Deliver {
    fn fact(&self) -> Option<Self> {
        match self.parcel {
            Parcel::Packet { .. } | Parcel::Mark(_) => None,
            Parcel::Disconnection { .. } | Parcel::Closure => Some(self.clone()),
        }
    }
}

/// A local socket has become a member of a room. From the namespace.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Joined {
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// The room.
    pub room: RoomName,
}

impl Mail for Joined {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }

    /// The namespace tells it again, if it still holds then. Each time costs two panics, so that `restart_limit` bounds them.
    fn give_up(self) {
        let Self { socket, room } = self;
        socket.namespace.addr.do_send(MembershipMissed { socket: socket.id, room });
    }
}

/// A local socket is a member of a room no more, or was not let in. From the namespace.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Left {
    /// Namespace of the room.
    pub namespace: NamespaceId,
    /// The room.
    pub room: RoomName,
    /// The socket.
    pub socket: SocketId,
}

impl Mail for Left {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// An operation of a local context has taken effect everywhere: what waits behind it may go. From whoever drops the
/// [`Issuer`](crate::operation::Issuer) of that operation: a namespace or a room, or a mailbox that is closed. From the courier itself, without a
/// ticket, when there is more to go than one turn should push, or a panic has come between.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct FenceReleased {
    /// The context.
    pub context: ContextId,
    /// The operation.
    pub ticket: Ticket,
}

impl FenceReleased {
    /// Releases no operation: what waits in the context is looked at in a turn of its own.
    pub(super) fn nothing(context: ContextId) -> Self {
        Self { context, ticket: Ticket::default() }
    }
}

impl Mail for FenceReleased {
    fn fact(&self) -> Option<Self> {
        Some(*self)
    }
}
