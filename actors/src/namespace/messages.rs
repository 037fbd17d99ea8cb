//! The mailbox of a [`NamespaceSupervisor`](super::NamespaceSupervisor). It also takes the operations of
//! [`operation`](crate::operation), but for those that concern one socket alone, from couriers.

use std::sync::Arc;

use actix::{Message, Recipient};

use crate::{
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
}

/// How many rooms are there?
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct CountRooms;

/// Tell of the rooms from now on. From a handle of the namespace.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SubscribeRooms {
    /// Whom to tell.
    pub subscriber: Recipient<RoomEvent>,
}

/// Something has happened to a room: the events of the adapter in JavaScript. The own room of a socket counts. From the namespace, to
/// whoever has subscribed, in the order in which it happens.
///
/// ```
/// # use actix_socketio_actors::namespace::messages::RoomEvent;
/// fn describe(event: &RoomEvent) -> String {
///     match event {
///         RoomEvent::Created { room } => format!("{room} begins"),
///         RoomEvent::Joined { room, socket } => format!("{socket} is in {room}"),
///         RoomEvent::Left { room, socket } => format!("{socket} has left {room}"),
///         RoomEvent::Deleted { room } => format!("{room} ends"),
///     }
/// }
/// assert_eq!(describe(&RoomEvent::Created { room: "lobby".into() }), "lobby begins");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub enum RoomEvent {
    /// `create-room`: a room has its first member, who joins next.
    Created {
        /// The room.
        room: RoomName,
    },
    /// `join-room`: a socket has become a member.
    Joined {
        /// The room.
        room: RoomName,
        /// The socket.
        socket: SocketId,
    },
    /// `leave-room`: a socket is a member no more.
    Left {
        /// The room.
        room: RoomName,
        /// The socket.
        socket: SocketId,
    },
    /// `delete-room`: the last member has left.
    Deleted {
        /// The room.
        room: RoomName,
    },
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
