//! The mailbox of a [`RoomSupervisor`](super::RoomSupervisor). It also takes [`Broadcast`](crate::operation::Broadcast). Everything
//! comes from its namespace.

use actix::Message;

use crate::{
    id::SocketId,
    operation::{CourierLink, Issuer},
};

/// A socket becomes a member.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AddMember {
    /// The socket.
    pub socket: SocketId,
    /// Who serves it: it hears of the membership.
    pub courier: CourierLink,
    /// Who waits for this to take effect, if anybody does.
    pub issuer: Option<Issuer>,
}

/// A socket is a member no more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RemoveMember {
    /// The socket.
    pub socket: SocketId,
    /// Who waits for this to take effect, if anybody does.
    pub issuer: Option<Issuer>,
}
