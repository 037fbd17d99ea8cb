//! The table of namespaces that the handles of a server look up. Every change is made under its lock, and no user code runs there.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_socketio_actors::{
    id::NamespaceName,
    namespace::messages::Follow,
    operation::NamespaceLink,
    server::{NamespaceSetup, Server},
};
use tokio::sync::Notify;

use crate::{forward::Subscription, handler::RouteTable, io::WeakIo};

/// A namespace, before and after its actor is started.
#[derive(Debug)]
pub(crate) struct NamespaceState {
    name: NamespaceName,
    pub(crate) routes: Arc<RouteTable>,
    kind: Kind,
    link: OnceLock<Arc<NamespaceLink>>,
    /// Whoever hears of new namespaces has heard of it: clients may come. Changed under the lock of the table.
    open: AtomicBool,
    opened: Notify,
    /// It is not in the table any more.
    removed: AtomicBool,
    /// Who follows what happens in it and has said so before its actor was started, or what happens in its children.
    followers: Mutex<Vec<Subscription>>,
}

#[derive(Debug)]
enum Kind {
    /// Defined by name.
    Static,
    /// Stands for those that a rule makes; it has no actor, and no client is in it.
    Parent,
    /// Made by the rule of this parent, with these parameters.
    Child(Arc<NamespaceState>, Vec<(String, String)>),
    /// It is no more, but somebody has a socket of it.
    Removed,
}

impl NamespaceState {
    fn new(name: NamespaceName, routes: RouteTable, kind: Kind) -> Arc<Self> {
        Arc::new(Self {
            name,
            routes: Arc::new(routes),
            link: OnceLock::new(),
            open: AtomicBool::new(false),
            opened: Notify::new(),
            removed: AtomicBool::new(matches!(kind, Kind::Removed)),
            kind,
            followers: Mutex::default(),
        })
    }

    pub(crate) fn parent(name: NamespaceName, io: WeakIo) -> Arc<Self> {
        Self::new(name, RouteTable::new(io), Kind::Parent)
    }

    pub(crate) fn removed(link: &Arc<NamespaceLink>, io: WeakIo) -> Arc<Self> {
        let state = Self::new(link.name.clone(), RouteTable::new(io), Kind::Removed);
        state.link.get_or_init(|| link.clone());
        state
    }

    /// `None` until the server is mounted and the namespace is open: nobody can be there.
    pub(crate) fn link(&self) -> Option<&Arc<NamespaceLink>> {
        self.link.get()
    }

    pub(crate) fn name(&self) -> &NamespaceName {
        &self.name
    }

    pub(crate) fn is_parent(&self) -> bool {
        matches!(self.kind, Kind::Parent)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Acquire)
    }

    /// Waits until clients may come, or the namespace is removed before.
    pub(crate) async fn opened(&self) {
        let opened = self.opened.notified();
        if !self.is_open() {
            opened.await;
        }
    }

    fn is_child(&self) -> bool {
        matches!(self.kind, Kind::Child(..))
    }

    fn start(&self, server: &Server, cleanup: bool) {
        let params = match &self.kind {
            Kind::Child(_, params) => params.clone(),
            Kind::Static | Kind::Parent | Kind::Removed => Vec::new(),
        };
        let (name, routes) = (self.name.clone(), self.routes.clone());
        let ends_empty = cleanup && self.is_child();
        let setup = NamespaceSetup { name, params, routes, ends_empty };
        let link = self.link.get_or_init(|| server.start_namespace(setup));
        let own = std::mem::take(&mut *self.followers());
        let inherited = match &self.kind {
            Kind::Child(parent, _) => parent.followers().clone(),
            Kind::Static | Kind::Parent | Kind::Removed => Vec::new(),
        };
        for follower in own.iter().chain(&inherited) {
            link.addr.do_send(Follow { forwarder: follower.forwarder(server) });
        }
    }

    fn followers(&self) -> MutexGuard<'_, Vec<Subscription>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a new namespace comes from: the parent whose rule wants it, and the parameters of its name.
pub(crate) type Descent = (Arc<NamespaceState>, Vec<(String, String)>);

/// See the module.
#[derive(Debug)]
pub(crate) struct Registry(Mutex<Table>);

/// The table, locked.
#[derive(Debug, Default)]
pub(crate) struct Table {
    namespaces: HashMap<NamespaceName, Arc<NamespaceState>>,
    children: usize,
    /// Present once the server is mounted: namespaces are started as they are opened.
    server: Option<Server>,
    /// Whether children end with their last socket.
    cleanup: bool,
    /// It was logged that there are too many children.
    pub(crate) overflow_logged: bool,
}

impl Registry {
    pub(crate) fn new(cleanup: bool) -> Self {
        Self(Mutex::new(Table { cleanup, ..Table::default() }))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Table> {
        // Nothing in here panics half-way through a change, so a poisoned table is a whole one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<NamespaceState>> {
        self.namespaces.get(name)
    }

    /// All of them, by name.
    pub(crate) fn list(&self) -> Vec<Arc<NamespaceState>> {
        let mut all: Vec<_> = self.namespaces.values().cloned().collect();
        all.sort_unstable_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        all
    }

    /// Those that the rule of this parent has made, once they are started.
    pub(crate) fn children_of(&self, parent: &Arc<NamespaceState>) -> Vec<Arc<NamespaceLink>> {
        let is_child = |state: &&Arc<NamespaceState>| match &state.kind {
            Kind::Child(of, _) => Arc::ptr_eq(of, parent),
            Kind::Static | Kind::Parent | Kind::Removed => false,
        };
        self.namespaces.values().filter(is_child).filter_map(|it| it.link().cloned()).collect()
    }

    /// Tells someone what happens in a namespace, or in all children of a parent, later ones included.
    pub(crate) fn follow(&self, state: &Arc<NamespaceState>, follower: &Subscription) {
        let running = match state.is_parent() {
            true => self.children_of(state),
            false => state.link().cloned().into_iter().collect(),
        };
        if running.is_empty() || state.is_parent() {
            let mut followers = state.followers();
            followers.retain(Subscription::is_alive);
            followers.push(follower.clone());
        }
        // What runs has a server.
        for server in self.server.iter().filter(|_| !running.is_empty()) {
            let forwarder = follower.forwarder(server);
            running
                .iter()
                .for_each(|link| link.addr.do_send(Follow { forwarder: forwarder.clone() }));
        }
    }

    /// How many of them a rule has made.
    pub(crate) fn children(&self) -> usize {
        self.children
    }

    /// Adds a namespace that is not there yet. No client gets in before it is [opened](Self::open).
    pub(crate) fn insert(
        &mut self,
        name: NamespaceName,
        descent: Option<Descent>,
        io: WeakIo,
    ) -> Arc<NamespaceState> {
        let state = match descent {
            None => NamespaceState::new(name, RouteTable::new(io), Kind::Static),
            Some((parent, params)) => {
                let routes = RouteTable::child_of(parent.routes.clone(), io);
                NamespaceState::new(name, routes, Kind::Child(parent, params))
            }
        };
        self.children += usize::from(state.is_child());
        self.namespaces.insert(state.name.clone(), state.clone());
        state
    }

    /// A namespace was announced: clients may come, unless it was removed meanwhile.
    pub(crate) fn open(&self, state: &Arc<NamespaceState>) {
        state.open.store(true, Ordering::Release);
        let present = self.get(state.name.as_str()).is_some_and(|it| Arc::ptr_eq(it, state));
        if let Some(server) = self.server.as_ref().filter(|_| present) {
            state.start(server, self.cleanup);
        }
        state.opened.notify_waiters();
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Arc<NamespaceState>> {
        let state = self.namespaces.remove(name)?;
        state.removed.store(true, Ordering::Release);
        self.children -= usize::from(state.is_child());
        self.overflow_logged = false;
        Some(state)
    }

    /// Present once the server is mounted.
    pub(crate) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Starts what there is and what will come.
    pub(crate) fn start(&mut self, server: &Server) {
        self.server = Some(server.clone());
        for state in self.namespaces.values().filter(|state| state.is_open()) {
            state.start(server, self.cleanup);
        }
    }
}
