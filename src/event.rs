//! Typed events: one type for the name, the payload and the acknowledgement of an event.
//!
//! `#[derive(Event)]` implements [`Event`]. The handles emit and ask by it (`emit_event`, `ask_event`), [`Namespace::on_event`] handles
//! by it. Nothing here knows a packet: an event is serialised like any other arguments.

use serde::{Serialize, de::DeserializeOwned};

#[cfg(doc)]
use crate::{AckSender, Ask, Audience, Namespace, Socket};
use crate::{
    error::Error,
    extract::{EventContext, FromContext},
    handler::Handler,
};

/// A typed event: its name, and the type of its acknowledgement; the type that implements it is its payload.
///
/// Derive it. `name` is what clients call the event and has to be given; without `ack`, the acknowledgement has no arguments.
///
/// ```
/// use actix_socketio::{Event, Socket, SocketIo};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[event(name = "chat message", ack = Saved)]
/// struct ChatMessage {
///     room: String,
///     text: String,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// struct Saved {
///     length: usize,
/// }
///
/// async fn chat_message(message: ChatMessage, socket: Socket) -> Saved {
///     socket.to(&message.room).emit_event(&message);
///     Saved { length: message.text.len() }
/// }
///
/// let io = SocketIo::new();
/// io.of("/chat").on_event(chat_message);
/// assert_eq!(ChatMessage::NAME, "chat message");
/// ```
///
/// # Arguments
///
/// | type | in JavaScript |
/// |---|---|
/// | `struct Typing;` | `emit("typing")` |
/// | `struct Say { room: String, text: String }`, any enum | `emit("say", { room, text })` |
/// | `struct Name(String)` | `emit("name", string)` |
/// | `struct Move(u32, u32)` | `emit("move", x, y)` |
///
/// The same holds for acknowledgements. [`Binary`](crate::Binary) in a field is a `Buffer` or `ArrayBuffer`.
///
/// # What else is needed
///
/// | to | the event is | its `Ack` is |
/// |---|---|---|
/// | emit it: [`Socket::emit_event`], [`Audience::emit_event`], [`Namespace::emit_event`] | `Serialize` | anything |
/// | ask with it: [`Socket::ask_event`], [`Ask::ask_event`] | `Serialize` | `Deserialize` |
/// | handle it: [`Namespace::on_event`] | `Deserialize` | `Serialize` |
/// | take it as a parameter of an untyped handler: [`Namespace::on`] | `Deserialize` | anything |
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "not an event",
    note = "an event is a type with `#[derive(Event)]` and `#[event(name = \"…\", ack = Type)]`: `Serialize` to emit it, `Deserialize` to handle it",
    note = "in `on_event`, the first parameter of the handler is the event; a handler without a typed event is for `on(\"name\", …)`"
)]
pub trait Event {
    /// The name, as clients know it.
    const NAME: &'static str;
    /// What its acknowledgement holds. `()` is none of arguments, a tuple several, anything else one.
    type Ack;
}

/// An event is a parameter of handlers: its arguments, typed.
impl<E: Event + DeserializeOwned> FromContext<EventContext> for E {
    fn from_context(cx: &EventContext) -> Result<Self, Error> {
        cx.event_args()
    }
}

/// A handler of a typed event, for [`Namespace::on_event`]: its first parameter is the event. Implemented for every [`Handler`] whose
/// first parameter is one.
///
/// A function of your own that registers handlers has the bounds of `on_event`:
///
/// ```
/// use actix_socketio::{Acknowledges, Event, EventHandler, Namespace};
///
/// fn register<A, H>(namespace: &Namespace, handler: H)
/// where
///     H: EventHandler<A>,
///     H::Output: Acknowledges<<H::Event as Event>::Ack>,
/// {
///     println!("{} handles {}", namespace.name(), H::Event::NAME);
///     namespace.on_event(handler);
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "this is no handler of a typed event",
    label = "not an async function of an event, and of what else can be extracted from one",
    note = "the first parameter is the event, a type with `#[derive(Deserialize, Event)]`; the others are extractors such as `Socket` or `Auth<T>`: `async |message: ChatMessage, socket: Socket| …`",
    note = "it is `Clone + Send + Sync + 'static`; a handler without a typed event is for `on(\"name\", …)`"
)]
pub trait EventHandler<A>: Handler<EventContext, A> {
    /// The event that it handles.
    type Event: Event;
}

macro_rules! event_handler {
    ($($T:ident),*) => {
        impl<H, E, $($T),*> EventHandler<(E, $($T,)*)> for H
        where
            H: Handler<EventContext, (E, $($T,)*)>,
            E: Event,
        {
            type Event = E;
        }
    };
}

event_handler!();
event_handler!(T2);
event_handler!(T2, T3);
event_handler!(T2, T3, T4);
event_handler!(T2, T3, T4, T5);
event_handler!(T2, T3, T4, T5, T6);
event_handler!(T2, T3, T4, T5, T6, T7);
event_handler!(T2, T3, T4, T5, T6, T7, T8);

/// What a handler of a typed event returns: the [`Ack`](Event::Ack) of that event, and nothing else. See [`EventHandler`].
#[diagnostic::on_unimplemented(
    message = "this handler returns `{Self}`, but the acknowledgement of its event is `{Ack}`",
    label = "returns `{Self}` instead of `{Ack}`",
    note = "return what `#[event(name = \"…\", ack = Type)]` says, or change `ack` there; without `ack` it is `()`"
)]
pub trait Acknowledges<Ack>: Serialize + 'static {}

impl<T: Serialize + 'static> Acknowledges<T> for T {}
