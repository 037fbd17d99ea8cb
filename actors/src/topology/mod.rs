//! The tree of actors: every actor answers [`Describe`](messages::Describe), and says so in the log when it starts and stops.
//!
//! [`walk`] asks them, from the root to the leaves; it runs outside of the actors, since no actor waits for another. An actor that does
//! not answer in time is in the tree as such.

mod display;
mod lifecycle;
pub mod messages;
pub(crate) mod remembered;
mod report;
mod walk;

use std::time::Duration;

pub(crate) use self::lifecycle::{failed, restarted, started, stopped};
pub use self::{
    lifecycle::TARGET,
    report::{
        CollectorNode, Counters, CourierNode, ForwarderNode, Listing, NamespaceNode, NodeState,
        OutletNode, QueueDepth, RoomNode, SessionNode, SocketNode, Topology, TransportNode,
    },
    walk::walk,
};

/// How much of a tree is listed, and how long each of its levels may take. Totals are exact whatever the limits.
///
/// ```
/// # use actix_socketio_actors::topology::TopologyLimits;
/// let limits = TopologyLimits { members: 1000, ..TopologyLimits::default() };
/// assert_eq!(limits.rooms, 50);
/// // Counters and totals alone, for figures that are asked for every few seconds.
/// assert_eq!(TopologyLimits::totals().sessions, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopologyLimits {
    /// Namespaces, and forwarders and recipients of all namespaces, that are listed, and asked. Default 50.
    pub namespaces: usize,
    /// Rooms, and collectors, of each namespace that are listed, and asked. Default 50.
    pub rooms: usize,
    /// Members of each room, and sockets of each session, that are listed. Default 10.
    pub members: usize,
    /// Sessions of each courier that are listed, and asked. Default 50.
    pub sessions: usize,
    /// Time that each level of the tree (server, namespaces and couriers, rooms and sessions, transports) has to answer. Default 250 ms.
    pub patience: Duration,
}

/// When the tree itself is put into the log, under [`TARGET`] and at level info.
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio_actors::topology::TopologyLog;
/// let every_minute = TopologyLog::Every(Duration::from_secs(60));
/// assert_ne!(every_minute, TopologyLog::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopologyLog {
    /// Never.
    Off,
    /// When namespaces, rooms, members, couriers or sessions have changed; figures alone are no change.
    OnChange {
        /// Time between two looks.
        at_most_every: Duration,
    },
    /// In this interval, whatever has happened.
    Every(Duration),
}

impl Default for TopologyLog {
    fn default() -> Self {
        Self::OnChange { at_most_every: Duration::from_secs(10) }
    }
}

impl Default for TopologyLimits {
    fn default() -> Self {
        let patience = Duration::from_millis(250);
        Self { namespaces: 50, rooms: 50, members: 10, sessions: 50, patience }
    }
}

impl TopologyLimits {
    /// Nothing is listed but the couriers: totals and counters alone, at the cost of a message to each of them.
    pub fn totals() -> Self {
        Self { namespaces: 0, rooms: 0, members: 0, sessions: 0, ..Self::default() }
    }

    /// Everything is listed, however much that is.
    ///
    /// ```
    /// # use actix_socketio_actors::topology::TopologyLimits;
    /// assert_eq!(TopologyLimits::unlimited().rooms, usize::MAX);
    /// ```
    pub fn unlimited() -> Self {
        let all = usize::MAX;
        Self { namespaces: all, rooms: all, members: all, sessions: all, ..Self::default() }
    }
}
