//! What an application may do at the HTTP edge: refuse requests, name sessions, add headers, hear of refusals. One that panics costs what
//! it should have done.

use std::{fmt, sync::Arc};

use actix_socketio_actors::{
    escaped::OneLine,
    shield::{Guest, shielded},
};
use actix_web::{HttpRequest, http::header::HeaderMap};
use futures_util::future::LocalBoxFuture;

use super::Edge;

type AllowRequest =
    Arc<dyn Fn(HttpRequest) -> LocalBoxFuture<'static, Result<(), String>> + Send + Sync>;
type GenerateId =
    Arc<dyn Fn(HttpRequest) -> LocalBoxFuture<'static, Result<String, String>> + Send + Sync>;
type EditHeaders = Arc<dyn Fn(&mut HeaderMap, &HttpRequest) + Send + Sync>;
type OnError = Arc<dyn Fn(&ConnectionError, &HttpRequest) + Send + Sync>;

/// See the module. All are optional.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) allow_request: Option<AllowRequest>,
    pub(crate) generate_id: Option<GenerateId>,
    pub(crate) initial_headers: Option<EditHeaders>,
    pub(crate) headers: Option<EditHeaders>,
    pub(crate) connection_error: Option<OnError>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}

impl Edge {
    /// Calls a hook. `None` when it has panicked.
    pub(super) fn call<T>(&self, hook: &str, call: impl FnOnce() -> T) -> Option<T> {
        shielded(call).map_err(|panic| self.hook_panicked(hook, panic)).ok()
    }

    /// Calls a hook that may wait. `None` when it has panicked.
    pub(super) async fn ask<T>(
        &self,
        hook: &str,
        call: impl FnOnce() -> LocalBoxFuture<'static, T>,
    ) -> Option<T> {
        let asked = Guest::new(self.call(hook, call)?);
        asked.await.map_err(|panic| self.hook_panicked(hook, panic)).ok()
    }

    fn hook_panicked(&self, hook: &str, panic: String) {
        self.courier().tally.panicked();
        log::error!("{hook} panicked: {}", OneLine(panic));
    }
}

/// Why a request was refused, the argument of `connection_error` in JavaScript.
///
/// ```
/// # use actix_socketio::{ConnectionError, SocketIo};
/// # use actix_web::HttpRequest;
/// let io = SocketIo::builder()
///     .on_connection_error(|error: &ConnectionError, request: &HttpRequest| {
///         eprintln!("{:?}: {} {} ({})", request.peer_addr(), error.code, error.message, error.context);
///     })
///     .build()?;
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionError {
    /// The official code, 0 to 5.
    pub code: u8,
    /// The official text of that code.
    pub message: String,
    /// What was wrong, for the log: the official name (`TRANSPORT_MISMATCH`, …) where there is one, the value at fault, which a client
    /// may have chosen, or what is wrong with the headers of a WebSocket.
    pub context: String,
}
