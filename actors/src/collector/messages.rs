//! The mailbox of an [`AckCollector`](super::AckCollector).

use actix::Message;
use socketio_protocol::socket::Payload;

use crate::{error::AckError, id::SocketId};

/// The broadcast has been pushed to this many couriers. From its room or namespace, once for each namespace.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct BroadcastPushed {
    /// How many will report.
    pub couriers: usize,
}

/// These sockets were sent the broadcast. From each courier, once for each namespace.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SocketsAsked {
    /// The sockets.
    pub sockets: Vec<SocketId>,
}

/// A client has answered, or will not. From its session.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AckSettled {
    /// The socket.
    pub socket: SocketId,
    /// The answer, or why there is none.
    pub answer: Result<Payload, AckError>,
}
