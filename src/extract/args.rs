//! `Args<T>`: the arguments of an event, typed.

use serde::de::DeserializeOwned;

use super::{EventContext, FromContext};
use crate::error::Error;

/// The arguments of an event. A tuple or tuple struct takes several, anything else the first; a missing one is `None` for an `Option`,
/// and further ones are ignored. [`Binary`](crate::Binary) stands for a `Buffer` or `ArrayBuffer`, at any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Args<T>(pub T);

impl<T: DeserializeOwned> FromContext<EventContext> for Args<T> {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        cx.event_args().map(Self)
    }
}
