//! What any actor, thread or runtime sends to clients through a [`Recipient`]: plain messages, which hold the name of
//! an event and its arguments, serialised.
//!
//! | message | to | result |
//! |---|---|---|
//! | [`Broadcast`] | a [namespace](crate::Namespace::recipient) or an [audience](crate::Audience::recipient); the message narrows it | `()` |
//! | [`Emit`] | a namespace, an audience, a [socket](crate::Socket::recipient), an [id](crate::Namespace::recipient_of) | `()` |
//! | [`Ask`] | a socket or an id | the answer, a [`Payload`] |
//! | [`AskAll`] | a namespace or an audience; the message narrows it | the answer of each |
//!
//! ```
//! use actix::Recipient;
//! use actix_socketio::{Event, SocketIo, message::Broadcast};
//!
//! #[derive(serde::Serialize, Event)]
//! #[event(name = "price")]
//! struct Price(f64);
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let io = SocketIo::new();
//! let prices: Recipient<Broadcast> = io.of("/prices").recipient();
//! prices.do_send(Broadcast::event(&Price(1.09))?.to("EURUSD"));
//! # Ok(()) }
//! ```
//!
//! # What is promised
//!
//! What is sent through one recipient and its clones is handed on in the order in which it was queued, and every client gets it in that
//! order: a recipient is a context of its own (see `docs/guarantees.md`).
//!
//! | | mailbox full | result | an error |
//! |---|---|---|---|
//! | `do_send` | is queued all the same | | goes to the log; when the server has ended, nowhere |
//! | `try_send` | `SendError::Full`, with the message | that it is queued | goes to the log; `SendError::Closed`, with the message, when the server has ended |
//! | `send` | is queued when it is first polled | that of the message | is the result; `MailboxError::Closed` when the server has ended |
//!
//! The mailbox holds [`recipient_capacity`](crate::Builder::recipient_capacity) messages. One more fits for each clone: a clone is only
//! full once its own message has found the mailbox full. A result `Ok(())` says that the event is on its way to the connections, in
//! order; not that a client has it. Ask, to know that. A `send` whose future is dropped before its turn is not sent.
//!
//! A recipient keeps neither a server nor a namespace nor a connection alive. It becomes useless with them: then
//! [`is_gone`](crate::Error::is_gone) is true of the error.

use std::time::Duration;

use actix::{Addr, Message, Recipient};
use actix_socketio_actors::audience::AudienceSpec;
use bytestring::ByteString;
use serde::Serialize;
use socketio_protocol::socket::{Payload, serialize_args};

use crate::{
    ask_all::ClientAnswer,
    audience::Audience,
    error::Error,
    event::Event,
    outlet::{Client, Outlet},
    rooms::IntoRooms,
};

/// The name of an event, and its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    pub(crate) event: ByteString,
    pub(crate) args: Payload,
}

impl Content {
    fn new(event: &str, args: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
        Ok(Self { args: serialize_args(event, args)?, event: event.into() })
    }
}

/// An event for everyone whom a recipient stands for, or for fewer of them: what [`Audience::emit`](crate::Audience::emit) sends.
///
/// It narrows as an audience does: `prices.do_send(Broadcast::new("x", &1)?.to("EURUSD").except("muted"))` is what
/// `io.of("/prices").to("EURUSD").except("muted").emit("x", &1)` is. Rooms that the recipient has already are joined by those of the
/// message, so whoever has a `Recipient<Broadcast>` of one room reaches the whole namespace; a `Recipient<Emit>` reaches its room alone.
///
/// ```
/// # use actix::Recipient;
/// # use actix_socketio::{Error, SocketIo, message::Broadcast};
/// # fn send(prices: Recipient<Broadcast>) -> Result<(), Error> {
/// let move_to = Broadcast::new("move", &(3, 4))?; // two arguments
/// prices.do_send(move_to.clone().to(["chess", "go"]).except("muted"));
/// prices.do_send(move_to.volatile());
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a message does nothing until it is sent"]
pub struct Broadcast {
    pub(crate) content: Content,
    pub(crate) audience: AudienceSpec,
    pub(crate) volatile: bool,
}

/// An event for whomever a recipient stands for: everyone in a namespace, an audience, or one socket. Whoever has the recipient cannot
/// reach others.
///
/// ```
/// # use actix::Recipient;
/// # use actix_socketio::{Error, SocketIo, message::Emit};
/// # async fn send(lobby: Recipient<Emit>) -> Result<(), Box<dyn std::error::Error>> {
/// lobby.do_send(Emit::new("position", &(3.5, 4.5))?.volatile());
/// lobby.send(Emit::new("closing", &())?).await??; // the lobby is still there
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a message does nothing until it is sent"]
pub struct Emit {
    pub(crate) content: Content,
    pub(crate) volatile: bool,
}

/// An event that one client has to acknowledge, `emitWithAck` in JavaScript: what [`Socket::ask`](crate::Socket::ask) sends. The result
/// is what the client answers, to be read by [`ack_args`](Payload::ack_args), or why it does not.
///
/// ```
/// # use std::time::Duration;
/// # use actix::Recipient;
/// use actix_socketio::{Event, message::Ask};
///
/// #[derive(serde::Serialize, Event)]
/// #[event(name = "confirm", ack = bool)]
/// struct Confirm(String);
///
/// # async fn ask(client: Recipient<Ask>) -> Result<bool, Box<dyn std::error::Error>> {
/// let question = Ask::event(&Confirm("Delete it?".into()))?.timeout(Duration::from_secs(60));
/// let yes: bool = client.send(question).await??.ack_args()?;
/// # Ok(yes) }
/// ```
///
/// Sent by `do_send` or `try_send` it asks the client, too; nobody hears of the answer.
#[derive(Debug, Clone)]
#[must_use = "a message does nothing until it is sent"]
pub struct Ask {
    pub(crate) content: Content,
    pub(crate) timeout: Option<Duration>,
}

/// An event that every client of an audience has to acknowledge: what [`Audience::ask_all`](crate::Audience::ask_all) sends. The result
/// is what each has answered, or why it has not. It narrows like a [`Broadcast`].
///
/// ```
/// # use std::time::Duration;
/// # use actix::Recipient;
/// # use actix_socketio::message::AskAll;
/// # async fn vote(court: Recipient<AskAll>) -> Result<(), Box<dyn std::error::Error>> {
/// let question = AskAll::new("vote", &"guilty?")?.to("jury").timeout(Duration::from_secs(5));
/// for vote in court.send(question).await?? {
///     let guilty: Option<bool> = vote.answer.ok().and_then(|answer| answer.ack_args().ok());
///     println!("{} says {guilty:?}", vote.socket);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a message does nothing until it is sent"]
pub struct AskAll {
    pub(crate) content: Content,
    pub(crate) audience: AudienceSpec,
    pub(crate) timeout: Option<Duration>,
}

/// What each message is made of and answered with.
macro_rules! message {
    ($Message:ident { $($field:ident),* } -> $Answer:ty) => {
        impl $Message {
            /// An event with these arguments: a tuple (or tuple struct, or array of fixed size) is several, `()` none, anything else one.
            ///
            /// # Errors
            ///
            /// The arguments cannot be serialised, or the event name is reserved.
            pub fn new(event: &str, args: &(impl Serialize + ?Sized)) -> Result<Self, Error> {
                let content = Content::new(event, args)?;
                Ok(Self { content, $($field: Default::default()),* })
            }

            /// A typed event.
            ///
            /// # Errors
            ///
            /// As for [`new`](Self::new).
            pub fn event<E: Event + Serialize>(event: &E) -> Result<Self, Error> {
                Self::new(E::NAME, event)
            }
        }

        impl Message for $Message {
            type Result = Result<$Answer, Error>;
        }
    };
}

message!(Broadcast { audience, volatile } -> ());
message!(Emit { volatile } -> ());
message!(Ask { timeout } -> Payload);
message!(AskAll { audience, timeout } -> Vec<ClientAnswer<Payload>>);

macro_rules! narrowing {
    ($($Message:ident),*) => {$(
        impl $Message {
            /// The members of these rooms; see [`Audience::to`](crate::Audience::to).
            pub fn to(mut self, rooms: impl IntoRooms) -> Self {
                self.audience.rooms.extend(rooms.into_rooms());
                self
            }

            /// Without the members of these rooms; see [`Audience::except`](crate::Audience::except).
            pub fn except(mut self, rooms: impl IntoRooms) -> Self {
                self.audience.except.extend(rooms.into_rooms());
                self
            }
        }
    )*};
}

narrowing!(Broadcast, AskAll);

macro_rules! may_be_lost {
    ($($Message:ident),*) => {$(
        impl $Message {
            /// It may be lost; see [`Audience::volatile`](crate::Audience::volatile).
            pub fn volatile(mut self) -> Self {
                self.volatile = true;
                self
            }
        }
    )*};
}

may_be_lost!(Broadcast, Emit);

macro_rules! deadline {
    ($($Message:ident),*) => {$(
        impl $Message {
            /// Time to answer. Default: that of the audience, which is the server's `ack_timeout` unless it was changed.
            pub fn timeout(mut self, timeout: Duration) -> Self {
                self.timeout = Some(timeout);
                self
            }
        }
    )*};
}

deadline!(Ask, AskAll);

/// A message for the recipient of a namespace or an audience: [`Broadcast`], [`Emit`] or [`AskAll`].
///
/// ```
/// # use actix::Recipient;
/// use actix_socketio::{Namespace, message::{Broadcast, ToAudience}};
///
/// fn of_staff<M: ToAudience>(namespace: &Namespace) -> Recipient<M> {
///     namespace.to("staff").recipient()
/// }
/// # fn f(namespace: &Namespace) { of_staff::<Broadcast>(namespace); }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message to an audience",
    note = "namespaces and audiences have recipients of `Broadcast`, `Emit` and `AskAll` of `actix_socketio::message`"
)]
pub trait ToAudience: sealed::Deliver {
    #[doc(hidden)]
    fn recipient_of(outlet: Addr<Outlet<Audience>>) -> Recipient<Self>;
}

/// A message for the recipient of one socket: [`Emit`] or [`Ask`].
///
/// ```
/// # use actix::Recipient;
/// use actix_socketio::{Namespace, SocketId, message::{Ask, Emit, ToSocket}};
///
/// fn of_all<M: ToSocket>(namespace: &Namespace, ids: &[SocketId]) -> Vec<Recipient<M>> {
///     ids.iter().map(|id| namespace.recipient_of(*id)).collect()
/// }
/// # fn f(namespace: &Namespace) { of_all::<Emit>(namespace, &[]); of_all::<Ask>(namespace, &[]); }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message to one socket",
    note = "sockets have recipients of `Emit` and `Ask` of `actix_socketio::message`"
)]
pub trait ToSocket: sealed::Deliver {
    #[doc(hidden)]
    fn recipient_of(outlet: Addr<Outlet<Client>>) -> Recipient<Self>;
}

macro_rules! goes {
    ($To:ident, $Target:ty: $($Message:ident),*) => {$(
        impl $To for $Message {
            fn recipient_of(outlet: Addr<Outlet<$Target>>) -> Recipient<Self> {
                outlet.recipient()
            }
        }
    )*};
}

goes!(ToAudience, Audience: Broadcast, Emit, AskAll);
goes!(ToSocket, Client: Emit, Ask);

mod sealed {
    use actix::Message;

    /// One of our messages.
    #[doc(hidden)]
    pub trait Deliver: Message<Result: Send> + Send + Sized + 'static {}

    impl Deliver for super::Broadcast {}
    impl Deliver for super::Emit {}
    impl Deliver for super::Ask {}
    impl Deliver for super::AskAll {}
}
