//! `Arc<Handshake>` as a parameter: the request that opened the connection.

use std::sync::Arc;

use actix_socketio_actors::handshake::Handshake;

use super::{AboutSocket, FromContext};
use crate::error::Error;

/// The request that opened the connection, `socket.handshake` in JavaScript.
///
/// ```
/// # use std::sync::Arc;
/// # use actix_socketio::{Handshake, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").before_connect(async |handshake: Arc<Handshake>| match handshake.query("version") {
///     Some("2") => Ok(()),
///     _ => Err("update, please"),
/// });
/// ```
impl<C: AboutSocket> FromContext<C> for Arc<Handshake> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(cx.socket().shared_handshake())
    }
}
