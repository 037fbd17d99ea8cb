//! The namespaces of a server as a whole: finding or making one by name, hearing of new ones, removing one.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use actix_socketio_actors::{
    escaped::{Escaped, OneLine},
    operation::NamespaceLink,
    server::messages::RemoveNamespace,
    shield::{count_panic, shielded},
};

use crate::{dynamic::canonical, io::SocketIo, namespace::Namespace, registry::NamespaceState};

type Listener = Arc<dyn Fn(Namespace) + Send + Sync>;

/// Who wants to hear of new namespaces.
#[derive(Default)]
pub(crate) struct Listeners(RwLock<Vec<Listener>>);

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listeners")
    }
}

impl SocketIo {
    /// A namespace, made at the first call: `io.of(name)` in JavaScript. A leading `/` is added when it is missing. If there is none of
    /// that name but a pattern or predicate that fits, it is made as one of theirs.
    ///
    /// Names may hold anything but a comma, which ends the name in a packet, and be up to 256 bytes long. A namespace of another name
    /// is there, but no client can ask for it; that is logged.
    ///
    /// ```
    /// # use actix_socketio::{Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/chat").on_connect(async |socket: Socket| socket.emit("hello", &()));
    /// io.of("chat").emit("news", &"the same namespace");
    /// ```
    pub fn of(&self, name: &str) -> Namespace {
        let name = canonical(name);
        let shared = self.shared();
        let found = shared.registry.lock().get(&name).cloned();
        let state = found.unwrap_or_else(|| self.make(&name));
        Namespace::new(self.clone(), state)
    }

    fn make(&self, name: &str) -> Arc<NamespaceState> {
        let shared = self.shared();
        // Predicates are user code: no lock is held.
        let descent = shared.rules.descent_of(name);
        let mut table = shared.registry.lock();
        if let Some(state) = table.get(name) {
            return state.clone();
        }
        let state = table.insert(name.to_owned().into(), descent, self.downgrade());
        drop(table);
        if name.contains(',') || name.len() > shared.config.packets.max_namespace_len {
            log::warn!(
                "no client can ask for the namespace {}: it has a comma, or is too long",
                Escaped(name)
            );
        }
        if name != "/" {
            self.announce(&state);
        }
        shared.registry.lock().open(&state);
        state
    }

    /// The namespaces that there are, by name; without the parents of dynamic ones.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/chat");
    /// let names: Vec<String> = io.namespaces().iter().map(|namespace| namespace.name().to_owned()).collect();
    /// assert_eq!(names, ["/", "/chat"]);
    /// ```
    pub fn namespaces(&self) -> Vec<Namespace> {
        let all = self.shared().registry.lock().list();
        all.into_iter().map(|state| Namespace::new(self.clone(), state)).collect()
    }

    /// Removes a namespace and says whether there was one. Its sockets are disconnected with the reason `server namespace disconnect`,
    /// after what is queued for them, and clients that are on their way in are refused. Whoever asks for it later is refused, too, unless
    /// a pattern or function still wants that name. The namespace `/` always exists.
    ///
    /// Handles of a removed namespace reach nobody; [`of`](Self::of) makes a new one, without handlers.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/chat");
    /// assert!(io.remove_namespace("/chat"));
    /// assert!(!io.remove_namespace("/chat"));
    /// ```
    pub fn remove_namespace(&self, name: &str) -> bool {
        let name = canonical(name);
        if name == "/" {
            return false;
        }
        let mut table = self.shared().registry.lock();
        let Some(state) = table.remove(&name) else { return false };
        if let Some((link, server)) = state.link().zip(table.server()) {
            link.remove();
            // Under the lock, so that it precedes the adoption of the next namespace of that name.
            server.supervisor.do_send(RemoveNamespace { namespace: link.clone() });
        }
        true
    }

    /// Hears of every new namespace, static or dynamic, before the first client is in it: `io.on("new_namespace", …)` in JavaScript.
    /// Handlers that it registers there are those of this namespace alone. If it panics, that is logged.
    ///
    /// ```
    /// # use actix_socketio::{Namespace, SocketIo};
    /// # let io = SocketIo::new();
    /// io.on_new_namespace(|namespace: Namespace| println!("{} is open", namespace.name()));
    /// io.of("/chat");
    /// ```
    pub fn on_new_namespace(&self, hear: impl Fn(Namespace) + Send + Sync + 'static) -> &Self {
        let listeners = &self.shared().listeners.0;
        listeners.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(hear));
        self
    }

    pub(crate) fn announce(&self, state: &Arc<NamespaceState>) {
        let listeners = &self.shared().listeners.0;
        let listeners = listeners.read().unwrap_or_else(PoisonError::into_inner).clone();
        for hear in listeners {
            let namespace = Namespace::new(self.clone(), state.clone());
            if let Err(panic) = shielded(|| hear(namespace)) {
                count_panic();
                log::error!("new-namespace handler panicked: {}", OneLine(panic));
            }
        }
    }

    /// The namespace of a socket, which may be removed by now: then a handle that reaches nobody.
    pub(crate) fn namespace_of(&self, link: &Arc<NamespaceLink>) -> Namespace {
        let table = self.shared().registry.lock();
        let same = |state: &&Arc<NamespaceState>| state.link().is_some_and(|it| it.id == link.id);
        let found = table.get(link.name.as_str()).filter(same).cloned();
        let state = found.unwrap_or_else(|| NamespaceState::removed(link, self.downgrade()));
        Namespace::new(self.clone(), state)
    }
}
