//! Extractors: what the parameters of a handler can be.
//!
//! | type | connect | event | outgoing | disconnect | error | gives |
//! |---|---|---|---|---|---|---|
//! | [`Socket`], [`SocketIo`], [`Namespace`] | yes | yes | yes | yes | yes | handles |
//! | [`Auth<T>`] | yes | yes | yes | yes | yes | `auth` of the client |
//! | [`Arc<Handshake>`](crate::Handshake) | yes | yes | yes | yes | yes | the request that opened the connection |
//! | [`web::Data<T>`](actix_web::web::Data) | yes | yes | yes | yes | yes | data of the application |
//! | [`SocketData<T>`] | yes | yes | yes | yes | yes | data of the socket |
//! | [`Params<T>`] | yes | yes | yes | yes | yes | parameters of the namespace's name |
//! | a type that is an [`Event`](crate::Event) | | yes | | | | the arguments, typed |
//! | [`Args<T>`] | | yes | yes | | | the arguments, typed |
//! | [`Payload`](crate::Payload) | | yes | yes | | | the arguments as they came |
//! | [`EventName`] | | yes | yes | | yes | the name |
//! | [`AckSender`] | | yes | | | | the way to acknowledge later; `AckSender<E>` for a typed event |
//! | [`DisconnectReason`](crate::DisconnectReason) | | | | yes | | why |
//! | [`Rooms`] | | | | yes | | the rooms in which the socket was |
//! | [`EventError`](crate::EventError) | | | | | yes | what went wrong |
//! | `Option<T>`, `Result<T, Error>` | yes | yes | yes | yes | yes | any of these, where the handler is to be called without it, too |

mod ack;
mod app_data;
mod args;
mod auth;
mod error;
mod event;
mod event_name;
mod handles;
mod handshake;
mod optional;
mod outgoing;
mod params;
mod payload;
mod reason;
mod rooms;
mod socket_data;

use std::borrow::Cow;

use actix_socketio_actors::{error::DisconnectReason as Reason, id::RoomName};

pub(crate) use self::app_data::{AppData, SharedNeeds};
pub use self::{
    ack::{AckSender, Untyped},
    app_data::Needs,
    args::Args,
    auth::Auth,
    error::ErrorContext,
    event::EventContext,
    event_name::EventName,
    outgoing::OutgoingContext,
    params::Params,
    rooms::Rooms,
    socket_data::SocketData,
};
#[cfg(doc)]
use crate::{Namespace, SocketIo};
use crate::{Socket, error::Error};

/// Something that a handler can have as a parameter when `C` happens.
///
/// ```
/// # use actix_socketio::{Auth, Error, SocketIo, extract::{FromContext, Needs}};
/// /// What the client calls itself, in every kind of handler.
/// struct Name(String);
///
/// impl<C> FromContext<C> for Name
/// where
///     Auth<Option<String>>: FromContext<C>,
/// {
///     fn from_context(cx: &C) -> Result<Self, Error> {
///         let Auth(name) = Auth::<Option<String>>::from_context(cx)?;
///         Ok(Self(name.unwrap_or_else(|| "nobody".into())))
///     }
///
///     fn declare(needs: &mut Needs) {
///         Auth::<Option<String>>::declare(needs);
///     }
/// }
///
/// # let io = SocketIo::new();
/// io.of("/")
///     .on_connect(async |Name(name): Name| println!("{name} is here"))
///     .on("who am I", async |Name(name): Name| name);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a handler for `{C}`",
    note = "`Args`, `Payload`, `EventName`, `AckSender` and types with `#[derive(Deserialize, Event)]` belong to events, `DisconnectReason` to disconnects, `EventError` to errors; `Socket`, `Auth`, `Params`, `SocketIo`, `Namespace`, `Arc<Handshake>`, `web::Data` and `SocketData` work everywhere"
)]
pub trait FromContext<C>: Sized {
    /// Extracts it.
    ///
    /// # Errors
    ///
    /// What has happened does not fit the type; the handler is not called.
    fn from_context(cx: &C) -> Result<Self, Error>;

    /// Says what it needs from outside; called when a handler with such a parameter is registered. An extractor that is made of others
    /// lets them say it.
    fn declare(needs: &mut Needs) {
        let _ = needs;
    }
}

/// A socket connects, or is about to.
///
/// ```
/// # use actix_socketio::{Handler, Namespace, Socket, extract::{ConnectContext, DisconnectContext}};
/// fn watch<A, B>(
///     namespace: &Namespace,
///     hello: impl Handler<ConnectContext, A, Output = ()>,
///     goodbye: impl Handler<DisconnectContext, B, Output = ()>,
/// ) {
///     namespace.on_connect(hello).on_disconnect(goodbye);
/// }
/// # let show = async |socket: Socket| println!("{}", socket.id());
/// # watch(&actix_socketio::SocketIo::new().of("/"), show, show);
/// ```
#[derive(Debug)]
pub struct ConnectContext {
    socket: Socket,
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

impl DisconnectContext {
    pub(crate) fn new(socket: Socket, reason: Reason, rooms: Vec<RoomName>) -> Self {
        Self { socket, reason, rooms }
    }
}

/// Every context is about one socket.
pub(crate) trait AboutSocket {
    fn socket(&self) -> &Socket;

    /// What happens, as an event name: `connect`, `disconnect`, or that of the client's event.
    fn happening(&self) -> Cow<'_, str>;

    /// One of several handlers was called, or was not since its parameters cannot be extracted.
    fn handler_called(&self, _called: bool) {}
}

impl AboutSocket for ConnectContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn happening(&self) -> Cow<'_, str> {
        "connect".into()
    }
}

impl AboutSocket for DisconnectContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn happening(&self) -> Cow<'_, str> {
        "disconnect".into()
    }
}
