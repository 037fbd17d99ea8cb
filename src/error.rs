//! The errors of the public API: of what is sent and read, and of what handlers do.

use std::{fmt, sync::Arc};

use actix_socketio_actors::{
    error::AckError,
    escaped::OneLine,
    shield::{count_panic, shielded},
};
use socketio_protocol::socket::{ArgsError, EncodeError};

use crate::handler::Refusal;

/// Why something could not be sent, was not answered, or does not have the expected type.
///
/// ```
/// # use actix_socketio::{Error, Socket};
/// async fn age(socket: Socket) -> Result<Option<u8>, Error> {
///     match socket.ask::<u8>("how old are you", &()).await {
///         Ok(age) => Ok(Some(age)),
///         Err(error) if error.is_timeout() || error.is_disconnected() => Ok(None),
///         Err(error) if error.is_type_mismatch() => Ok(None), // it said "old enough"
///         Err(error) => Err(error),
///     }
/// }
///
/// fn shout(socket: &Socket, text: &str) {
///     match socket.try_emit(text, &()) {
///         Err(error) if error.is_encode() => println!("{text:?} is reserved"),
///         sent => assert!(sent.is_ok()),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(transparent)]
    Ack(#[from] AckError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Args(#[from] ArgsError),
    #[error("parameters of the namespace: {0}")]
    Params(#[from] serde::de::value::Error),
    #[error("the server is gone")]
    ServerGone,
    #[error("the namespace is gone")]
    NamespaceGone,
    #[error("the application has no `Data<{0}>`: add it with `.app_data(web::Data::new(…))`")]
    NoAppData(&'static str),
    #[error("the socket has no data of type `{0}`: set it with `socket.set_data(…)`")]
    NoSocketData(&'static str),
}

impl Error {
    pub(crate) fn server_gone() -> Self {
        Self(Kind::ServerGone)
    }

    pub(crate) fn namespace_gone() -> Self {
        Self(Kind::NamespaceGone)
    }

    pub(crate) fn no_app_data<T: ?Sized>() -> Self {
        Self(Kind::NoAppData(std::any::type_name::<T>()))
    }

    pub(crate) fn no_socket_data<T>() -> Self {
        Self(Kind::NoSocketData(std::any::type_name::<T>()))
    }

    /// What cannot be serialised belongs to the acknowledgement of this event.
    pub(crate) fn in_ack_of(self, event: &str) -> Self {
        let packet = format!("the acknowledgement of event {event:?}");
        Self(match self.0 {
            Kind::Encode(EncodeError::Serialize { source, .. }) => {
                EncodeError::Serialize { packet, source }.into()
            }
            Kind::Encode(EncodeError::TooManyAttachments { count, max, .. }) => {
                EncodeError::TooManyAttachments { packet, count, max }.into()
            }
            other => other,
        })
    }

    /// The client did not answer in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0, Kind::Ack(AckError::Timeout))
    }

    /// The client disconnected before it answered.
    pub fn is_disconnected(&self) -> bool {
        matches!(self.0, Kind::Ack(AckError::Disconnected))
    }

    /// The server is gone or closed, or the namespace is removed: whoever holds an address of it can drop it.
    ///
    /// ```
    /// # use actix::Recipient;
    /// # use actix_socketio::message::Emit;
    /// async fn is_open(lobby: &Recipient<Emit>, hello: Emit) -> bool {
    ///     match lobby.send(hello).await {
    ///         Ok(Err(error)) => !error.is_gone(), // closed or removed
    ///         Err(_) => false, // the server has ended, and with it the mailbox
    ///         Ok(Ok(())) => true,
    ///     }
    /// }
    /// ```
    pub fn is_gone(&self) -> bool {
        matches!(self.0, Kind::ServerGone | Kind::NamespaceGone)
    }

    /// What was to be sent cannot be: it cannot be serialised, or the event name is reserved.
    pub fn is_encode(&self) -> bool {
        matches!(self.0, Kind::Encode(_))
    }

    /// What arrived does not have the expected type.
    pub fn is_type_mismatch(&self) -> bool {
        matches!(self.0, Kind::Args(_) | Kind::Params(_))
    }

    /// The application or the socket has no data of the type that a handler asks for.
    ///
    /// ```
    /// # use actix_socketio::{Error, SocketData, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on("who am I", async |name: Result<SocketData<String>, Error>| match name {
    ///     Ok(SocketData(name)) => name.to_string(),
    ///     Err(error) if error.is_missing_data() => "nobody".to_owned(),
    ///     Err(error) => error.to_string(),
    /// });
    /// ```
    pub fn is_missing_data(&self) -> bool {
        matches!(self.0, Kind::NoAppData(_) | Kind::NoSocketData(_))
    }
}

impl From<serde::de::value::Error> for Error {
    fn from(error: serde::de::value::Error) -> Self {
        Self(error.into())
    }
}

impl From<AckError> for Error {
    fn from(error: AckError) -> Self {
        Self(error.into())
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self(error.into())
    }
}

impl From<ArgsError> for Error {
    fn from(error: ArgsError) -> Self {
        Self(error.into())
    }
}

/// What went wrong with an event, or with another handler of a socket: the argument of `on_error` handlers. Clones are of the same error.
///
/// ```
/// # use actix_socketio::{EventError, EventName, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on_error(async |EventName(event): EventName, error: EventError| match () {
///     _ if error.is_refused() || error.is_type_mismatch() => println!("{event} of a bad client: {error}"),
///     _ if error.is_panic() || error.is_missing_data() => eprintln!("{event} needs a programmer: {error}"),
///     _ => {}
/// });
/// ```
#[derive(Debug, Clone)]
pub struct EventError(Arc<EventErrorKind>);

#[derive(Debug)]
enum EventErrorKind {
    /// With its text, which is made once: that may panic.
    Refused(Refusal, String),
    NotCalled(Error),
    Panicked(String),
    Unanswered(Unanswered),
}

/// Why an actor to which an event is forwarded has not answered.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("handler not available")]
    Gone,
    #[error("handler timed out")]
    Late,
    #[error("handler overloaded")]
    Overloaded,
}

impl EventError {
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let text = shielded(|| refusal.to_string()).unwrap_or_else(|panic| {
            count_panic();
            log::error!("the text of a refusal panicked: {}", OneLine(panic));
            "Internal server error".into()
        });
        Self(Arc::new(EventErrorKind::Refused(refusal, text)))
    }

    pub(crate) fn not_called(error: Error) -> Self {
        Self(Arc::new(EventErrorKind::NotCalled(error)))
    }

    pub(crate) fn panicked(text: String) -> Self {
        Self(Arc::new(EventErrorKind::Panicked(text)))
    }

    pub(crate) fn unanswered(why: Unanswered) -> Self {
        Self(Arc::new(EventErrorKind::Unanswered(why)))
    }

    /// Packet middleware has stopped the event. Its own error is the [`source`](std::error::Error::source).
    pub fn is_refused(&self) -> bool {
        matches!(*self.0, EventErrorKind::Refused(..))
    }

    /// The payload (or the `auth` of the client) does not have the type that the handler asks for: the handler was not called.
    pub fn is_type_mismatch(&self) -> bool {
        matches!(&*self.0, EventErrorKind::NotCalled(error) if error.is_type_mismatch())
    }

    /// The application or the socket has no data of the type that the handler asks for: the handler was not called.
    pub fn is_missing_data(&self) -> bool {
        matches!(&*self.0, EventErrorKind::NotCalled(error) if error.is_missing_data())
    }

    /// The handler panicked.
    pub fn is_panic(&self) -> bool {
        matches!(*self.0, EventErrorKind::Panicked(_))
    }

    /// The actor to which the event is [forwarded](crate::Namespace::forward) has stopped, or has panicked with this event.
    ///
    /// ```
    /// # use actix_socketio::{EventError, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_error(async |error: EventError| match () {
    ///     _ if error.is_gone() => eprintln!("start it again"),
    ///     _ if error.is_timeout() || error.is_overloaded() => eprintln!("it is too slow"),
    ///     _ => {}
    /// });
    /// ```
    pub fn is_gone(&self) -> bool {
        matches!(*self.0, EventErrorKind::Unanswered(Unanswered::Gone))
    }

    /// The actor to which the event is forwarded has not answered within [`forward_timeout`](crate::Builder::forward_timeout).
    pub fn is_timeout(&self) -> bool {
        matches!(*self.0, EventErrorKind::Unanswered(Unanswered::Late))
    }

    /// The event was not forwarded, since as many as [`max_forwarded`](crate::Builder::max_forwarded) lie with the actor.
    pub fn is_overloaded(&self) -> bool {
        matches!(*self.0, EventErrorKind::Unanswered(Unanswered::Overloaded))
    }

    /// What the client is told: nothing that it could not know.
    pub(crate) fn text_for_client(&self) -> String {
        match &*self.0 {
            EventErrorKind::Refused(_, text) => text.clone(),
            EventErrorKind::NotCalled(_) if self.is_type_mismatch() => "invalid arguments".into(),
            EventErrorKind::NotCalled(_) | EventErrorKind::Panicked(_) => {
                "Internal server error".into()
            }
            EventErrorKind::Unanswered(why) => why.to_string(),
        }
    }
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            EventErrorKind::Refused(_, text) => write!(f, "refused: {text}"),
            EventErrorKind::NotCalled(error) => write!(f, "handler not called: {error}"),
            EventErrorKind::Panicked(text) => write!(f, "handler panicked: {text}"),
            EventErrorKind::Unanswered(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for EventError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            EventErrorKind::Refused(refusal, _) => Some(&**refusal),
            EventErrorKind::NotCalled(error) => Some(error),
            EventErrorKind::Panicked(_) | EventErrorKind::Unanswered(_) => None,
        }
    }
}
