//! The actor behind the recipients that handles give out: it takes plain messages and emits them as its handle would.
//!
//! `recipient()` of the handles starts one, on the thread of the supervisors, which always runs; it ends with its last recipient. It is a
//! context of its own, so that what is sent through one recipient keeps its order. It runs no user code: arguments come serialised, and
//! answers are read by whoever has asked. It keeps no server, namespace or connection alive.

mod describe;

use std::{sync::Arc, time::Duration};

use actix::{
    Actor, Addr, Context, Handler, Message, Recipient,
    dev::{MessageResponse, channel::channel},
};
use actix_socketio_actors::{
    audience::AudienceSpec,
    error::AckError,
    escaped::{Escaped, OneLine},
    id::SocketId,
    operation::Origin,
};
use bytestring::ByteString;
use futures_util::future::LocalBoxFuture;
use socketio_protocol::socket::Payload;
use tokio::sync::oneshot;

use self::describe::Target;
use crate::{
    ask_all::{AnswerEach, ClientAnswer},
    audience::Audience,
    error::Error,
    io::{SocketIo, WeakIo},
    message::{Ask, AskAll, Broadcast, Content, Emit, ToAudience, ToSocket},
    namespace::Namespace,
    socket::Socket,
};

/// See the module. `T` is whom it stands for: an [`Audience`] or a [`Client`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Outlet<T> {
    target: T,
    /// The context of what is sent through it.
    origin: Arc<Origin>,
    /// Messages that it has been sent.
    taken: u64,
}

/// One socket.
#[doc(hidden)]
#[derive(Debug)]
pub enum Client {
    /// The handle is at hand.
    Known(Socket),
    /// The audience that is the own room of this socket.
    Id(Audience, SocketId),
}

impl<T: Target> Outlet<T> {
    /// Starts one, and the server if it does not run yet. Where there is nothing to run it, its mailbox is closed.
    fn start(io: &WeakIo, target: T) -> Addr<Self> {
        let io = io.upgrade();
        let (sender, receiver) = channel(io.as_ref().map_or(1, SocketIo::recipient_capacity));
        let addr = Addr::new(sender);
        match io.as_ref().and_then(SocketIo::start_if_possible) {
            Some(server) => {
                let outlet = Self { target, origin: Origin::new(server.courier.clone()), taken: 0 };
                server.adopt_outlet(addr.downgrade().recipient());
                server.arbiter().spawn_fn(move || {
                    actix_rt::spawn(Context::with_receiver(receiver).into_future(outlet));
                });
            }
            None => log::error!(
                "a recipient takes nothing: its server is gone, or was to start outside of an actix system"
            ),
        }
        addr
    }
}

impl Outlet<Audience> {
    fn emit(&mut self, content: Content, narrower: AudienceSpec, volatile: bool) -> Now {
        self.taken += 1;
        let audience = self.target.renewed(&self.origin);
        let sent = audience.and_then(|it| emit(it.narrowed(narrower), &content, volatile));
        Now(content.event, sent)
    }
}

impl Handler<Broadcast> for Outlet<Audience> {
    type Result = Now;

    fn handle(&mut self, msg: Broadcast, _: &mut Self::Context) -> Now {
        self.emit(msg.content, msg.audience, msg.volatile)
    }
}

impl Handler<Emit> for Outlet<Audience> {
    type Result = Now;

    fn handle(&mut self, msg: Emit, _: &mut Self::Context) -> Now {
        self.emit(msg.content, AudienceSpec::default(), msg.volatile)
    }
}

impl Handler<AskAll> for Outlet<Audience> {
    type Result = Later<Vec<ClientAnswer<Payload>>>;

    fn handle(&mut self, msg: AskAll, _: &mut Self::Context) -> Self::Result {
        self.taken += 1;
        let AskAll { content, audience: narrower, timeout } = msg;
        let audience = self.target.renewed(&self.origin);
        let asked = audience.map(|it| ask_each(it.narrowed(narrower), &content, timeout));
        Later(content.event, Box::pin(async { asked?.await }))
    }
}

impl Handler<Emit> for Outlet<Client> {
    type Result = Now;

    fn handle(&mut self, msg: Emit, _: &mut Self::Context) -> Now {
        self.taken += 1;
        let Emit { content, volatile } = msg;
        let sent = match &self.target {
            Client::Known(socket) => socket.emit_in(&self.origin, &content, volatile),
            Client::Id(audience, _) => {
                let audience = audience.renewed(&self.origin);
                audience.and_then(|audience| emit(audience, &content, volatile))
            }
        };
        Now(content.event, sent)
    }
}

impl Handler<Ask> for Outlet<Client> {
    type Result = Later<Payload>;

    fn handle(&mut self, msg: Ask, _: &mut Self::Context) -> Self::Result {
        self.taken += 1;
        let Ask { content, timeout } = msg;
        let answer: LocalBoxFuture<_> = match &self.target {
            Client::Known(socket) => {
                let asked = socket.ask_in(&self.origin, &content, timeout);
                Box::pin(async { asked?.await })
            }
            Client::Id(audience, id) => {
                let (id, audience) = (*id, audience.renewed(&self.origin));
                let asked = audience.map(|audience| ask_each(audience, &content, timeout));
                Box::pin(async move { own_answer(asked?.await?, id) })
            }
        };
        Later(content.event, answer)
    }
}

fn emit(audience: Audience, content: &Content, volatile: bool) -> Result<(), Error> {
    let audience = if volatile { audience.volatile() } else { audience };
    audience.try_emit(&content.event, &content.args)
}

/// Asks at once.
fn ask_each(
    audience: Audience,
    content: &Content,
    timeout: Option<Duration>,
) -> AnswerEach<Payload> {
    let audience = match timeout {
        Some(timeout) => audience.timeout(timeout),
        None => audience,
    };
    audience.ask_all(&content.event, &content.args)
}

/// Others may be in the room that the id of a socket is.
fn own_answer(answers: Vec<ClientAnswer<Payload>>, id: SocketId) -> Result<Payload, Error> {
    let own = answers.into_iter().find(|client| client.socket == id);
    own.map_or(Err(AckError::Disconnected.into()), |client| client.answer)
}

/// What has become of this event.
#[doc(hidden)]
#[derive(Debug)]
pub struct Now(ByteString, Result<(), Error>);

/// What will have become of this event.
#[doc(hidden)]
pub struct Later<T>(ByteString, LocalBoxFuture<'static, Result<T, Error>>);

impl<A: Actor, M: Message<Result = Result<(), Error>>> MessageResponse<A, M> for Now {
    fn handle(self, _: &mut A::Context, waiting: Option<oneshot::Sender<M::Result>>) {
        settle(&self.0, self.1, waiting);
    }
}

impl<A: Actor, M: Message<Result = Result<T, Error>>, T: 'static> MessageResponse<A, M>
    for Later<T>
{
    fn handle(self, _: &mut A::Context, waiting: Option<oneshot::Sender<M::Result>>) {
        actix_rt::spawn(async move { settle(&self.0, self.1.await, waiting) });
    }
}

/// Tells whoever waits for a result, or else the log of an error.
fn settle<T>(
    event: &str,
    result: Result<T, Error>,
    waiting: Option<oneshot::Sender<Result<T, Error>>>,
) {
    match (waiting, result) {
        // Whoever waited may have lost interest.
        (Some(waiting), result) => drop(waiting.send(result)),
        (None, Ok(_)) => {}
        (None, Err(error)) => {
            log::error!("event {} through a recipient: {}", Escaped(event), OneLine(error));
        }
    }
}

impl Namespace {
    /// Everyone in the namespace, as an address for messages of [`message`](crate::message): any actor, thread or runtime can send to it.
    /// Through the parent of dynamic namespaces, everyone in all of these, later ones included.
    ///
    /// It starts the server, as mounting does, so that nothing that is sent is lost. Where that cannot be, outside of an actix system, or
    /// when the server is gone, the address is closed, and the log says so. Once the namespace is removed, sending is an error.
    ///
    /// ```
    /// # use actix::Recipient;
    /// use actix_socketio::{SocketIo, message::Broadcast};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), actix_socketio::Error> {
    /// let io = SocketIo::new();
    /// let prices: Recipient<Broadcast> = io.of("/prices").recipient();
    /// prices.do_send(Broadcast::new("price", &1.09)?.to("EURUSD"));
    /// # Ok(()) }
    /// ```
    pub fn recipient<M: ToAudience>(&self) -> Recipient<M> {
        self.everyone().recipient()
    }

    /// One socket of the namespace, by its id, as an address for [`Emit`] or [`Ask`]. Without such a socket, emitting does nothing, as
    /// to a room without members, and asking is an error. Otherwise it is like [`recipient`](Self::recipient).
    ///
    /// ```
    /// # use actix::Recipient;
    /// use actix_socketio::{SocketId, SocketIo, message::Ask};
    ///
    /// async fn confirm(io: &SocketIo, id: SocketId) -> Result<bool, Box<dyn std::error::Error>> {
    ///     let client: Recipient<Ask> = io.of("/").recipient_of(id);
    ///     Ok(client.send(Ask::new("confirm", &"Delete it?")?).await??.ack_args()?)
    /// }
    /// ```
    pub fn recipient_of<M: ToSocket>(&self, socket: SocketId) -> Recipient<M> {
        let audience = self.to(socket);
        M::recipient_of(Outlet::start(&audience.weak_io(), Client::Id(audience, socket)))
    }
}

impl Audience {
    /// The audience as an address; like [`Namespace::recipient`]. `volatile` and `timeout` hold for everything that is sent to it.
    ///
    /// ```
    /// # use actix::Recipient;
    /// use actix_socketio::{SocketIo, message::Emit};
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), actix_socketio::Error> {
    /// let io = SocketIo::new();
    /// let kitchen: Recipient<Emit> = io.to("kitchen").except("dishes").recipient();
    /// kitchen.do_send(Emit::new("ordered", &"tea")?);
    /// # Ok(()) }
    /// ```
    pub fn recipient<M: ToAudience>(self) -> Recipient<M> {
        M::recipient_of(Outlet::start(&self.weak_io(), self))
    }
}

impl Socket {
    /// The socket as an address for [`Emit`] or [`Ask`]; like [`Namespace::recipient`]. What is sent to it is a context of its own: it
    /// has no order with what handlers of this client emit. When the socket is gone, emitting does nothing, and asking is an error.
    ///
    /// ```
    /// # use actix::{Addr, Recipient};
    /// # use actix_socketio::SocketIo;
    /// use actix_socketio::{Socket, message::Emit};
    /// # struct Ticker;
    /// # impl actix::Actor for Ticker { type Context = actix::Context<Self>; }
    /// # impl actix::Handler<Subscribe> for Ticker { type Result = (); fn handle(&mut self, _: Subscribe, _: &mut actix::Context<Self>) {} }
    ///
    /// #[derive(actix::Message)]
    /// #[rtype(result = "()")]
    /// struct Subscribe(Recipient<Emit>);
    ///
    /// # fn f(io: SocketIo, ticker: Addr<Ticker>) {
    /// io.of("/").on("subscribe", async move |socket: Socket| ticker.do_send(Subscribe(socket.recipient())));
    /// # }
    /// ```
    pub fn recipient<M: ToSocket>(&self) -> Recipient<M> {
        M::recipient_of(Outlet::start(self.weak_io(), Client::Known(self.clone())))
    }
}
