//! The connection of a client, with sockets in any number of namespaces: sends packets, and waits for those that a test asks for.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    pin::Pin,
    rc::Rc,
    time::Duration,
};

use actix_socketio_actors::dispatch::EngineMessage;
use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;
use socketio_protocol::socket::{EncodeError, Encoded};
use tokio::time::timeout;

use super::{
    TestClient,
    clock::settle,
    inbox::{Inbox, Inboxes, describe},
    wire::Wire,
};
use crate::ConnectError;

/// The connection of a [`TestClient`]: for further namespaces, for frames that no client would send, and for clients that do not keep up.
/// From [`TestClient::connection`] or [`TestClientBuilder::open`](super::TestClientBuilder::open). It breaks when the last of its handles
/// and clients is dropped.
///
/// ```
/// use actix_socketio::{SocketIo, test_util::{TestClient, TestConnection}};
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// io.of("/admin");
/// let client = TestClient::connect(&io, "/").await.unwrap();
/// let connection: TestConnection = client.connection();
/// let admin = connection.connect("/admin").await.unwrap();
/// assert_ne!(admin.id(), client.id());
/// let refused = connection.connect("/nowhere").await.unwrap_err();
/// assert_eq!(refused.message, "Invalid namespace");
/// assert_eq!(io.clients_count(), 1);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct TestConnection {
    line: Rc<Line>,
}

#[derive(Debug)]
struct Line {
    wire: Wire,
    inboxes: RefCell<Inboxes>,
    next_ack: Cell<u64>,
    /// Longest wait for anything.
    patience: Duration,
}

impl TestConnection {
    pub(super) fn new(wire: Wire, patience: Duration) -> Self {
        let (inboxes, next_ack) = (RefCell::new(Inboxes::new()), Cell::new(0));
        Self { line: Rc::new(Line { wire, inboxes, next_ack, patience }) }
    }

    /// Connects to one more namespace.
    ///
    /// # Errors
    ///
    /// What the server refuses the client with.
    #[track_caller]
    pub fn connect(
        &self,
        namespace: &str,
    ) -> impl Future<Output = Result<TestClient, ConnectError>> + use<> {
        self.start_at(namespace, String::new(), Location::caller())
    }

    /// The same with `auth`, which is an object.
    ///
    /// ```
    /// use actix_socketio::{Auth, SocketIo, test_util::TestClient};
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// io.of("/admin").before_connect(async |Auth(auth): Auth<serde_json::Value>| match auth["token"].as_str() {
    ///     Some("secret") => Ok(()),
    ///     _ => Err("not authorized"),
    /// });
    /// let connection = TestClient::builder(&io).open().await.unwrap();
    /// assert_eq!(connection.connect("/admin").await.unwrap_err().message, "not authorized");
    /// let auth = serde_json::json!({ "token": "secret" });
    /// assert!(connection.connect_with("/admin", &auth).await.is_ok());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// As with [`connect`](Self::connect).
    #[track_caller]
    pub fn connect_with(
        &self,
        namespace: &str,
        auth: &impl Serialize,
    ) -> Pin<Box<dyn Future<Output = Result<TestClient, ConnectError>>>> {
        match serde_json::to_string(auth) {
            Ok(auth) => Box::pin(self.start_at(namespace, auth, Location::caller())),
            Err(error) => panic!("this `auth` cannot be sent: {error}"),
        }
    }

    pub(super) fn start_at(
        &self,
        namespace: &str,
        auth: String,
        at: &'static Location<'static>,
    ) -> impl Future<Output = Result<TestClient, ConnectError>> + use<> {
        let namespace = format!("/{}", namespace.trim_start_matches('/'));
        self.line.inboxes.borrow_mut().start(&namespace);
        let packet = match &*namespace {
            "/" => format!("40{auth}"),
            other => format!("40{other},{auth}"),
        };
        self.send_raw(&packet);
        let connection = self.clone();
        async move {
            let what = format!("an answer to the request to connect to {namespace:?}");
            let take = |inbox: &mut Inbox| inbox.answer.take().map(Ok);
            let answer = connection.wait(&namespace, &what, at, take).await;
            answer.map(|id| TestClient::new(connection, namespace, id))
        }
    }

    /// Sends a text frame, whatever it is: a packet of Engine.IO begins with its type.
    ///
    /// ```
    /// # use actix_socketio::{EngineMessage, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// let connection = TestClient::builder(&SocketIo::new()).open().await.unwrap();
    /// let Some(EngineMessage::Text(open)) = connection.next_raw().await else { panic!("no open packet") };
    /// assert!(open.starts_with(r#"0{"sid":"#));
    /// connection.send_raw("40");
    /// let Some(EngineMessage::Text(connected)) = connection.next_raw().await else { panic!("not connected") };
    /// assert!(connected.starts_with(r#"40{"sid":"#));
    /// connection.send_raw("what?");
    /// assert_eq!(connection.next_raw().await, None);
    /// # });
    /// ```
    pub fn send_raw(&self, text: &str) {
        self.line.wire.send(EngineMessage::Text(ByteString::from(text)));
    }

    /// Sends a binary frame: to the server, an attachment.
    ///
    /// ```
    /// # use actix_socketio::{Binary, SocketIo, test_util::TestClient};
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// io.of("/").on("echo", async |actix_socketio::Args(data): actix_socketio::Args<Binary>| data);
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.send_raw(r#"451-7["echo",{"_placeholder":true,"num":0}]"#);
    /// client.connection().send_raw_binary(b"abc");
    /// let Some(actix_socketio::EngineMessage::Text(ack)) = client.next_raw().await else { panic!("no ack") };
    /// assert_eq!(ack, r#"461-7[{"_placeholder":true,"num":0}]"#);
    /// # });
    /// ```
    pub fn send_raw_binary(&self, data: &[u8]) {
        self.line.wire.send(EngineMessage::Binary(Bytes::copy_from_slice(data)));
    }

    /// The next frame that the server sends, but for pings that are answered; `None` at the end of the connection. It must not be one
    /// that a [`TestClient`] has had a look at: those look at whatever there is, each time that they wait.
    ///
    /// # Panics
    ///
    /// Nothing comes in time.
    #[track_caller]
    pub fn next_raw(&self) -> impl Future<Output = Option<EngineMessage>> + use<> {
        let (at, line) = (Location::caller(), self.line.clone());
        async move {
            let incoming = &line.wire.incoming;
            let next = async {
                loop {
                    let changed = incoming.changed.notified();
                    let frame = incoming.frames.borrow_mut().pop_front();
                    if frame.is_some() || incoming.ended.get() {
                        return frame;
                    }
                    changed.await;
                }
            };
            match timeout(line.patience, next).await {
                Ok(frame) => frame,
                Err(_) => panic!("at {at}: no frame within {:?}", line.patience),
            }
        }
    }

    /// Pings are frames like others from now on: without an answer, the server closes the connection after its `ping_timeout`. See
    /// [`advance`](super::advance).
    pub fn stop_answering_pings(&self) {
        self.line.wire.stop_answering_pings();
    }

    /// The client takes no more from its connection, like one that is too slow: what is sent to it stays in its outbox at the server.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, test_util::{self, TestClient}};
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::builder().outbox_limits(20_000_000, 100).build().unwrap();
    /// let slow = TestClient::connect(&io, "/").await.unwrap();
    /// slow.connection().stop_reading();
    /// (0..200).for_each(|n| io.emit("tick", &n));
    /// test_util::settle().await;
    /// assert_eq!(io.clients_count(), 0);
    /// slow.connection().read_again();
    /// slow.disconnected().await;
    /// # });
    /// ```
    pub fn stop_reading(&self) {
        self.line.wire.set_reading(false);
    }

    /// The end of [`stop_reading`](Self::stop_reading).
    pub fn read_again(&self) {
        self.line.wire.set_reading(true);
    }

    /// Closes the connection in good order, with all of its sockets: `socket.io.engine.close()` in JavaScript. Dropping its last handle
    /// breaks it instead.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, test_util::{self, TestClient}};
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// client.connection().close();
    /// client.disconnected().await;
    /// assert_eq!(io.clients_count(), 0);
    /// # });
    /// ```
    pub fn close(&self) {
        self.line.wire.close();
    }

    /// Whether no other handle or client of this connection is left.
    pub(super) fn is_last(&self) -> bool {
        Rc::strong_count(&self.line) == 1
    }

    pub(super) fn next_ack(&self) -> u64 {
        self.line.next_ack.replace(self.line.next_ack.get() + 1)
    }

    #[track_caller]
    pub(super) fn send(&self, packet: Result<Encoded, EncodeError>) {
        let packet = match packet {
            Ok(packet) => packet,
            Err(error) => panic!("this cannot be sent: {error}"),
        };
        for frame in packet.frames() {
            let payload = Bytes::copy_from_slice(frame.payload());
            self.line.wire.send(match frame.is_binary() {
                true => EngineMessage::Binary(payload),
                false => EngineMessage::Text(ByteString::try_from(payload).unwrap_or_default()),
            });
        }
    }

    /// Waits until there is something to take for this namespace. `what` is for reports.
    pub(super) async fn wait<T>(
        &self,
        namespace: &str,
        what: &str,
        at: &Location<'_>,
        mut take: impl FnMut(&mut Inbox) -> Option<Result<T, String>>,
    ) -> T {
        let line = &self.line;
        let taken = async {
            loop {
                let changed = line.wire.incoming.changed.notified();
                if let Some(taken) = line.look(namespace, &mut take) {
                    return taken;
                }
                changed.await;
            }
        };
        let problem = match timeout(line.patience, taken).await {
            Ok(Ok(taken)) => return taken,
            Ok(Err(problem)) => problem,
            Err(_) => format!("nothing of the kind within {:?}", line.patience),
        };
        let report = line.inboxes.borrow_mut().of(namespace).report();
        panic!("at {at}: waited for {what}: {problem}\n{report}");
    }

    /// Panics if anything has come, or comes, that the test has not taken.
    pub(super) async fn assert_silence(&self, namespace: &str, at: &Location<'_>) {
        settle().await;
        let loud = |inbox: &mut Inbox| {
            let events: Vec<_> = inbox.events.iter().map(describe).collect();
            let end = inbox.disconnected.filter(|_| !inbox.knows_end);
            let end = end.map(|reason| format!("disconnected: {reason}"));
            let heard: Vec<_> = events.into_iter().chain(end).collect();
            Some(match heard.is_empty() {
                true => Ok(()),
                false => Err(format!("there is {}", heard.join(", "))),
            })
        };
        self.wait(namespace, "silence", at, loud).await;
    }
}

impl Line {
    /// Sorts what has come, and takes from it.
    fn look<T>(
        &self,
        namespace: &str,
        take: &mut impl FnMut(&mut Inbox) -> Option<Result<T, String>>,
    ) -> Option<Result<T, String>> {
        let mut inboxes = self.inboxes.borrow_mut();
        let frames = std::mem::take(&mut *self.wire.incoming.frames.borrow_mut());
        let failed = frames.into_iter().find_map(|frame| inboxes.add(frame).err());
        if self.wire.incoming.ended.get() {
            inboxes.end();
        }
        let inbox = inboxes.of(namespace);
        let gone = |reason| format!("the client is disconnected ({reason})");
        failed
            .map(Err)
            .or_else(|| take(inbox))
            .or_else(|| Some(Err(inbox.disconnected.map(gone)?)))
    }
}
