//! What handlers of outgoing events are shown.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use socketio_protocol::socket::Payload;

use super::{AboutSocket, Args, EventName, FromContext};
use crate::{Socket, error::Error};

/// An event was sent to a client.
///
/// ```
/// # use actix_socketio::{EventName, Handler, Namespace, extract::OutgoingContext};
/// fn trace<A>(namespace: &Namespace, handler: impl Handler<OutgoingContext, A, Output = ()>) {
///     namespace.on_any_outgoing(handler);
/// }
/// # trace(&actix_socketio::SocketIo::new().of("/"), async |EventName(name): EventName| println!("{name}"));
/// ```
#[derive(Debug)]
pub struct OutgoingContext {
    socket: Socket,
    payload: Payload,
}

impl OutgoingContext {
    pub(crate) fn new(socket: Socket, payload: Payload) -> Self {
        Self { socket, payload }
    }
}

impl AboutSocket for OutgoingContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn happening(&self) -> Cow<'_, str> {
        self.payload.event()
    }
}

impl FromContext<OutgoingContext> for EventName {
    fn from_context(cx: &OutgoingContext) -> Result<Self, Error> {
        Ok(Self(cx.payload.event().into_owned()))
    }
}

impl<T: DeserializeOwned> FromContext<OutgoingContext> for Args<T> {
    fn from_context(cx: &OutgoingContext) -> Result<Self, Error> {
        Ok(Self(cx.payload.event_args()?))
    }
}

impl FromContext<OutgoingContext> for Payload {
    fn from_context(cx: &OutgoingContext) -> Result<Self, Error> {
        Ok(cx.payload.args())
    }
}
