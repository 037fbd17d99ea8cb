//! What error handlers hear of.

use std::borrow::Cow;

use super::{AboutSocket, EventName, FromContext};
use crate::{
    Socket,
    error::{Error, EventError},
};

/// An event was refused, did not fit its handler, or made it panic.
///
/// ```
/// # use actix_socketio::{EventError, Handler, Namespace, extract::ErrorContext};
/// fn observe<A>(namespace: &Namespace, handler: impl Handler<ErrorContext, A, Output = ()>) {
///     namespace.on_error(handler);
/// }
/// # observe(&actix_socketio::SocketIo::new().of("/"), async |error: EventError| println!("{error}"));
/// ```
#[derive(Debug)]
pub struct ErrorContext {
    socket: Socket,
    happening: String,
    error: EventError,
}

impl ErrorContext {
    pub(crate) fn new(socket: Socket, happening: String, error: EventError) -> Self {
        Self { socket, happening, error }
    }
}

impl AboutSocket for ErrorContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn happening(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.happening)
    }
}

impl FromContext<ErrorContext> for EventName {
    fn from_context(cx: &ErrorContext) -> Result<Self, Error> {
        Ok(Self(cx.happening.clone()))
    }
}

impl FromContext<ErrorContext> for EventError {
    fn from_context(cx: &ErrorContext) -> Result<Self, Error> {
        Ok(cx.error.clone())
    }
}
