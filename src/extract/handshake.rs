//! `Arc<Handshake>` as a parameter: the request that opened the connection.

use std::sync::Arc;

use actix_socketio_actors::handshake::Handshake;

use super::{AboutSocket, FromContext};
use crate::error::Error;

impl<C: AboutSocket> FromContext<C> for Arc<Handshake> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(cx.socket().shared_handshake())
    }
}
