//! The route table of a namespace: which handlers there are. Immutable once a socket has it; registering makes a new one.

use std::{
    any::Any,
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use actix_socketio_actors::{
    dispatch::{Handlers, IncomingEvent, Routes, panic_text},
    error::{ConnectError, DisconnectReason},
    id::RoomName,
    operation::SocketLink,
};
use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, join_all, ready},
};

use super::erase::Erased;
use crate::{
    extract::{ConnectContext, DisconnectContext, EventContext},
    io::WeakIo,
    socket::Socket,
};

/// The handlers of a namespace, which may still be added to.
#[derive(Debug)]
pub(crate) struct RouteTable {
    /// Present for a namespace that inherits: what follows is added to that.
    parent: Option<Arc<RouteTable>>,
    /// `None` as long as nothing was added to what is inherited.
    own: RwLock<Option<Arc<Table>>>,
    io: WeakIo,
}

#[derive(Clone, Default)]
struct Table {
    io: WeakIo,
    middleware: Vec<Erased<ConnectContext, Result<(), ConnectError>>>,
    connect: Vec<Erased<ConnectContext>>,
    events: HashMap<String, Vec<Erased<EventContext>>>,
    disconnect: Vec<Erased<DisconnectContext>>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.events.keys()).finish()
    }
}

impl RouteTable {
    pub(crate) fn new(io: WeakIo) -> Self {
        let own = Table { io: io.clone(), ..Table::default() };
        Self { parent: None, own: RwLock::new(Some(Arc::new(own))), io }
    }

    /// The handlers of the parent, also those that are yet to come, and then those of its own.
    pub(crate) fn child_of(parent: Arc<Self>, io: WeakIo) -> Self {
        Self { parent: Some(parent), own: RwLock::default(), io }
    }

    fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        let table =
            own.get_or_insert_with(|| Arc::new(Table { io: self.io.clone(), ..Table::default() }));
        change(Arc::make_mut(table));
    }

    fn table(&self) -> Arc<Table> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(parent) = &self.parent else { return own.unwrap_or_default() };
        let mut table = parent.table();
        if let Some(own) = own {
            Arc::make_mut(&mut table).append(&own);
        }
        table
    }

    pub(crate) fn add_event(&self, event: &str, handler: Erased<EventContext>) {
        self.change(|table| table.events.entry(event.to_owned()).or_default().push(handler));
    }

    pub(crate) fn add_middleware(
        &self,
        middleware: Erased<ConnectContext, Result<(), ConnectError>>,
    ) {
        self.change(|table| table.middleware.push(middleware));
    }

    pub(crate) fn add_connect(&self, handler: Erased<ConnectContext>) {
        self.change(|table| table.connect.push(handler));
    }

    pub(crate) fn add_disconnect(&self, handler: Erased<DisconnectContext>) {
        self.change(|table| table.disconnect.push(handler));
    }
}

impl Routes for RouteTable {
    fn snapshot(&self) -> Arc<dyn Handlers> {
        self.table()
    }
}

impl Table {
    fn append(&mut self, own: &Self) {
        // All fields are named, so that none is forgotten.
        let Self { io: _, middleware, connect, events, disconnect } = own;
        self.middleware.extend_from_slice(middleware);
        self.connect.extend_from_slice(connect);
        for (event, handlers) in events {
            self.events.entry(event.clone()).or_default().extend_from_slice(handlers);
        }
        self.disconnect.extend_from_slice(disconnect);
    }

    fn socket(&self, link: Arc<SocketLink>) -> Socket {
        Socket::new(link, self.io.clone())
    }
}

/// Starts all handlers in order; the whole is done when each is. One that panics costs the others nothing.
fn run_all<C>(handlers: &[Erased<C>], cx: &C) -> LocalBoxFuture<'static, ()> {
    match handlers {
        [] => Box::pin(ready(())),
        // The session shields what it runs.
        [handler] => handler(cx),
        handlers => join_all(handlers.iter().map(|handler| run_shielded(handler, cx)))
            .map(drop)
            .boxed_local(),
    }
}

fn run_shielded<C>(handler: &Erased<C>, cx: &C) -> LocalBoxFuture<'static, ()> {
    match catch_unwind(AssertUnwindSafe(|| handler(cx))) {
        Ok(future) => {
            let outcome = AssertUnwindSafe(future).catch_unwind();
            outcome.map(|outcome| outcome.unwrap_or_else(|panic| report(&*panic))).boxed_local()
        }
        Err(panic) => {
            report(&*panic);
            Box::pin(ready(()))
        }
    }
}

fn report(panic: &(dyn Any + Send)) {
    log::error!("one of several handlers panicked: {}", panic_text(panic));
}

impl Handlers for Table {
    fn before_connect(
        &self,
        socket: Arc<SocketLink>,
    ) -> LocalBoxFuture<'static, Result<(), ConnectError>> {
        if self.middleware.is_empty() {
            return Box::pin(ready(Ok(())));
        }
        let cx = ConnectContext::new(self.socket(socket));
        let middleware = self.middleware.clone();
        Box::pin(async move {
            for ask in middleware {
                ask(&cx).await?;
            }
            Ok(())
        })
    }

    fn connected(&self, socket: Arc<SocketLink>) -> LocalBoxFuture<'static, ()> {
        run_all(&self.connect, &ConnectContext::new(self.socket(socket)))
    }

    fn event(&self, event: IncomingEvent) -> Option<LocalBoxFuture<'static, ()>> {
        let IncomingEvent { socket, payload, ack } = event;
        let handlers = self.events.get(&*payload.event())?;
        Some(run_all(handlers, &EventContext::new(self.socket(socket), payload, ack)))
    }

    fn disconnected(
        &self,
        socket: Arc<SocketLink>,
        reason: DisconnectReason,
        rooms: Vec<RoomName>,
    ) -> LocalBoxFuture<'static, ()> {
        run_all(&self.disconnect, &DisconnectContext::new(self.socket(socket), reason, rooms))
    }
}
