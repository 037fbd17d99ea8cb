//! The builder of a server: every option with its default and its official name.

mod check;
mod limits;

use std::{sync::Arc, time::Duration};

use actix_socketio_actors::{
    config::{Config, OutboxLimits, TransportKind, Transports},
    dispatch::{EngineHandler, EngineMessage},
};
use actix_web::{HttpRequest, http::header::HeaderMap};

pub use self::check::ConfigError;
use crate::{
    engine::{self, EngineIo, EngineSocket},
    io::SocketIo,
    topology::TopologyLog,
    transport::{
        EdgeOptions, compression::HttpCompression, cookie::SessionCookie, cors::Cors,
        hooks::ConnectionError, origins::AllowedOrigins,
    },
};

/// Builds a [`SocketIo`]. Options that are not set keep the default of the official server, where it has one that bounds anything.
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio::{Builder, SocketIo, Transport};
/// let builder: Builder = SocketIo::builder()
///     // where
///     .path("/chat/")
///     .add_trailing_slash(false)
///     .transports(&[Transport::Polling, Transport::WebSocket])
///     .allow_upgrades(true)
///     .http_compression(Some(4096))
///     // how long
///     .ping_interval(Duration::from_secs(10))
///     .ping_timeout(Duration::from_secs(5))
///     .connect_timeout(Duration::from_secs(5))
///     .upgrade_timeout(Duration::from_secs(5))
///     .ack_timeout(Duration::from_secs(5))
///     .forward_timeout(Duration::from_secs(5))
///     .write_timeout(Duration::from_secs(5))
///     .binary_timeout(Duration::from_secs(5))
///     .body_timeout(Duration::from_secs(5))
///     .fence_timeout(Duration::from_secs(1));
/// let io = builder
///     // namespaces
///     .cleanup_empty_child_namespaces(true)
///     .build()?;
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    path: String,
    /// Without what the next four say.
    config: Config,
    allow_upgrades: Option<bool>,
    outbox: Option<(usize, usize)>,
    max_packet_bytes: Option<usize>,
    serve_client: Option<bool>,
    edge: EdgeOptions,
}

impl Default for Builder {
    fn default() -> Self {
        let compression = Some(HttpCompression { threshold: 1024 });
        Self {
            path: "/socket.io/".into(),
            config: Config::default(),
            allow_upgrades: None,
            outbox: None,
            max_packet_bytes: None,
            serve_client: None,
            edge: EdgeOptions { compression, ..EdgeOptions::default() },
        }
    }
}

impl Builder {
    /// Path under which clients connect, `path` in JavaScript. Default `/socket.io/`. Inside of a `web::scope` it begins where the prefix
    /// of the scope ends, and clients name both.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Whether the path has to end with a slash in requests, `addTrailingSlash` in JavaScript. Default: yes, so that
    /// `/socket.io?EIO=4&…` is not ours. With `false` it is, which the middleware `NormalizePath::trim()` and clients with
    /// `addTrailingSlash: false` need.
    pub fn add_trailing_slash(mut self, add: bool) -> Self {
        self.edge.bare_path = !add;
        self
    }

    /// Time between two pings, `pingInterval` in JavaScript. Default 25 s.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.config.ping_interval = interval;
        self
    }

    /// Time that a client has to answer a ping, `pingTimeout` in JavaScript. Default 20 s.
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.config.ping_timeout = timeout;
        self
    }

    /// Time that the upgrade from polling to WebSocket may take, `upgradeTimeout` in JavaScript. Default 10 s.
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.config.upgrade_timeout = timeout;
        self
    }

    /// Time in which a new connection has to join its first namespace, `connectTimeout` in JavaScript. Default 45 s; 10 s at most
    /// while [`memory_budget`](Self::memory_budget) is used to 80 % (JavaScript has no such budget).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// Time that a client has to answer an ask that sets none of its own. Default 30 s (JavaScript waits without end).
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.config.ack_timeout = timeout;
        self
    }

    /// Time that the body of a polling request may take to arrive; one that keeps up with [`min_body_rate`](Self::min_body_rate) has more,
    /// up to the time after which its session would miss a pong. A slower one is answered with 408, and its session is closed. Default
    /// 10 s (JavaScript leaves it to the HTTP server).
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.config.body_timeout = timeout;
        self
    }

    /// Time that an actor of the application has to answer an event that is [forwarded](crate::Namespace::forward) to it, before the
    /// client is told `{"error": "handler timed out"}`. Default 10 s (JavaScript has no actors).
    pub fn forward_timeout(mut self, timeout: Duration) -> Self {
        self.config.forward_timeout = timeout;
        self
    }

    /// Whether a namespace that was made because a client has asked for it is removed when its last socket has gone,
    /// `cleanupEmptyChildNamespaces` in JavaScript. Default: no.
    pub fn cleanup_empty_child_namespaces(mut self, cleanup: bool) -> Self {
        self.config.cleanup_empty_child_namespaces = cleanup;
        self
    }

    /// Time in which a WebSocket client has to take some of what waits for it, and a second for each 32 KiB of what it was given last; then
    /// its connection is closed with `transport error`. Over polling, taking is up to the client, and the ping timeout ends it. Default
    /// 10 s (the official server waits as long as the client sends pongs, even unasked).
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.config.write_timeout = timeout;
        self
    }

    /// Time that a client has for each next attachment of a packet, once the packet has begun; then its connection is closed.
    /// Default 45 s (JavaScript waits as long as the client answers pings).
    pub fn binary_timeout(mut self, timeout: Duration) -> Self {
        self.config.binary_timeout = timeout;
        self
    }

    /// How long a context waits for a namespace or a room before what comes next may go ahead of it. Couriers look once a second, so it may
    /// take a second more. If the thread of the supervisors does not run for longer, the order of the context may be broken, as beyond
    /// [`fence_limits`](Self::fence_limits); no message is lost. Default 5 s (JavaScript has one thread, where nothing waits).
    pub fn fence_timeout(mut self, timeout: Duration) -> Self {
        self.config.fence_timeout = timeout;
        self
    }

    /// Transports that clients may use, `transports` in JavaScript. Default: both.
    pub fn transports(mut self, transports: &[TransportKind]) -> Self {
        let has = |kind| transports.contains(&kind);
        let (polling, websocket) = (has(TransportKind::Polling), has(TransportKind::WebSocket));
        self.config.transports = Transports { polling, websocket };
        self
    }

    /// Whether polling clients may upgrade to WebSocket, `allowUpgrades` in JavaScript. Default: yes, when both
    /// [`transports`](Self::transports) are there; it cannot be asked for with one alone.
    pub fn allow_upgrades(mut self, allow: bool) -> Self {
        self.allow_upgrades = Some(allow);
        self
    }

    /// Origins that may connect from a browser, `cors` in JavaScript. Default: none, so only pages of the same origin can poll.
    ///
    /// ```
    /// # use actix_socketio::{Cors, SocketIo};
    /// let io = SocketIo::builder().cors(Cors::origins(["https://example.com"])).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn cors(mut self, cors: Cors) -> Self {
        self.edge.cors = Some(cors);
        self
    }

    /// Origins of pages that may open a session, whatever the transport. Default: all, as in the official server, whose `allowRequest`
    /// does this (there is no such option in JavaScript); browsers ask no permission for a WebSocket, so [`cors`](Self::cors) does not
    /// keep foreign pages from one. A handshake with a foreign `Origin` is refused with 403 and code 4, a WebSocket with 400. Clients
    /// that are no browsers send none, and are not refused.
    ///
    /// ```
    /// # use actix_socketio::{AllowedOrigins, SocketIo};
    /// let io = SocketIo::builder().allowed_origins(AllowedOrigins::same_host()).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn allowed_origins(mut self, origins: AllowedOrigins) -> Self {
        self.edge.origins = Some(origins);
        self
    }

    /// Whether a session answers to the address alone from which it was opened: a request from another one, a WebSocket too, is answered
    /// as if there were no such session, and the session goes on. So a session id that somebody else has learned is of little use to them.
    /// Default: no (there is no such option in JavaScript), since an address may change while a client stays connected: a phone that
    /// leaves a Wi-Fi, a network with several ways out. Such a client begins a new session.
    ///
    /// The address is that of the TCP connection, as for [`max_sessions_per_ip`](Self::max_sessions_per_ip): behind a proxy it is that of
    /// the proxy, and this is of no use, or in the way if there are several.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder().bind_sid_to_ip(true).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn bind_sid_to_ip(mut self, bind: bool) -> Self {
        self.edge.bind_sid_to_ip = bind;
        self
    }

    /// A cookie with the session id, `cookie` in JavaScript. Default: none. It needs polling, whose handshake alone carries it.
    ///
    /// ```
    /// # use actix_socketio::{SessionCookie, SocketIo};
    /// let io = SocketIo::builder().cookie(SessionCookie::default()).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.edge.cookie = Some(cookie);
        self
    }

    /// Polling responses of this many bytes and more are compressed if the client accepts gzip or deflate, `httpCompression.threshold` in
    /// JavaScript. Default 1024; `None` compresses nothing.
    pub fn http_compression(mut self, threshold: Option<usize>) -> Self {
        self.edge.compression = threshold.map(|threshold| HttpCompression { threshold });
        self
    }

    /// Whether the official browser client is served beside the connections, `serveClient` in JavaScript: `socket.io.js`,
    /// `socket.io.min.js`, `socket.io.esm.min.js`, `socket.io.msgpack.min.js` and their source maps, under [`path`](Self::path). Default:
    /// yes. A server of Engine.IO alone serves none.
    ///
    /// It is there with the crate's feature `client`, which is on by default.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder().serve_client(false).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    #[cfg(feature = "client")]
    pub fn serve_client(mut self, serve: bool) -> Self {
        self.serve_client = Some(serve);
        self
    }

    /// Decides whether a handshake is allowed, `allowRequest` in JavaScript. An error refuses it with status 403 and the error as its
    /// message (a WebSocket with 400); an empty one is `Forbidden`. Default: all are.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::HttpRequest;
    /// let io = SocketIo::builder()
    ///     .allow_request(async |request: HttpRequest| match request.headers().contains_key("x-key") {
    ///         true => Ok(()),
    ///         false => Err("a key, please".to_owned()),
    ///     })
    ///     .build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn allow_request<F, Fut>(mut self, allow: F) -> Self
    where
        F: Fn(HttpRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), String>> + 'static,
    {
        self.edge.hooks.allow_request = Some(Arc::new(move |request| Box::pin(allow(request))));
        self
    }

    /// Makes the id of each new session, `engine.generateId` in JavaScript. Default: 20 random characters.
    ///
    /// An id has 20 to 64 characters of `[A-Za-z0-9_-]`. It is a secret of its client: whoever can guess it can speak for the session, so
    /// most of it has to be random. An error, an id that is none or that another session has now refuses the handshake with code 3 and,
    /// for [`on_connection_error`](Self::on_connection_error), the context `ID_GENERATION_ERROR`; the log says why. (JavaScript takes any
    /// text, and lets a second session take the place of the first.)
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::HttpRequest;
    /// # fn random() -> String { "0123456789abcdefghij".into() }
    /// // A load balancer finds the node of a session in its id.
    /// let io = SocketIo::builder()
    ///     .generate_id(async |_: HttpRequest| Ok(format!("node7-{}", random())))
    ///     .build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn generate_id<F, Fut>(mut self, generate: F) -> Self
    where
        F: Fn(HttpRequest) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, String>> + 'static,
    {
        self.edge.hooks.generate_id = Some(Arc::new(move |request| Box::pin(generate(request))));
        self
    }

    /// Edits the headers of the first response of each session, `engine.on("initial_headers", …)` in JavaScript.
    /// Default: they stay as they are.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::http::header::{HeaderName, HeaderValue};
    /// let io = SocketIo::builder()
    ///     .initial_headers(|headers, _| {
    ///         headers.insert(HeaderName::from_static("x-node"), HeaderValue::from_static("7"));
    ///     })
    ///     .headers(|headers, request| {
    ///         if let Some(id) = request.headers().get("x-request-id") {
    ///             headers.insert(HeaderName::from_static("x-request-id"), id.clone());
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn initial_headers(
        mut self,
        edit: impl Fn(&mut HeaderMap, &HttpRequest) + Send + Sync + 'static,
    ) -> Self {
        self.edge.hooks.initial_headers = Some(Arc::new(edit));
        self
    }

    /// Edits the headers of every response, `engine.on("headers", …)` in JavaScript. Default: they stay as
    /// they are.
    pub fn headers(
        mut self,
        edit: impl Fn(&mut HeaderMap, &HttpRequest) + Send + Sync + 'static,
    ) -> Self {
        self.edge.hooks.headers = Some(Arc::new(edit));
        self
    }

    /// Hears of every request that is refused, `engine.on("connection_error", …)` in JavaScript. Default:
    /// nobody does.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder()
    ///     .on_connection_error(|error, request| eprintln!("{}: {}", request.uri(), error.message))
    ///     .build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn on_connection_error(
        mut self,
        hear: impl Fn(&ConnectionError, &HttpRequest) + Send + Sync + 'static,
    ) -> Self {
        self.edge.hooks.connection_error = Some(Arc::new(hear));
        self
    }

    /// Time without a sign of life after which a thread of the server is reported as blocked: once in the log, with the handler that runs on it,
    /// and again when it goes on; and in the counter `stalls` of [`SocketIo::topology`]. Default 500 ms; `None` watches no thread. (In
    /// JavaScript everything is on one thread, and nobody watches it.)
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder().stall_threshold(Duration::from_secs(2)).build()?;
    /// let unwatched = SocketIo::builder().stall_threshold(None).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn stall_threshold(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.config.stall_threshold = time.into();
        self
    }

    /// When the tree of actors (see [`SocketIo::topology`]) is put into the log, under the target `actix_socketio::topology` and at level
    /// info. Default: when it has changed, at most every 10 s. Nothing is done while that target is not logged. (The official server logs
    /// no such tree.)
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::{SocketIo, TopologyLog};
    /// let io = SocketIo::builder().topology_log(TopologyLog::Every(Duration::from_secs(60))).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn topology_log(mut self, log: TopologyLog) -> Self {
        self.config.topology_log = log;
        self
    }

    /// Checks the options and makes the server. It starts when it is first mounted.
    ///
    /// # Errors
    ///
    /// An option has a value that cannot work, or that cannot work with another one; the error names it.
    pub fn build(self) -> Result<SocketIo, ConfigError> {
        self.build_with(None)
    }

    /// Checks the options and makes a server of Engine.IO alone, as the npm package `engine.io`: `handler` gets each message as it is.
    ///
    /// ```
    /// # use actix_socketio::{EngineMessage, EngineSocket, SocketIo};
    /// let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
    /// let engine = SocketIo::builder().path("/engine.io/").build_engine(echo)?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`build`](Self::build).
    pub fn build_engine<F, Fut>(self, handler: F) -> Result<EngineIo, ConfigError>
    where
        F: FnOnce(EngineSocket, EngineMessage) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        Ok(EngineIo::new(self.build_with(Some(engine::erase(handler)))?))
    }

    fn build_with(
        mut self,
        engine: Option<Arc<dyn EngineHandler>>,
    ) -> Result<SocketIo, ConfigError> {
        check::all(&self, engine.is_some())?;
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        Ok(self.build_unchecked(engine))
    }

    pub(crate) fn build_unchecked(mut self, engine: Option<Arc<dyn EngineHandler>>) -> SocketIo {
        let config = &mut self.config;
        config.allow_upgrades = self.allow_upgrades.unwrap_or(true);
        let doubled = config.max_payload.saturating_mul(2);
        let by_default = (config.outbox.bytes.max(doubled), config.outbox.packets);
        let (bytes, packets) = self.outbox.unwrap_or(by_default);
        config.outbox = OutboxLimits { bytes, packets, ..config.outbox };
        // A packet is one message and one for each attachment.
        let messages = config.packets.max_attachments.saturating_add(1);
        let by_default = config.max_payload.saturating_mul(messages);
        config.packets.max_packet_bytes = self.max_packet_bytes.unwrap_or(by_default);
        self.edge.client_files = engine.is_none() && self.serve_client.unwrap_or(true);
        SocketIo::with_config(self.path, Arc::new(self.config), self.edge, engine)
    }
}
