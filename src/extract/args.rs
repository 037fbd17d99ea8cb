//! `Args<T>`: the arguments of an event, typed.

use serde::de::DeserializeOwned;

use super::{EventContext, FromContext};
use crate::error::Error;

/// The arguments of an event. A tuple or tuple struct takes several, anything else the first; a missing one is `None` for an `Option`,
/// and further ones are ignored. [`Binary`](crate::Binary) stands for a `Buffer` or `ArrayBuffer`, at any depth.
///
/// ```
/// # use actix_socketio::{Args, Binary, SocketIo, Value};
/// # let io = SocketIo::new();
/// io.of("/")
///     .on("say", async |Args(text): Args<String>| text.len()) // emit("say", "hello")
///     .on("move", async |Args((x, y)): Args<(f64, Option<f64>)>| x + y.unwrap_or_default())
///     .on("echo", async |Args(any): Args<Value>| any)
///     .on("upload", async |Args((name, file)): Args<(String, Binary)>| format!("{name}: {} bytes", file.len()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Args<T>(pub T);

impl<T: DeserializeOwned> FromContext<EventContext> for Args<T> {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        cx.event_args().map(Self)
    }
}
