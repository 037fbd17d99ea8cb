//! `Auth<T>`: what the client sent to authenticate itself.

use serde::de::DeserializeOwned;

use super::{AboutSocket, FromContext};
use crate::error::Error;

/// `auth` of the client, `socket.handshake.auth` in JavaScript, typed. In connection middleware, a client whose `auth` does not have
/// this type is refused; a client that sends none is taken to have sent `{}`.
///
/// ```
/// # use actix_socketio::{Auth, SocketIo};
/// #[derive(serde::Deserialize)]
/// struct Token { token: String } // io(url, { auth: { token: "…" } })
///
/// # let io = SocketIo::new();
/// io.of("/").before_connect(async |Auth(auth): Auth<Token>| match auth.token.as_str() {
///     "secret" => Ok(()),
///     _ => Err("who are you?"),
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Auth<T>(pub T);

impl<T: DeserializeOwned, C: AboutSocket> FromContext<C> for Auth<T> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(Self(cx.socket().auth()?))
    }
}
