//! Extractors: what the parameters of a handler can be.
//!
//! | type | connect | event | disconnect | gives |
//! |---|---|---|---|---|
//! | [`Socket`], [`SocketIo`], [`Namespace`] | yes | yes | yes | handles |
//! | [`Auth<T>`] | yes | yes | yes | `auth` of the client |
//! | [`Params<T>`] | yes | yes | yes | parameters of the namespace's name |
//! | a type that is an [`Event`](crate::Event) | | yes | | the arguments, typed |
//! | [`Args<T>`] | | yes | | the arguments, typed |
//! | [`Payload`](crate::Payload) | | yes | | the arguments as they came |
//! | [`EventName`] | | yes | | the name |
//! | [`AckSender`] | | yes | | the way to acknowledge later; `AckSender<E>` for a typed event |
//! | [`DisconnectReason`](crate::DisconnectReason) | | | yes | why |
//! | [`Rooms`] | | | yes | the rooms in which the socket was |

mod ack;
mod args;
mod auth;
mod event_name;
mod handles;
mod params;
mod payload;
mod reason;
mod rooms;

use std::cell::Cell;

use actix_socketio_actors::{error::DisconnectReason as Reason, id::RoomName};
use serde::de::DeserializeOwned;
use socketio_protocol::socket::Payload as RawPayload;

pub use self::{
    ack::{AckSender, Untyped},
    args::Args,
    auth::Auth,
    event_name::EventName,
    params::Params,
    rooms::Rooms,
};
#[cfg(doc)]
use crate::{Namespace, SocketIo};
use crate::{Socket, error::Error};

/// Something that a handler can have as a parameter when `C` happens.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler for `{C}`",
    note = "`Args`, `Payload`, `EventName`, `AckSender` and types with `#[derive(Deserialize, Event)]` belong to events, `DisconnectReason` to disconnects; `Socket`, `Auth`, `Params`, `SocketIo` and `Namespace` work everywhere"
)]
pub trait FromContext<C>: Sized {
    /// Extracts it.
    ///
    /// # Errors
    ///
    /// What has happened does not fit the type; the handler is not called.
    fn from_context(cx: &C) -> Result<Self, Error>;
}

/// A socket connects, or is about to.
#[derive(Debug)]
pub struct ConnectContext {
    socket: Socket,
}

/// An event has arrived.
#[derive(Debug)]
pub struct EventContext {
    socket: Socket,
    payload: RawPayload,
    /// Taken by whoever answers.
    ack: Cell<Option<u64>>,
}

/// A socket has disconnected.
#[derive(Debug)]
pub struct DisconnectContext {
    socket: Socket,
    reason: Reason,
    rooms: Vec<RoomName>,
}

impl ConnectContext {
    pub(crate) fn new(socket: Socket) -> Self {
        Self { socket }
    }
}

impl EventContext {
    pub(crate) fn new(socket: Socket, payload: RawPayload, ack: Option<u64>) -> Self {
        Self { socket, payload, ack: Cell::new(ack) }
    }

    /// The right to answer, given once.
    pub(crate) fn take_ack(&self) -> Option<AckSender> {
        Some(AckSender::new(self.socket.clone(), Some(self.ack.take()?)))
    }

    /// The arguments, typed.
    pub(crate) fn event_args<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(self.payload.event_args()?)
    }

    pub(crate) fn event_name(&self) -> std::borrow::Cow<'_, str> {
        self.payload.event()
    }
}

impl DisconnectContext {
    pub(crate) fn new(socket: Socket, reason: Reason, rooms: Vec<RoomName>) -> Self {
        Self { socket, reason, rooms }
    }
}

/// Every context is about one socket.
trait AboutSocket {
    fn socket(&self) -> &Socket;
}

impl AboutSocket for ConnectContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }
}

impl AboutSocket for EventContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }
}

impl AboutSocket for DisconnectContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }
}
