//! The mailbox of a [`NamespaceSupervisor`](super::NamespaceSupervisor). It also takes [`Broadcast`](crate::operation::Broadcast),
//! [`Join`](crate::operation::Join) and [`Leave`](crate::operation::Leave), from couriers.

use std::sync::Arc;

use actix::Message;

use crate::{
    id::{CourierId, RoomName, SocketId},
    operation::{NamespaceLink, SocketLink},
    session::messages::Admission,
};

/// A client asks to join this namespace. From the server supervisor; the session gets
/// [`Admission`] back.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Admit {
    /// This namespace, as the socket will know it.
    pub namespace: Arc<NamespaceLink>,
    /// Who asks.
    pub session: actix::Recipient<Admission>,
}

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
}

/// How many rooms are there?
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct CountRooms;

/// A room has no members left. From that room; it ends unless something for it is on the way.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RoomEmptied {
    /// The room.
    pub room: RoomName,
    /// How many messages the room has received so far.
    pub received: u64,
}
