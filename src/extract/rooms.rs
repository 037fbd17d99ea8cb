//! `Rooms`: where a socket that has disconnected was.

use super::{DisconnectContext, FromContext};
use crate::error::Error;

/// The rooms in which the socket was when it disconnected, its own first: what `socket.rooms` holds while `disconnecting` is emitted in
/// JavaScript.
///
/// ```
/// # use actix_socketio::{Socket, SocketIo, extract::Rooms};
/// # let io = SocketIo::new();
/// io.of("/").on_disconnect(async |socket: Socket, Rooms(rooms): Rooms| {
///     // Without any room, it would be everyone.
///     if rooms.len() > 1 {
///         socket.to(&rooms[1..]).emit("left", &socket.id());
///     }
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms(pub Vec<String>);

impl FromContext<DisconnectContext> for Rooms {
    fn from_context(cx: &DisconnectContext) -> Result<Self, Error> {
        Ok(Self(cx.rooms.iter().map(ToString::to_string).collect()))
    }
}
