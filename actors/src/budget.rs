//! The memory budget of a server: what all outboxes and all packets that are still coming, or that wait for handlers, hold together.
//!
//! Outboxes count themselves here. It decides nothing: the edge asks it before it takes a handshake, and looks at it from time to time.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::config::Limit;

/// What an outbox holds is counted in steps of this many bytes, so that one that is emptied at once costs nothing.
pub(crate) const STEP: usize = 4 << 10;

/// See the module.
#[derive(Debug)]
pub struct MemoryBudget {
    limit: Limit,
    used: AtomicUsize,
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::new(Limit::Unlimited)
    }
}

impl MemoryBudget {
    /// Nothing of it is used.
    pub fn new(limit: Limit) -> Self {
        Self { limit, used: AtomicUsize::new(0) }
    }

    /// Bytes that are held now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Whether this share of it is used, in percent.
    pub fn has_used(&self, percent: u8) -> bool {
        match self.limit {
            Limit::Of(limit) => self.used() as u128 * 100 >= limit as u128 * u128::from(percent),
            Limit::Unlimited => false,
        }
    }

    /// What somebody holds has become more or less.
    pub(crate) fn change(&self, from: usize, to: usize) {
        if to > from {
            self.used.fetch_add(to - from, Ordering::Relaxed);
        } else if from > to {
            self.used.fetch_sub(from - to, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_a_share_of_the_budget() {
        let budget = MemoryBudget::new(Limit::Of(1000));
        budget.change(0, 949);
        assert!(budget.has_used(80) && !budget.has_used(95));
        budget.change(949, 950);
        assert!(budget.has_used(95));
        budget.change(950, 0);
        assert_eq!((budget.used(), budget.has_used(1)), (0, false));
        let unlimited = MemoryBudget::default();
        unlimited.change(0, usize::MAX);
        assert!(!unlimited.has_used(1));
    }
}
