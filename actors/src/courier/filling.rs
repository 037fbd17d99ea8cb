//! Outboxes that fill faster than their transports have turns to empty them.
//!
//! actix empties a mailbox in one go. A thread that was held up for a while, or a handler that emits much at once, would so fill the outbox of a
//! client that reads until it counts as a slow one. The courier lets the other tasks of its thread run instead, while that gets anything out,
//! but never for long: what it has yet to deliver waits meanwhile, and a client that is slow may keep nobody waiting. Each time
//! a quarter of an outbox has filled, the others wait `PATIENCE` at most. A client that never reads causes this a few times and is gone; one
//! that reads a little now and then may cause it as often as its outbox fills.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::outbox::Outbox;

/// In so much time, it has taken a quarter of what may wait for it.
const PATIENCE: Duration = Duration::from_millis(10);

/// Outboxes of which another quarter has filled since transports had their turn.
#[derive(Debug, Default)]
pub(super) struct Filling(Vec<Arc<Outbox>>);

impl Filling {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn note(&mut self, outbox: &Arc<Outbox>) {
        self.0.push(outbox.clone());
    }

    /// Ends when of each all but a quarter is taken, or nothing while all other tasks had a turn, or when patience is at its end.
    pub(super) async fn drained(self) {
        let begun = Instant::now();
        let first = |outbox: Arc<Outbox>| Some((outbox.taken_while_filled()?, outbox));
        let mut filled: Vec<_> = self.0.into_iter().filter_map(first).collect();
        while !filled.is_empty() && begun.elapsed() < PATIENCE {
            tokio::task::yield_now().await;
            filled.retain_mut(|(taken, outbox)| {
                let now = outbox.taken_while_filled();
                let goes_on = now.is_some_and(|now| now > *taken);
                *taken = now.unwrap_or(*taken);
                goes_on
            });
        }
    }
}
