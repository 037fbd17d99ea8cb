//! The handle of a namespace: where handlers are registered and everyone in it is reached.

use std::sync::Arc;

use actix_socketio_actors::config::Config;
use serde::Serialize;

use crate::{
    audience::{Audience, Targets},
    event::{Acknowledges, Event, EventHandler},
    extract::{ConnectContext, DisconnectContext, EventContext},
    forward::Subscription,
    handler::{Handler, IntoConnectResult, RouteTable, erase, warn_of_reserved},
    io::{SocketIo, WeakIo},
    registry::NamespaceState,
    rooms::IntoRooms,
};

/// A namespace of a server. Clones are handles of the same namespace.
///
/// Handlers may be registered at any time; a client keeps those that there were when it connected. The namespace may be the parent of dynamic
/// ones (see [`SocketIo::of_pattern`]): they inherit its handlers, and those registered on one of them come after these.
///
/// ```
/// # use actix_socketio::{Args, Namespace, Socket, SocketIo};
/// # let io = SocketIo::new();
/// let chat: Namespace = io.of("/chat");
/// chat.on("say", async |socket: Socket, Args(text): Args<String>| socket.broadcast().emit("said", &text));
/// chat.to("staff").emit("opened", &chat.name());
/// ```
#[derive(Debug, Clone)]
pub struct Namespace {
    io: SocketIo,
    state: Arc<NamespaceState>,
}

impl Namespace {
    pub(crate) fn new(io: SocketIo, state: Arc<NamespaceState>) -> Self {
        Self { io, state }
    }

    pub(crate) fn routes(&self) -> &RouteTable {
        &self.state.routes
    }

    pub(crate) fn config(&self) -> &Config {
        &self.io.shared().config
    }

    /// Tells someone what happens here from now on.
    pub(crate) fn follow(&self, follower: &Subscription) {
        self.io.shared().registry.lock().follow(&self.state, follower);
    }

    pub(crate) fn weak_io(&self) -> WeakIo {
        self.io.downgrade()
    }

    /// The name, with its leading `/`. That of a parent of dynamic namespaces is its pattern, or `/_` with a number.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// assert_eq!(io.of("chat").name(), "/chat");
    /// assert_eq!(io.of_pattern("/org/{org}")?.name(), "/org/{org}");
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn name(&self) -> &str {
        self.state.name().as_str()
    }

    /// Handles an event, `socket.on(event, …)` in JavaScript. Several handlers of one event run in the order written.
    ///
    /// What the handler returns is the acknowledgement, if the client asked for one: `()` gives none of arguments, a tuple several,
    /// anything else one. A handler that takes an [`AckSender`](crate::AckSender) answers through it instead. Of several handlers of one
    /// event, the first answer is sent; one that returns `()` leaves it to the others, and only when all of them have returned `()`, the
    /// acknowledgement has no arguments.
    ///
    /// A handler whose parameters cannot be extracted is not called: [error handlers](Self::on_error) hear of it, and the acknowledgement
    /// is `{"error": "invalid arguments"}`, unless another handler answers.
    ///
    /// ```
    /// # use actix_socketio::{Args, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/")
    ///     .on("add", async |Args((a, b)): Args<(i32, i32)>| a + b)
    ///     .on("say", async |socket: Socket, Args(text): Args<String>| socket.broadcast().emit("said", &text));
    /// ```
    pub fn on<A, H>(&self, event: &str, handler: H) -> &Self
    where
        H: Handler<EventContext, A>,
        H::Output: Serialize + 'static,
    {
        warn_of_reserved(event);
        self.state.routes.add_event(event, erase::event(handler));
        self
    }

    /// Decides whether a client may connect, `namespace.use(…)` in JavaScript. In the order written; the first refusal wins and
    /// becomes the client's `connect_error`.
    ///
    /// The socket is not connected yet: rooms that it joins are joined when it is, before its connect handlers run; events that are
    /// emitted to it are sent as soon as all middleware has decided, before the client is told; and it cannot be asked.
    ///
    /// ```
    /// # use actix_socketio::{Auth, ConnectError, SocketIo};
    /// # let io = SocketIo::new();
    /// #[derive(serde::Deserialize)]
    /// struct Token { token: String }
    ///
    /// io.of("/admin").before_connect(async |Auth(auth): Auth<Token>| match auth.token.as_str() {
    ///     "secret" => Ok(()),
    ///     _ => Err(ConnectError::new("not authorized").with_data(serde_json::json!({ "retry": false }))),
    /// });
    /// ```
    pub fn before_connect<A, H>(&self, middleware: H) -> &Self
    where
        H: Handler<ConnectContext, A>,
        H::Output: IntoConnectResult,
    {
        self.state.routes.add_middleware(erase::middleware(middleware));
        self
    }

    /// A client has connected, `namespace.on("connection", …)` in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_connect(async |socket: Socket| {
    ///     socket.join("lobby");
    ///     socket.to("lobby").emit("joined", &socket.id());
    /// });
    /// ```
    pub fn on_connect<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<ConnectContext, A, Output = ()>,
    {
        self.state.routes.add_connect(erase::plain(handler));
        self
    }

    /// A client disconnects, `socket.on("disconnecting", …)` in JavaScript. All of these handlers have finished before those of
    /// [`on_disconnect`](Self::on_disconnect) begin.
    ///
    /// ```
    /// # use actix_socketio::{DisconnectReason, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_disconnecting(async |socket: Socket, reason: DisconnectReason| {
    ///     socket.broadcast().emit("leaving", &reason.as_str());
    /// });
    /// ```
    pub fn on_disconnecting<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<DisconnectContext, A, Output = ()>,
    {
        self.state.routes.add_disconnecting(erase::plain(handler));
        self
    }

    /// A client has disconnected, `socket.on("disconnect", …)` in JavaScript. No broadcast reaches or counts it any more.
    ///
    /// ```
    /// # use actix_socketio::{DisconnectReason, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_disconnect(async |socket: Socket, reason: DisconnectReason| match reason {
    ///     DisconnectReason::PingTimeout => socket.broadcast().emit("lost", &socket.id()),
    ///     _ => socket.broadcast().emit("left", &socket.id()),
    /// });
    /// ```
    pub fn on_disconnect<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<DisconnectContext, A, Output = ()>,
    {
        self.state.routes.add_disconnect(erase::plain(handler));
        self
    }

    /// Everyone in the namespace; through the parent of dynamic namespaces, everyone in all of these.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/shop").emit("price", &("tea", 3.5));
    /// ```
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) {
        self.everyone().emit(event, args);
    }

    /// The members of these rooms, `namespace.to(room)` and `namespace.in(room)` in JavaScript. The id of a socket is the room of that
    /// socket alone.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/shop").to(["buyers", "sellers"]).emit("price", &("tea", 3.5));
    /// ```
    pub fn to(&self, rooms: impl IntoRooms) -> Audience {
        self.everyone().to(rooms)
    }

    /// Everyone but the members of these rooms.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/shop").except("sellers").emit("price", &("tea", 4.0));
    /// ```
    pub fn except(&self, rooms: impl IntoRooms) -> Audience {
        self.everyone().except(rooms)
    }

    /// Everyone, to emit to, ask, fetch, move between rooms or disconnect: what the methods of the namespace do in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{Error, SocketIo};
    /// # async fn close_the_club(io: SocketIo) -> Result<(), Error> {
    /// let club = io.of("/club");
    /// println!("{} are here", club.everyone().fetch_sockets().await?.len());
    /// club.everyone().except("staff").disconnect_sockets(false);
    /// # Ok(()) }
    /// ```
    pub fn everyone(&self) -> Audience {
        let targets = match self.state.is_parent() {
            true => {
                let children = self.io.shared().registry.lock().children_of(&self.state);
                Targets::Children(self.state.clone(), children)
            }
            false => Targets::Of(self.state.clone()),
        };
        Audience::new(self.io.origin(), targets, self.io.downgrade())
    }

    /// Handles a typed event. The first parameter of the handler is the event: it gives the name, and what the handler has to return.
    /// Otherwise it is like [`on`](Self::on).
    ///
    /// ```
    /// use actix_socketio::{Event, Socket, SocketIo};
    ///
    /// #[derive(serde::Deserialize, Event)]
    /// #[event(name = "join", ack = bool)]
    /// struct Join(String);
    ///
    /// SocketIo::new().of("/").on_event(async |Join(room): Join, socket: Socket| {
    ///     socket.join(room);
    ///     true
    /// });
    /// ```
    ///
    /// To answer later, await what makes the answer. Where that does not fit, because something else is to answer, register the handler
    /// by name, with an [`AckSender`](crate::AckSender) of the event: `on(Join::NAME, async |join: Join, ack: AckSender<Join>| …)`.
    pub fn on_event<A, H>(&self, handler: H) -> &Self
    where
        H: EventHandler<A>,
        H::Output: Acknowledges<<H::Event as Event>::Ack>,
    {
        self.on(H::Event::NAME, handler)
    }

    /// Sends a typed event to everyone in the namespace. It never waits: what cannot be sent is logged.
    ///
    /// ```
    /// #[derive(serde::Serialize, actix_socketio::Event)]
    /// #[event(name = "closing")]
    /// struct Closing;
    ///
    /// actix_socketio::SocketIo::new().of("/shop").emit_event(&Closing);
    /// ```
    pub fn emit_event<E: Event + Serialize>(&self, event: &E) {
        self.emit(E::NAME, event);
    }
}
