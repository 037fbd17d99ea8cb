//! `Namespace::forward`: what happens in a namespace becomes messages to actors of the application.
//!
//! Events are forwarded by handlers in the route table (`events`), facts by the forwarder of a subscription (`facts`). Nothing of the
//! application's runs here: it is reached through its mailbox.

mod events;
mod facts;

use actix::{Message, Recipient};

pub(crate) use self::facts::Subscription;
pub use self::{
    events::{Received, ReceivedAny, Reply},
    facts::Lifecycle,
};
use crate::namespace::Namespace;

/// A message that [`Namespace::forward`] sends: [`Received<E>`], [`ReceivedAny`] or [`Lifecycle`], and no other.
///
/// ```
/// use actix::Recipient;
/// use actix_socketio::{Forward, Namespace, SocketIo};
///
/// fn forward_both<M: Forward>(namespaces: [Namespace; 2], to: Recipient<M>) {
///     for namespace in namespaces {
///         namespace.forward(to.clone());
///     }
/// }
/// # let _ = forward_both::<actix_socketio::Lifecycle>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message that a namespace forwards",
    label = "not `Received<E>`, `ReceivedAny` or `Lifecycle`",
    note = "`Received<E>` needs an event `E` with `#[derive(Deserialize, Event)]` that is `Send`, whose `ack` is `Serialize` and `Send`"
)]
pub trait Forward: Message<Result: Send> + Send + sealed::Sealed {}

mod sealed {
    use actix::{Message, Recipient};

    use crate::namespace::Namespace;

    #[doc(hidden)]
    #[allow(unnameable_types, reason = "it seals a trait")]
    pub trait Sealed: Message<Result: Send> + Send + Sized {
        fn forward(recipient: Recipient<Self>, from: &Namespace);
    }
}

impl Namespace {
    /// Hands what happens here to an actor of the application, from now on. The message that it handles says what:
    ///
    /// | message | the actor gets | its result |
    /// |---|---|---|
    /// | [`Received<E>`] | each typed event `E` | the acknowledgement |
    /// | [`ReceivedAny`] | every event | the acknowledgement, or `None` to leave it to others |
    /// | [`Lifecycle`] | sockets connected and disconnected, rooms created, joined, left and deleted | nothing |
    ///
    /// # Events
    ///
    /// The actor is one more [handler](Self::on) of the event: it comes after middleware and in the order of registration, several may
    /// answer, and [`off`](Self::off) removes it for clients that connect later. Events of one client reach it in their order.
    ///
    /// If it does not answer, the client is told with `{"error": …}`, and [error handlers](Self::on_error) or, without any, the log:
    ///
    /// | when | the client gets | [`EventError`](crate::EventError) |
    /// |---|---|---|
    /// | it has stopped or panicked, before or meanwhile | `handler not available` | `is_gone` |
    /// | it has not answered within [`forward_timeout`](crate::Builder::forward_timeout) | `handler timed out` | `is_timeout` |
    /// | [`max_forwarded`](crate::Builder::max_forwarded) events lie in its mailbox | `handler overloaded`, at once | `is_overloaded` |
    ///
    /// An event whose time is over before the actor has begun with it is skipped: the actor does not handle what the client was told has
    /// failed. Once it has begun, it finishes, and its answer comes too late. Until the actor has answered, the event is in flight, also
    /// if the client wants no acknowledgement: a client that sends more than
    /// [`max_inflight_events`](crate::Builder::max_inflight_events) is read no further.
    ///
    /// # Facts
    ///
    /// See [`Lifecycle`].
    ///
    /// ```
    /// use actix::{Actor, Context, Handler};
    /// use actix_socketio::{Event, Received, SocketIo};
    ///
    /// #[derive(serde::Deserialize, Event)]
    /// #[event(name = "chat message", ack = usize)]
    /// struct ChatMessage(String);
    ///
    /// #[derive(Default)]
    /// struct ChatLog(Vec<String>);
    /// # impl Actor for ChatLog { type Context = Context<Self>; }
    ///
    /// impl Handler<Received<ChatMessage>> for ChatLog {
    ///     type Result = usize;
    ///
    ///     fn handle(&mut self, message: Received<ChatMessage>, _: &mut Self::Context) -> usize {
    ///         self.0.push(message.event.0);
    ///         self.0.len()
    ///     }
    /// }
    /// # #[actix_web::main]
    /// # async fn main() {
    /// let chat_log = ChatLog::default().start();
    /// SocketIo::new().of("/chat").forward(chat_log.recipient::<Received<ChatMessage>>());
    /// # }
    /// ```
    pub fn forward<M: Forward>(&self, recipient: Recipient<M>) -> &Self {
        M::forward(recipient, self);
        self
    }
}
