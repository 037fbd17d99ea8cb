//! Who gets a broadcast and what it gets: plain data that travels with [`Broadcast`](crate::operation::Broadcast) from a handle
//! through the supervisors to the couriers.

use std::{sync::Arc, time::Duration};

use actix::Addr;
use socketio_protocol::socket::Encoded;
use tokio::sync::oneshot;

use crate::{
    collector::AckCollector,
    id::{AckId, RoomName, SocketId},
};

/// Who gets a broadcast, inside one namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudienceSpec {
    /// The union of these rooms; none means everyone.
    pub rooms: Vec<RoomName>,
    /// Without the members of these.
    pub except: Vec<RoomName>,
    /// Without this socket: the sender.
    pub except_socket: Option<SocketId>,
}

/// What an audience gets.
#[derive(Debug, Clone)]
pub enum Parcel {
    /// A packet.
    Packet {
        /// The packet.
        packet: Encoded,
        /// Clients that are not ready for it do not get it.
        volatile: bool,
        /// Present when each client is asked for an answer.
        ask: Option<AskEach>,
    },
    /// Its disconnection from the namespace.
    Disconnection {
        /// Whether the whole connections are closed, with all of their namespaces.
        close: bool,
    },
    /// The end of its connections, since the server is closed.
    Closure,
    /// Nothing: it shows that what was issued before is in the outboxes.
    Mark(Mark),
}

/// Tells whoever waits at the other end of the channel that it, and all of its clones, have arrived: by being dropped.
#[derive(Debug, Clone)]
pub struct Mark(
    #[expect(dead_code, reason = "dropping it is what counts")] Arc<oneshot::Sender<()>>,
);

impl Mark {
    /// A mark, and the end that waits.
    pub fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Arc::new(sender)), receiver)
    }
}

impl Parcel {
    /// Bytes of payload.
    pub(crate) fn byte_len(&self) -> usize {
        match self {
            Self::Packet { packet, .. } => packet.byte_len(),
            Self::Disconnection { .. } | Self::Closure | Self::Mark(_) => 0,
        }
    }

    /// Who collects the answers, if any are wanted.
    pub(crate) fn collector(&self) -> Option<&Addr<AckCollector>> {
        match self {
            Self::Packet { ask: Some(ask), .. } => Some(&ask.collector),
            _ => None,
        }
    }
}

/// Each client of an audience is asked for an answer.
#[derive(Debug, Clone)]
pub struct AskEach {
    /// Id that the packet carries, the same for all clients of one namespace.
    pub id: AckId,
    /// Time that each client has.
    pub timeout: Duration,
    /// Where the answers go.
    pub collector: Addr<AckCollector>,
}
