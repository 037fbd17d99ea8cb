//! An event of a client, as its handlers see it, and who of them may answer.

use std::{borrow::Cow, cell::Cell, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use serde_json::json;
use socketio_protocol::socket::Payload;

use super::{
    AboutSocket,
    ack::{AckSender, Settlement, Untyped},
};
use crate::{
    Socket,
    error::{Error, EventError},
};

/// An event has arrived.
///
/// ```
/// # use actix_socketio::{Args, Handler, Namespace, extract::EventContext};
/// fn on_all<A>(namespace: &Namespace, events: &[&str], handler: impl Handler<EventContext, A, Output = ()>) {
///     for event in events {
///         namespace.on(event, handler.clone());
///     }
/// }
/// # on_all(&actix_socketio::SocketIo::new().of("/"), &["a", "b"], async |Args(n): Args<u32>| println!("{n}"));
/// ```
#[derive(Debug)]
pub struct EventContext {
    socket: Socket,
    payload: Payload,
    /// Present when the client wants an acknowledgement.
    ack: Option<u64>,
    /// What its handlers know of each other. One that is alone needs to know nothing.
    settlement: Option<Arc<Settlement>>,
    /// The handler that is being called has an `AckSender`.
    taken: Cell<bool>,
}

impl EventContext {
    /// For a handler that is alone.
    pub(crate) fn of_one(socket: Socket, payload: Payload, ack: Option<u64>) -> Self {
        Self { socket, payload, ack, settlement: None, taken: Cell::new(false) }
    }

    /// For one handler after the other; whoever answers first wins.
    pub(crate) fn of_several(socket: Socket, payload: Payload, ack: Option<u64>) -> Self {
        let settlement = ack.map(|_| Arc::default());
        Self { settlement, ..Self::of_one(socket, payload, ack) }
    }

    pub(crate) fn event_name(&self) -> Cow<'_, str> {
        self.payload.event()
    }

    pub(crate) fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Time that an actor of the application has to answer.
    pub(crate) fn forward_timeout(&self) -> Duration {
        self.socket.config().forward_timeout
    }

    /// The arguments, typed.
    pub(crate) fn event_args<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(self.payload.event_args()?)
    }

    /// The right to answer, for the handler that is being called. Whoever has it twice has it once.
    pub(super) fn take_ack<E>(&self) -> AckSender<E> {
        let ack = if self.taken.replace(true) { None } else { self.ack };
        self.sender(ack)
    }

    /// The right to answer by what the handler returns, unless it has taken it over.
    pub(crate) fn answer_by_return(&self) -> Option<AckSender> {
        let ack = self.ack.filter(|_| !self.taken.get())?;
        Some(self.sender(Some(ack)))
    }

    /// Whoever waits for the acknowledgement must not hang.
    pub(crate) fn answer_failure(&self, error: &EventError) {
        self.sender::<Untyped>(self.ack).send(&json!({ "error": error.text_for_client() }));
    }

    /// All handlers have finished. If none has answered or may still do it, they have failed or have nothing to say.
    pub(crate) fn settle(&self, failure: Option<&EventError>) {
        let Some(settlement) = self.settlement.as_ref().filter(|s| s.is_open()) else { return };
        match failure {
            Some(error) => self.answer_failure(error),
            None if settlement.is_silent() => self.sender::<Untyped>(self.ack).send(&()),
            None => {}
        }
    }

    fn sender<E>(&self, ack: Option<u64>) -> AckSender<E> {
        AckSender::new(self.socket.clone(), ack, &self.payload, self.settlement.clone())
    }
}

impl AboutSocket for EventContext {
    fn socket(&self) -> &Socket {
        &self.socket
    }

    fn happening(&self) -> Cow<'_, str> {
        self.event_name()
    }

    fn handler_called(&self, called: bool) {
        if self.taken.take() && called {
            self.settlement.iter().for_each(|settlement| settlement.take());
        }
    }
}
