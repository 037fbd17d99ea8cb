//! `Auth<T>`: what the client sent to authenticate itself.

use serde::de::DeserializeOwned;

use super::{AboutSocket, FromContext};
use crate::error::Error;

/// `auth` of the client, `socket.handshake.auth` in JavaScript, typed. In connection middleware, a client whose `auth` does not have
/// this type is refused; a client that sends none is taken to have sent `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Auth<T>(pub T);

impl<T: DeserializeOwned, C: AboutSocket> FromContext<C> for Auth<T> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(Self(cx.socket().auth()?))
    }
}
