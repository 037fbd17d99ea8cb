//! Namespaces that come into being when a client asks for one: the rules that say which, and the parents that they belong to.
//!
//! Sessions ask the rules, through `DynamicNamespaces`, since rules are user code; `registry` holds what they have made.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use actix_socketio_actors::{
    dispatch::{DynamicNamespaces, NamespaceRequest as Request},
    escaped::OneLine,
    handshake::Handshake,
    id::NamespaceName,
    operation::NamespaceLink,
    server::Presence,
    shield::{count_panic, shielded},
};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::{
    config::ConfigError,
    error::Error,
    io::{SocketIo, WeakIo},
    namespace::Namespace,
    registry::{Descent, NamespaceState},
};

/// A client asks for a namespace that does not exist; see [`SocketIo::of_async`].
///
/// ```
/// # use actix_socketio::{NamespaceRequest, SocketIo};
/// #[derive(serde::Deserialize)]
/// struct Token { token: String }
///
/// async fn wants(request: NamespaceRequest) -> bool {
///     let local = request.handshake().address.is_some_and(|address| address.is_loopback());
///     let known = request.auth::<Token>().is_ok_and(|auth| auth.token == "secret");
///     request.name().starts_with("/game/") && (local || known)
/// }
/// # SocketIo::new().of_async(wants);
/// ```
#[derive(Debug, Clone)]
pub struct NamespaceRequest(Request);

impl NamespaceRequest {
    /// The name of the namespace, with its leading `/`.
    pub fn name(&self) -> &str {
        self.0.name.as_str()
    }

    /// What the client sent as `auth`; a client that sends none is taken to have sent `{}`.
    ///
    /// # Errors
    ///
    /// It does not have this type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Ok(self.0.auth.auth()?)
    }

    /// The request that opened the client's connection.
    pub fn handshake(&self) -> &Handshake {
        &self.0.handshake
    }
}

/// The rules of a server, in the order in which they were made.
#[derive(Debug, Default)]
pub(crate) struct Rules(RwLock<Vec<Arc<Rule>>>);

struct Rule {
    parent: Arc<NamespaceState>,
    matcher: Matcher,
}

enum Matcher {
    Pattern(matchit::Router<()>),
    Where(Box<dyn Fn(&str) -> bool + Send + Sync>),
    Ask(Box<dyn Fn(NamespaceRequest) -> LocalBoxFuture<'static, bool> + Send + Sync>),
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.parent.name().as_str())
    }
}

impl Rule {
    /// The parameters of a name that fits a rule about names.
    fn fits(&self, name: &str) -> Option<Vec<(String, String)>> {
        match &self.matcher {
            Matcher::Pattern(pattern) => {
                let found = pattern.at(name).ok()?;
                Some(found.params.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
            }
            Matcher::Where(wants) => wants(name).then(Vec::new),
            Matcher::Ask(_) => None,
        }
    }

    async fn wants(&self, request: &Request) -> Option<Descent> {
        let params = match &self.matcher {
            Matcher::Ask(ask) => ask(NamespaceRequest(request.clone())).await.then(Vec::new),
            Matcher::Pattern(_) | Matcher::Where(_) => self.fits(request.name.as_str()),
        };
        Some((self.parent.clone(), params?))
    }
}

impl Rules {
    fn all(&self) -> Vec<Arc<Rule>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes a rule with its parent, which bears no name of a namespace unless it is given a pattern.
    fn add(&self, name: Option<&str>, io: WeakIo, matcher: Matcher) -> Arc<NamespaceState> {
        let mut rules = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let name = name.map_or_else(|| format!("/_{}", rules.len()), str::to_owned);
        let parent = NamespaceState::parent(name.into(), io);
        rules.push(Arc::new(Rule { parent: parent.clone(), matcher }));
        parent
    }

    /// The first rule about names that this one fits. A rule that panics wants nothing.
    pub(crate) fn descent_of(&self, name: &str) -> Option<Descent> {
        self.all().iter().find_map(|rule| {
            let params = shielded(|| rule.fits(name)).unwrap_or_else(|panic| {
                count_panic();
                log::error!("rule for namespaces panicked: {}", OneLine(panic));
                None
            })?;
            Some((rule.parent.clone(), params))
        })
    }
}

/// What a client that is on the way into a namespace finds there.
enum Entry {
    /// The namespace, if there may be one.
    Found(Option<Presence>),
    /// It is being announced: nobody gets in before its handlers are registered.
    Announced(Arc<NamespaceState>),
}

impl SocketIo {
    /// Namespaces by a pattern, made when a client asks for one: `io.of(/^\/org\/([^/]+)\/chat$/)` in JavaScript. `{name}` stands for one
    /// segment, `{*name}` for all that follow; handlers get them by [`Params`](crate::Params).
    ///
    /// What is returned is the parent of these namespaces: they inherit its handlers and middleware, and what is emitted through it
    /// reaches everyone in all of them. A namespace that is defined by its name wins, and of several patterns and predicates the one
    /// that was made first. A leading `/` is added when it is missing.
    ///
    /// ```
    /// # use actix_socketio::{Params, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of_pattern("/org/{org}/chat")?.on_connect(async |socket: Socket, Params(org): Params<u32>| {
    ///     socket.join(format!("everyone at {org}"));
    /// });
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It is not a pattern.
    pub fn of_pattern(&self, pattern: &str) -> Result<Namespace, ConfigError> {
        let pattern = canonical(pattern);
        let mut router = matchit::Router::new();
        router
            .insert(pattern.as_str(), ())
            .map_err(|error| ConfigError::new("namespace pattern", error.to_string()))?;
        Ok(self.add_rule(Some(&pattern), Matcher::Pattern(router)))
    }

    /// Namespaces by a predicate of their name, as [`of_pattern`](Self::of_pattern): `io.of(/…/)` in JavaScript, with any regular
    /// expression.
    ///
    /// ```
    /// # use actix_socketio::{Namespace, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of_where(|name| name.strip_prefix("/day-").is_some_and(|day| day.parse::<u8>().is_ok()))
    ///     .on("where", async |namespace: Namespace| namespace.name().to_owned());
    /// ```
    pub fn of_where(&self, wants: impl Fn(&str) -> bool + Send + Sync + 'static) -> Namespace {
        self.add_rule(None, Matcher::Where(Box::new(wants)))
    }

    /// Namespaces by an async function, as [`of_pattern`](Self::of_pattern): `io.of((name, auth, next) => …)` in JavaScript. It runs in
    /// the session of the client that asks; if it panics, the client is refused.
    ///
    /// ```
    /// # use actix_socketio::{NamespaceRequest, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of_async(async |request: NamespaceRequest| {
    ///     let auth = request.auth::<serde_json::Value>().unwrap_or_default();
    ///     request.name().starts_with("/game/") && auth["token"] == "secret"
    /// });
    /// ```
    pub fn of_async<F, Fut>(&self, wants: F) -> Namespace
    where
        F: FnOnce(NamespaceRequest) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = bool> + 'static,
    {
        let ask = move |request| -> LocalBoxFuture<'static, bool> {
            let wants = wants.clone();
            Box::pin(wants(request))
        };
        self.add_rule(None, Matcher::Ask(Box::new(ask)))
    }

    fn add_rule(&self, name: Option<&str>, matcher: Matcher) -> Namespace {
        let parent = self.shared().rules.add(name, self.downgrade(), matcher);
        Namespace::new(self.clone(), parent)
    }

    /// The namespace that a rule wants for a client, as held by somebody on the way in.
    async fn admit(&self, name: &NamespaceName, descent: &Descent) -> Option<Presence> {
        loop {
            match self.enter(name.clone(), descent.clone()) {
                Entry::Found(presence) => return presence,
                Entry::Announced(state) => state.opened().await,
            }
        }
    }

    /// The namespace may have been made in the meantime.
    fn enter(&self, name: NamespaceName, descent: Descent) -> Entry {
        let shared = self.shared();
        let mut table = shared.registry.lock();
        if let Some(state) = table.get(name.as_str()) {
            return match state.is_open() {
                true => Entry::Found(state.link().cloned().map(Presence::new)),
                false => Entry::Announced(state.clone()),
            };
        }
        let max = shared.config.max_dynamic_namespaces;
        if table.children() >= max {
            if !std::mem::replace(&mut table.overflow_logged, true) {
                log::warn!("there are {max} dynamic namespaces: clients are refused more");
            }
            return Entry::Found(None);
        }
        let state = table.insert(name, Some(descent), self.downgrade());
        drop(table);
        self.announce(&state);
        let table = shared.registry.lock();
        table.open(&state);
        Entry::Found(state.link().cloned().map(Presence::new))
    }
}

impl DynamicNamespaces for WeakIo {
    fn find(&self, request: Request) -> Option<LocalBoxFuture<'static, Option<Presence>>> {
        let io = self.upgrade()?;
        let rules = io.shared().rules.all();
        if rules.is_empty() {
            return None;
        }
        Some(Box::pin(async move {
            for rule in rules {
                if let Some(descent) = rule.wants(&request).await {
                    return io.admit(&request.name, &descent).await;
                }
            }
            None
        }))
    }

    fn forget_if_empty(&self, namespace: &NamespaceLink) -> bool {
        let Some(io) = self.upgrade() else { return false };
        let mut table = io.shared().registry.lock();
        let link = table.get(namespace.name.as_str()).and_then(|state| state.link());
        // One of the same name may have been made since.
        let empty = link.is_some_and(|link| link.id == namespace.id && link.is_empty());
        empty && table.remove(namespace.name.as_str()).is_some()
    }
}

/// A name with its leading `/`.
pub(crate) fn canonical(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn the_table_forgets_a_namespace_only_while_nobody_is_on_the_way_in() {
        let io = SocketIo::new();
        io.shared().start();
        let weak = io.downgrade();
        io.of_where(|_| true);
        let enter = || match io.enter("/n".into(), io.shared().rules.descent_of("/n").unwrap()) {
            Entry::Found(Some(presence)) => presence,
            Entry::Found(None) | Entry::Announced(_) => panic!("it is not there"),
        };
        let link = |presence: &Presence| presence.namespace().clone();
        let (first, second) = (enter(), enter());
        let namespace = link(&first);
        assert_eq!(link(&second).id, namespace.id);
        drop(first);
        assert!(!weak.forget_if_empty(&namespace));
        drop(second);
        assert!(weak.forget_if_empty(&namespace));
        let next = link(&enter());
        assert_ne!(next.id, namespace.id);
        assert!(!weak.forget_if_empty(&namespace), "it is another");
        assert!(weak.forget_if_empty(&next));
        assert!(!weak.forget_if_empty(&next), "it is gone");
    }
}
