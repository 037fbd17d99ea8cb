//! `SocketData<T>`: what was kept on the socket.

use std::sync::Arc;

use super::{AboutSocket, FromContext};
use crate::error::Error;

/// What [`Socket::set_data`](crate::Socket::set_data) has kept, `socket.data` in JavaScript. If there is none of this type, the handler is
/// not called; one that takes an `Option` of it is.
///
/// ```
/// # use actix_socketio::{Auth, Socket, SocketData, SocketIo};
/// #[derive(serde::Serialize)]
/// struct User { name: String }
///
/// # let io = SocketIo::new();
/// io.of("/")
///     .before_connect(async |socket: Socket, Auth(name): Auth<String>| socket.set_data(User { name }))
///     .on("who am I", async |SocketData(user): SocketData<User>| user.name.clone());
/// ```
#[derive(Debug)]
pub struct SocketData<T>(pub Arc<T>);

impl<T> Clone for SocketData<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + Sync + 'static, C: AboutSocket> FromContext<C> for SocketData<T> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        cx.socket().data().map(Self).ok_or_else(Error::no_socket_data::<T>)
    }
}
