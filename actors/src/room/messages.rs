//! The mailbox of a [`RoomSupervisor`](super::RoomSupervisor). It also takes [`Broadcast`](crate::operation::Broadcast). Everything
//! comes from its namespace.

use actix::Message;

use crate::{id::SocketId, operation::CourierLink};

/// A socket has become a member; its courier has been told.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AddMember {
    /// The socket.
    pub socket: SocketId,
    /// Who serves it.
    pub courier: CourierLink,
}

/// A socket is a member no more; its courier has been told.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RemoveMember {
    /// The socket.
    pub socket: SocketId,
}
