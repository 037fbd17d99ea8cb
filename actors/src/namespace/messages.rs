//! The mailbox of a [`NamespaceSupervisor`](super::NamespaceSupervisor). It also takes the operations of
//! [`operation`](crate::operation) from couriers, but for `Emit` and `Disconnect`, which end at the courier of their socket.

use std::sync::Arc;

use actix::{Addr, Message};

use crate::{
    error::DisconnectReason,
    forwarder::Forwarder,
    id::{CourierId, RoomName, SocketId},
    operation::{NamespaceLink, SocketLink},
    server::Presence,
    session::messages::Admission,
    supervision::Mail,
};

/// A client asks to join this namespace. From the server supervisor; the session gets
/// [`Admission`] back.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Admit {
    /// This namespace, as the socket will know it.
    pub namespace: Arc<NamespaceLink>,
    /// Keeps it from ending meanwhile. `None` when a panic has cost the first one: whoever could end the namespace runs on its thread, and
    /// has not had a turn since.
    pub presence: Option<Presence>,
    /// Who asks.
    pub session: actix::Recipient<Admission>,
}

/// The client waits for an answer.
impl Mail for Admit {
    fn fact(&self) -> Option<Self> {
        let (namespace, session) = (self.namespace.clone(), self.session.clone());
        Some(Self { namespace, presence: None, session })
    }

    fn give_up(self) {
        self.session.do_send(Admission::Failed { name: self.namespace.name.clone() });
    }
}

/// This namespace is removed: all of its sockets are disconnected, and so is who was on the way in. From the server supervisor, which
/// sends nobody here any more.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseNamespace;

impl Mail for CloseNamespace {
    fn fact(&self) -> Option<Self> {
        Some(*self)
    }
}

/// A socket was admitted by its session and is served by a courier now. From that session, before anybody can name the socket.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct SocketAdded {
    /// The socket.
    pub socket: Arc<SocketLink>,
}

impl Mail for SocketAdded {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A socket is gone. From its courier.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct SocketGone {
    /// The socket.
    pub socket: SocketId,
    /// Who served it.
    pub courier: CourierId,
    /// Why.
    pub reason: DisconnectReason,
}

impl Mail for SocketGone {
    fn fact(&self) -> Option<Self> {
        Some(*self)
    }
}

/// How many rooms are there?
#[derive(Debug, Message)]
#[rtype(result = "usize")]
pub struct CountRooms;

/// Tell what happens from now on. From a handle of the namespace, or when the namespace starts.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Follow {
    /// Whom to tell.
    pub forwarder: Addr<Forwarder>,
}

impl Mail for Follow {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A room has no members left. From that room; it ends unless something for it is on the way.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct RoomEmptied {
    /// The room.
    pub room: RoomName,
    /// How many messages the room has received so far.
    pub received: u64,
}

impl Mail for RoomEmptied {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A room has panicked, and may have its members wrong. From that room, which gets [`Restore`](crate::room::messages::Restore) back; or
/// from what is left of it, if it has died all the same, and then it is started anew.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct RoomRestarted {
    /// The room.
    pub room: RoomName,
}

impl Mail for RoomRestarted {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A courier has panicked twice when it was told that one of its sockets has joined a room, and so does not know. From that courier, which
/// is told again.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct MembershipMissed {
    /// The socket.
    pub socket: SocketId,
    /// The room.
    pub room: RoomName,
}

impl Mail for MembershipMissed {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A room panics too often. From that room; the whole namespace is repaired, which counts as a restart of it.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct RoomFailed {
    /// The room.
    pub room: RoomName,
}

impl Mail for RoomFailed {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}
