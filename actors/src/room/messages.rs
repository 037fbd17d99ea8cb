//! The mailbox of a [`RoomSupervisor`](super::RoomSupervisor). It also takes [`Broadcast`](crate::operation::Broadcast). Everything
//! comes from its namespace.

use std::sync::Arc;

use actix::Message;

use crate::{id::SocketId, operation::CourierLink, supervision::Mail};

/// A socket has become a member; its courier has been told.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AddMember {
    /// The socket.
    pub socket: SocketId,
    /// Who serves it.
    pub courier: CourierLink,
}

impl Mail for AddMember {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A socket is a member no more; its courier has been told.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct RemoveMember {
    /// The socket.
    pub socket: SocketId,
}

impl Mail for RemoveMember {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// These are the members, whatever the room knows of them. When the room has asked, or the namespace was repaired.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Restore {
    /// The members, and who serves each.
    pub members: Arc<[(SocketId, CourierLink)]>,
    /// How many messages were sent to the room so far, this one included.
    pub sent: u64,
}

impl Mail for Restore {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}
