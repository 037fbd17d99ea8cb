//! The root of the tree: knows the namespaces, and shows new sockets the way to theirs.
//!
//! It runs on the supervisor arbiter, a thread of its own, with all namespaces and rooms.

pub mod messages;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context, Handler};

use self::messages::{AdoptNamespace, Connect};
use crate::{
    config::Config,
    courier::Courier,
    dispatch::Routes,
    id::{CourierId, NamespaceId, NamespaceName},
    namespace::{NamespaceSupervisor, messages::Admit},
    operation::{CourierLink, NamespaceLink},
    session::messages::Admission,
};

/// See the module.
#[derive(Debug, Default)]
pub struct ServerSupervisor {
    namespaces: HashMap<NamespaceName, Arc<NamespaceLink>>,
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

impl Server {
    /// Starts the supervisor arbiter with the root of the tree on it.
    ///
    /// # Panics
    ///
    /// Outside of an actix system.
    pub fn start(config: Arc<Config>) -> Self {
        let arbiter = Arbiter::new().handle();
        let id = CourierId::next();
        let own = config.clone();
        let addr = Courier::start_in_arbiter(&arbiter, move |_| Courier::new(id, own));
        let own = arbiter.clone();
        let supervisor = ServerSupervisor::start_in_arbiter(&arbiter, |_| ServerSupervisor {
            namespaces: HashMap::new(),
            arbiter: Some(own),
        });
        let courier = CourierLink { id, addr };
        Self { supervisor, courier, arbiter, config }
    }

    /// Starts a namespace beside the root, which adopts it.
    pub fn start_namespace(
        &self,
        name: NamespaceName,
        routes: Arc<dyn Routes>,
    ) -> Arc<NamespaceLink> {
        let id = NamespaceId::next();
        let own_name = name.clone();
        let addr = NamespaceSupervisor::start_in_arbiter(&self.arbiter, move |ctx| {
            NamespaceSupervisor::new(id, own_name, routes, ctx)
        });
        let (arbiter, config) = (self.arbiter.clone(), self.config.clone());
        let namespace = Arc::new(NamespaceLink { id, name, addr, arbiter, config });
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
            Some(namespace) => {
                namespace.addr.do_send(Admit { namespace: namespace.clone(), session: msg.session })
            }
            None => msg.session.do_send(Admission::NoSuchNamespace { name: msg.namespace }),
        }
    }
}
