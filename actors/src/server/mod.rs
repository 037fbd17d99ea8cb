//! The root of the tree: knows the namespaces, and shows new sockets the way to theirs.
//!
//! It runs on the supervisor arbiter, a thread of its own, with all namespaces and rooms; in tests of an application, on theirs.

pub mod messages;

mod describe;
mod presence;
mod supervised;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context, Handler, WeakAddr};

use self::messages::{
    AdoptCourier, AdoptForwarder, AdoptNamespace, AdoptOutlet, Connect, NamespaceEmptied,
    RemoveNamespace,
};
pub use self::presence::{Lifetime, Presence};
use crate::{
    config::Config,
    courier::Courier,
    dispatch::{DynamicNamespaces, Routes},
    forwarder::{Follower, Forwarder},
    id::{NamespaceId, NamespaceName},
    mailbox::{Mailbox, Traffic, takes_mail},
    namespace::{
        NamespaceSupervisor, NamespaceTotals,
        messages::{Admit, CloseNamespace},
    },
    operation::{CourierLink, NamespaceLink, WeakCourierLink},
    session::messages::Admission,
    supervision::{self, Failed, Point, Restarts, Supervision, fault_point},
    topology::{self, Counters, messages::OutletAddr, remembered::Remembered},
    watchdog::Watchdog,
};

/// See the module.
#[derive(Debug)]
pub struct ServerSupervisor {
    namespaces: HashMap<NamespaceName, Arc<NamespaceLink>>,
    /// Those that have not ended, and some that have.
    couriers: Vec<WeakCourierLink>,
    /// What those that have ended had counted.
    ended: Counters,
    forwarders: Remembered<WeakAddr<Forwarder>>,
    outlets: Remembered<OutletAddr>,
    /// Where namespaces are looked up outside of the actors.
    registry: Arc<dyn DynamicNamespaces>,
    /// Its own thread, which ends with it.
    arbiter: Option<ArbiterHandle>,
    traffic: Traffic,
    supervision: Arc<Supervision>,
    restarts: Restarts,
    /// Present once it has panicked too often.
    failed: Option<Failed>,
}

takes_mail! {
    ServerSupervisor: AdoptCourier, AdoptForwarder, AdoptNamespace, AdoptOutlet, Connect, RemoveNamespace, NamespaceEmptied
}

/// A running server: the addresses that the edge and the handles need.
#[derive(Debug, Clone)]
pub struct Server {
    /// The root of the tree.
    pub supervisor: Mailbox<ServerSupervisor>,
    /// The courier of the supervisor arbiter, for contexts that belong to no worker: it serves no connections.
    pub courier: CourierLink,
    /// What all of its actors share.
    pub supervision: Arc<Supervision>,
    arbiter: ArbiterHandle,
    config: Arc<Config>,
    watchdog: Watchdog,
}

/// What a namespace is made of.
#[derive(Debug)]
pub struct NamespaceSetup {
    /// Its name.
    pub name: NamespaceName,
    /// Parameters of its name; see [`NamespaceLink::params`].
    pub params: Vec<(String, String)>,
    /// Its handlers.
    pub routes: Arc<dyn Routes>,
    /// Whether it ends with its last socket.
    pub ends_empty: bool,
}

impl Server {
    /// Starts the supervisor arbiter with the root of the tree on it.
    ///
    /// # Panics
    ///
    /// Outside of an actix system.
    pub fn start(config: Arc<Config>, registry: Arc<dyn DynamicNamespaces>) -> Self {
        let arbiter = Arbiter::new().handle();
        let own = Some(arbiter.clone());
        Self::start_in(arbiter, own, config, registry)
    }

    /// The same on the current thread, which goes on when the server ends: whoever waits for that thread to be idle waits for all actors.
    ///
    /// # Panics
    ///
    /// Outside of an actix system.
    pub fn start_here(config: Arc<Config>, registry: Arc<dyn DynamicNamespaces>) -> Self {
        Self::start_in(Arbiter::current(), None, config, registry)
    }

    /// `own` is the thread that ends with the server.
    fn start_in(
        arbiter: ArbiterHandle,
        own: Option<ArbiterHandle>,
        config: Arc<Config>,
        registry: Arc<dyn DynamicNamespaces>,
    ) -> Self {
        let supervision = Supervision::new(config.restart_limit);
        let courier = Courier::start_in(&arbiter, config.clone(), supervision.clone());
        let shared = supervision.clone();
        // A thread that is not ours alone is for its owner to watch.
        let watchdog = match config.stall_threshold {
            Some(threshold) if own.is_some() => Watchdog::start(threshold, courier.id),
            _ => Watchdog::none(),
        };
        watchdog.watch_supervisors(&arbiter, &courier);
        let supervisor = Mailbox::start_in(&arbiter, |_, traffic| ServerSupervisor {
            arbiter: own,
            ..ServerSupervisor::new(registry, shared, traffic)
        });
        supervisor.do_send(AdoptCourier { courier: courier.downgrade() });
        Self { supervisor, courier, supervision, arbiter, config, watchdog }
    }

    /// The thread of the supervisors.
    pub fn arbiter(&self) -> &ArbiterHandle {
        &self.arbiter
    }

    /// Runs a task beside the root; not if the thread has ended.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.arbiter.spawn(task);
    }

    /// Starts a namespace beside the root, which adopts it.
    pub fn start_namespace(&self, setup: NamespaceSetup) -> Arc<NamespaceLink> {
        let NamespaceSetup { name, params, routes, ends_empty } = setup;
        let id = NamespaceId::next();
        let own_name = name.clone();
        let totals = NamespaceTotals::new(self.supervision.clone());
        let own_totals = totals.clone();
        let addr = Mailbox::start_in(&self.arbiter, move |ctx, traffic| {
            NamespaceSupervisor::new(id, own_name, routes, own_totals, traffic, ctx)
        });
        let (arbiter, config) = (self.arbiter.clone(), self.config.clone());
        let lifetime = match ends_empty {
            true => Lifetime::owned(self.supervisor.downgrade()),
            false => Lifetime::default(),
        };
        let link = NamespaceLink { id, name, params, addr, totals, arbiter, config, lifetime };
        let namespace = Arc::new(link);
        self.supervisor.do_send(AdoptNamespace { namespace: namespace.clone() });
        namespace
    }

    /// Starts the courier of the current thread, below the root.
    pub fn start_courier(&self) -> CourierLink {
        let courier = Courier::start_here(self.config.clone(), self.supervision.clone());
        self.watchdog.watch_here(&courier);
        self.supervisor.do_send(AdoptCourier { courier: courier.downgrade() });
        courier
    }

    /// Starts what tells an actor of the application what happens in namespaces.
    pub fn start_forwarder(&self, follower: Arc<dyn Follower>) -> Addr<Forwarder> {
        let limit = self.config.max_forwarded;
        let addr =
            Forwarder::start_in_arbiter(&self.arbiter, move |_| Forwarder::new(follower, limit));
        self.supervisor.do_send(AdoptForwarder { forwarder: addr.downgrade() });
        addr
    }

    /// An actor behind recipients was started.
    pub fn adopt_outlet(&self, outlet: OutletAddr) {
        self.supervisor.do_send(AdoptOutlet { outlet });
    }
}

impl Actor for ServerSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, "server", "mounted");
    }

    /// The last handle and the last session are gone: the thread ends with the tree.
    fn stopped(&mut self, ctx: &mut Self::Context) {
        if supervision::died(self, |root| &mut root.failed, ctx) {
            // Those that are there may go on without it.
            return;
        }
        topology::stopped(log::Level::Info, "server", "nobody holds it any more");
        if let Some(arbiter) = &self.arbiter {
            arbiter.stop();
        }
    }
}

impl Handler<AdoptNamespace> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AdoptNamespace, _: &mut Self::Context) {
        self.namespaces.insert(msg.namespace.name.clone(), msg.namespace);
    }
}

impl Handler<Connect> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Connect, _: &mut Self::Context) {
        fault_point(Point::ServerConnect);
        match self.namespaces.get(&msg.namespace) {
            Some(namespace) if !namespace.addr.addr().connected() => {
                msg.session.do_send(Admission::Failed { name: msg.namespace });
            }
            Some(namespace) => namespace.addr.do_send(Admit {
                namespace: namespace.clone(),
                presence: Some(Presence::new(namespace.clone())),
                session: msg.session,
            }),
            None => msg.session.do_send(Admission::NoSuchNamespace { name: msg.namespace }),
        }
    }
}

impl ServerSupervisor {
    /// The root of a tree that ends with its thread.
    pub fn new(
        registry: Arc<dyn DynamicNamespaces>,
        supervision: Arc<Supervision>,
        traffic: Traffic,
    ) -> Self {
        Self {
            namespaces: HashMap::new(),
            couriers: Vec::new(),
            ended: Counters::default(),
            forwarders: Remembered::default(),
            outlets: Remembered::default(),
            registry,
            arbiter: None,
            traffic,
            supervision,
            restarts: Restarts::default(),
            failed: None,
        }
    }

    /// A namespace of the same name may have been made since.
    fn forget(&mut self, namespace: &NamespaceLink) -> bool {
        let same = self.namespaces.get(&namespace.name).is_some_and(|it| it.id == namespace.id);
        if same {
            self.namespaces.remove(&namespace.name);
        }
        same
    }
}

impl Handler<RemoveNamespace> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RemoveNamespace, _: &mut Self::Context) {
        if self.forget(&msg.namespace) {
            msg.namespace.addr.do_send(CloseNamespace);
        }
    }
}

impl Handler<NamespaceEmptied> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: NamespaceEmptied, _: &mut Self::Context) {
        // Whoever is on the way in is counted: by this actor, or under the lock that the registry holds while it looks.
        if self.registry.forget_if_empty(&msg.namespace) {
            self.forget(&msg.namespace);
        }
    }
}
