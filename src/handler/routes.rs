//! The route table of a namespace: which handlers there are. Immutable once a socket has it; registering makes a new one.
//!
//! `Namespace` fills it in, `run` runs what is in it.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_socketio_actors::{
    dispatch::{Handlers, Routes},
    error::ConnectError,
};

use super::{
    Refusal,
    erase::{Erased, EventHandler},
};
use crate::{
    extract::{ConnectContext, DisconnectContext, ErrorContext, EventContext, OutgoingContext},
    io::WeakIo,
};

/// The handlers of a namespace, which may still be added to.
#[derive(Debug)]
pub(crate) struct RouteTable {
    /// Present for a namespace that inherits: what follows is added to that.
    parent: Option<Arc<RouteTable>>,
    /// `None` as long as nothing was added to what is inherited.
    own: RwLock<Option<Arc<SocketRoutes>>>,
    io: WeakIo,
}

/// The handlers as one socket sees them. Sockets share it, unless there are handlers that are called once.
#[derive(Debug, Default)]
pub(crate) struct SocketRoutes {
    pub(super) table: Arc<Table>,
    /// Which of the handlers that are called once were called.
    called: Box<[AtomicBool]>,
}

/// What is registered.
#[derive(Clone, Default)]
pub(super) struct Table {
    pub(super) io: WeakIo,
    pub(super) middleware: Vec<Erased<ConnectContext, Result<(), ConnectError>>>,
    pub(super) connect: Vec<Erased<ConnectContext>>,
    /// Before everything else that an event meets.
    pub(super) any: Vec<Erased<EventContext>>,
    pub(super) guards: Vec<Erased<EventContext, Result<(), Refusal>>>,
    events: HashMap<String, Vec<Route>>,
    fallback: Vec<EventHandler>,
    /// For all events, after those of their own or the fallback.
    all: Vec<EventHandler>,
    pub(super) outgoing: Vec<Erased<OutgoingContext>>,
    pub(super) errors: Vec<Erased<ErrorContext>>,
    pub(super) disconnecting: Vec<Erased<DisconnectContext>>,
    pub(super) disconnect: Vec<Erased<DisconnectContext>>,
    /// How many handlers are called once; those that were removed count.
    once: usize,
}

/// One handler of an event.
#[derive(Clone)]
struct Route {
    handler: EventHandler,
    /// Its place in `SocketRoutes::called`, if it is called once.
    once: Option<usize>,
}

/// The handlers of one event.
pub(super) enum Found<'a> {
    None,
    /// A function that may be called again.
    One(&'a Erased<EventContext>),
    /// Several, or an actor.
    Others,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.events.keys()).finish()
    }
}

/// For another socket, for which nothing was called yet.
impl Clone for SocketRoutes {
    fn clone(&self) -> Self {
        let called = (0..self.table.once).map(|_| AtomicBool::new(false)).collect();
        Self { table: self.table.clone(), called }
    }
}

impl RouteTable {
    pub(crate) fn new(io: WeakIo) -> Self {
        let own = RwLock::new(Some(Arc::new(SocketRoutes::empty(io.clone()))));
        Self { parent: None, own, io }
    }

    /// The handlers of the parent, also those that are yet to come, and then those of its own.
    pub(crate) fn child_of(parent: Arc<Self>, io: WeakIo) -> Self {
        Self { parent: Some(parent), own: RwLock::default(), io }
    }

    fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        let routes = own.get_or_insert_with(|| Arc::new(SocketRoutes::empty(self.io.clone())));
        change(Arc::make_mut(&mut Arc::make_mut(routes).table));
    }

    fn routes(&self) -> Arc<SocketRoutes> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(parent) = &self.parent else { return own.unwrap_or_default() };
        let inherited = parent.routes();
        let Some(own) = own else { return inherited };
        let mut table = inherited.table.clone();
        Arc::make_mut(&mut table).append(&own.table);
        Arc::new(SocketRoutes { table, called: Box::default() })
    }

    fn add<C, R>(&self, handler: Erased<C, R>, add: impl FnOnce(&mut Table, Erased<C, R>)) {
        self.io.add_needs(handler.needs());
        self.change(|table| add(table, handler));
    }

    fn add_handler(&self, handler: EventHandler, add: impl FnOnce(&mut Table, EventHandler)) {
        self.io.add_needs(handler.needs());
        self.change(|table| add(table, handler));
    }

    pub(crate) fn add_event(&self, event: &str, handler: EventHandler) {
        self.add_handler(handler, |table, handler| table.add(event, Route { handler, once: None }));
    }

    pub(crate) fn add_once(&self, event: &str, handler: EventHandler) {
        self.add_handler(handler, |table, handler| {
            let once = Some(table.once);
            table.once += 1;
            table.add(event, Route { handler, once });
        });
    }

    pub(crate) fn remove_event(&self, event: &str) {
        self.change(|table| drop(table.events.remove(event)));
    }

    pub(crate) fn remove_events(&self) {
        self.change(|table| {
            table.events.clear();
            table.fallback.clear();
            table.all.clear();
        });
    }

    pub(crate) fn add_any(&self, handler: Erased<EventContext>) {
        self.add(handler, |table, handler| table.any.push(handler));
    }

    pub(crate) fn add_fallback(&self, handler: EventHandler) {
        self.add_handler(handler, |table, handler| table.fallback.push(handler));
    }

    pub(crate) fn add_to_all(&self, handler: EventHandler) {
        self.add_handler(handler, |table, handler| table.all.push(handler));
    }

    pub(crate) fn add_guard(&self, guard: Erased<EventContext, Result<(), Refusal>>) {
        self.add(guard, |table, guard| table.guards.push(guard));
    }

    pub(crate) fn add_outgoing(&self, handler: Erased<OutgoingContext>) {
        self.add(handler, |table, handler| table.outgoing.push(handler));
    }

    pub(crate) fn add_error(&self, handler: Erased<ErrorContext>) {
        self.add(handler, |table, handler| table.errors.push(handler));
    }

    pub(crate) fn add_middleware(
        &self,
        middleware: Erased<ConnectContext, Result<(), ConnectError>>,
    ) {
        self.add(middleware, |table, middleware| table.middleware.push(middleware));
    }

    pub(crate) fn add_connect(&self, handler: Erased<ConnectContext>) {
        self.add(handler, |table, handler| table.connect.push(handler));
    }

    pub(crate) fn add_disconnecting(&self, handler: Erased<DisconnectContext>) {
        self.add(handler, |table, handler| table.disconnecting.push(handler));
    }

    pub(crate) fn add_disconnect(&self, handler: Erased<DisconnectContext>) {
        self.add(handler, |table, handler| table.disconnect.push(handler));
    }
}

impl Routes for RouteTable {
    fn snapshot(&self) -> Arc<dyn Handlers> {
        let routes = self.routes();
        match routes.table.once {
            0 => routes,
            _ => Arc::new(SocketRoutes::clone(&routes)),
        }
    }
}

impl Table {
    /// What inherits has handlers of its own, which come after what it inherits.
    fn append(&mut self, own: &Self) {
        // All fields are named, so that none is forgotten.
        let Self {
            io: _,
            middleware,
            connect,
            any,
            guards,
            events,
            fallback,
            all,
            outgoing,
            errors,
            disconnecting,
            disconnect,
            once,
        } = own;
        self.middleware.extend_from_slice(middleware);
        self.connect.extend_from_slice(connect);
        self.any.extend_from_slice(any);
        self.guards.extend_from_slice(guards);
        for (event, routes) in events {
            let base = self.once;
            let later = |Route { handler, once }: &Route| Route {
                handler: handler.clone(),
                once: once.map(|place| base + place),
            };
            self.events.entry(event.clone()).or_default().extend(routes.iter().map(later));
        }
        self.fallback.extend_from_slice(fallback);
        self.all.extend_from_slice(all);
        self.outgoing.extend_from_slice(outgoing);
        self.errors.extend_from_slice(errors);
        self.disconnecting.extend_from_slice(disconnecting);
        self.disconnect.extend_from_slice(disconnect);
        self.once += once;
    }

    fn add(&mut self, event: &str, route: Route) {
        self.events.entry(event.to_owned()).or_default().push(route);
    }

    /// Whether all that an event meets is its own handlers.
    pub(super) fn is_direct(&self) -> bool {
        let Self { any, guards, all, errors, .. } = self;
        any.is_empty() && guards.is_empty() && all.is_empty() && errors.is_empty()
    }

    pub(super) fn find(&self, event: &str) -> Found<'_> {
        match self.events.get(event).map(Vec::as_slice) {
            Some([Route { handler: EventHandler::Function(handler), once: None }]) => {
                Found::One(handler)
            }
            Some([_, ..]) => Found::Others,
            Some([]) | None => match &self.fallback[..] {
                [] => Found::None,
                [EventHandler::Function(handler)] => Found::One(handler),
                _ => Found::Others,
            },
        }
    }
}

impl SocketRoutes {
    fn empty(io: WeakIo) -> Self {
        Self { table: Arc::new(Table { io, ..Table::default() }), called: Box::default() }
    }

    /// The handlers to call for an event that has arrived; those that are called once are not found again.
    pub(super) fn take(&self, event: &str) -> Vec<EventHandler> {
        let routes = self.table.events.get(event).map(Vec::as_slice).unwrap_or_default();
        let mut found: Vec<_> = routes
            .iter()
            .filter(|route| route.once.is_none_or(|place| self.is_first(place)))
            .map(|route| route.handler.clone())
            .collect();
        if found.is_empty() {
            found.clone_from(&self.table.fallback);
        }
        found.extend_from_slice(&self.table.all);
        found
    }

    fn is_first(&self, place: usize) -> bool {
        self.called.get(place).is_some_and(|called| !called.swap(true, Ordering::AcqRel))
    }
}
