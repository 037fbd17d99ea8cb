//! `DisconnectReason` as a parameter.

use actix_socketio_actors::error::DisconnectReason;

use super::{DisconnectContext, FromContext};
use crate::error::Error;

impl FromContext<DisconnectContext> for DisconnectReason {
    fn from_context(cx: &DisconnectContext) -> Result<Self, Error> {
        Ok(cx.reason)
    }
}
