//! Optional parameters: the handler is called whether or not they can be extracted.

use super::{FromContext, Needs};
use crate::error::Error;

/// `None` when it cannot be extracted.
///
/// ```
/// # use actix_socketio::{Args, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on("add", async |args: Option<Args<(i32, i32)>>| args.map(|Args((a, b))| a + b));
/// ```
impl<T: FromContext<C>, C> FromContext<C> for Option<T> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(T::from_context(cx).ok())
    }

    fn declare(needs: &mut Needs) {
        T::declare(needs);
    }
}

/// The error when it cannot be extracted.
///
/// ```
/// # use actix_socketio::{Args, Error, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on("add", async |args: Result<Args<(i32, i32)>, Error>| match args {
///     Ok(Args((a, b))) => Ok(a + b),
///     Err(error) => Err(error.to_string()),
/// });
/// ```
impl<T: FromContext<C>, C> FromContext<C> for Result<T, Error> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(T::from_context(cx))
    }

    fn declare(needs: &mut Needs) {
        T::declare(needs);
    }
}
