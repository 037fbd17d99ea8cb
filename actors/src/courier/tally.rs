//! What the sessions of a courier count. They share its thread, so nobody contends for these numbers; only the topology reads them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::topology::Counters;

/// See the module.
#[derive(Debug, Default)]
pub struct SessionTally {
    panics: AtomicU64,
    unknown_acks: AtomicU64,
}

impl SessionTally {
    /// A handler has panicked.
    pub fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    /// A client has answered what nobody has asked, or asks any more.
    pub(crate) fn unknown_ack(&self) {
        self.unknown_acks.fetch_add(1, Ordering::Relaxed);
    }

    /// The numbers now.
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            panics: self.panics.load(Ordering::Relaxed),
            unknown_acks: self.unknown_acks.load(Ordering::Relaxed),
            ..Counters::default()
        }
    }
}
