//! How much is in a namespace, to be read from any thread without asking it: the totals of a server with thousands of namespaces.

use std::sync::atomic::{AtomicUsize, Ordering};

/// See the module.
#[derive(Debug, Default)]
pub struct NamespaceTotals {
    sockets: AtomicUsize,
    rooms: AtomicUsize,
}

impl NamespaceTotals {
    /// Sockets now.
    pub fn sockets(&self) -> usize {
        self.sockets.load(Ordering::Relaxed)
    }

    /// Rooms now.
    pub fn rooms(&self) -> usize {
        self.rooms.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, sockets: usize, rooms: usize) {
        self.sockets.store(sockets, Ordering::Relaxed);
        self.rooms.store(rooms, Ordering::Relaxed);
    }
}
