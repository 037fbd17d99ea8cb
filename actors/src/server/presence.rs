//! Who keeps a namespace alive: sockets, and clients on their way in.
//!
//! The server supervisor makes one [`Presence`] for each client that it sends to a namespace, the edge for each client whose namespace
//! it has found or made; sessions hold them. It knows nothing of sockets, rooms or handlers.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::{ServerSupervisor, messages::NamespaceEmptied};
use crate::{mailbox::WeakMailbox, operation::NamespaceLink};

/// What becomes of a namespace.
#[derive(Default)]
pub struct Lifetime {
    /// Presences now.
    present: AtomicUsize,
    /// The namespace is removed: nobody gets in any more.
    removed: AtomicBool,
    /// Present when the namespace is to end with its last socket: who has to hear of that.
    owner: Option<WeakMailbox<ServerSupervisor>>,
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lifetime({:?} present)", self.present)
    }
}

impl Lifetime {
    /// Of a namespace that ends with its last socket.
    pub(super) fn owned(owner: WeakMailbox<ServerSupervisor>) -> Self {
        Self { owner: Some(owner), ..Self::default() }
    }
}

impl NamespaceLink {
    /// Whether nobody is there or on the way in.
    pub fn is_empty(&self) -> bool {
        self.lifetime.present.load(Ordering::Acquire) == 0
    }

    /// Whether it was removed: clients that are on their way in have to be turned away.
    pub fn is_removed(&self) -> bool {
        self.lifetime.removed.load(Ordering::Acquire)
    }

    /// Turns away whoever is on the way in.
    pub fn remove(&self) {
        self.lifetime.removed.store(true, Ordering::Release);
    }
}

/// Somebody is in a namespace, or on the way in.
///
/// The number of presences leaves zero only where a namespace is looked up: in the server supervisor, and in the edge under the lock of
/// its table. A namespace that is found empty in both at once can be removed without losing anybody.
#[derive(Debug)]
pub struct Presence(Arc<NamespaceLink>);

impl Presence {
    /// One more.
    pub fn new(namespace: Arc<NamespaceLink>) -> Self {
        namespace.lifetime.present.fetch_add(1, Ordering::AcqRel);
        Self(namespace)
    }

    /// Where.
    pub fn namespace(&self) -> &Arc<NamespaceLink> {
        &self.0
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let last = self.0.lifetime.present.fetch_sub(1, Ordering::AcqRel) == 1;
        if last && let Some(owner) = self.0.lifetime.owner.as_ref().and_then(WeakMailbox::upgrade) {
            owner.do_send(NamespaceEmptied { namespace: self.0.clone() });
        }
    }
}
