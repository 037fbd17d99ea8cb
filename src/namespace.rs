//! The handle of a namespace: where handlers are registered and everyone in it is reached.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    audience::Audience,
    extract::{ConnectContext, DisconnectContext, EventContext},
    handler::{Handler, IntoConnectResult, erase},
    io::{NamespaceState, SocketIo},
};

/// A namespace of a server. Clones are handles of the same namespace.
///
/// Handlers may be registered at any time; a client keeps those that there were when it connected.
#[derive(Debug, Clone)]
pub struct Namespace {
    io: SocketIo,
    state: Arc<NamespaceState>,
}

impl Namespace {
    pub(crate) fn new(io: SocketIo, state: Arc<NamespaceState>) -> Self {
        Self { io, state }
    }

    /// The name, with its leading `/`.
    pub fn name(&self) -> &str {
        self.state.name().as_str()
    }

    /// Handles an event, `socket.on(event, …)` in JavaScript. Several handlers of one event run in the order written.
    ///
    /// What the handler returns is the acknowledgement, if the client asked for one: `()` gives none of arguments, a tuple several,
    /// anything else one. Of several handlers of one event, the first answers. A handler that takes an [`AckSender`](crate::AckSender) answers through it instead.
    pub fn on<A, H>(&self, event: &str, handler: H) -> &Self
    where
        H: Handler<EventContext, A>,
        H::Output: Serialize + 'static,
    {
        self.state.routes.add_event(event, erase::event(handler));
        self
    }

    /// Decides whether a client may connect, `namespace.use(…)` in JavaScript. In the order written; the first refusal wins and
    /// becomes the client's `connect_error`.
    ///
    /// The socket is not connected yet: rooms that it joins and events that are emitted to it have no effect.
    pub fn before_connect<A, H>(&self, middleware: H) -> &Self
    where
        H: Handler<ConnectContext, A>,
        H::Output: IntoConnectResult,
    {
        self.state.routes.add_middleware(erase::middleware(middleware));
        self
    }

    /// A client has connected, `namespace.on("connection", …)` in JavaScript.
    pub fn on_connect<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<ConnectContext, A, Output = ()>,
    {
        self.state.routes.add_connect(erase::plain("connect", handler));
        self
    }

    /// A client has disconnected, `socket.on("disconnect", …)` in JavaScript. No broadcast reaches or counts it any more.
    pub fn on_disconnect<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<DisconnectContext, A, Output = ()>,
    {
        self.state.routes.add_disconnect(erase::plain("disconnect", handler));
        self
    }

    /// Everyone in the namespace.
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) {
        self.everyone().emit(event, args);
    }

    /// The members of a room, `namespace.to(room)` in JavaScript. The id of a socket is the room of that socket alone.
    pub fn to(&self, room: impl Into<String>) -> Audience {
        self.everyone().to(room)
    }

    /// Everyone but the members of a room.
    pub fn except(&self, room: impl Into<String>) -> Audience {
        self.everyone().except(room)
    }

    fn everyone(&self) -> Audience {
        Audience::new(self.io.origin(), self.state.link().cloned(), None)
    }
}
