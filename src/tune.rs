//! The settings of `HttpServer` that make a difference to long-lived connections.

use std::{any::Any, fmt, time::Duration};

use actix_http::{Request, Response};
use actix_web::{
    Error, HttpServer,
    body::MessageBody,
    dev::{AppConfig, Extensions, Service, ServiceFactory},
    rt::net::TcpStream,
};

/// Time that what we send may go unacknowledged, or a peer keep its window shut, before the system ends the connection.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Unsent bytes that the system may keep for one connection. What waits belongs in the outbox, where it is bounded and counted: without a limit,
/// Linux keeps about 4 MiB for each client that does not read, and spends time on copying them. This is enough for a burst, or for one
/// message of the usual `max_payload`.
const UNSENT: u32 = 1 << 20;

/// Applies the settings that matter to a server with Socket.IO on it; without them everything still works.
///
/// - small packets go out at once (`tcp_nodelay`);
/// - a poll whose client has gone ends at once, and its session with it (`h1_allow_half_closed(false)`);
/// - a closed connection is closed at once, without waiting for the client (`client_disconnect_timeout`);
/// - the backlog takes the clients of a server that has restarted (`backlog`, 4096);
/// - on Linux, for connections without TLS in this server: a peer that takes nothing for 30 s is gone, and the system keeps 1 MiB at most of
///   what it has not sent yet ([`on_connect`]; a later `HttpServer::on_connect` replaces it, and may call it).
///
/// It is called before `bind`:
///
/// ```no_run
/// # use actix_socketio::SocketIo;
/// # use actix_web::{App, HttpServer};
/// # async fn run(io: SocketIo) -> std::io::Result<()> {
/// let server = HttpServer::new(move || App::new().configure(|cfg| io.mount(cfg)));
/// actix_socketio::tune(server).bind(("127.0.0.1", 3000))?.run().await
/// # }
/// ```
pub fn tune<F, I, S, B>(server: HttpServer<F, I, S, B>) -> HttpServer<F, I, S, B>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: actix_service::IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    server
        .tcp_nodelay(true)
        .h1_allow_half_closed(false)
        .client_disconnect_timeout(Duration::ZERO)
        .backlog(4096)
        .on_connect(on_connect)
}

/// What [`tune`] does to each plain TCP connection; for an `HttpServer::on_connect` of one's own.
///
/// ```
/// # use std::any::Any;
/// # use actix_socketio::{on_connect, tune};
/// # use actix_web::{App, HttpServer, dev::Extensions};
/// let server = tune(HttpServer::new(App::new)).on_connect(|connection: &dyn Any, data: &mut Extensions| {
///     on_connect(connection, data);
///     data.insert("seen by the handlers of this connection");
/// });
/// # drop(server);
/// ```
pub fn on_connect(connection: &dyn Any, _: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = limit_what_is_under_way(stream)
    {
        log::debug!("no limit on what is under way to a peer: {error}");
    }
}

#[cfg(target_os = "linux")]
fn limit_what_is_under_way(stream: &TcpStream) -> std::io::Result<()> {
    let socket = socket2::SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    socket.set_tcp_notsent_lowat(UNSENT)
}

#[cfg(not(target_os = "linux"))]
fn limit_what_is_under_way(_: &TcpStream) -> std::io::Result<()> {
    let _ = (UNACKNOWLEDGED, UNSENT);
    Ok(())
}
