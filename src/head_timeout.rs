//! A middleware that bounds the time between two requests of one connection, so that the head of the second cannot come for ever.
//!
//! actix-http bounds the first head of a connection, and a connection on which nothing comes; not one on which the next head comes
//! byte by byte. `on_connect` keeps a handle of the socket with each connection, the middleware counts the requests under way on it,
//! and a task per connection that has had one ends what waits too long. It knows nothing of Socket.IO.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    future::{Ready, ready},
    net::Shutdown,
    rc::{Rc, Weak},
    time::{Duration, Instant},
};

use actix_rt::{net::TcpStream, task::JoinHandle, time::sleep};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{Extensions, Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::StatusCode,
};
use futures_util::future::LocalBoxFuture;
use socket2::{SockRef, Socket};

use crate::{kept::keeping, tune};

/// A middleware for a whole application: from the end of a response, the head of the connection's next request has to arrive within a
/// time, or the connection ends.
///
/// Without it, a client that has made one request holds its connection for as long as it sends a byte of the next head every few
/// seconds. It has to be the application's outermost middleware (the last `wrap`), because a request that it does not see is time
/// without a request, and it needs its own [`on_connect`](Self::on_connect):
///
/// ```no_run
/// # use actix_socketio::{HeadTimeout, SocketIo, tune};
/// # use actix_web::{App, HttpServer};
/// # async fn run(io: SocketIo) -> std::io::Result<()> {
/// let server = HttpServer::new(move || {
///     App::new().configure(|cfg| io.mount(cfg)).wrap(HeadTimeout::default())
/// });
/// tune(server).on_connect(HeadTimeout::on_connect).bind(("127.0.0.1", 3000))?.run().await
/// # }
/// ```
///
/// Requests may take as long as they like, and responses that a client reads slowly are sent to their end. A connection that becomes
/// a WebSocket is let go for good. Until then each connection has a second file descriptor. Plain TCP only: other connections, TLS among
/// them, are as they would be without it.
#[derive(Debug, Clone)]
pub struct HeadTimeout {
    limit: Duration,
}

impl Default for HeadTimeout {
    /// 10 s: twice what actix-web gives to a first head and to a connection on which nothing comes.
    fn default() -> Self {
        Self::new(Duration::from_secs(10))
    }
}

impl HeadTimeout {
    /// With this time, which should be more than `HttpServer::keep_alive`, since a connection without any bytes ends after it, too.
    ///
    /// ```
    /// # use actix_socketio::{HeadTimeout, SocketIo};
    /// # use actix_web::App;
    /// # let io = SocketIo::new();
    /// let app = App::new().wrap(HeadTimeout::new(std::time::Duration::from_secs(20)));
    /// # drop(app);
    /// ```
    pub fn new(limit: Duration) -> Self {
        Self { limit }
    }

    /// For `HttpServer::on_connect`. It does what [`on_connect`](crate::on_connect) does, and keeps a handle of the socket.
    ///
    /// ```
    /// # use actix_socketio::HeadTimeout;
    /// # use actix_web::{App, HttpServer};
    /// let server = HttpServer::new(|| App::new().wrap(HeadTimeout::default()))
    ///     .on_connect(HeadTimeout::on_connect);
    /// # drop(server);
    /// ```
    pub fn on_connect(connection: &dyn Any, data: &mut Extensions) {
        tune::on_connect(connection, data);
        if let Some(stream) = connection.downcast_ref::<TcpStream>() {
            match SockRef::from(stream).try_clone() {
                Ok(socket) => drop(data.insert(Rc::new(Connection::new(socket)))),
                Err(error) => {
                    log::warn!("no time limit between the requests of a connection: {error}")
                }
            }
        }
    }
}

/// What is known of a connection. It is dropped with the connection and the last of its requests: only then is the socket closed.
#[derive(Debug)]
struct Connection {
    /// `None` once the connection is let go.
    socket: RefCell<Option<Socket>>,
    /// Requests whose response has not ended.
    in_flight: Cell<usize>,
    /// When the last response ended.
    idle_since: Cell<Instant>,
    /// Runs from the end of the first response on.
    watch: RefCell<Option<JoinHandle<()>>>,
}

impl Connection {
    fn new(socket: Socket) -> Self {
        Self {
            socket: RefCell::new(Some(socket)),
            in_flight: Cell::new(0),
            idle_since: Cell::new(Instant::now()),
            watch: RefCell::default(),
        }
    }

    fn begin(self: &Rc<Self>) -> InFlight {
        self.in_flight.set(self.in_flight.get() + 1);
        InFlight(self.clone())
    }

    /// The connection is no longer one of requests and responses.
    fn let_go(&self) {
        self.socket.take();
        self.stop_watch();
    }

    fn ensure_watch(self: &Rc<Self>, limit: Duration) {
        if self.socket.borrow().is_some() && self.watch.borrow().is_none() {
            let watch = actix_rt::spawn(watch(Rc::downgrade(self), limit));
            self.watch.replace(Some(watch));
        }
    }

    fn stop_watch(&self) {
        if let Some(watch) = self.watch.take() {
            watch.abort();
        }
    }

    /// How long nothing has been under way.
    fn idle(&self) -> Duration {
        match self.in_flight.get() {
            0 => self.idle_since.get().elapsed(),
            _ => Duration::ZERO,
        }
    }

    /// Lets the server find the end of the client's bytes: it sends what it still has to send, and closes.
    fn end(&self) {
        if let Some(socket) = self.socket.take() {
            log::debug!("a connection ends: its next request did not come in time");
            // It may have ended by itself.
            let _ = socket.shutdown(Shutdown::Read);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stop_watch();
    }
}

/// Looks often enough to be there when the time is up.
async fn watch(connection: Weak<Connection>, limit: Duration) {
    while let Some(idle) = connection.upgrade().map(|connection| connection.idle()) {
        match limit.checked_sub(idle).filter(|left| !left.is_zero()) {
            Some(left) => sleep(left).await,
            None => {
                if let Some(connection) = connection.upgrade() {
                    connection.end();
                }
                return;
            }
        }
    }
}

/// A request, until the end of its response.
#[derive(Debug)]
struct InFlight(Rc<Connection>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
        self.0.idle_since.set(Instant::now());
    }
}

impl<S, B> Transform<S, ServiceRequest> for HeadTimeout
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = HeadTimeoutService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(HeadTimeoutService { service, limit: self.limit }))
    }
}

/// [`HeadTimeout`] at work.
///
/// ```
/// # use actix_socketio::{HeadTimeout, HeadTimeoutService};
/// # use actix_web::{Error, dev::{Service, ServiceRequest, ServiceResponse, Transform}};
/// fn is_middleware<S>()
/// where
///     HeadTimeout: Transform<S, ServiceRequest, Transform = HeadTimeoutService<S>>,
///     HeadTimeoutService<S>: Service<ServiceRequest, Response = ServiceResponse>,
/// {
/// }
/// ```
#[derive(Debug)]
pub struct HeadTimeoutService<S> {
    service: S,
    limit: Duration,
}

impl<S, B> Service<ServiceRequest> for HeadTimeoutService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let connection = request.request().conn_data::<Rc<Connection>>().cloned();
        let in_flight = connection.as_ref().map(Connection::begin);
        let limit = self.limit;
        let response = self.service.call(request);
        Box::pin(async move {
            let response = response.await;
            if let Some(connection) = connection {
                let status = response.as_ref().map(ServiceResponse::status);
                match status {
                    Ok(StatusCode::SWITCHING_PROTOCOLS) => connection.let_go(),
                    _ => connection.ensure_watch(limit),
                }
            }
            // Until its response has been sent, the request is under way.
            Ok(response?.map_body(|_, body| keeping(body.boxed(), in_flight)))
        })
    }
}
