//! The root of the tree: knows the namespaces, and shows new sockets the way to theirs.
//!
//! It runs on the supervisor arbiter, a thread of its own, with all namespaces and rooms.

pub mod messages;

mod presence;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context, Handler};

use self::messages::{AdoptNamespace, Connect, NamespaceEmptied, RemoveNamespace};
pub use self::presence::{Lifetime, Presence};
use crate::{
    config::Config,
    courier::Courier,
    dispatch::{DynamicNamespaces, Routes},
    id::{CourierId, NamespaceId, NamespaceName},
    namespace::{
        NamespaceSupervisor,
        messages::{Admit, CloseNamespace},
    },
    operation::{CourierLink, NamespaceLink},
    session::messages::Admission,
};

/// See the module.
#[derive(Debug)]
pub struct ServerSupervisor {
    namespaces: HashMap<NamespaceName, Arc<NamespaceLink>>,
    /// Where namespaces are looked up outside of the actors.
    registry: Arc<dyn DynamicNamespaces>,
    /// Its own thread, which ends with it.
    arbiter: Option<ArbiterHandle>,
}

/// A running server: the addresses that the edge and the handles need.
#[derive(Debug, Clone)]
pub struct Server {
    /// The root of the tree.
    pub supervisor: Addr<ServerSupervisor>,
    /// The courier of the supervisor arbiter, for contexts that belong to no worker: it serves no connections.
    pub courier: CourierLink,
    arbiter: ArbiterHandle,
    config: Arc<Config>,
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
        let id = CourierId::next();
        let own = config.clone();
        let addr = Courier::start_in_arbiter(&arbiter, move |_| Courier::new(id, own));
        let own = arbiter.clone();
        let supervisor = ServerSupervisor::start_in_arbiter(&arbiter, |_| ServerSupervisor {
            arbiter: Some(own),
            ..ServerSupervisor::new(registry)
        });
        let courier = CourierLink { id, addr };
        Self { supervisor, courier, arbiter, config }
    }

    /// The thread of the supervisors.
    pub fn arbiter(&self) -> &ArbiterHandle {
        &self.arbiter
    }

    /// Starts a namespace beside the root, which adopts it.
    pub fn start_namespace(&self, setup: NamespaceSetup) -> Arc<NamespaceLink> {
        let NamespaceSetup { name, params, routes, ends_empty } = setup;
        let id = NamespaceId::next();
        let own_name = name.clone();
        let addr = NamespaceSupervisor::start_in_arbiter(&self.arbiter, move |ctx| {
            NamespaceSupervisor::new(id, own_name, routes, ctx)
        });
        let (arbiter, config) = (self.arbiter.clone(), self.config.clone());
        let lifetime = match ends_empty {
            true => Lifetime::owned(self.supervisor.downgrade()),
            false => Lifetime::default(),
        };
        let namespace =
            Arc::new(NamespaceLink { id, name, params, addr, arbiter, config, lifetime });
        self.supervisor.do_send(AdoptNamespace { namespace: namespace.clone() });
        namespace
    }
}

impl Actor for ServerSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        log::debug!("server supervisor started");
    }

    /// The last handle and the last session are gone: the thread ends with the tree.
    fn stopped(&mut self, _: &mut Self::Context) {
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
        match self.namespaces.get(&msg.namespace) {
            Some(namespace) => namespace.addr.do_send(Admit {
                namespace: namespace.clone(),
                presence: Presence::new(namespace.clone()),
                session: msg.session,
            }),
            None => msg.session.do_send(Admission::NoSuchNamespace { name: msg.namespace }),
        }
    }
}

impl ServerSupervisor {
    /// The root of a tree that ends with its thread.
    pub fn new(registry: Arc<dyn DynamicNamespaces>) -> Self {
        Self { namespaces: HashMap::new(), registry, arbiter: None }
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
