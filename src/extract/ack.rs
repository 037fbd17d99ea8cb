//! `AckSender`: the acknowledgement of an event, kept for later.

use actix_socketio_actors::escaped::OneLine;
use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use serde_json::json;
use socketio_protocol::socket::Payload;

use super::{EventContext, FromContext};
use crate::{
    Socket,
    error::{Error, EventError},
    event::Event,
};

/// Answers the event's acknowledgement, the last parameter of a handler in JavaScript. When the client wants none, it does nothing.
///
/// A handler that takes it has to answer through it: what the handler returns is not sent then, and if it is dropped, nobody answers,
/// as in JavaScript. When several handlers of one event answer, the first answer is sent.
///
/// ```
/// # use actix_socketio::{AckSender, Args, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on("later", async |Args(n): Args<u32>, ack: AckSender| {
///     std::thread::spawn(move || ack.send(&(n, "done")));
/// });
/// ```
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
    /// Text of the event, whose name an error tells.
    event: Payload,
    settlement: Option<Arc<Settlement>>,
    of: PhantomData<fn(E)>,
}

/// In place of an event: an [`AckSender`] that sends anything.
///
/// ```
/// # use actix_socketio::{AckSender, extract::Untyped};
/// fn refuse(ack: AckSender<Untyped>) { // which is `AckSender`
///     ack.send(&("no", "never"));
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untyped(());

/// What the handlers of one event know of each other's answers.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    /// An answer was sent.
    answered: AtomicBool,
    /// A handler has taken an `AckSender`, so it may answer later.
    taken: AtomicBool,
    /// A handler has returned nothing.
    silent: AtomicBool,
}

impl Settlement {
    pub(super) fn take(&self) {
        self.taken.store(true, Ordering::Release);
    }

    /// Nobody has answered, and nobody has said that it will.
    pub(super) fn is_open(&self) -> bool {
        !self.answered.load(Ordering::Acquire) && !self.taken.load(Ordering::Acquire)
    }

    /// A handler has finished that answers by returning nothing.
    pub(super) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Acquire)
    }
}

impl<E> AckSender<E> {
    pub(super) fn new(
        socket: Socket,
        id: Option<u64>,
        event: &Payload,
        settlement: Option<Arc<Settlement>>,
    ) -> Self {
        Self { socket, id, event: event.without_attachments(), settlement, of: PhantomData }
    }

    /// Whether the client wants an acknowledgement, and no other handler has given it.
    ///
    /// ```
    /// # use actix_socketio::{AckSender, SocketIo};
    /// # async fn expensive() -> u32 { 7 }
    /// # let io = SocketIo::new();
    /// io.of("/").on("sum", async |ack: AckSender| {
    ///     if ack.is_wanted() {
    ///         ack.send(&expensive().await);
    ///     }
    /// });
    /// ```
    pub fn is_wanted(&self) -> bool {
        let answered = |s: &Arc<Settlement>| s.answered.load(Ordering::Acquire);
        self.id.is_some() && !self.settlement.as_ref().is_some_and(answered)
    }

    fn answer(&self, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        let Some(id) = self.id.filter(|_| self.is_wanted()) else { return Ok(()) };
        let answer = self.socket.acknowledgement(id, args);
        let answer = answer.map_err(|error| error.in_ack_of(&self.event.event()))?;
        // Only now, since another handler may do better than one whose answer is none.
        let settlement = self.settlement.as_ref();
        if !settlement.is_some_and(|it| it.answered.swap(true, Ordering::AcqRel)) {
            self.socket.acknowledge(answer);
        }
        Ok(())
    }
}

impl AckSender {
    /// Sends the acknowledgement. A tuple (or tuple struct, or array of fixed size) becomes several arguments, `()` none,
    /// anything else one. What cannot be sent is logged.
    pub fn send(self, args: &(impl Serialize + ?Sized)) {
        self.answer_or_log(args);
    }

    /// Sends the acknowledgement.
    ///
    /// ```
    /// # use actix_socketio::{AckSender, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on("sum", async |ack: AckSender| {
    ///     if let Err(error) = ack.try_send(&(1, 2)) {
    ///         eprintln!("{error}");
    ///     }
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised.
    pub fn try_send(self, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.answer(args)
    }

    /// A handler has returned. Of several, one that returns nothing answers only if no other does.
    pub(crate) fn returned(&self, output: &(impl Serialize + ?Sized), says_nothing: bool) {
        match &self.settlement {
            Some(settlement) if says_nothing => settlement.silent.store(true, Ordering::Release),
            _ => self.answer_or_log(output),
        }
    }

    /// A handler has panicked. If it is one of several, the others have their say first.
    pub(crate) fn panicked(&self) {
        if self.settlement.is_none() {
            let error = EventError::panicked(String::new());
            self.answer_or_log(&json!({ "error": error.text_for_client() }));
        }
    }

    fn answer_or_log(&self, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.answer(args) {
            log::error!("not acknowledged: {}", OneLine(error));
        }
    }
}

impl<E: Event<Ack: Serialize>> AckSender<E> {
    /// Sends the acknowledgement that belongs to the event. What cannot be sent is logged.
    pub fn send(self, ack: &E::Ack) {
        if let Err(error) = self.try_send(ack) {
            log::error!("not acknowledged: {}", OneLine(error));
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
        Ok(cx.take_ack())
    }
}
