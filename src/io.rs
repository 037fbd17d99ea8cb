//! The handle of a server, and what all of its handles share.

use std::{
    future::{Ready, ready},
    sync::{Arc, OnceLock},
};

use actix::System;
use actix_socketio_actors::{
    config::Config,
    dispatch::{DynamicNamespaces, EngineHandler, current_origin},
    operation::Origin,
    server::Server,
};
use actix_web::{
    FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::ServiceConfig,
};

use crate::{
    audience::Audience,
    config::Builder,
    drain::Draining,
    dynamic::Rules,
    error::Error,
    event::Event,
    extract::{Needs, SharedNeeds},
    namespaces::Listeners,
    registry::Registry,
    rooms::IntoRooms,
    topology,
    transport::{
        self, EdgeOptions, Sessions,
        watch::{Pressure, Watch},
    },
};

/// A Socket.IO server: `io` in JavaScript. Clones are handles of the same server, from any thread.
///
/// Outside of handlers, what is emitted through a handle and its clones is seen in the order in which it was emitted.
///
/// ```
/// # use actix_socketio::{Socket, SocketIo};
/// # use actix_web::App;
/// let io = SocketIo::new();
/// io.of("/").on_connect(async |socket: Socket| socket.emit("hello", &"you"));
/// let handle = io.clone();
/// std::thread::spawn(move || handle.emit("tick", &1));
/// let app = move || App::new().configure(|cfg| io.mount(cfg));
/// # drop(app);
/// ```
#[derive(Debug, Clone)]
pub struct SocketIo {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Arc<Config>,
    pub(crate) path: String,
    pub(crate) edge: EdgeOptions,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) watch: Arc<Watch>,
    /// Present when connections are not to speak Socket.IO.
    pub(crate) engine: Option<Arc<dyn EngineHandler>>,
    pub(crate) registry: Registry,
    pub(crate) rules: Rules,
    pub(crate) listeners: Listeners,
    /// Data of the application that handlers ask for.
    pub(crate) app_data_needs: SharedNeeds,
    running: OnceLock<Running>,
    /// Present once the server is drained.
    pub(crate) draining: OnceLock<Draining>,
}

/// The actors, once the server is mounted.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) server: Server,
    /// The context of what is emitted outside of handlers.
    origin: Arc<Origin>,
}

impl Default for SocketIo {
    fn default() -> Self {
        Builder::default().build_unchecked(None)
    }
}

impl SocketIo {
    /// A server with the default options of the official one. It starts when it is first mounted.
    pub fn new() -> Self {
        Self::default()
    }

    /// A server with other options.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder().path("/ws/").max_payload(100_000).build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn with_config(
        path: String,
        config: Arc<Config>,
        edge: EdgeOptions,
        engine: Option<Arc<dyn EngineHandler>>,
    ) -> Self {
        let registry = Registry::new(config.cleanup_empty_child_namespaces);
        let io = Self {
            shared: Arc::new(Shared {
                watch: Arc::new(Watch::new(&config)),
                sessions: Arc::new(Sessions::new(&config)),
                config,
                path,
                edge,
                engine,
                registry,
                rules: Rules::default(),
                listeners: Listeners::default(),
                app_data_needs: SharedNeeds::default(),
                running: OnceLock::new(),
                draining: OnceLock::new(),
            }),
        };
        // The default namespace always exists.
        io.of("/");
        io
    }

    /// Adds the server to an actix-web application, under its path: `App::new().configure(|cfg| io.mount(cfg))`. The server runs on
    /// all workers whose application it is added to. Other routes of the application, or of the scope, get it as a parameter:
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::{App, web};
    /// async fn order(io: SocketIo, item: String) -> &'static str {
    ///     io.to("kitchen").emit("ordered", &item);
    ///     "thank you"
    /// }
    ///
    /// # fn app(io: SocketIo) {
    /// let app = App::new().configure(|cfg| io.mount(cfg)).route("/orders", web::post().to(order));
    /// # }
    /// ```
    ///
    /// Of several servers in one application, they get the one that was added last; the others go into `app_data`.
    ///
    /// # Panics
    ///
    /// Outside of an actix system, which `#[actix_web::main]` and `#[actix_rt::main]` start: its actors need one.
    pub fn mount(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(self.clone());
        transport::mount(self.shared.clone(), cfg);
    }

    /// Connections now, `engine.clientsCount` in JavaScript.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// assert_eq!(io.clients_count(), 0);
    /// ```
    pub fn clients_count(&self) -> usize {
        self.shared.sessions.count()
    }

    /// How full the server is, and what that has cost its clients so far.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// assert_eq!(io.pressure().refused_handshakes, 0);
    /// ```
    pub fn pressure(&self) -> Pressure {
        self.shared.watch.pressure()
    }

    /// Everyone in `/`.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.emit("news", &"for all");
    /// ```
    pub fn emit(&self, event: &str, args: &(impl serde::Serialize + ?Sized)) {
        self.of("/").emit(event, args);
    }

    /// The members of these rooms of `/`.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.to("lobby").emit("news", &"for the lobby");
    /// ```
    pub fn to(&self, rooms: impl IntoRooms) -> Audience {
        self.of("/").to(rooms)
    }

    /// Everyone in `/` but the members of these rooms.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.except(["muted", "away"]).emit("news", &"for the others");
    /// ```
    pub fn except(&self, rooms: impl IntoRooms) -> Audience {
        self.of("/").except(rooms)
    }

    /// Everyone in `/`; see [`Namespace::everyone`](crate::Namespace::everyone).
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.everyone().volatile().emit("position", &(3, 4));
    /// ```
    pub fn everyone(&self) -> Audience {
        self.of("/").everyone()
    }

    /// Closes all connections for good, `io.close()` in JavaScript: what was emitted before goes out first, handlers are told
    /// [`ServerShuttingDown`](crate::DisconnectReason::ServerShuttingDown), and later requests are answered with status 503. The HTTP
    /// server runs on. To spread the closes over time, and to know when they are done, [`drain`](Self::drain) the server; a drain that is
    /// going on closes the rest at once.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.emit("restart", &"back in a minute");
    /// io.close();
    /// ```
    pub fn close(&self) {
        if let Some(draining) = self.shared.draining.get() {
            return draining.hurry(self);
        }
        for namespace in self.namespaces() {
            namespace.everyone().close();
        }
        self.shared.sessions.shut_down();
    }

    /// Sends a typed event to everyone in `/`.
    ///
    /// ```
    /// #[derive(serde::Serialize, actix_socketio::Event)]
    /// #[event(name = "closing")]
    /// struct Closing;
    ///
    /// actix_socketio::SocketIo::new().emit_event(&Closing);
    /// ```
    pub fn emit_event<E: Event + serde::Serialize>(&self, event: &E) {
        self.of("/").emit_event(event);
    }

    /// The actors, if the server is mounted.
    pub(crate) fn running(&self) -> Option<&Running> {
        self.shared.running.get()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// `None` until the server is mounted.
    pub(crate) fn server(&self) -> Option<&Server> {
        Some(&self.shared.running.get()?.server)
    }

    pub(crate) fn downgrade(&self) -> WeakIo {
        self.shared.downgrade()
    }

    pub(crate) fn recipient_capacity(&self) -> usize {
        self.shared.config.recipient_capacity
    }

    /// The running server, started now if it was not; `None` where it cannot be, outside of an actix system.
    pub(crate) fn start_if_possible(&self) -> Option<&Server> {
        let can = System::try_current().is_some() || self.shared.running.get().is_some();
        can.then(|| &self.shared.start().server)
    }

    /// The context of what is issued here and now: that of the running handler, or else that of the handle. `None` until the server
    /// is mounted.
    pub(crate) fn origin(&self) -> Option<Arc<Origin>> {
        current_origin().or_else(|| Some(self.shared.running.get()?.origin.clone()))
    }
}

/// A parameter of routes beside the server, once it is [mounted](SocketIo::mount).
impl FromRequest for SocketIo {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let missing = || {
            log::error!("a route asks for a `SocketIo`, and none is mounted beside it");
            ErrorInternalServerError("Internal server error")
        };
        ready(request.app_data::<Self>().cloned().ok_or_else(missing))
    }
}

/// A handle that keeps nothing alive: route tables hold it, and are held by the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeakIo(std::sync::Weak<Shared>);

impl WeakIo {
    /// A handler that is registered says what it needs.
    pub(crate) fn add_needs(&self, declare: fn(&mut Needs)) {
        if let Some(shared) = self.0.upgrade() {
            shared.app_data_needs.add(declare);
        }
    }

    pub(crate) fn upgrade(&self) -> Option<SocketIo> {
        Some(SocketIo { shared: self.0.upgrade()? })
    }

    /// The server, unless it is closed or gone.
    pub(crate) fn running(&self) -> Result<SocketIo, Error> {
        let io = self.upgrade().filter(|io| !io.shared.sessions.is_closed());
        io.ok_or_else(Error::server_gone)
    }
}

impl Shared {
    pub(crate) fn downgrade(self: &Arc<Self>) -> WeakIo {
        WeakIo(Arc::downgrade(self))
    }

    /// The running server; started by the first worker that asks.
    pub(crate) fn start(self: &Arc<Self>) -> &Running {
        self.running.get_or_init(|| self.run(Server::start))
    }

    /// Starts the server with all of its actors on the current thread; gives whether it was not running yet.
    #[cfg(feature = "test-util")]
    pub(crate) fn start_here(self: &Arc<Self>) -> bool {
        let mut starts = false;
        self.running.get_or_init(|| {
            starts = true;
            self.run(Server::start_here)
        });
        starts
    }

    fn run(
        self: &Arc<Self>,
        start: fn(Arc<Config>, Arc<dyn DynamicNamespaces>) -> Server,
    ) -> Running {
        let server = start(self.config.clone(), Arc::new(self.downgrade()));
        self.registry.lock().start(&server);
        topology::log::spawn(self.downgrade(), self.config.topology_log, server.arbiter());
        let origin = Origin::new(server.courier.clone());
        let (sessions, time) = (Arc::downgrade(&self.sessions), self.config.write_timeout);
        server.spawn(self.watch.clone().run(sessions, time));
        Running { server, origin }
    }
}
