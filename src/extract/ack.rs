//! `AckSender`: the acknowledgement of an event, kept for later.

use serde::Serialize;

use super::{EventContext, FromContext};
use crate::{Socket, error::Error};

/// Answers the event's acknowledgement, the last parameter of a handler in JavaScript. When the client wants none, it does nothing.
///
/// A handler that takes it has to answer through it: what the handler returns is not sent then. Of several handlers of one event,
/// the first takes it.
#[derive(Debug)]
pub struct AckSender {
    socket: Socket,
    id: Option<u64>,
}

impl AckSender {
    pub(crate) fn new(socket: Socket, id: Option<u64>) -> Self {
        Self { socket, id }
    }

    /// Whether the client wants an acknowledgement.
    pub fn is_wanted(&self) -> bool {
        self.id.is_some()
    }

    /// Sends the acknowledgement. A tuple (or tuple struct, or array of fixed size) becomes several arguments, `()` none,
    /// anything else one. What cannot be sent is logged.
    pub fn send(self, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.try_send(args) {
            log::error!("not acknowledged: {error}");
        }
    }

    /// Sends the acknowledgement.
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised.
    pub fn try_send(self, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        match self.id {
            Some(id) => self.socket.acknowledge(id, args),
            None => Ok(()),
        }
    }
}

impl FromContext<EventContext> for AckSender {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        Ok(Self::new(cx.socket.clone(), cx.ack.take()))
    }
}
