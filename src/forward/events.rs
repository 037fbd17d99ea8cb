//! Events of clients as messages: an actor of the application is a handler whose answer comes through its mailbox.
//!
//! The route table calls it like any other handler. What the actor does not answer becomes an error here.

use std::{any::TypeId, fmt, sync::Arc};

use actix::{MailboxError, Message, Recipient, dev::RecipientRequest};
use futures_util::future::LocalBoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::Payload;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Forward, sealed::Sealed};
use crate::{
    AckSender,
    error::{EventError, Unanswered},
    event::Event,
    extract::{AboutSocket, EventContext},
    handler::{Outcome, erase, warn_of_reserved},
    namespace::Namespace,
    socket::Socket,
};

/// A typed event of a client, for the actor to which [`Namespace::forward`] hands it. What the actor returns is the acknowledgement.
///
/// `Handler::Result` is the type of the acknowledgement where actix knows it (numbers, `String`, `bool`, `()`, `Option`, `Vec`, …);
/// any other type wants `#[derive(actix::MessageResponse)]` or is wrapped in `actix::MessageResult`; `actix::ResponseFuture` and
/// `actix::ResponseActFuture` answer later.
///
/// ```
/// use actix::{Actor, Context, Handler, ResponseFuture};
/// use actix_socketio::{Event, Received, SocketIo};
///
/// #[derive(serde::Deserialize, Event)]
/// #[event(name = "order", ack = Vec<u32>)]
/// struct Order { item: u32 }
///
/// struct Shop;
/// # impl Actor for Shop { type Context = Context<Self>; }
/// # async fn store(item: u32) -> u32 { item }
///
/// impl Handler<Received<Order>> for Shop {
///     type Result = ResponseFuture<Vec<u32>>;
///
///     fn handle(&mut self, order: Received<Order>, _: &mut Self::Context) -> Self::Result {
///         let Received { event: Order { item }, socket, .. } = order;
///         Box::pin(async move {
///             let number = store(item).await;
///             socket.to("staff").emit("ordered", &item);
///             vec![number, item]
///         })
///     }
/// }
/// # #[actix_web::main]
/// # async fn main() {
/// SocketIo::new().of("/shop").forward(Shop.start().recipient::<Received<Order>>());
/// # }
/// ```
#[derive(Debug)]
pub struct Received<E> {
    /// The event.
    pub event: E,
    /// Who has sent it.
    pub socket: Socket,
    _place: Place,
}

impl<E> Message for Received<E>
where
    E: Event<Ack: 'static>,
{
    type Result = E::Ack;
}

impl<E> Forward for Received<E>
where
    E: Event<Ack: Serialize + Send> + DeserializeOwned + Send + 'static,
    E::Ack: 'static,
{
}

impl<E> Sealed for Received<E>
where
    E: Event<Ack: Serialize + Send> + DeserializeOwned + Send + 'static,
    E::Ack: 'static,
{
    fn forward(recipient: Recipient<Self>, from: &Namespace) {
        warn_of_reserved(E::NAME);
        let mailbox = Mailbox::new(recipient, from);
        let says_nothing = TypeId::of::<E::Ack>() == TypeId::of::<()>();
        let handler = erase::actor(move |cx: &EventContext| {
            let (event, socket) = (cx.event_args()?, cx.socket().clone());
            let sent = mailbox.send(cx, |_place| Self { event, socket, _place });
            Ok(answer(cx, sent, move |ack, answer| answer.returned(&ack, says_nothing)))
        });
        from.routes().add_event(E::NAME, handler);
    }
}

/// Any event of a client, for the actor to which [`Namespace::forward`] hands all. It comes beside the handlers of the event's own name,
/// not instead of them.
///
/// The actor returns `Some` [`Reply`], or `None` to leave the acknowledgement to others. An event that nobody answers has no
/// acknowledgement, as one that nobody handles.
///
/// ```
/// use actix::{Actor, Context, Handler};
/// use actix_socketio::{ReceivedAny, Reply, SocketIo};
///
/// struct Audit(Vec<String>);
/// # impl Actor for Audit { type Context = Context<Self>; }
///
/// impl Handler<ReceivedAny> for Audit {
///     type Result = Option<Reply>;
///
///     fn handle(&mut self, event: ReceivedAny, _: &mut Self::Context) -> Option<Reply> {
///         self.0.push(format!("{} {} of {}", event.name, event.args.json(), event.socket.id()));
///         (event.name == "audit size").then(|| Reply::new(self.0.len()))
///     }
/// }
/// # #[actix_web::main]
/// # async fn main() {
/// SocketIo::new().of("/").forward(Audit(Vec::new()).start().recipient::<ReceivedAny>());
/// # }
/// ```
#[derive(Debug, Message)]
#[rtype(result = "Option<Reply>")]
pub struct ReceivedAny {
    /// Its name.
    pub name: String,
    /// Its arguments, as they came.
    pub args: Payload,
    /// Who has sent it.
    pub socket: Socket,
    _place: Place,
}

impl Forward for ReceivedAny {}

impl Sealed for ReceivedAny {
    fn forward(recipient: Recipient<Self>, from: &Namespace) {
        let mailbox = Mailbox::new(recipient, from);
        let handler = erase::actor(move |cx: &EventContext| {
            let (name, args) = (cx.event_name().into_owned(), cx.payload().args());
            let socket = cx.socket().clone();
            let sent = mailbox.send(cx, |_place| Self { name, args, socket, _place });
            Ok(answer(cx, sent, |reply, answer| {
                if let Some(Reply(send)) = reply {
                    send(answer);
                }
            }))
        });
        from.routes().add_to_all(handler);
    }
}

/// The way to an actor, with a bound that its mailbox does not have.
struct Mailbox<M: Message<Result: Send> + Send> {
    recipient: Recipient<M>,
    places: Arc<Semaphore>,
}

/// What a message occupies until the actor has dropped it, or it is skipped.
type Place = OwnedSemaphorePermit;

type Sent<M> = Result<RecipientRequest<M>, EventError>;

impl<M: Message<Result: Send> + Send> Mailbox<M> {
    fn new(recipient: Recipient<M>, from: &Namespace) -> Self {
        let places = from.config().max_forwarded.min(Semaphore::MAX_PERMITS);
        Self { recipient, places: Arc::new(Semaphore::new(places)) }
    }

    /// Sends at once, so that events keep their order. An event whose answer is awaited no more is skipped by actix.
    fn send(&self, cx: &EventContext, message: impl FnOnce(Place) -> M) -> Sent<M> {
        let overloaded = |_| EventError::unanswered(Unanswered::Overloaded);
        let place = self.places.clone().try_acquire_owned().map_err(overloaded)?;
        Ok(self.recipient.send(message(place)).timeout(cx.forward_timeout()))
    }
}

/// Waits for what the actor says, also if the client does not want to know.
fn answer<M: Message<Result: Send> + Send + 'static>(
    cx: &EventContext,
    sent: Sent<M>,
    send: impl FnOnce(M::Result, AckSender) + 'static,
) -> LocalBoxFuture<'static, Outcome> {
    let answer = cx.answer_by_return();
    Box::pin(async move {
        let said = sent?.await.map_err(|error| match error {
            MailboxError::Closed => EventError::unanswered(Unanswered::Gone),
            MailboxError::Timeout => EventError::unanswered(Unanswered::Late),
        })?;
        if let Some(answer) = answer {
            send(said, answer);
        }
        Ok(())
    })
}

/// The acknowledgement of an event whose type is not known beforehand: what the actor of [`ReceivedAny`] returns. A tuple is several
/// arguments, `()` none, anything else one.
///
/// ```
/// use actix_socketio::Reply;
///
/// let one = Reply::new("done");
/// let two = Reply::new((1, "done"));
/// # drop((one, two));
/// ```
pub struct Reply(Box<dyn FnOnce(AckSender) + Send>);

impl Reply {
    /// With these arguments, which are serialised when they are sent; what cannot be is logged.
    pub fn new(args: impl Serialize + Send + 'static) -> Self {
        Self(Box::new(move |answer| answer.send(&args)))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}
