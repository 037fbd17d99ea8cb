//! The mailbox of a [`NamespaceSupervisor`](super::NamespaceSupervisor). It also takes the operations of
//! [`operation`](crate::operation), but for those that concern one socket alone, from couriers.

use std::sync::Arc;

use actix::{Addr, Message};

use crate::{
    error::DisconnectReason,
    forwarder::Forwarder,
    id::{CourierId, RoomName, SocketId},
    operation::{NamespaceLink, SocketLink},
    server::Presence,
    session::messages::Admission,
};

/// A client asks to join this namespace. From the server supervisor; the session gets
/// [`Admission`] back.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Admit {
    /// This namespace, as the socket will know it.
    pub namespace: Arc<NamespaceLink>,
    /// Keeps it from ending meanwhile.
    pub presence: Presence,
    /// Who asks.
    pub session: actix::Recipient<Admission>,
}

/// This namespace is removed: all of its sockets are disconnected, and so is who was on the way in. From the server supervisor, which
/// sends nobody here any more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CloseNamespace;

/// A socket was admitted by its session and is served by a courier now. From that session, before anybody can name the socket.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SocketAdded {
    /// The socket.
    pub socket: Arc<SocketLink>,
}

/// A socket is gone. From its courier.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SocketGone {
    /// The socket.
    pub socket: SocketId,
    /// Who served it.
    pub courier: CourierId,
    /// Why.
    pub reason: DisconnectReason,
}

/// How many rooms are there?
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct CountRooms;

/// Tell what happens from now on. From a handle of the namespace, or when the namespace starts.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Follow {
    /// Whom to tell.
    pub forwarder: Addr<Forwarder>,
}

/// A room has no members left. From that room; it ends unless something for it is on the way.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RoomEmptied {
    /// The room.
    pub room: RoomName,
    /// How many messages the room has received so far.
    pub received: u64,
}
