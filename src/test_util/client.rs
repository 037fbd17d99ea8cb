//! A client in one namespace: what a test does with it.

use std::{panic::Location, pin::Pin};

use actix_socketio_actors::{dispatch::EngineMessage, id::SocketId};
use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::{encode_disconnect, encode_event};

use super::{
    ClientDisconnect, TestClientBuilder, TestConnection, TestEvent,
    inbox::{Inbox, describe},
};
use crate::{ConnectError, Event, SocketIo};

/// A client in the process of the server: `socket` in JavaScript. Dropping it breaks its connection, unless other clients or handles of
/// the same [connection](Self::connection) are left.
///
/// What does not come within five seconds ([`patience`](TestClientBuilder::patience)) panics, with a list of what has come.
///
/// ```
/// use actix_socketio::{Args, Socket, SocketIo, test_util::TestClient};
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// io.of("/").on("join", async |socket: Socket, Args(room): Args<String>| {
///     socket.join(&room);
///     socket.to(&room).emit("joined", &socket.id());
/// });
///
/// let ann = TestClient::connect(&io, "/").await.unwrap();
/// let bob = TestClient::connect(&io, "/").await.unwrap();
/// let eve = TestClient::connect(&io, "/").await.unwrap();
/// ann.ask::<()>("join", &"lobby").await;
/// bob.ask::<()>("join", &"lobby").await;
/// assert_eq!(ann.next::<String>("joined").await, bob.id().to_string());
/// for client in [&ann, &bob, &eve] {
///     client.assert_silence().await;
/// }
/// # });
/// ```
#[derive(Debug)]
pub struct TestClient {
    connection: TestConnection,
    namespace: String,
    id: SocketId,
}

impl TestClient {
    pub(super) fn new(connection: TestConnection, namespace: String, id: SocketId) -> Self {
        Self { connection, namespace, id }
    }

    /// Connects to a namespace over a WebSocket: `io("/chat")` in JavaScript. The server starts with its first client.
    ///
    /// ```
    /// # use actix_socketio::{ConnectError, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// io.of("/club").before_connect(async || Err::<(), _>(ConnectError::new("full").with_data(42)));
    /// let refused = TestClient::connect(&io, "/club").await.unwrap_err();
    /// assert_eq!(refused, ConnectError::new("full").with_data(42));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// What the server refuses the client with: the error of connection middleware, `Invalid namespace`, or the answer to a handshake
    /// that is refused (then `data` has its `status`).
    ///
    /// # Panics
    ///
    /// Outside of an actix system, and when the server runs already on another thread.
    #[track_caller]
    pub fn connect(
        io: &SocketIo,
        namespace: &str,
    ) -> impl Future<Output = Result<Self, ConnectError>> + use<> {
        Self::builder(io).connect(namespace)
    }

    /// A client with headers, `auth`, application data and the like.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, Transport, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// let client = TestClient::builder(&io).transport(Transport::Polling).connect("/").await.unwrap();
    /// # });
    /// ```
    pub fn builder(io: &SocketIo) -> TestClientBuilder {
        TestClientBuilder::new(io)
    }

    /// Id of its socket, `socket.id` in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// io.to(client.id()).emit("you", &1);
    /// assert_eq!(client.next::<u32>("you").await, 1);
    /// # });
    /// ```
    pub fn id(&self) -> SocketId {
        self.id
    }

    /// Its connection: for further namespaces, for frames that no client sends, and for clients that do not keep up.
    pub fn connection(&self) -> TestConnection {
        self.connection.clone()
    }

    /// Sends an event. A tuple is several arguments, [`Binary`](crate::Binary) an attachment.
    ///
    /// ```
    /// # use actix_socketio::{Args, Binary, Socket, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// io.of("/").on("upload", async |socket: Socket, Args((name, data)): Args<(String, Binary)>| {
    ///     socket.emit("uploaded", &(name, data));
    /// });
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.emit("upload", &("a.png", Binary::from(vec![1, 2, 3])));
    /// let (name, data): (String, Binary) = client.next("uploaded").await;
    /// assert_eq!((&*name, data.len()), ("a.png", 3));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// The event cannot be serialised, or has a reserved name.
    #[track_caller]
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) {
        self.connection.send(encode_event(&self.namespace, None, event, args));
    }

    /// Sends a typed event.
    ///
    /// ```
    /// # use actix_socketio::{Event, Socket, SocketIo, test_util::TestClient};
    /// #[derive(serde::Serialize, serde::Deserialize, Event)]
    /// #[event(name = "say", ack = usize)]
    /// struct Say(String);
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// io.of("/").on_event(async |Say(text): Say, socket: Socket| {
    ///     socket.broadcast().emit("said", &text);
    ///     text.len()
    /// });
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.emit_event(&Say("hello".into()));
    /// assert_eq!(client.ask_event(&Say("hello".into())).await, 5);
    /// # });
    /// ```
    #[track_caller]
    pub fn emit_event<E: Event + Serialize>(&self, event: &E) {
        self.emit(E::NAME, event);
    }

    /// Sends an event at once, and waits for its acknowledgement: `socket.emitWithAck` in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{Args, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// io.of("/").on("add", async |Args((a, b)): Args<(u32, u32)>| a + b);
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// assert_eq!(client.ask::<u32>("add", &(1, 2)).await, 3);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// No answer comes, or one of another type, such as the `{"error": …}` of an event that is refused.
    #[track_caller]
    pub fn ask<T: DeserializeOwned + 'static>(
        &self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Pin<Box<dyn Future<Output = T>>> {
        let at = Location::caller();
        let (connection, namespace) = (self.connection.clone(), self.namespace.clone());
        let id = connection.next_ack();
        connection.send(encode_event(&namespace, Some(id), event, args));
        let what = format!("the ack {id}, of {event:?}");
        Box::pin(async move {
            let take = |inbox: &mut Inbox| {
                let ack = inbox.acks.remove(&id)?;
                let expected = std::any::type_name::<T>();
                Some(ack.ack_args().map_err(|e| format!("{} is no `{expected}`: {e}", ack.json())))
            };
            connection.wait(&namespace, &what, at, take).await
        })
    }

    /// Sends a typed event at once, and waits for its acknowledgement.
    #[track_caller]
    pub fn ask_event<E>(&self, event: &E) -> Pin<Box<dyn Future<Output = E::Ack>>>
    where
        E: Event<Ack: DeserializeOwned + 'static> + Serialize,
    {
        self.ask(E::NAME, event)
    }

    /// The next event, which must be this one; gives its arguments.
    ///
    /// # Panics
    ///
    /// Nothing comes in time, or another event, or one with other arguments.
    #[track_caller]
    pub fn next<T: DeserializeOwned>(&self, event: &str) -> impl Future<Output = T> + use<T> {
        let event = event.to_owned();
        let at = Location::caller();
        let next = self.take_event(format!("{event:?}"), at, move |found| found.name() == event);
        async move { next.await.args() }
    }

    /// The next event, whatever it is.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// io.emit("news", &"for all");
    /// let event = client.next_event().await;
    /// assert_eq!((&*event.name(), event.args::<String>()), ("news", "for all".into()));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// Nothing comes in time.
    #[track_caller]
    pub fn next_event(&self) -> impl Future<Output = TestEvent> + use<> {
        self.take_event("an event".into(), Location::caller(), |_| true)
    }

    /// The next event, for which the server must want an [answer](TestEvent::answer).
    ///
    /// # Panics
    ///
    /// Nothing comes in time, or an event without an answer.
    #[track_caller]
    pub fn next_ask(&self) -> impl Future<Output = TestEvent> + use<> {
        self.take_event("an ask".into(), Location::caller(), TestEvent::is_ask)
    }

    fn take_event<F>(
        &self,
        what: String,
        at: &'static Location<'static>,
        is_it: F,
    ) -> impl Future<Output = TestEvent> + use<F>
    where
        F: Fn(&TestEvent) -> bool,
    {
        let (connection, namespace) = (self.connection.clone(), self.namespace.clone());
        async move {
            let take = |inbox: &mut Inbox| {
                let packet = inbox.events.pop_front()?;
                let described = describe(&packet);
                let event = TestEvent::new(packet, connection.clone());
                Some(match is_it(&event) {
                    true => Ok(event),
                    false => Err(format!("the next event is {described}")),
                })
            };
            connection.wait(&namespace, &what, at, take).await
        }
    }

    /// Nothing has come that was not taken, and nothing is under way: every actor and every handler has come to rest, see
    /// [`settle`](super::settle). What waits for time to pass is not under way; see [`advance`](super::advance).
    ///
    /// ```should_panic
    /// # use actix_socketio::{SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// io.emit("news", &"for all");
    /// client.assert_silence().await; // panics
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// There is an event, or the client was disconnected.
    #[track_caller]
    pub fn assert_silence(&self) -> impl Future<Output = ()> + use<> {
        let at = Location::caller();
        let (connection, namespace) = (self.connection.clone(), self.namespace.clone());
        async move { connection.assert_silence(&namespace, at).await }
    }

    /// Leaves the namespace, `socket.disconnect()` in JavaScript: its handlers are told
    /// [`ClientNamespaceDisconnect`](crate::DisconnectReason::ClientNamespaceDisconnect). The last client of a connection closes that, too.
    ///
    /// ```
    /// # use actix_socketio::{DisconnectReason, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// io.of("/").on_disconnect(async |io: SocketIo, reason: DisconnectReason| io.emit("left", reason.as_str()));
    /// let ann = TestClient::connect(&io, "/").await.unwrap();
    /// let bob = TestClient::connect(&io, "/").await.unwrap();
    /// ann.disconnect();
    /// assert_eq!(bob.next::<String>("left").await, "client namespace disconnect");
    /// let eve = TestClient::connect(&io, "/").await.unwrap();
    /// drop(eve);
    /// assert_eq!(bob.next::<String>("left").await, "transport close");
    /// # });
    /// ```
    pub fn disconnect(self) {
        self.connection.send(Ok(encode_disconnect(&self.namespace)));
        if self.connection.is_last() {
            self.connection.close();
        }
    }

    /// Waits until the server disconnects this client, or its connection ends.
    ///
    /// ```
    /// # use actix_socketio::{Socket, SocketIo, test_util::{ClientDisconnect, TestClient}};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// io.of("/").on("leave me", async |socket: Socket| socket.disconnect(false));
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.emit("leave me", &());
    /// assert_eq!(client.disconnected().await, ClientDisconnect::IoServerDisconnect);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// It does not happen in time.
    #[track_caller]
    pub fn disconnected(&self) -> impl Future<Output = ClientDisconnect> + use<> {
        let at = Location::caller();
        let (connection, namespace) = (self.connection.clone(), self.namespace.clone());
        async move {
            let take = |inbox: &mut Inbox| {
                let reason = inbox.disconnected?;
                inbox.knows_end = true;
                Some(Ok(reason))
            };
            connection.wait(&namespace, "the end", at, take).await
        }
    }

    /// Sends a text frame, whatever it is; see [`TestConnection::send_raw`].
    ///
    /// ```
    /// # use actix_socketio::{EngineMessage, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// io.of("/").on("add", async |actix_socketio::Args((a, b)): actix_socketio::Args<(u32, u32)>| a + b);
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.send_raw(r#"427["add",1,2]"#);
    /// assert_eq!(client.next_raw().await, Some(EngineMessage::Text("437[3]".into())));
    /// # });
    /// ```
    pub fn send_raw(&self, text: &str) {
        self.connection.send_raw(text);
    }

    /// The next frame that the server sends; see [`TestConnection::next_raw`].
    ///
    /// # Panics
    ///
    /// Nothing comes in time.
    #[track_caller]
    pub fn next_raw(&self) -> impl Future<Output = Option<EngineMessage>> + use<> {
        self.connection.next_raw()
    }
}
