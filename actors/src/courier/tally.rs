//! What a courier and its sessions count. All of them run on one thread, so nobody contends for these numbers; the topology reads them
//! from its link, whether or not the courier answers or goes on.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::{running::Running, supervision::Health, topology::Counters};

/// See the module. Each number but `panics` has one writer: the thread of the courier, or, for `stalls`, that of the watchdog. None is
/// ever less than it was.
#[derive(Debug, Default)]
pub struct Tally {
    delivered: Count,
    dropped: Count,
    slow_consumers: Count,
    panics: Count,
    unknown_acks: Count,
    fences_forced: Count,
    fences_given_up: Count,
    restarts: Count,
    lost: Count,
    failed: AtomicBool,
    stalls: Count,
    running: Running,
}

#[derive(Debug, Default)]
struct Count(AtomicU64);

impl Count {
    /// With one writer a store is enough.
    fn add_one(&self) {
        self.0.store(self.now() + 1, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    /// A packet was put into the outbox of a socket.
    pub(super) fn delivered(&self) {
        self.delivered.add_one();
    }

    /// A client was not ready for a volatile packet.
    pub(super) fn dropped(&self) {
        self.dropped.add_one();
    }

    /// A connection could not keep up.
    pub(crate) fn slow_consumer(&self) {
        self.slow_consumers.add_one();
    }

    /// Too much of a context waited.
    pub(super) fn fence_forced(&self) {
        self.fences_forced.add_one();
    }

    /// A supervisor did not answer.
    pub(super) fn fence_given_up(&self) {
        self.fences_given_up.add_one();
    }

    /// A handler has panicked, or what the application drops has, which may be on any thread.
    pub fn panicked(&self) {
        self.panics.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The thread did not run for a while.
    pub(crate) fn stalled(&self) {
        self.stalls.add_one();
    }

    /// What the thread runs for the application.
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// A client has answered what nobody has asked, or asks any more.
    pub(crate) fn unknown_ack(&self) {
        self.unknown_acks.add_one();
    }

    /// The courier goes on after a panic.
    pub(super) fn restarted(&self) {
        self.restarts.add_one();
    }

    /// A panic of the courier has cost a command.
    pub(super) fn lost(&self) {
        self.lost.add_one();
    }

    /// The courier has panicked too often.
    pub(super) fn set_failed(&self) {
        self.failed.store(true, Ordering::Release);
    }

    /// Whether the courier does its work.
    pub(crate) fn health(&self) -> Health {
        Health::failed_if(self.failed.load(Ordering::Acquire))
    }

    /// The numbers now.
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            delivered: self.delivered.now(),
            dropped: self.dropped.now(),
            slow_consumers: self.slow_consumers.now(),
            panics: self.panics.now(),
            unknown_acks: self.unknown_acks.now(),
            fences_forced: self.fences_forced.now(),
            fences_given_up: self.fences_given_up.now(),
            stalls: self.stalls.now(),
            restarts: self.restarts.now(),
            lost: self.lost.now(),
        }
    }
}
