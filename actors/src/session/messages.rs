//! The mailbox of a [`Session`](super::Session): facts from its transports, its courier and the supervisors.

use std::{fmt, sync::Arc};

use actix::{Message, Recipient, WeakRecipient};
use bytes::Bytes;
use bytestring::ByteString;
use socketio_protocol::{engine, socket::Encoded};
use tokio::sync::oneshot;

use crate::{
    config::TransportKind,
    dispatch::Handlers,
    error::DisconnectReason,
    id::{NamespaceId, NamespaceName, RoomName, SocketId, TransportId},
    operation::{AckWaiter, NamespaceLink, SocketLink},
    server::Presence,
    topology::messages::{Describe, TransportReport},
};

/// One message of a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundFrame {
    /// A text message: an Engine.IO packet.
    Text(ByteString),
    /// A binary message: an attachment.
    Binary(Bytes),
}

/// A WebSocket received a message. From that transport, which has entered the gate for it.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct FrameReceived {
    /// Which transport.
    pub transport: TransportId,
    /// The message.
    pub frame: InboundFrame,
}

/// A polling client posted packets. From the edge, which answers the client once it is told that they are dealt with.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct PayloadReceived {
    /// The packets.
    pub packets: Vec<engine::Packet>,
    /// Told when the packets are dealt with (handlers may still run).
    pub done: oneshot::Sender<()>,
}

/// A transport that is an actor has started. From that transport.
#[derive(Message)]
#[rtype(result = "()")]
pub struct TransportStarted {
    /// Its id.
    pub transport: TransportId,
    /// Where it says what it is; it answers nothing while its peer does not read.
    pub describe: WeakRecipient<Describe<TransportReport>>,
}

/// A second transport asks to take over. From that transport.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct UpgradeRequested {
    /// Its id.
    pub transport: TransportId,
    /// How to reach it while it is not yet the reader of the outbox.
    pub commands: Recipient<TransportCommand>,
}

/// What a session tells a transport that is not, or will not become, the reader of its outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub enum TransportCommand {
    /// Answer the probe.
    AnswerProbe,
    /// Close.
    Close,
}

/// A transport has ended. From that transport.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct TransportClosed {
    /// Which one.
    pub transport: TransportId,
    /// Why.
    pub reason: DisconnectReason,
}

/// Which transport is in use? `None` when the session is over. From the edge, for each request of a known session, so that a request
/// comes after what the client has sent before it over the other transport.
#[derive(Debug, Message)]
#[rtype(result = "Option<TransportKind>")]
pub struct FindTransport;

/// A polling client has fetched all there was after the session had closed. From the edge.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct OutboxDrained;

/// Close the whole connection. From the edge (misuse of a transport) or a courier (slow consumer).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CloseSession {
    /// Why.
    pub reason: DisconnectReason,
}

/// The server is closed. From the edge. What was emitted before is still under way to sockets, and is followed by a [`CloseSession`];
/// this closes a connection without sockets.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct ShutDown;

/// The server is drained, and it is this connection's turn to be closed. From the edge, which has seen to it that what was emitted
/// before the drain is in the outbox.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Depart {
    /// Dropped when the session has stopped.
    pub stopped: oneshot::Sender<()>,
}

/// End the connection now, whatever is queued for it; handlers have their time all the same. From the edge, at the deadline of a drain.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct CutOff;

/// What became of a request to join a namespace. From the namespace, or from the server supervisor.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Admission {
    /// The namespace is there; its connection middleware decides next.
    Admitted {
        /// The namespace.
        namespace: Arc<NamespaceLink>,
        /// Keeps it from ending, as long as the session holds it.
        presence: Presence,
        /// Id of the socket to be.
        id: SocketId,
        /// The handlers of the socket to be.
        handlers: Arc<dyn Handlers>,
    },
    /// There is no such namespace.
    NoSuchNamespace {
        /// The name that the client asked for.
        name: NamespaceName,
    },
    /// The namespace has panicked too often, or twice for this client.
    Failed {
        /// Its name.
        name: NamespaceName,
    },
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admitted { id, .. } => write!(f, "Admitted({id})"),
            Self::NoSuchNamespace { name } => write!(f, "NoSuchNamespace({name:?})"),
            Self::Failed { name } => write!(f, "Failed({name:?})"),
        }
    }
}

/// The client is about to be asked: its answer will come here. From the courier, right before the packet is queued.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AckExpected {
    /// Namespace in which the client is asked.
    pub namespace: NamespaceId,
    /// Who waits.
    pub waiter: AckWaiter,
}

/// An event was put into the outbox. From the courier, for sockets whose handlers want to know.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct PacketSent {
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// The event.
    pub packet: Encoded,
}

/// A socket was removed: no later broadcast reaches it. From the courier.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct SocketRemoved {
    /// The socket.
    pub socket: Arc<SocketLink>,
    /// The rooms in which it was; its own room is the first.
    pub rooms: Vec<RoomName>,
    /// Why.
    pub reason: DisconnectReason,
    /// Whether the whole connection has to be closed.
    pub close: bool,
}
