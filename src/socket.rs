//! The handle of a socket: one client in one namespace.

use std::{sync::Arc, time::Duration};

use actix_socketio_actors::{
    config::Config,
    dispatch::current_origin,
    escaped::OneLine,
    handshake::Handshake,
    id::SocketId,
    operation::{Disconnect, Emit, Issuer, Join, Leave, Origin, SocketLink},
};
use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::{Encoded, Payload, encode_ack, encode_event};

use crate::{
    ask::{Answer, Ask},
    audience::{Audience, Targets},
    error::Error,
    event::Event,
    io::{SocketIo, WeakIo},
    message::Content,
    namespace::Namespace,
    rooms::IntoRooms,
};

/// A client in a namespace, `socket` in JavaScript. Clones are handles of the same socket, from any thread; they keep no connection
/// alive, and what is done through the handle of a closed socket has no effect.
///
/// ```
/// # use actix_socketio::{Socket, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on_connect(async |socket: Socket| {
///     println!("{} is in {} from {:?}", socket.id(), socket.namespace(), socket.handshake().address);
///     socket.emit("hello", &socket.id());
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Socket {
    link: Arc<SocketLink>,
    io: WeakIo,
}

impl Socket {
    pub(crate) fn new(link: Arc<SocketLink>, io: WeakIo) -> Self {
        Self { link, io }
    }

    /// The id, as the client knows it too. It is the name of a room with this socket alone.
    ///
    /// ```
    /// # use actix_socketio::{Args, Socket, SocketId, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on("whisper", async |socket: Socket, Args((to, text)): Args<(String, String)>| {
    ///     let from: SocketId = socket.id();
    ///     socket.to(to).emit("whispered", &(from, text));
    /// });
    /// ```
    pub fn id(&self) -> SocketId {
        self.link.id
    }

    /// The name of its namespace.
    pub fn namespace(&self) -> &str {
        self.link.namespace.name.as_str()
    }

    /// The request that opened its connection.
    ///
    /// ```
    /// # use actix_socketio::{Handshake, Socket};
    /// fn agent(socket: &Socket) -> Option<&str> {
    ///     let handshake: &Handshake = socket.handshake();
    ///     handshake.header("user-agent")
    /// }
    /// ```
    pub fn handshake(&self) -> &Handshake {
        &self.link.handshake
    }

    pub(crate) fn config(&self) -> &Config {
        &self.link.namespace.config
    }

    pub(crate) fn shared_handshake(&self) -> Arc<Handshake> {
        self.link.handshake.clone()
    }

    /// What the client sent as `auth`, `socket.handshake.auth` in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{Error, Socket};
    /// # fn token(socket: Socket) -> Result<String, Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Auth { token: String }
    ///
    /// Ok(socket.auth::<Auth>()?.token)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// It does not have this type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(self.link.auth.auth()?)
    }

    /// Keeps a value on the socket, `socket.data = …` in JavaScript, instead of what there was before, whatever its type. It lives as long
    /// as a handle of the socket does. To change parts of it, keep something that can be changed: atomics, a `Mutex`.
    ///
    /// ```
    /// # use actix_socketio::{Args, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/")
    ///     .on("name", async |socket: Socket, Args(name): Args<String>| socket.set_data(name))
    ///     .on("who am I", async |socket: Socket| socket.data::<String>().map(|name| name.to_string()));
    /// ```
    pub fn set_data<T: Serialize + Send + Sync + 'static>(&self, value: T) {
        self.link.data.set(value, &self.link.courier().tally);
    }

    /// What was kept on the socket, if it has this type: `socket.data` in JavaScript.
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.link.data.get()
    }

    /// Sends an event to the client. It never waits: what cannot be sent is logged.
    ///
    /// ```
    /// # fn example(socket: actix_socketio::Socket) {
    /// socket.emit("move", &(3, 4)); // two arguments
    /// socket.emit("stop", &()); // none
    /// # }
    /// ```
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.try_emit(event, args) {
            log::error!("not emitted: {}", OneLine(error));
        }
    }

    /// Sends an event to the client. A tuple (or tuple struct, or array of fixed size) becomes several arguments, `()` none,
    /// anything else one.
    ///
    /// ```
    /// # fn example(socket: actix_socketio::Socket) -> Result<(), actix_socketio::Error> {
    /// socket.try_emit("move", &(3, 4))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised, or the event name is reserved.
    pub fn try_emit(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.send(encode_event(self.namespace(), None, event, args)?, false);
        Ok(())
    }

    /// A sender of events that may be lost, `socket.volatile` in JavaScript: when the client is not ready, it does not get them (see
    /// [`Audience::volatile`]).
    pub fn volatile(&self) -> Volatile<'_> {
        Volatile(self)
    }

    /// Sends an event and waits for the client's acknowledgement, `socket.emitWithAck(…)` in JavaScript. The event is sent at once,
    /// before the answer is awaited; the deadline is the server's `ack_timeout`.
    ///
    /// ```
    /// # async fn example(socket: actix_socketio::Socket) -> Result<(), actix_socketio::Error> {
    /// let name: String = socket.ask("name", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn ask<T: DeserializeOwned>(
        &self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Answer<T> {
        self.timeout(self.link.namespace.config.ack_timeout).ask(event, args)
    }

    /// An ask with its own deadline, `socket.timeout(…).emitWithAck(…)` in JavaScript.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # async fn example(socket: actix_socketio::Socket) -> Result<(), actix_socketio::Error> {
    /// let name: String = socket.timeout(Duration::from_secs(5)).ask("name", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(&self, timeout: Duration) -> Ask<'_> {
        Ask::new(&self.link, self.origin(), timeout)
    }

    /// Makes the socket a member of one or several rooms. It counts for every later emit of the same handler or handle.
    ///
    /// A room whose name is longer than `max_room_len`, and those beyond `max_rooms_per_socket`, are not joined; the log says so, and
    /// [`rooms`](Self::rooms) does not list them.
    ///
    /// ```
    /// # async fn example(socket: actix_socketio::Socket) -> Result<(), actix_socketio::Error> {
    /// socket.join(["lobby", "garden"]);
    /// socket.leave("lobby");
    /// assert!(socket.rooms().await?.contains(&"garden".to_owned()));
    /// # Ok(()) }
    /// ```
    pub fn join(&self, rooms: impl IntoRooms) {
        let origin = self.origin();
        let later = rooms.into_rooms().into_iter().filter(|room| !self.link.early.keep_room(room));
        for room in later {
            let (issuer, socket) = (Issuer::new(origin.clone()), self.link.clone());
            origin.courier.addr.do_send(Join { issuer, socket, room });
        }
    }

    /// Ends the socket's membership in one or several rooms. It counts for every later emit of the same handler or handle. The room of
    /// its own id cannot be left.
    pub fn leave(&self, rooms: impl IntoRooms) {
        let origin = self.origin();
        let later = rooms.into_rooms().into_iter().filter(|room| !self.link.early.drop_room(room));
        for room in later {
            let (issuer, socket) = (Issuer::new(origin.clone()), self.link.clone());
            origin.courier.addr.do_send(Leave { issuer, socket, room });
        }
    }

    /// The rooms in which it is, its own first: `socket.rooms` in JavaScript. What the same handler or handle has joined and left before
    /// counts. None when it has disconnected; a disconnect handler is told by [`Rooms`](crate::extract::Rooms).
    ///
    /// # Errors
    ///
    /// The namespace is gone.
    #[must_use = "the rooms come when this is awaited"]
    pub fn rooms(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send + use<> {
        let found = self.namespace_audience().to(self.id()).fetch_sockets();
        let id = self.id();
        async move {
            let found = found.await?;
            let own = found.iter().find(|socket| socket.id() == id);
            Ok(own.map(|socket| socket.rooms().to_vec()).unwrap_or_default())
        }
    }

    /// The members of these rooms but this socket.
    ///
    /// ```
    /// # fn example(socket: actix_socketio::Socket) {
    /// socket.to("lobby").emit("said", &"to the others there");
    /// socket.within("lobby").emit("said", &"to all there");
    /// socket.except("lobby").emit("said", &"to the others elsewhere");
    /// socket.broadcast().emit("said", &"to all others");
    /// # }
    /// ```
    pub fn to(&self, rooms: impl IntoRooms) -> Audience {
        self.broadcast().to(rooms)
    }

    /// The members of these rooms, this socket included if it is one.
    pub fn within(&self, rooms: impl IntoRooms) -> Audience {
        self.namespace_audience().to(rooms)
    }

    /// Everyone but this socket and the members of these rooms.
    pub fn except(&self, rooms: impl IntoRooms) -> Audience {
        self.broadcast().except(rooms)
    }

    /// Everyone in the namespace but this socket, `socket.broadcast` in JavaScript.
    pub fn broadcast(&self) -> Audience {
        self.namespace_audience().except_socket(self.link.id)
    }

    /// Everyone in the namespace.
    pub(crate) fn namespace_audience(&self) -> Audience {
        let namespace = self.link.namespace.clone();
        Audience::new(Some(self.origin()), Targets::One(namespace), self.io.clone())
    }

    /// Disconnects the client from the namespace, or, with `close`, from all of its namespaces together with the connection.
    ///
    /// ```
    /// # use actix_socketio::{Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on("leave", async |socket: Socket| socket.disconnect(false));
    /// ```
    pub fn disconnect(&self, close: bool) {
        let (origin, socket) = (self.origin(), self.link.clone());
        let courier = origin.courier.addr.clone();
        courier.do_send(Disconnect { origin, socket, close });
    }

    /// The server.
    ///
    /// # Errors
    ///
    /// The server is gone: the last of its handles and its last application were dropped.
    pub fn io(&self) -> Result<SocketIo, Error> {
        self.io.upgrade().ok_or_else(Error::server_gone)
    }

    /// The namespace, to reach everyone in it, this socket included.
    ///
    /// ```
    /// # use actix_socketio::{Error, Socket};
    /// # fn example(socket: Socket) -> Result<(), Error> {
    /// socket.of_namespace()?.emit("news", &"for all here");
    /// socket.io()?.of("/admin").emit("news", &"for all there");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`io`](Self::io).
    pub fn of_namespace(&self) -> Result<Namespace, Error> {
        Ok(self.io()?.namespace_of(&self.link.namespace))
    }

    /// The parameters of the name of its namespace.
    pub(crate) fn params(&self) -> &[(String, String)] {
        &self.link.namespace.params
    }

    /// Sends a typed event to the client. It never waits: what cannot be sent is logged.
    ///
    /// ```
    /// # use actix_socketio::{Event, Socket};
    /// #[derive(serde::Serialize, Event)]
    /// #[event(name = "welcome")]
    /// struct Welcome {
    ///     name: String,
    /// }
    ///
    /// async fn hello(socket: Socket) {
    ///     socket.emit_event(&Welcome { name: "you".into() }); // emit("welcome", { name: "you" })
    /// }
    /// # actix_socketio::SocketIo::new().of("/").on_connect(hello);
    /// ```
    pub fn emit_event<E: Event + Serialize>(&self, event: &E) {
        self.emit(E::NAME, event);
    }

    /// Sends a typed event to the client.
    ///
    /// # Errors
    ///
    /// As for [`try_emit`](Self::try_emit).
    ///
    /// ```
    /// # use actix_socketio::{Error, Event, Socket};
    /// # #[derive(serde::Serialize, Event)]
    /// # #[event(name = "welcome")]
    /// # struct Welcome {
    /// #     name: String,
    /// # }
    /// fn hello(socket: &Socket) -> Result<(), Error> {
    ///     socket.try_emit_event(&Welcome { name: "you".into() })
    /// }
    /// ```
    pub fn try_emit_event<E: Event + Serialize>(&self, event: &E) -> Result<(), Error> {
        self.try_emit(E::NAME, event)
    }

    /// Sends a typed event and waits for the client's acknowledgement, which has the type that the event says. Otherwise it is like
    /// [`ask`](Self::ask).
    ///
    /// ```
    /// # use actix_socketio::{Error, Event, Socket};
    /// #[derive(serde::Serialize, Event)]
    /// #[event(name = "confirm", ack = bool)]
    /// struct Confirm(String);
    ///
    /// async fn delete(socket: &Socket) -> Result<(), Error> {
    ///     if socket.ask_event(&Confirm("Delete it?".into())).await? {
    ///         // …
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn ask_event<E>(&self, event: &E) -> Answer<E::Ack>
    where
        E: Event<Ack: DeserializeOwned> + Serialize,
    {
        self.ask(E::NAME, event)
    }

    /// What answers the acknowledgement, to be [sent](Self::acknowledge).
    pub(crate) fn acknowledgement(
        &self,
        id: u64,
        args: &(impl Serialize + ?Sized),
    ) -> Result<Encoded, Error> {
        Ok(encode_ack(self.namespace(), id, args)?)
    }

    pub(crate) fn acknowledge(&self, answer: Encoded) {
        self.send(answer, false);
    }

    pub(crate) fn count_panic(&self) {
        self.link.courier().tally.panicked();
    }

    fn send(&self, packet: Encoded, volatile: bool) {
        if self.link.early.keep_packet(&packet) {
            return;
        }
        self.submit(self.origin(), packet, volatile);
    }

    fn submit(&self, origin: Arc<Origin>, packet: Encoded, volatile: bool) {
        let (courier, socket) = (origin.courier.addr.clone(), self.link.clone());
        courier.do_send(Emit { origin, socket, packet, volatile, ack: None });
    }

    /// The context of what is issued here and now: that of the running handler, or else that of the socket's connection.
    /// Sends an event in another context.
    pub(crate) fn emit_in(
        &self,
        origin: &Arc<Origin>,
        content: &Content,
        volatile: bool,
    ) -> Result<(), Error> {
        self.check_namespace()?;
        let packet = encode_event(self.namespace(), None, &content.event, &content.args)?;
        if !self.link.early.keep_packet(&packet) {
            self.submit(origin.clone(), packet, volatile);
        }
        Ok(())
    }

    /// Asks in another context.
    pub(crate) fn ask_in(
        &self,
        origin: &Arc<Origin>,
        content: &Content,
        timeout: Option<Duration>,
    ) -> Result<Answer<Payload>, Error> {
        self.check_namespace()?;
        let timeout = timeout.unwrap_or(self.link.namespace.config.ack_timeout);
        Ok(Ask::new(&self.link, origin.clone(), timeout).ask(&content.event, &content.args))
    }

    /// Whether its server and its namespace are still there.
    fn check_namespace(&self) -> Result<(), Error> {
        self.io.running()?;
        if self.link.namespace.is_removed() { Err(Error::namespace_gone()) } else { Ok(()) }
    }

    pub(crate) fn weak_io(&self) -> &WeakIo {
        &self.io
    }

    fn origin(&self) -> Arc<Origin> {
        current_origin().unwrap_or_else(|| self.link.origin.clone())
    }
}

/// Sends events that may be lost, from [`Socket::volatile`].
///
/// ```
/// # use actix_socketio::{Error, Socket, Volatile};
/// # fn example(socket: Socket) -> Result<(), Error> {
/// let sender: Volatile<'_> = socket.volatile();
/// sender.emit("position", &(3, 4));
/// sender.try_emit("position", &(3, 5))?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is sent until `emit` is called"]
pub struct Volatile<'a>(&'a Socket);

impl Volatile<'_> {
    /// As [`Socket::emit`], if the client is ready for it.
    pub fn emit(self, event: &str, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.try_emit(event, args) {
            log::error!("not emitted: {}", OneLine(error));
        }
    }

    /// As [`Socket::try_emit`], if the client is ready for it.
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised, or the event name is reserved. That the client is not ready is no error.
    pub fn try_emit(self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.0.send(encode_event(self.0.namespace(), None, event, args)?, true);
        Ok(())
    }
}
