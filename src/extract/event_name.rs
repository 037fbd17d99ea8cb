//! `EventName`: for handlers that serve several events.

use super::{EventContext, FromContext};
use crate::error::Error;

/// Name of the event. An event that is named by a number has the digits as its name.
///
/// ```
/// # use actix_socketio::{EventName, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on_any(async |EventName(name): EventName| println!("{name}"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventName(pub String);

impl FromContext<EventContext> for EventName {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        Ok(Self(cx.event_name().into_owned()))
    }
}
