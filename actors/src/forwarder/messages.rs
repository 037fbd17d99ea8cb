//! The mailbox of a [`Forwarder`](super::Forwarder), and what it passes on.

use std::sync::Arc;

use actix::Message;

use crate::{error::DisconnectReason, id::RoomName, operation::SocketLink};

/// Something has happened in a namespace. From the namespace, in the order in which it happens; whoever follows it is told.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Happened(pub Fact);

/// What has happened to a socket.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// What.
    pub change: Change,
}

/// What can happen to a socket.
#[derive(Debug, Clone)]
pub enum Change {
    /// It is connected.
    Connected,
    /// It is about to be the first member of this room.
    RoomCreated(RoomName),
    /// It is a member of this room.
    Joined(RoomName),
    /// It is a member of this room no more.
    Left(RoomName),
    /// It was the last member of this room.
    RoomDeleted(RoomName),
    /// It is gone, and has left all rooms before.
    Disconnected(DisconnectReason),
}

/// What a follower is told next.
#[derive(Debug, Clone)]
pub enum News {
    /// This has happened.
    Fact(Fact),
    /// So many facts have happened that it is not told, since it could not keep up.
    Missed(u64),
}
