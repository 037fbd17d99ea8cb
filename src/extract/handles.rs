//! Handles as parameters: the socket, its namespace, its server.

use super::{AboutSocket, FromContext};
use crate::{Namespace, Socket, SocketIo, error::Error};

/// The client.
///
/// ```
/// # use actix_socketio::{Namespace, Socket, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/chat").on("leave", async |socket: Socket, namespace: Namespace, io: SocketIo| {
///     namespace.emit("left", &socket.id());
///     io.emit("left the chat", &socket.id());
///     socket.disconnect(false);
/// });
/// ```
impl<C: AboutSocket> FromContext<C> for Socket {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(cx.socket().clone())
    }
}

impl<C: AboutSocket> FromContext<C> for SocketIo {
    fn from_context(cx: &C) -> Result<Self, Error> {
        cx.socket().io()
    }
}

impl<C: AboutSocket> FromContext<C> for Namespace {
    fn from_context(cx: &C) -> Result<Self, Error> {
        cx.socket().of_namespace()
    }
}
