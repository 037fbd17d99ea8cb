//! How the actors reach user code, and how operations issued in user code find their context.
//!
//! The root crate implements [`Routes`] and [`Handlers`] with its route tables. Sessions call them; nothing here knows extractors.

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::future::LocalBoxFuture;
use socketio_protocol::socket::Payload;

use crate::{
    error::{ConnectError, DisconnectReason},
    operation::{Origin, SocketLink},
};

/// The handlers of a namespace, which may still be added to.
pub trait Routes: Send + Sync + fmt::Debug + 'static {
    /// The handlers as they are now; a socket keeps those it was connected with.
    fn snapshot(&self) -> Arc<dyn Handlers>;
}

/// The handlers of a namespace as one socket sees them. The futures run in the socket's session and need not be `Send`.
pub trait Handlers: Send + Sync + 'static {
    /// Asks the connection middleware, in order; the first refusal wins.
    fn before_connect(
        &self,
        socket: Arc<SocketLink>,
    ) -> LocalBoxFuture<'static, Result<(), ConnectError>>;
    /// The socket is connected.
    fn connected(&self, socket: Arc<SocketLink>) -> LocalBoxFuture<'static, ()>;
    /// An event arrived; `None` when nobody handles it.
    fn event(&self, event: IncomingEvent) -> Option<LocalBoxFuture<'static, ()>>;
    /// The socket is gone.
    fn disconnected(
        &self,
        socket: Arc<SocketLink>,
        reason: DisconnectReason,
    ) -> LocalBoxFuture<'static, ()>;
}

/// One event of a client.
#[derive(Debug, Clone)]
pub struct IncomingEvent {
    /// Who sent it.
    pub socket: Arc<SocketLink>,
    /// Name and arguments.
    pub payload: Payload,
    /// Present when the client wants an acknowledgement.
    pub ack: Option<u64>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Origin>>> = const { RefCell::new(None) };
}

/// The context of the handler that is running on this thread, if one is. Everything issued in a handler belongs to the handler's
/// context, whichever handle it goes through.
pub fn current_origin() -> Option<Arc<Origin>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Runs a handler's future inside its context.
pub struct InContext<F> {
    origin: Arc<Origin>,
    future: F,
}

impl<F> InContext<F> {
    /// Wraps the future.
    pub fn new(origin: Arc<Origin>, future: F) -> Self {
        Self { origin, future }
    }
}

/// Puts the former context back, also when the handler panics.
struct Restore(Option<Arc<Origin>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

impl<F: Future + Unpin> Future for InContext<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let _restore = Restore(CURRENT.replace(Some(self.origin.clone())));
        Pin::new(&mut self.future).poll(cx)
    }
}
