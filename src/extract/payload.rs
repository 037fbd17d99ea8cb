//! `Payload` as a parameter: the arguments as they came.

use socketio_protocol::socket::Payload;

use super::{EventContext, FromContext};
use crate::error::Error;

impl FromContext<EventContext> for Payload {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        Ok(cx.payload().args())
    }
}
