//! How much is in a namespace, and how it does, to be read from any thread without asking it: the totals of a server with thousands of
//! namespaces.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use crate::supervision::{Health, Supervision};

/// See the module.
#[derive(Debug)]
pub struct NamespaceTotals {
    sockets: AtomicUsize,
    rooms: AtomicUsize,
    restarts: AtomicU64,
    failed: AtomicBool,
    supervision: Arc<Supervision>,
}

impl NamespaceTotals {
    /// Of a namespace without sockets.
    pub fn new(supervision: Arc<Supervision>) -> Arc<Self> {
        let (sockets, rooms, restarts, failed) = Default::default();
        Arc::new(Self { sockets, rooms, restarts, failed, supervision })
    }

    /// Sockets now.
    pub fn sockets(&self) -> usize {
        self.sockets.load(Ordering::Relaxed)
    }

    /// Rooms now.
    pub fn rooms(&self) -> usize {
        self.rooms.load(Ordering::Relaxed)
    }

    /// How often it, or a room of it, has gone on after a panic.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// Whether it takes clients.
    pub fn health(&self) -> Health {
        Health::failed_if(self.failed.load(Ordering::Acquire))
    }

    pub(super) fn set(&self, sockets: usize, rooms: usize) {
        self.sockets.store(sockets, Ordering::Relaxed);
        self.rooms.store(rooms, Ordering::Relaxed);
    }

    /// What it shares with the other actors of the server.
    pub(crate) fn supervision(&self) -> &Arc<Supervision> {
        &self.supervision
    }

    pub(crate) fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
        self.supervision.restarted();
    }

    pub(super) fn set_failed(&self) {
        self.failed.store(true, Ordering::Release);
    }
}
