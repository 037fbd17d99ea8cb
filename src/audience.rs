//! Who gets a broadcast: built by chaining, then emitted to, asked, moved between rooms, or disconnected.

use std::{sync::Arc, time::Duration};

use actix_socketio_actors::{
    audience::{AskEach, AudienceSpec, Mark, Parcel},
    collector::AckCollector,
    courier::Courier,
    escaped::OneLine,
    id::{AckId, RoomName, SocketId},
    mailbox::Counted,
    operation::{Broadcast, ChangeRooms, FindSockets, Issuer, NamespaceLink, Origin, RoomChange},
};
use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::encode_event;
use tokio::sync::oneshot;

use crate::{
    ask_all::{AnswerEach, Answers},
    error::Error,
    event::Event,
    io::{SocketIo, WeakIo},
    registry::NamespaceState,
    remote_socket::RemoteSocket,
    rooms::IntoRooms,
};

/// An audience inside one namespace, or inside all of those that a rule has made; `BroadcastOperator` in JavaScript. It is the union of its
/// rooms, or everyone, without the exceptions. Each socket gets a broadcast once.
///
/// ```
/// # use actix_socketio::{Args, Socket, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").on("typing", async |socket: Socket, Args(name): Args<String>| {
///     socket.to(["lobby", "garden"]).except("muted").volatile().emit("typing", &name);
/// });
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is done until `emit` or another operation is called"]
pub struct Audience {
    /// Missing until the server is mounted: then nobody is there.
    origin: Option<Arc<Origin>>,
    targets: Targets,
    io: WeakIo,
    spec: AudienceSpec,
    volatile: bool,
    timeout: Option<Duration>,
}

/// The namespaces of an audience.
#[derive(Debug, Clone)]
pub(crate) enum Targets {
    /// One, where nobody is before the server is mounted.
    Of(Arc<NamespaceState>),
    /// That of a socket.
    One(Arc<NamespaceLink>),
    /// The children of this parent, as they are now.
    Children(Arc<NamespaceState>, Vec<Arc<NamespaceLink>>),
}

impl Targets {
    fn as_slice(&self) -> &[Arc<NamespaceLink>] {
        match self {
            Self::Of(state) => state.link().map(std::slice::from_ref).unwrap_or_default(),
            Self::One(link) => std::slice::from_ref(link),
            Self::Children(_, links) => links,
        }
    }

    /// As they are by now.
    fn renewed(&self, io: &SocketIo) -> Result<Self, Error> {
        let removed = match self {
            Self::Of(state) => state.is_removed(),
            Self::One(link) => link.is_removed(),
            Self::Children(parent, _) => {
                let links = io.shared().registry.lock().children_of(parent);
                return Ok(Self::Children(parent.clone(), links));
            }
        };
        if removed { Err(Error::namespace_gone()) } else { Ok(self.clone()) }
    }
}

impl Audience {
    pub(crate) fn new(origin: Option<Arc<Origin>>, targets: Targets, io: WeakIo) -> Self {
        let spec = AudienceSpec::default();
        Self { origin, targets, io, spec, volatile: false, timeout: None }
    }

    pub(crate) fn except_socket(mut self, socket: SocketId) -> Self {
        self.spec.except_socket = Some(socket);
        self
    }

    /// The same audience as it is by now, in another context, or why there is none.
    pub(crate) fn renewed(&self, origin: &Arc<Origin>) -> Result<Self, Error> {
        let io = self.io.running()?;
        let targets = self.targets.renewed(&io)?;
        Ok(Self { origin: Some(origin.clone()), targets, ..self.clone() })
    }

    /// With these rooms and exceptions too.
    pub(crate) fn narrowed(mut self, spec: AudienceSpec) -> Self {
        self.spec.rooms.extend(spec.rooms);
        self.spec.except.extend(spec.except);
        self
    }

    pub(crate) fn namespace_name(&self) -> &str {
        match &self.targets {
            Targets::Of(state) | Targets::Children(state, _) => state.name().as_str(),
            Targets::One(link) => link.name.as_str(),
        }
    }

    pub(crate) fn rooms(&self) -> &[RoomName] {
        &self.spec.rooms
    }

    pub(crate) fn weak_io(&self) -> WeakIo {
        self.io.clone()
    }

    /// The members of these rooms too, `to` and `in` in JavaScript. With no room at all (an empty list), nothing is added.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").to(["garden", "bar"]).emit("news", &"once to each");
    /// ```
    pub fn to(mut self, rooms: impl IntoRooms) -> Self {
        self.spec.rooms.extend(rooms.into_rooms());
        self
    }

    /// Without the members of these rooms.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").except("muted").emit("news", &"not for all");
    /// ```
    pub fn except(mut self, rooms: impl IntoRooms) -> Self {
        self.spec.except.extend(rooms.into_rooms());
        self
    }

    /// What is emitted may be lost: clients that are not ready for it do not get it. A polling client is ready while its poll waits and
    /// nothing is queued for it, a WebSocket while not more than [`volatile_limit`](crate::Builder::volatile_limit) is.
    ///
    /// Asks are never volatile.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("game").volatile().emit("position", &(3.5, 4.5));
    /// ```
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// Only sockets of this process. A server is one process as yet, so this changes nothing.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.everyone().local().emit("news", &"for those who are here");
    /// ```
    pub fn local(self) -> Self {
        self
    }

    /// Time that the clients have to answer [`ask`](Self::ask) and [`ask_all`](Self::ask_all). Default: the server's `ack_timeout`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::{Error, SocketIo};
    /// # async fn vote(io: SocketIo) -> Result<(), Error> {
    /// let quick: Vec<u32> = io.to("jury").timeout(Duration::from_millis(500)).ask("guess", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends an event. It never waits: what cannot be sent is logged.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").emit("move", &(3, 4)); // two arguments
    /// io.to("lobby").emit("stop", &()); // none
    /// ```
    pub fn emit(self, event: &str, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.try_emit(event, args) {
            log::error!("not emitted: {}", OneLine(error));
        }
    }

    /// Sends an event. A tuple (or tuple struct, or array of fixed size) becomes several arguments, `()` none,
    /// anything else one.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").try_emit("move", &(3, 4))?;
    /// # Ok::<_, actix_socketio::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised, or the event name is reserved.
    pub fn try_emit(self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.check(event, args)?;
        let volatile = self.volatile;
        self.broadcast(|namespace| {
            // A packet names its namespace.
            let packet = encode_event(namespace.name.as_str(), None, event, args)?;
            Ok(Parcel::Packet { packet, volatile, ask: None })
        })
    }

    /// Sends a typed event. It never waits: what cannot be sent is logged.
    ///
    /// ```
    /// #[derive(serde::Serialize, actix_socketio::Event)]
    /// #[event(name = "score")]
    /// struct Score(u32, u32);
    ///
    /// actix_socketio::SocketIo::new().to("match 7").emit_event(&Score(2, 1));
    /// ```
    pub fn emit_event<E: Event + Serialize>(self, event: &E) {
        self.emit(E::NAME, event);
    }

    /// Sends a typed event.
    ///
    /// # Errors
    ///
    /// As for [`try_emit`](Self::try_emit).
    ///
    /// ```
    /// # #[derive(serde::Serialize, actix_socketio::Event)]
    /// # #[event(name = "score")]
    /// # struct Score(u32, u32);
    /// actix_socketio::SocketIo::new().to("match 7").try_emit_event(&Score(2, 1))?;
    /// # Ok::<_, actix_socketio::Error>(())
    /// ```
    pub fn try_emit_event<E: Event + Serialize>(self, event: &E) -> Result<(), Error> {
        self.try_emit(E::NAME, event)
    }

    /// Sends an event and waits for the acknowledgement of every client, `emitWithAck` in JavaScript. The event is sent at once,
    /// before the answers are awaited. Each answer is read as [`Args`](crate::Args) would; there are none when nobody is there.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::{Error, SocketIo};
    /// # async fn vote(io: SocketIo) -> Result<(), Error> {
    /// let votes = io.to("jury").timeout(Duration::from_secs(5)).ask::<bool>("vote", &"guilty?").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A client does not answer in time, disconnects, or answers with another type (then [`ask_all`](Self::ask_all) tells who), or the
    /// event could not be sent.
    pub fn ask<T: DeserializeOwned>(
        self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Answers<T> {
        Answers::new(self.ask_each(event, args))
    }

    /// Sends an event and waits until every client has answered or will not: who has, with what, and who has not, and why. The event
    /// is sent at once, before the answers are awaited.
    ///
    /// ```
    /// # use actix_socketio::{Error, SocketIo};
    /// # async fn vote(io: SocketIo) -> Result<(), Error> {
    /// for vote in io.to("jury").ask_all::<bool>("vote", &"guilty?").await? {
    ///     println!("{} voted {:?}", vote.socket, vote.answer);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The event could not be sent, or the time is over before all clients were asked. That a client does not answer is not an error of
    /// the whole.
    pub fn ask_all<T: DeserializeOwned>(
        self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> AnswerEach<T> {
        AnswerEach::new(self.ask_each(event, args))
    }

    /// [`ask`](Self::ask) with a typed event.
    ///
    /// ```
    /// # use actix_socketio::{Error, Event, SocketIo};
    /// #[derive(serde::Serialize, Event)]
    /// #[event(name = "vote", ack = bool)]
    /// struct Vote(String);
    ///
    /// # async fn vote(io: SocketIo) -> Result<(), Error> {
    /// let votes: Vec<bool> = io.to("jury").ask_event(&Vote("guilty?".into())).await?;
    /// # Ok(()) }
    /// ```
    pub fn ask_event<E>(self, event: &E) -> Answers<E::Ack>
    where
        E: Event<Ack: DeserializeOwned> + Serialize,
    {
        self.ask(E::NAME, event)
    }

    /// [`ask_all`](Self::ask_all) with a typed event.
    ///
    /// ```
    /// # use actix_socketio::{Error, Event, SocketIo};
    /// # #[derive(serde::Serialize, Event)]
    /// # #[event(name = "vote", ack = bool)]
    /// # struct Vote(String);
    /// # async fn vote(io: SocketIo) -> Result<(), Error> {
    /// for vote in io.to("jury").ask_all_event(&Vote("guilty?".into())).await? {
    ///     println!("{} voted {:?}", vote.socket, vote.answer);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn ask_all_event<E>(self, event: &E) -> AnswerEach<E::Ack>
    where
        E: Event<Ack: DeserializeOwned> + Serialize,
    {
        self.ask_all(E::NAME, event)
    }

    /// What cannot be sent is an error even when nobody is there.
    fn check(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if self.origin.is_none() || self.targets.as_slice().is_empty() {
            encode_event("/", None, event, args)?;
        }
        Ok(())
    }

    fn ask_each(
        self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<oneshot::Receiver<actix_socketio_actors::collector::Collected>, Error> {
        self.check(event, args)?;
        let Some(first) = self.targets.as_slice().first() else {
            let (nobody, answers) = oneshot::channel();
            let _ = nobody.send(Ok(Vec::new()));
            return Ok(answers);
        };
        let namespaces = self.targets.as_slice().len();
        let timeout = self.timeout.unwrap_or(first.config.ack_timeout);
        let (collector, answers) = AckCollector::start_for(first, namespaces, timeout);
        self.broadcast(|namespace| {
            // A connection may be asked in several namespaces, and tells the answers apart by their id.
            let id = AckId::next();
            let packet = encode_event(namespace.name.as_str(), Some(id.0), event, args)?;
            let ask = Some(AskEach { id, timeout, collector: collector.clone() });
            Ok(Parcel::Packet { packet, volatile: false, ask })
        })?;
        Ok(answers)
    }

    /// The sockets of the audience, with the rooms in which they are: `fetchSockets()` in JavaScript. What the same handler or handle
    /// has joined and left before counts. The question is put at once, before the answer is awaited.
    ///
    /// ```
    /// # use actix_socketio::{Error, SocketIo};
    /// # async fn list(io: SocketIo) -> Result<(), Error> {
    /// for socket in io.to("lobby").fetch_sockets().await? {
    ///     println!("{} is in {:?}", socket.id(), socket.rooms());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The namespace is gone.
    #[must_use = "the sockets come when this is awaited"]
    pub fn fetch_sockets(
        self,
    ) -> impl Future<Output = Result<Vec<RemoteSocket>, Error>> + Send + use<> {
        let mut answers = Vec::new();
        self.submit(|issuer, namespace, audience| {
            let (reply, answer) = oneshot::channel();
            answers.push(answer);
            let audience = audience.clone();
            FindSockets { issuer, namespace, audience, reply }
        });
        let (origin, io) = (self.origin, self.io);
        async move {
            let Some(origin) = origin else { return Ok(Vec::new()) };
            let mut sockets = Vec::new();
            for answer in answers {
                let found = answer.await.map_err(|_| Error::namespace_gone())?;
                let remote = |socket| RemoteSocket::new(socket, origin.clone(), io.clone());
                sockets.extend(found.into_iter().map(remote));
            }
            Ok(sockets)
        }
    }

    /// Makes all sockets of the audience members of these rooms, `socketsJoin` in JavaScript. It counts for every later emit of the same
    /// handler or handle.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").sockets_join(["garden", "bar"]);
    /// ```
    pub fn sockets_join(self, rooms: impl IntoRooms) {
        self.change_rooms(RoomChange::Join, rooms);
    }

    /// Ends the membership of all sockets of the audience in these rooms, `socketsLeave` in JavaScript. It counts for every later emit
    /// of the same handler or handle.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").sockets_leave("garden");
    /// ```
    pub fn sockets_leave(self, rooms: impl IntoRooms) {
        self.change_rooms(RoomChange::Leave, rooms);
    }

    fn change_rooms(self, change: RoomChange, rooms: impl IntoRooms) {
        let rooms = rooms.into_rooms();
        self.submit(|issuer, namespace, audience| {
            let (audience, rooms) = (audience.clone(), rooms.clone());
            ChangeRooms { issuer, namespace, audience, change, rooms }
        });
    }

    /// Disconnects all sockets of the audience from the namespace, or, with `close`, from all of their namespaces together with their
    /// connections: `disconnectSockets` in JavaScript. What was emitted to them before reaches them first.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("guests").emit("bye", &"we close");
    /// io.to("guests").disconnect_sockets(true);
    /// ```
    pub fn disconnect_sockets(self, close: bool) {
        // This parcel cannot fail to be made.
        let _ = self.broadcast(|_| Ok(Parcel::Disconnection { close }));
    }

    /// Closes the connections of all sockets of the audience, since the server is closed.
    pub(crate) fn close(self) {
        let _ = self.broadcast(|_| Ok(Parcel::Closure));
    }

    /// Drops clones of this behind what was issued before.
    pub(crate) fn mark(self, mark: &Mark) {
        let _ = self.broadcast(|_| Ok(Parcel::Mark(mark.clone())));
    }

    /// Sends to each namespace what `parcel` makes for it.
    fn broadcast(
        self,
        parcel: impl Fn(&NamespaceLink) -> Result<Parcel, Error>,
    ) -> Result<(), Error> {
        let Some(origin) = self.origin else { return Ok(()) };
        let audience = Arc::new(self.spec);
        for namespace in self.targets.as_slice() {
            let parcel = parcel(namespace)?;
            let (issuer, namespace) = (Issuer::new(origin.clone()), namespace.clone());
            let audience = audience.clone();
            origin.courier.addr.do_send(Broadcast { issuer, namespace, audience, parcel });
        }
        Ok(())
    }

    /// Submits an operation of another kind for each namespace.
    fn submit<M>(&self, mut operation: impl FnMut(Issuer, Arc<NamespaceLink>, &AudienceSpec) -> M)
    where
        M: actix::Message<Result = ()> + Send + 'static,
        Courier: actix::Handler<Counted<M>>,
    {
        let Some(origin) = &self.origin else { return };
        for namespace in self.targets.as_slice() {
            let issuer = Issuer::new(origin.clone());
            origin.courier.addr.do_send(operation(issuer, namespace.clone(), &self.spec));
        }
    }
}
