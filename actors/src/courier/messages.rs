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
    operation::{SessionAddr, SocketLink, Ticket},
    outbox::Outbox,
    session::OutgoingWatch,
};

/// A session has a new socket that was admitted: answer the client. From its session, which lets the namespace know next.
#[derive(Debug, Message)]
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

/// A socket is gone: nothing reaches it from now on. From its session, which gets
/// [`SocketRemoved`](crate::session::messages::SocketRemoved) back.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RemoveSocket {
    /// The socket.
    pub socket: SocketId,
    /// Why.
    pub reason: DisconnectReason,
}

/// Give the audience's local members what a broadcast brings. From a namespace or a room.
#[derive(Debug, Message)]
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

/// A local socket has become a member of a room. From the namespace.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Joined {
    /// Namespace of the room.
    pub namespace: NamespaceId,
    /// The room.
    pub room: RoomName,
    /// The socket.
    pub socket: SocketId,
}

/// A local socket is a member of a room no more, or was not let in. From the namespace.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Left {
    /// Namespace of the room.
    pub namespace: NamespaceId,
    /// The room.
    pub room: RoomName,
    /// The socket.
    pub socket: SocketId,
}

/// An operation of a local context has taken effect everywhere: what waits behind it may go. From a namespace or a room.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct FenceReleased {
    /// The context.
    pub context: ContextId,
    /// The operation.
    pub ticket: Ticket,
}
