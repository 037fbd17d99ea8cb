//! Any operation, as a courier keeps its order: whose it is, which way it goes, and what it weighs while it waits.

use std::sync::Arc;

use crate::{
    id::{NamespaceId, RoomName},
    operation::{
        Broadcast, ChangeRooms, Disconnect, Emit, FindSockets, Join, Leave, Origin, Ticket,
    },
};

/// Any of the operations, as a courier lets it wait.
#[derive(Debug)]
pub enum Operation {
    /// See [`Emit`].
    Emit(Emit),
    /// See [`Broadcast`].
    Broadcast(Broadcast),
    /// See [`Join`].
    Join(Join),
    /// See [`Leave`].
    Leave(Leave),
    /// See [`ChangeRooms`].
    ChangeRooms(ChangeRooms),
    /// See [`FindSockets`].
    FindSockets(FindSockets),
    /// See [`Disconnect`].
    Disconnect(Disconnect),
}

/// What an operation does and the mailboxes through which it travels: same path, same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A packet from courier to courier, or to the own outbox.
    Direct,
    /// Through the namespace: a broadcast to several rooms or everyone, memberships of many sockets, a search.
    Namespace(NamespaceId),
    /// The same way: a membership of one socket, which no client sees by itself.
    Membership(NamespaceId),
    /// A broadcast through the namespace and one of its rooms.
    Room(NamespaceId, RoomName),
}

impl Operation {
    /// Who issues it.
    pub fn origin(&self) -> &Arc<Origin> {
        match self {
            Self::Emit(op) => &op.origin,
            Self::Broadcast(op) => &op.issuer.origin,
            Self::Join(op) => &op.issuer.origin,
            Self::Leave(op) => &op.issuer.origin,
            Self::ChangeRooms(op) => &op.issuer.origin,
            Self::FindSockets(op) => &op.issuer.origin,
            Self::Disconnect(op) => &op.origin,
        }
    }

    /// Gives its ticket to an operation that travels through supervisors.
    pub(crate) fn set_ticket(&mut self, ticket: Ticket) {
        match self {
            Self::Broadcast(op) => op.issuer.ticket = ticket,
            Self::Join(op) => op.issuer.ticket = ticket,
            Self::Leave(op) => op.issuer.ticket = ticket,
            Self::ChangeRooms(op) => op.issuer.ticket = ticket,
            Self::FindSockets(op) => op.issuer.ticket = ticket,
            Self::Emit(_) | Self::Disconnect(_) => {}
        }
    }

    /// The path that it takes.
    pub fn route(&self) -> Route {
        match self {
            Self::Emit(_) | Self::Disconnect(_) => Route::Direct,
            Self::Broadcast(op) => match &op.audience.rooms[..] {
                [room] => Route::Room(op.namespace.id, room.clone()),
                _ => Route::Namespace(op.namespace.id),
            },
            Self::Join(Join { socket, .. }) | Self::Leave(Leave { socket, .. }) => {
                Route::Membership(socket.namespace.id)
            }
            Self::ChangeRooms(op) => Route::Namespace(op.namespace.id),
            Self::FindSockets(op) => Route::Namespace(op.namespace.id),
        }
    }

    /// Bytes of payload that wait with it.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::Emit(op) => op.packet.byte_len(),
            Self::Broadcast(op) => op.parcel.byte_len(),
            _ => 0,
        }
    }
}
