//! How the actors reach user code, and how operations issued in user code find their context.
//!
//! The root crate implements [`Routes`] and [`Handlers`] with its route tables. Sessions call them; nothing here knows extractors.

use std::{
    any::Any,
    cell::RefCell,
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::future::LocalBoxFuture;
use socketio_protocol::{engine::Frame, socket::Payload};

use crate::{
    error::{ConnectError, DisconnectReason},
    handshake::Handshake,
    id::{NamespaceName, RoomName},
    operation::{NamespaceLink, Origin, SessionAddr, SocketLink},
    outbox::{Outbox, PushOutcome},
    server::Presence,
    session::messages::CloseSession,
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
        self: Arc<Self>,
        socket: Arc<SocketLink>,
    ) -> LocalBoxFuture<'static, Result<(), ConnectError>>;
    /// The socket is connected.
    fn connected(self: Arc<Self>, socket: Arc<SocketLink>) -> LocalBoxFuture<'static, ()>;
    /// An event arrived; `None` when nobody handles it.
    fn event(self: Arc<Self>, event: IncomingEvent) -> Option<LocalBoxFuture<'static, ()>>;
    /// Whether anybody wants to be shown what is sent to the socket.
    fn watches_outgoing(&self) -> bool;
    /// An event was sent to the socket.
    fn sent(
        self: Arc<Self>,
        socket: Arc<SocketLink>,
        payload: Payload,
    ) -> LocalBoxFuture<'static, ()>;
    /// The socket is gone; these were its rooms.
    fn disconnected(
        self: Arc<Self>,
        socket: Arc<SocketLink>,
        reason: DisconnectReason,
        rooms: Vec<RoomName>,
    ) -> LocalBoxFuture<'static, ()>;
}

/// The table of namespaces outside of the actors, with the rules by which namespaces are made when a client asks for one.
pub trait DynamicNamespaces: Send + Sync + fmt::Debug + 'static {
    /// Asks the rules for a namespace that does not exist; `None` when there are no rules. A session runs the future, which runs user
    /// code and need not be `Send`. It gives the namespace as somebody on the way in holds it, or `None` when no rule wants it.
    fn find(&self, request: NamespaceRequest) -> Option<LocalBoxFuture<'static, Option<Presence>>>;
    /// Forgets a namespace if nobody is there or on the way in; says whether it did. From the server supervisor; runs no user code.
    fn forget_if_empty(&self, namespace: &NamespaceLink) -> bool;
}

/// A client asks for a namespace that does not exist.
#[derive(Debug, Clone)]
pub struct NamespaceRequest {
    /// Its name.
    pub name: NamespaceName,
    /// `auth` as the client sent it.
    pub auth: Payload,
    /// What is known of the client.
    pub handshake: Arc<Handshake>,
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

/// Takes the messages of Engine.IO as they are, instead of Socket.IO packets: what `engine.io` alone does.
pub trait EngineHandler: Send + Sync + fmt::Debug + 'static {
    /// A message arrived. The future runs in the session and need not be `Send`.
    fn message(
        &self,
        connection: EngineConnection,
        message: EngineMessage,
    ) -> LocalBoxFuture<'static, ()>;
}

/// A message of Engine.IO.
///
/// ```
/// # use actix_socketio_actors::dispatch::EngineMessage;
/// let text = EngineMessage::Text("hello".into());
/// let binary = EngineMessage::Binary(vec![1, 2, 3].into());
/// assert_ne!(text, binary);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineMessage {
    /// Text.
    Text(ByteString),
    /// Binary data.
    Binary(Bytes),
}

/// Where a connection without Socket.IO is reached.
#[derive(Debug, Clone)]
pub struct EngineConnection {
    /// What it sends.
    pub outbox: Arc<Outbox>,
    /// Its session.
    pub session: SessionAddr,
}

impl EngineConnection {
    /// Sends a message; a connection that cannot keep up is closed.
    pub fn send(&self, message: &EngineMessage) {
        let frame = match message {
            EngineMessage::Text(text) => Frame::text(&format!("4{text}")),
            EngineMessage::Binary(data) => Frame::binary(data),
        };
        if self.outbox.push(&[frame]) == PushOutcome::Overflow {
            self.close(DisconnectReason::TransportError);
        }
    }

    /// Closes the connection.
    pub fn close(&self, reason: DisconnectReason) {
        self.session.do_send(CloseSession { reason });
    }
}

/// What user code of one connection finds around it.
#[derive(Debug)]
pub struct Scope {
    /// The context of the connection: everything issued in a handler belongs to it, whichever handle it goes through.
    pub origin: Arc<Origin>,
    /// What the edge of this thread keeps for handlers; only the edge knows what it is.
    pub app_data: Option<Rc<dyn Any>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Scope>>> = const { RefCell::new(None) };
}

/// The context of the handler that is running on this thread, if one is.
pub fn current_origin() -> Option<Arc<Origin>> {
    // What the thread drops when it ends may ask.
    let current = CURRENT.try_with(|scope| Some(scope.borrow().as_ref()?.origin.clone()));
    current.ok().flatten()
}

/// What the edge keeps for the handler that is running on this thread.
pub fn current_app_data() -> Option<Rc<dyn Any>> {
    CURRENT.with_borrow(|scope| scope.as_ref()?.app_data.clone())
}

/// Calls user code in its scope.
pub fn in_scope<T>(scope: Rc<Scope>, call: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.replace(Some(scope)));
    call()
}

/// Runs a handler's future in its scope, where it is dropped, too.
pub struct InScope<F> {
    scope: Rc<Scope>,
    /// Present until it has ended.
    future: Option<F>,
}

impl<F> InScope<F> {
    /// Wraps the future.
    pub fn new(scope: Rc<Scope>, future: F) -> Self {
        Self { scope, future: Some(future) }
    }
}

/// Puts the former scope back, also when the handler panics.
struct Restore(Option<Rc<Scope>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

impl<F: Future + Unpin> Future for InScope<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Self { scope, future } = &mut *self;
        in_scope(scope.clone(), || {
            let Some(running) = future else { return Poll::Pending };
            let output = ready!(Pin::new(running).poll(cx));
            drop(future.take());
            Poll::Ready(output)
        })
    }
}

impl<F> Drop for InScope<F> {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            in_scope(self.scope.clone(), || drop(future));
        }
    }
}
