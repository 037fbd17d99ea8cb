//! The points at which a test can make a turn panic.

/// Where a turn can be made to panic, with the feature `fault-injection`: in the midst of each change of a state of several parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Point {
    /// A client has asked the root for a namespace.
    ServerConnect,
    /// A message has reached the root, outside of any shield: the root dies.
    ServerDeath,
    /// The namespace is about to admit a client.
    NamespaceAdmit,
    /// Others know of a socket that is not among the sockets yet.
    NamespaceAdd,
    /// A socket is among the sockets, or out of them, and its courier is not counted yet, or still.
    NamespaceCount,
    /// A socket is out of some of its rooms, and still in others.
    NamespaceRemove,
    /// A socket has the room, and the room does not have the socket.
    NamespaceJoin,
    /// A socket has left the room, and the room does not know.
    NamespaceLeave,
    /// A broadcast has not been handed to anybody.
    NamespaceBroadcast,
    /// Sockets are about to be found.
    NamespaceFind,
    /// A room is about to end.
    NamespaceEmptied,
    /// The state is about to be made whole.
    NamespaceRepair,
    /// A message has reached the namespace, outside of any shield: the namespace dies.
    NamespaceDeath,
    /// The courier knows of a member that the room does not have yet.
    RoomAdd,
    /// A member is out, and the courier does not know.
    RoomRemove,
    /// A broadcast has reached the room, and nobody yet.
    RoomBroadcast,
    /// A broadcast has been pushed to some couriers, and not to that of its context.
    Push,
    /// A message has reached the room, outside of any shield: the room dies.
    RoomDeath,
    /// A socket is there, and in no index.
    CourierAdd,
    /// A socket is there, and its client has not been told.
    CourierReply,
    /// A socket is gone, and still in indexes.
    CourierRemove,
    /// A socket has the room, and the room does not have the socket.
    CourierJoined,
    /// A socket has left the room, which still has it.
    CourierLeft,
    /// A delivery has reached the courier, and nobody yet.
    CourierDeliver,
    /// An operation has set out, and has not left.
    CourierRun,
    /// A fence is open, and what waits behind it has not gone.
    CourierRelease,
    /// The state is about to be made whole.
    CourierRepair,
    /// A message has reached the courier, outside of any shield: the courier dies.
    CourierDeath,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 28] = [
        Self::ServerConnect,
        Self::ServerDeath,
        Self::NamespaceAdmit,
        Self::NamespaceAdd,
        Self::NamespaceCount,
        Self::NamespaceRemove,
        Self::NamespaceJoin,
        Self::NamespaceLeave,
        Self::NamespaceBroadcast,
        Self::NamespaceFind,
        Self::NamespaceEmptied,
        Self::NamespaceRepair,
        Self::NamespaceDeath,
        Self::RoomAdd,
        Self::RoomRemove,
        Self::RoomBroadcast,
        Self::Push,
        Self::RoomDeath,
        Self::CourierAdd,
        Self::CourierReply,
        Self::CourierRemove,
        Self::CourierJoined,
        Self::CourierLeft,
        Self::CourierDeliver,
        Self::CourierRun,
        Self::CourierRelease,
        Self::CourierRepair,
        Self::CourierDeath,
    ];
}
