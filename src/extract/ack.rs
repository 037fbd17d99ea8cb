//! `AckSender`: the acknowledgement of an event, kept for later.

use std::marker::PhantomData;

use serde::Serialize;

use super::{EventContext, FromContext};
use crate::{Socket, error::Error, event::Event};

/// Answers the event's acknowledgement, the last parameter of a handler in JavaScript. When the client wants none, it does nothing.
///
/// A handler that takes it has to answer through it: what the handler returns is not sent then. Of several handlers of one event,
/// the first takes it.
///
/// `AckSender` sends anything, `AckSender<E>` the acknowledgement of the typed event `E`:
///
/// ```
/// use actix_socketio::{AckSender, Event, SocketIo};
///
/// #[derive(serde::Deserialize, Event)]
/// #[event(name = "double", ack = u32)]
/// struct Double(u32);
///
/// SocketIo::new().of("/").on(Double::NAME, async |Double(n): Double, ack: AckSender<Double>| {
///     actix_web::rt::spawn(async move { ack.send(&(2 * n)) });
/// });
/// ```
#[derive(Debug)]
pub struct AckSender<E = Untyped> {
    socket: Socket,
    id: Option<u64>,
    of: PhantomData<fn(E)>,
}

/// In place of an event: an [`AckSender`] that sends anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untyped(());

impl<E> AckSender<E> {
    pub(crate) fn new(socket: Socket, id: Option<u64>) -> Self {
        Self { socket, id, of: PhantomData }
    }

    /// Whether the client wants an acknowledgement.
    pub fn is_wanted(&self) -> bool {
        self.id.is_some()
    }

    fn answer(self, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        match self.id {
            Some(id) => self.socket.acknowledge(id, args),
            None => Ok(()),
        }
    }
}

impl AckSender {
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
        self.answer(args)
    }
}

impl<E: Event<Ack: Serialize>> AckSender<E> {
    /// Sends the acknowledgement that belongs to the event. What cannot be sent is logged.
    pub fn send(self, ack: &E::Ack) {
        if let Err(error) = self.try_send(ack) {
            log::error!("not acknowledged: {error}");
        }
    }

    /// Sends the acknowledgement that belongs to the event.
    ///
    /// # Errors
    ///
    /// It cannot be serialised.
    pub fn try_send(self, ack: &E::Ack) -> Result<(), Error> {
        self.answer(ack)
    }
}

impl<E> FromContext<EventContext> for AckSender<E> {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        Ok(Self::new(cx.socket.clone(), cx.ack.take()))
    }
}
