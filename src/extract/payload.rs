//! `Payload` as a parameter: the arguments as they came.

use socketio_protocol::socket::Payload;

use super::{EventContext, FromContext};
use crate::error::Error;

/// All arguments of the event as they came, to be sent on byte for byte.
///
/// ```
/// # use actix_socketio::{EventName, Payload, Socket, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on_fallback(async |socket: Socket, EventName(name): EventName, args: Payload| {
///     socket.broadcast().emit(&name, &args);
/// });
/// ```
impl FromContext<EventContext> for Payload {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        Ok(cx.payload().args())
    }
}
