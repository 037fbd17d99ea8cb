//! The inspector: the live tree of a server as a page, as JSON beside it, and as metrics for Prometheus. With the crate's feature `inspect`.
//!
//! Applications mount it beside the server. It asks the actors as `SocketIo::topology` does, at most once in an interval however many
//! look (`snapshot`), and writes nothing anywhere. `page` has the files, `metrics` the text for Prometheus, `access` who may look.

mod access;
mod metrics;
mod page;
mod query;
mod snapshot;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Scope,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::{self, Bytes, ServiceConfig},
};

use self::{access::Access, snapshot::Snapshots};
use crate::{SocketIo, TopologyLimits};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// When the actors were asked, in milliseconds: the page tells by it how fast counters grow.
const SNAPSHOT_AT: HeaderName = HeaderName::from_static("x-snapshot-at");

/// Nothing but its own files, and nowhere in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Shows what is going on in a server: its live tree as a page, as JSON, and as metrics for Prometheus. Clones share what they have
/// found. In JavaScript, `@socket.io/admin-ui` is the nearest thing.
///
/// **It is for those who run the server, not for the world**: it shows names of namespaces and rooms, as clients have chosen them, ids of
/// sockets, and how much waits for whom. (It never shows session ids, which are secrets.) Mount it where only you can reach it, behind
/// a middleware of yours, or with a [`token`](Self::token).
///
/// ```
/// use actix_socketio::SocketIo;
/// use actix_web::App;
///
/// let io = SocketIo::new();
/// let inspector = io.inspector().token("a long random text");
/// let app = move || {
///     App::new().configure(|cfg| io.mount(cfg)).configure(|cfg| inspector.mount(cfg, "/inspect"))
/// };
/// # let _ = app;
/// ```
///
/// | below its path | |
/// |---|---|
/// | `/` | the page, which updates itself every second while it can be seen |
/// | `/topology.json` | the [`Topology`](crate::Topology); `?rooms=`, `?members=` and `?sessions=` are its limits, up to a bound |
/// | `/metrics` | totals and counters in Prometheus' text format |
#[derive(Debug, Clone)]
pub struct Inspector {
    shared: Arc<Shared>,
}

#[derive(Debug, Clone)]
struct Shared {
    io: SocketIo,
    access: Access,
    snapshots: Arc<Snapshots>,
}

impl Inspector {
    /// Of this server.
    ///
    /// ```
    /// # use actix_socketio::{Inspector, SocketIo};
    /// let io = SocketIo::new();
    /// let inspector = Inspector::new(&io);
    /// ```
    pub fn new(io: &SocketIo) -> Self {
        let (io, snapshots) = (io.clone(), Arc::default());
        Self { shared: Arc::new(Shared { io, access: Access::Open, snapshots }) }
    }

    /// Whoever looks has to know this text: as the password of HTTP Basic authentication, whatever the user name, so that browsers ask
    /// for it, or as a bearer token. Default: none, anybody may look. An empty text lets nobody in. Over plain HTTP it can be read on
    /// the way.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// let inspector = io.inspector().token("a long random text");
    /// ```
    #[must_use]
    pub fn token(self, token: impl Into<String>) -> Self {
        let access = Access::Token(token.into());
        Self { shared: Arc::new(Shared { access, ..Shared::clone(&self.shared) }) }
    }

    /// Time for which what was found is shown again to whoever looks next. Default 900 ms. Longer, it costs the server less; the page asks
    /// every second anyway.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// let inspector = io.inspector().min_age(std::time::Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn min_age(self, age: Duration) -> Self {
        let snapshots = Arc::new(Snapshots::new(age));
        Self { shared: Arc::new(Shared { snapshots, ..Shared::clone(&self.shared) }) }
    }

    /// Adds it to an application, below this path, with what it has of protection: see [`token`](Self::token).
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::App;
    /// # let inspector = SocketIo::new().inspector();
    /// let app = move || App::new().configure(|cfg| inspector.mount(cfg, "/inspect"));
    /// # let _ = app;
    /// ```
    pub fn mount(&self, cfg: &mut ServiceConfig, path: &str) {
        cfg.service(self.scope(path));
    }

    /// The same as a scope, for middleware around it.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// use actix_web::{App, Error, body::MessageBody, dev::{ServiceRequest, ServiceResponse}, error::ErrorForbidden};
    /// use actix_web::middleware::{Next, from_fn};
    ///
    /// async fn staff(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    ///     match request.headers().contains_key("x-staff") {
    ///         true => next.call(request).await,
    ///         false => Err(ErrorForbidden("staff only")),
    ///     }
    /// }
    /// # let inspector = SocketIo::new().inspector();
    /// let app = move || App::new().service(inspector.scope("/inspect").wrap(from_fn(staff)));
    /// # let _ = app;
    /// ```
    pub fn scope(&self, path: &str) -> Scope {
        let shared = self.shared.clone();
        let serve = move |request: HttpRequest| {
            let shared = shared.clone();
            async move { shared.serve(&request).await }
        };
        web::scope(path).service(web::resource(["", "/{file:.*}"]).to(serve))
    }
}

impl SocketIo {
    /// An [`Inspector`] of this server: a page that shows what is going on in it.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::App;
    /// let io = SocketIo::new();
    /// let inspector = io.inspector();
    /// let app = move || App::new().configure(|cfg| inspector.mount(cfg, "/inspect"));
    /// # let _ = app;
    /// ```
    pub fn inspector(&self) -> Inspector {
        Inspector::new(self)
    }
}

impl Shared {
    async fn serve(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = if !self.access.allows(request.headers()) {
            access::challenge()
        } else if [Method::GET, Method::HEAD].contains(request.method()) {
            self.answer(request).await
        } else {
            let allow = (header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            HttpResponse::MethodNotAllowed().insert_header(allow).finish()
        };
        protect(response.headers_mut());
        response
    }

    async fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let file = match request.match_info().get("file") {
            Some(file) => file,
            None => return to_folder(request.path()),
        };
        match file {
            "topology.json" => self.topology(request.query_string()).await,
            "metrics" => self.metrics().await,
            file => match page::file(file) {
                Some((content_type, body)) => ok(content_type, Bytes::from_static(body)),
                None => HttpResponse::NotFound().finish(),
            },
        }
    }

    async fn topology(&self, query: &str) -> HttpResponse {
        let limits = match query::limits(query) {
            Ok(limits) => limits,
            Err(why) => return HttpResponse::BadRequest().content_type(TEXT).body(why),
        };
        match self.snapshots.tree(&self.io, limits).await {
            Ok((json, at)) => {
                let mut response = ok(JSON, json);
                let at = HeaderValue::from(u64::try_from(at.as_millis()).unwrap_or(u64::MAX));
                response.headers_mut().insert(SNAPSHOT_AT, at);
                response
            }
            Err(error) => failed(&error),
        }
    }

    async fn metrics(&self) -> HttpResponse {
        match self.snapshots.metrics(&self.io, TopologyLimits::totals()).await {
            // Zeros would look as if the server had been started again; this is a gap.
            Ok(text) if text.is_empty() => HttpResponse::ServiceUnavailable().finish(),
            Ok(text) => ok(metrics::CONTENT_TYPE, text),
            Err(error) => failed(&error),
        }
    }
}

fn ok(content_type: &'static str, body: Bytes) -> HttpResponse {
    HttpResponse::build(StatusCode::OK).content_type(content_type).body(body)
}

fn failed(error: &dyn std::fmt::Display) -> HttpResponse {
    log::error!("the inspector cannot write what it has found: {error}");
    HttpResponse::InternalServerError().finish()
}

/// The files of the page are found beside it, so its address ends with a slash. The redirection is relative: the application may be below
/// any path of a proxy.
fn to_folder(path: &str) -> HttpResponse {
    let folder = format!("{}/", path.rsplit('/').next().unwrap_or_default());
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, folder)).finish()
}

fn protect(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
