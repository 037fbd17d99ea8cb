//! When namespaces end: with their last socket, and never under the feet of somebody on the way in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use actix::{Actor, Context, Handler, Recipient};
use futures_util::future::{LocalBoxFuture, ready};
use socketio_protocol::socket::Payload;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    NamespaceSetup, Presence, Server,
    messages::{Connect, RemoveNamespace},
};
use crate::{
    config::Config,
    dispatch::{DynamicNamespaces, Handlers, IncomingEvent, NamespaceRequest, Routes},
    error::{ConnectError, DisconnectReason},
    id::{NamespaceId, NamespaceName},
    operation::{NamespaceLink, SocketLink},
    session::messages::Admission,
};

const DEADLINE: Duration = Duration::from_secs(10);

/// Makes every namespace that it is asked for, as the edge does with a rule that wants everything.
#[derive(Debug, Default)]
struct Registry {
    namespaces: Mutex<HashMap<NamespaceName, Arc<NamespaceLink>>>,
    server: OnceLock<Server>,
}

impl Registry {
    fn start() -> Arc<Self> {
        let registry = Arc::new(Self::default());
        let server = Server::start(Arc::new(Config::default()), registry.clone());
        registry.server.set(server).unwrap();
        registry
    }

    fn server(&self) -> &Server {
        self.server.get().unwrap()
    }

    fn find_or_make(&self, name: &str) -> Presence {
        let mut namespaces = self.namespaces.lock().unwrap();
        let name = NamespaceName::from(name.to_owned());
        let link = namespaces.entry(name.clone()).or_insert_with(|| {
            let (params, routes) = (Vec::new(), Arc::new(Silence));
            self.server().start_namespace(NamespaceSetup { name, params, routes, ends_empty: true })
        });
        Presence::new(link.clone())
    }

    fn link(&self, name: &str) -> Option<Arc<NamespaceLink>> {
        self.namespaces.lock().unwrap().get(name).cloned()
    }
}

impl DynamicNamespaces for Registry {
    fn find(&self, _: NamespaceRequest) -> Option<LocalBoxFuture<'static, Option<Presence>>> {
        None
    }

    fn forget_if_empty(&self, namespace: &NamespaceLink) -> bool {
        let mut namespaces = self.namespaces.lock().unwrap();
        let same = namespaces.get(&namespace.name).is_some_and(|link| link.id == namespace.id);
        same && namespace.is_empty() && namespaces.remove(&namespace.name).is_some()
    }
}

/// Nobody is called in these tests.
#[derive(Debug)]
struct Silence;

impl Routes for Silence {
    fn snapshot(&self) -> Arc<dyn Handlers> {
        Arc::new(Self)
    }
}

impl Handlers for Silence {
    fn before_connect(
        self: Arc<Self>,
        _: Arc<SocketLink>,
    ) -> LocalBoxFuture<'static, Result<(), ConnectError>> {
        unreachable!()
    }

    fn connected(self: Arc<Self>, _: Arc<SocketLink>) -> LocalBoxFuture<'static, ()> {
        unreachable!()
    }

    fn event(self: Arc<Self>, _: IncomingEvent) -> Option<LocalBoxFuture<'static, ()>> {
        unreachable!()
    }

    fn disconnected(
        self: Arc<Self>,
        _: Arc<SocketLink>,
        _: DisconnectReason,
        _: Vec<crate::id::RoomName>,
    ) -> LocalBoxFuture<'static, ()> {
        unreachable!()
    }

    fn watches_outgoing(&self) -> bool {
        false
    }

    fn sent(self: Arc<Self>, _: Arc<SocketLink>, _: Payload) -> LocalBoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// Stands for the sessions of some clients.
struct Desk(UnboundedSender<Admission>);

impl Actor for Desk {
    type Context = Context<Self>;
}

impl Handler<Admission> for Desk {
    type Result = ();

    fn handle(&mut self, msg: Admission, _: &mut Context<Self>) {
        self.0.send(msg).unwrap();
    }
}

/// Clients that ask for namespaces and get their answers in order.
struct Clients {
    registry: Arc<Registry>,
    desk: Recipient<Admission>,
    answers: UnboundedReceiver<Admission>,
}

impl Clients {
    fn new(registry: &Arc<Registry>) -> Self {
        let (sender, answers) = unbounded_channel();
        Self { registry: registry.clone(), desk: Desk(sender).start().recipient(), answers }
    }

    fn ask(&self, name: &str) {
        let (namespace, session) = (name.to_owned().into(), self.desk.clone());
        self.registry.server().supervisor.do_send(Connect { namespace, session });
    }

    async fn answer(&mut self) -> Option<(NamespaceId, Presence)> {
        let answer = tokio::time::timeout(DEADLINE, self.answers.recv());
        match answer.await.expect("an answer").unwrap() {
            Admission::Admitted { namespace, presence, .. } => Some((namespace.id, presence)),
            Admission::NoSuchNamespace { .. } | Admission::Failed { .. } => None,
        }
    }

    async fn enter(&mut self, name: &str) -> Option<(NamespaceId, Presence)> {
        self.ask(name);
        self.answer().await
    }
}

#[actix::test]
async fn a_namespace_ends_with_its_last_socket_and_not_before() {
    let registry = Registry::start();
    let mut clients = Clients::new(&registry);
    drop(registry.find_or_make("/a"));
    let made = registry.find_or_make("/b");
    // The first was let go of before anybody came.
    assert!(clients.enter("/a").await.is_none());
    let first = clients.enter("/b").await.unwrap();
    drop(made);
    let second = clients.enter("/b").await.unwrap();
    assert_eq!(first.0, second.0);
    drop(first);
    assert_eq!(clients.enter("/b").await.unwrap().0, second.0);
    drop(second);
    assert!(clients.enter("/b").await.is_none());
    assert!(registry.link("/b").is_none());
}

#[actix::test]
async fn whoever_has_asked_before_the_last_socket_goes_keeps_the_namespace() {
    let registry = Registry::start();
    let mut clients = Clients::new(&registry);
    let last = registry.find_or_make("/a");
    clients.ask("/a");
    drop(last);
    let (id, admitted) = clients.answer().await.unwrap();
    assert_eq!(clients.enter("/a").await.unwrap().0, id);
    drop(admitted);
}

#[actix::test]
async fn whoever_has_found_the_namespace_keeps_it_before_asking() {
    let registry = Registry::start();
    let mut clients = Clients::new(&registry);
    let last = registry.find_or_make("/a");
    let found = registry.find_or_make("/a");
    drop(last);
    let (id, _) = clients.enter("/a").await.unwrap();
    assert_eq!(registry.link("/a").unwrap().id, id);
    drop(found);
}

#[actix::test]
async fn however_clients_come_and_go_two_in_one_name_are_in_one_namespace() {
    let registry = Registry::start();
    let rush = |registry: Arc<Registry>| {
        move || {
            actix::System::new().block_on(async {
                let mut clients = Clients::new(&registry);
                for _ in 0..2000 {
                    let found = registry.find_or_make("/a");
                    let (id, admitted) = clients.enter("/a").await.expect("it was found");
                    // From here on the one that was admitted keeps it.
                    drop(found);
                    assert_eq!(registry.link("/a").expect("somebody is in it").id, id);
                    assert_eq!(clients.enter("/a").await.expect("still there").0, id);
                    drop(admitted);
                }
            });
        }
    };
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(rush(registry.clone()))).collect();
    // The join blocks this thread, which serves nobody.
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let mut clients = Clients::new(&registry);
    assert!(clients.enter("/a").await.is_none(), "everybody has gone");
}

#[actix::test]
async fn the_removal_of_a_namespace_spares_the_next_of_its_name() {
    let registry = Registry::start();
    let mut clients = Clients::new(&registry);
    let first = registry.find_or_make("/a");
    let former = registry.namespaces.lock().unwrap().remove("/a").unwrap();
    let remove =
        || registry.server().supervisor.do_send(RemoveNamespace { namespace: former.clone() });
    remove();
    assert!(clients.enter("/a").await.is_none());
    let second = registry.find_or_make("/a");
    remove();
    drop(first);
    assert_ne!(clients.enter("/a").await.unwrap().0, former.id);
    drop(second);
}

#[actix::test]
async fn the_thread_of_the_supervisors_is_watched() {
    let threshold = Duration::from_millis(200);
    let config = Config { stall_threshold: Some(threshold), ..Config::default() };
    let server = Server::start(Arc::new(config), Arc::<Registry>::default());
    let (release, released) = std::sync::mpsc::channel::<()>();
    server.arbiter().spawn_fn(move || {
        let _ = released.recv_timeout(DEADLINE);
    });
    let reported = async {
        while server.courier.tally.counters().stalls == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, reported).await.unwrap();
    release.send(()).unwrap();
}
