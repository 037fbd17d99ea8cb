//! The HTTP edge: requests become sessions, what they carry becomes messages to sessions, and outboxes become responses.
//!
//! `service` reads the query and decides; `polling` and `websocket` move bytes; `sessions` finds the session of a request. State
//! that matters is in the session, never here.

#[cfg(feature = "client")]
mod client_files;
#[cfg(not(feature = "client"))]
#[path = "no_client_files.rs"]
mod client_files;
pub(crate) mod compression;
pub(crate) mod cookie;
pub(crate) mod cors;
mod handshake;
pub(crate) mod hooks;
#[cfg(feature = "test-util")]
pub(crate) mod memory;
pub(crate) mod origins;
mod peers;
mod pings;
mod polling;
mod refusal;
mod service;
mod sessions;
mod unread;
pub(crate) mod watch;
mod websocket;

use std::{cell::OnceCell, rc::Rc, sync::Arc, time::SystemTime};

use actix_socketio_actors::{
    config::TransportKind,
    escaped::OneLine,
    handshake::Handshake,
    id::Sid,
    operation::CourierLink,
    session::{Session, SessionSetup},
};
use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
    web::{self, Query, ServiceConfig},
};

pub(crate) use self::sessions::{Connection, Sessions};
use self::{
    compression::HttpCompression, cookie::SessionCookie, cors::Cors, hooks::Hooks,
    origins::AllowedOrigins, refusal::Refusal, sessions::Denied,
};
use crate::{extract::AppData, io::Shared};

/// What concerns HTTP alone, not the actors.
#[derive(Debug, Clone, Default)]
pub(crate) struct EdgeOptions {
    pub(crate) cookie: Option<SessionCookie>,
    pub(crate) cors: Option<Cors>,
    pub(crate) origins: Option<AllowedOrigins>,
    /// Whether a session answers to the address that opened it alone.
    pub(crate) bind_sid_to_ip: bool,
    pub(crate) compression: Option<HttpCompression>,
    /// Whether the path serves without its last slash, too.
    pub(crate) bare_path: bool,
    /// Whether the browser client is served.
    pub(crate) client_files: bool,
    pub(crate) hooks: Hooks,
}

/// The edge of one worker: the server, and the courier of the worker's thread.
#[derive(Debug)]
struct Edge {
    shared: Arc<Shared>,
    courier: OnceCell<CourierLink>,
    app_data: Rc<AppData>,
}

/// Adds the edge of a worker to its application.
pub(crate) fn mount(shared: Arc<Shared>, cfg: &mut ServiceConfig) {
    shared.start();
    let edge = Rc::new(Edge { shared, courier: OnceCell::new(), app_data: Rc::default() });
    let bare = edge.shared.edge.bare_path.then(|| edge.shared.path.trim_end_matches('/'));
    let below = format!("{}{{tail:.*}}", edge.shared.path);
    for pattern in bare.into_iter().chain([below.as_str()]) {
        let edge = edge.clone();
        let serve = move |request: HttpRequest, payload: web::Payload| {
            let edge = edge.clone();
            async move { service::serve(&edge, request, payload).await }
        };
        cfg.route(pattern, web::route().to(serve));
    }
}

impl Edge {
    /// Opens a session for the client of this request.
    async fn open(
        &self,
        request: &HttpRequest,
        transport: TransportKind,
    ) -> Result<Arc<Connection>, Refusal> {
        let sid = match &self.shared.edge.hooks.generate_id {
            Some(generate) => {
                let generated = self.ask("generate_id", || generate(request.clone())).await;
                generated_id(generated.unwrap_or_else(|| Err("it has panicked".to_owned())))?
            }
            None => Sid::random(),
        };
        let running = self.shared.start();
        let config = &self.shared.config;
        if !self.courier().addr.addr().connected() {
            return Err(Refusal::Unavailable("THREAD_FAILED"));
        }
        let setup = SessionSetup {
            sid,
            config: config.clone(),
            budget: self.shared.watch.budget.clone(),
            server: running.server.supervisor.clone(),
            namespaces: Arc::new(self.shared.downgrade()),
            courier: self.courier().clone(),
            observer: self.shared.sessions.clone(),
            handshake: handshake(request),
            transport,
            engine: self.shared.engine.clone(),
            app_data: Some(self.app_data(request)),
        };
        let address = peers::address(request);
        let opened = self.shared.sessions.open(sid, address, || Session::open(setup));
        opened.map_err(refusal)
    }

    fn courier(&self) -> &CourierLink {
        self.courier.get_or_init(|| self.shared.start().server.start_courier())
    }

    /// The data of the application that handlers ask for. A request is what finds it, so it is looked for at handshakes.
    fn app_data(&self, request: &HttpRequest) -> Rc<AppData> {
        self.app_data.refresh(&self.shared.app_data_needs, request);
        self.app_data.clone()
    }
}

fn refusal(denied: Denied) -> Refusal {
    match denied {
        Denied::Full => Refusal::Unavailable("TOO_MANY_SESSIONS"),
        Denied::FullForAddress => Refusal::Unavailable("TOO_MANY_SESSIONS_PER_IP"),
        // The id is a secret even so: the log does not say which.
        Denied::Taken => no_id("it is that of another session"),
    }
}

/// The id that the application has made.
fn generated_id(generated: Result<String, String>) -> Result<Sid, Refusal> {
    let id = generated.map_err(no_id)?;
    Sid::parse(&id).ok_or_else(|| no_id("it is not 20 to 64 characters of [A-Za-z0-9_-]"))
}

fn no_id(problem: impl std::fmt::Display) -> Refusal {
    log::warn!("generate_id has given no session id: {}", OneLine(problem));
    Refusal::BadRequest("ID_GENERATION_ERROR")
}

fn handshake(request: &HttpRequest) -> Handshake {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut handshake = Handshake::default();
    handshake.url = request.uri().to_string();
    handshake.headers = request.headers().iter().map(|(k, v)| (k.to_string(), text(v))).collect();
    // Any text is a list of pairs.
    let query = Query::<Vec<_>>::from_query(request.query_string());
    handshake.query = query.map(Query::into_inner).unwrap_or_default();
    handshake.address = request.peer_addr().map(|peer| peer.ip());
    handshake.xdomain = request.headers().get(header::ORIGIN).is_some_and(|v| !v.is_empty());
    handshake.secure = request.app_config().secure();
    handshake.issued = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
    handshake
}
