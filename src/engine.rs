//! Engine.IO alone: connections whose messages are not Socket.IO packets.

use std::{fmt, sync::Arc};

use actix_socketio_actors::{
    dispatch::{EngineConnection, EngineHandler, EngineMessage},
    error::DisconnectReason,
    shield::Guest,
};
use actix_web::web::ServiceConfig;
use futures_util::future::LocalBoxFuture;

use crate::{
    drain::{Drain, DrainReport},
    io::SocketIo,
};

/// A server of Engine.IO alone, from [`Builder::build_engine`](crate::Builder::build_engine).
///
/// ```
/// # use actix_socketio::{Builder, ConfigError, EngineIo, EngineMessage, EngineSocket};
/// # use actix_web::App;
/// let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
/// let engine: EngineIo = Builder::default().path("/engine.io/").build_engine(echo)?;
/// let app = move || App::new().configure(|cfg| engine.mount(cfg));
/// # drop(app);
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EngineIo(SocketIo);

impl EngineIo {
    pub(crate) fn new(io: SocketIo) -> Self {
        Self(io)
    }

    /// Adds the server to an actix-web application, as [`SocketIo::mount`] does.
    pub fn mount(&self, cfg: &mut ServiceConfig) {
        self.0.mount(cfg);
    }

    /// Empties the server before it stops, as [`SocketIo::drain`] does.
    pub fn drain(&self, drain: Drain) -> impl Future<Output = DrainReport> + Send + use<> {
        self.0.drain(drain)
    }

    /// Whether new connections are taken, as [`SocketIo::is_ready`] says.
    pub fn is_ready(&self) -> bool {
        self.0.is_ready()
    }
}

/// A connection of Engine.IO, `socket` of the npm package `engine.io`. Clones are handles of the same connection.
///
/// ```
/// # use actix_socketio::{EngineMessage, EngineSocket};
/// async fn shout(socket: EngineSocket, message: EngineMessage) {
///     match message {
///         EngineMessage::Text(text) if text == "bye" => socket.close(),
///         EngineMessage::Text(text) => socket.send(&EngineMessage::Text(text.to_uppercase().into())),
///         EngineMessage::Binary(_) => socket.send(&message),
///     }
/// }
/// # actix_socketio::SocketIo::builder().build_engine(shout)?;
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EngineSocket(EngineConnection);

impl EngineSocket {
    /// Sends a message. It never waits; after the connection has closed it does nothing.
    pub fn send(&self, message: &EngineMessage) {
        self.0.send(message);
    }

    /// Closes the connection once what is queued has been sent.
    pub fn close(&self) {
        self.0.close(DisconnectReason::ForcedClose);
    }
}

/// A handler without its type.
struct Erased<F>(Guest<F>);

impl<F> fmt::Debug for Erased<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineHandler")
    }
}

pub(crate) fn erase<F, Fut>(handler: F) -> Arc<dyn EngineHandler>
where
    F: FnOnce(EngineSocket, EngineMessage) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    Arc::new(Erased(Guest::new(handler)))
}

impl<F, Fut> EngineHandler for Erased<F>
where
    F: FnOnce(EngineSocket, EngineMessage) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + 'static,
{
    fn message(
        &self,
        connection: EngineConnection,
        message: EngineMessage,
    ) -> LocalBoxFuture<'static, ()> {
        Box::pin(F::clone(&self.0)(EngineSocket(connection), message))
    }
}
