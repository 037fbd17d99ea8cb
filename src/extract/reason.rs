//! `DisconnectReason` as a parameter.

use actix_socketio_actors::error::DisconnectReason;

use super::{DisconnectContext, FromContext};
use crate::error::Error;

/// Why the socket has disconnected, the argument of `disconnect` in JavaScript.
///
/// ```
/// # use actix_socketio::{DisconnectReason, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on_disconnect(async |reason: DisconnectReason| println!("{reason}")); // "transport close"
/// ```
impl FromContext<DisconnectContext> for DisconnectReason {
    fn from_context(cx: &DisconnectContext) -> Result<Self, Error> {
        Ok(cx.reason)
    }
}
