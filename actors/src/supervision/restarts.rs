//! How often actors have panicked: all of a server, for its counters and for its readiness, and each lately, for the limit.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How often an actor may panic before it counts as failed: so many restarts, in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartLimit {
    /// Most restarts.
    pub restarts: usize,
    /// Time in which they are counted.
    pub within: Duration,
}

/// Whether an actor does its work.
///
/// ```
/// # use actix_socketio_actors::supervision::Health;
/// assert_eq!(serde_json::to_string(&Health::Failed).unwrap(), r#""failed""#);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It does.
    #[default]
    Well,
    /// It has panicked too often, and does it no more.
    Failed,
}

impl Health {
    /// `Failed` if so.
    pub(crate) fn failed_if(failed: bool) -> Self {
        if failed { Self::Failed } else { Self::Well }
    }
}

/// What all actors of a server share. Couriers count what happens to them in their own tally.
#[derive(Debug)]
pub struct Supervision {
    limit: RestartLimit,
    restarts: AtomicU64,
    lost: AtomicU64,
    failed: AtomicUsize,
}

impl Supervision {
    /// Of a server in which nothing has happened yet.
    pub fn new(limit: RestartLimit) -> Arc<Self> {
        let (restarts, lost, failed) = Default::default();
        Arc::new(Self { limit, restarts, lost, failed })
    }

    /// Failed, if any of its actors has.
    pub fn health(&self) -> Health {
        Health::failed_if(self.failed.load(Ordering::Acquire) > 0)
    }

    pub(crate) fn limit(&self) -> RestartLimit {
        self.limit
    }

    pub(crate) fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn lost(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Restarts and lost messages of all but couriers.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.restarts.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed))
    }

    /// An actor has failed, and counts as such for as long as it holds this.
    pub(crate) fn fail(self: &Arc<Self>) -> Failed {
        self.failed.fetch_add(1, Ordering::AcqRel);
        Failed(self.clone())
    }
}

/// See [`Supervision::fail`].
#[derive(Debug)]
pub(crate) struct Failed(Arc<Supervision>);

impl Failed {
    /// It has died, and counts as failed for as long as the server goes on.
    pub(super) fn forever(self) {
        // What is dropped here takes one off again.
        self.0.failed.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Failed {
    fn drop(&mut self) {
        self.0.failed.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The latest restarts of an actor.
#[derive(Debug, Default)]
pub(crate) struct Restarts(VecDeque<Instant>);

impl Restarts {
    /// One more; gives whether there are no more than there may be.
    pub(super) fn note(&mut self, limit: RestartLimit, now: Instant) -> bool {
        while self.0.front().is_some_and(|at| now.duration_since(*at) > limit.within) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        let seldom = self.0.len() <= limit.restarts;
        if !seldom {
            // Whoever it has escalated to begins anew with it.
            self.0.clear();
        }
        seldom
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_too_many_when_more_than_the_limit_are_within_its_time() {
        let limit = RestartLimit { restarts: 2, within: Duration::from_secs(10) };
        let begin = Instant::now();
        let mut restarts = Restarts::default();
        let mut note = |second| restarts.note(limit, begin + Duration::from_secs(second));
        assert_eq!([0, 9, 19, 21].map(&mut note), [true; 4], "two in ten seconds are not too many");
        assert!(!note(29));
        assert_eq!([30, 30].map(&mut note), [true; 2], "it begins anew");
        assert!(!note(40));
    }

    #[test]
    fn a_server_is_well_again_when_those_that_have_failed_are_gone() {
        let limit = RestartLimit { restarts: 2, within: Duration::from_secs(10) };
        let supervision = Supervision::new(limit);
        let failed = [supervision.fail(), supervision.fail()];
        assert_eq!(supervision.health(), Health::Failed);
        drop(failed);
        assert_eq!(supervision.health(), Health::Well);
    }
}
