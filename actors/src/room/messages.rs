//! The mailbox of a [`RoomSupervisor`](super::RoomSupervisor). It also takes [`Broadcast`](crate::operation::Broadcast). Everything
//! comes from its namespace.

use std::sync::Arc;

use actix::Message;

use crate::{
    id::SocketId,
    operation::{CourierLink, ReleaseGuard},
};

/// A socket becomes a member.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AddMember {
    /// The socket.
    pub socket: SocketId,
    /// Who serves it: it hears of the membership.
    pub courier: CourierLink,
    /// Dropped when this has taken effect: whoever waits for it goes on.
    pub release: Option<Arc<ReleaseGuard>>,
}

/// A socket is a member no more.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct RemoveMember {
    /// The socket.
    pub socket: SocketId,
    /// Dropped when this has taken effect: whoever waits for it goes on.
    pub release: Option<Arc<ReleaseGuard>>,
}
