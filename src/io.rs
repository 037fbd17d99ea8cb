//! The handle of a server, and what all of its handles share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use actix::Recipient;
use actix_socketio_actors::{
    config::Config,
    dispatch::{EngineHandler, current_origin},
    error::DisconnectReason,
    id::NamespaceName,
    namespace::messages::{RoomEvent, SubscribeRooms},
    operation::{NamespaceLink, Origin},
    server::Server,
};
use actix_web::web::ServiceConfig;

use crate::{
    audience::Audience,
    config::Builder,
    event::Event,
    handler::RouteTable,
    namespace::Namespace,
    rooms::IntoRooms,
    transport::{self, EdgeOptions, Sessions},
};

/// A Socket.IO server: `io` in JavaScript. Clones are handles of the same server, from any thread.
///
/// Outside of handlers, what is emitted through a handle and its clones is seen in the order in which it was emitted.
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
    /// Present when connections are not to speak Socket.IO.
    pub(crate) engine: Option<Arc<dyn EngineHandler>>,
    namespaces: Mutex<HashMap<NamespaceName, Arc<NamespaceState>>>,
    running: OnceLock<Running>,
}

/// The actors, once the server is mounted.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) server: Server,
    /// The context of what is emitted outside of handlers.
    origin: Arc<Origin>,
}

/// A namespace, before and after its actor is started.
#[derive(Debug)]
pub(crate) struct NamespaceState {
    name: NamespaceName,
    pub(crate) routes: Arc<RouteTable>,
    link: OnceLock<Arc<NamespaceLink>>,
    /// Who has subscribed before the actor was started.
    subscribers: Mutex<Vec<Recipient<RoomEvent>>>,
}

impl NamespaceState {
    /// `None` until the server is mounted: nobody can be there.
    pub(crate) fn link(&self) -> Option<&Arc<NamespaceLink>> {
        self.link.get()
    }

    pub(crate) fn name(&self) -> &NamespaceName {
        &self.name
    }

    fn start(&self, server: &Server) {
        let start = || server.start_namespace(self.name.clone(), self.routes.clone());
        let link = self.link.get_or_init(start);
        for subscriber in self.subscribers().drain(..) {
            link.addr.do_send(SubscribeRooms { subscriber });
        }
    }

    pub(crate) fn subscribe_rooms(&self, subscriber: Recipient<RoomEvent>) {
        // Under the lock, so that it is either sent on here or found by `start`.
        let mut subscribers = self.subscribers();
        match self.link() {
            Some(link) => link.addr.do_send(SubscribeRooms { subscriber }),
            None => subscribers.push(subscriber),
        }
    }

    fn subscribers(&self) -> MutexGuard<'_, Vec<Recipient<RoomEvent>>> {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn with_config(
        path: String,
        config: Arc<Config>,
        edge: EdgeOptions,
        engine: Option<Arc<dyn EngineHandler>>,
    ) -> Self {
        let io = Self {
            shared: Arc::new(Shared {
                config,
                path,
                edge,
                sessions: Arc::default(),
                engine,
                namespaces: Mutex::default(),
                running: OnceLock::new(),
            }),
        };
        // The default namespace always exists.
        io.of("/");
        io
    }

    /// A namespace, made at the first call: `io.of(name)` in JavaScript. A leading `/` is added when it is missing.
    pub fn of(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        let name = NamespaceName::from(name);
        let mut namespaces = self.shared.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        let state = namespaces.entry(name.clone()).or_insert_with(|| {
            let routes = Arc::new(RouteTable::new(self.downgrade()));
            Arc::new(NamespaceState {
                name,
                routes,
                link: OnceLock::new(),
                subscribers: Mutex::default(),
            })
        });
        // Under the lock, so that a namespace is either started here or found by `Shared::start`.
        if let Some(running) = self.shared.running.get() {
            state.start(&running.server);
        }
        let state = state.clone();
        drop(namespaces);
        Namespace::new(self.clone(), state)
    }

    /// Adds the server to an actix-web application, under its path: `App::new().configure(|cfg| io.mount(cfg))`. The server runs on
    /// all workers whose application it is added to.
    ///
    /// # Panics
    ///
    /// Outside of an actix system, which `#[actix_web::main]` and `#[actix_rt::main]` start: its actors need one.
    pub fn mount(&self, cfg: &mut ServiceConfig) {
        transport::mount(self.shared.clone(), cfg);
    }

    /// Connections now, `engine.clientsCount` in JavaScript.
    pub fn clients_count(&self) -> usize {
        self.shared.sessions.count()
    }

    /// Everyone in `/`.
    pub fn emit(&self, event: &str, args: &(impl serde::Serialize + ?Sized)) {
        self.of("/").emit(event, args);
    }

    /// The members of these rooms of `/`.
    pub fn to(&self, rooms: impl IntoRooms) -> Audience {
        self.of("/").to(rooms)
    }

    /// Everyone in `/` but the members of these rooms.
    pub fn except(&self, rooms: impl IntoRooms) -> Audience {
        self.of("/").except(rooms)
    }

    /// Everyone in `/`; see [`Namespace::everyone`].
    pub fn everyone(&self) -> Audience {
        self.of("/").everyone()
    }

    /// Closes all connections for good, `io.close()` in JavaScript: what is queued goes out first, handlers are told
    /// [`ServerShuttingDown`](crate::DisconnectReason::ServerShuttingDown), and later requests are answered with status 503. The HTTP
    /// server runs on.
    pub fn close(&self) {
        self.shared.sessions.close_all(DisconnectReason::ServerShuttingDown);
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

    pub(crate) fn downgrade(&self) -> WeakIo {
        WeakIo(Arc::downgrade(&self.shared))
    }

    /// The context of what is issued here and now: that of the running handler, or else that of the handle. `None` until the server
    /// is mounted.
    pub(crate) fn origin(&self) -> Option<Arc<Origin>> {
        current_origin().or_else(|| Some(self.shared.running.get()?.origin.clone()))
    }
}

/// A handle that keeps nothing alive: route tables hold it, and are held by the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeakIo(std::sync::Weak<Shared>);

impl WeakIo {
    pub(crate) fn upgrade(&self) -> Option<SocketIo> {
        Some(SocketIo { shared: self.0.upgrade()? })
    }
}

impl Shared {
    /// The running server; started by the first worker that asks.
    pub(crate) fn start(&self) -> &Running {
        if let Some(running) = self.running.get() {
            return running;
        }
        let namespaces = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.running.get_or_init(|| {
            let server = Server::start(self.config.clone());
            let origin = Origin::new(server.courier.clone());
            Running { server, origin }
        });
        for namespace in namespaces.values() {
            namespace.start(&running.server);
        }
        running
    }
}
