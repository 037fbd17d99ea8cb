//! What a test client is made of: the requests that it makes, what it sends to connect, how long it waits.

use std::{net::IpAddr, rc::Rc, sync::Arc, time::Duration};

use actix_web::web;
use serde::Serialize;

use super::{TestClient, TestConnection, here, wire::Wire};
use crate::{
    ConnectError, SocketIo, Transport,
    io::Shared,
    transport::memory::{MemoryEdge, RequestHead},
};

/// Long enough for a busy machine, short enough for whoever looks at a failure.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client to be, from [`TestClient::builder`].
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use actix_socketio::{Auth, Handshake, Socket, SocketIo, Transport, test_util::{TestClient, TestClientBuilder}};
/// use actix_web::web;
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// io.of("/").on_connect(
///     async |socket: Socket, shake: Arc<Handshake>, Auth(auth): Auth<serde_json::Value>, db: web::Data<Vec<u32>>| {
///         let room = shake.query("room").unwrap_or_default();
///         let agent = shake.header("user-agent").unwrap_or_default();
///         socket.emit("hello", &(agent, room, &auth["name"], shake.address, db.len()));
///     },
/// );
/// let builder: TestClientBuilder = TestClient::builder(&io)
///     .header("user-agent", "test")
///     .query("room", "a")
///     .address([192, 0, 2, 1])
///     .auth(&serde_json::json!({ "name": "ann" }))
///     .app_data(web::Data::new(vec![1u32, 2, 3]))
///     .transport(Transport::Polling)
///     .patience(Duration::from_secs(1));
/// let client = builder.connect("/").await.unwrap();
/// assert_eq!(client.next_event().await.payload().json(), r#"["test","a","ann","192.0.2.1",3]"#);
/// # });
/// ```
#[derive(Debug, Clone)]
#[must_use = "nobody connects until `connect` is called"]
pub struct TestClientBuilder {
    server: Arc<Shared>,
    head: RequestHead,
    auth: String,
    transport: Transport,
    patience: Duration,
}

impl TestClientBuilder {
    pub(super) fn new(io: &SocketIo) -> Self {
        let head = RequestHead { address: Some(([127, 0, 0, 1], 0).into()), ..Default::default() };
        Self {
            server: io.shared().clone(),
            head,
            auth: String::new(),
            transport: Transport::WebSocket,
            patience: PATIENCE,
        }
    }

    /// One more header of its requests: `extraHeaders` in JavaScript. Default: those that the protocol needs.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One more parameter of its requests: `query` in JavaScript.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.head.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its address. Default: `127.0.0.1`.
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.head.address = Some((address.into(), 0).into());
        self
    }

    /// What it sends when it connects: `auth` in JavaScript, an object. Default: nothing.
    ///
    /// # Panics
    ///
    /// It cannot be serialised.
    #[track_caller]
    pub fn auth(mut self, auth: &impl Serialize) -> Self {
        match serde_json::to_string(auth) {
            Ok(auth) => self.auth = auth,
            Err(error) => panic!("this `auth` cannot be sent: {error}"),
        }
        self
    }

    /// How it connects, and stays connected. Default: a WebSocket.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Data of the application for its handlers, as of `App::app_data`. Default: none.
    pub fn app_data<T: ?Sized + 'static>(mut self, data: web::Data<T>) -> Self {
        self.head.app_data.push(Rc::new(move |request| request.app_data(data.clone())));
        self
    }

    /// How long it waits for anything before it panics, in the time of the test's [clock](super::pause). Default: five seconds.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects to a namespace.
    ///
    /// # Errors
    ///
    /// As with [`TestClient::connect`].
    ///
    /// # Panics
    ///
    /// As with [`TestClient::connect`].
    #[track_caller]
    pub fn connect(
        self,
        namespace: &str,
    ) -> impl Future<Output = Result<TestClient, ConnectError>> + use<> {
        let at = std::panic::Location::caller();
        let (namespace, auth) = (namespace.to_owned(), self.auth.clone());
        let open = self.open();
        async move { open.await?.start_at(&namespace, auth, at).await }
    }

    /// Connects, but to no namespace yet.
    ///
    /// ```
    /// use std::time::Duration;
    /// use actix_socketio::{SocketIo, test_util::{self, TestClient}};
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let io = SocketIo::new();
    /// let connection = TestClient::builder(&io).open().await.unwrap();
    /// test_util::advance(Duration::from_secs(45)).await; // `connect_timeout`
    /// assert_eq!(io.clients_count(), 0);
    /// # drop(connection);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The answer to a handshake that is refused, `data` having its `status`.
    ///
    /// # Panics
    ///
    /// As with [`TestClient::connect`].
    #[track_caller]
    pub fn open(self) -> impl Future<Output = Result<TestConnection, ConnectError>> + use<> {
        let edge = here(MemoryEdge::new(&self.server, self.head));
        async move {
            let wire = Wire::open(edge, self.transport).await?;
            Ok(TestConnection::new(wire, self.patience))
        }
    }
}
