//! Outboxes that fill faster than their transports have turns to empty them.
//!
//! actix empties a mailbox in one go. A thread that was held up for a while, or a handler that emits much at once, would so fill the outbox of a
//! client that reads until it counts as a slow one. The courier lets the other tasks of its thread run instead, for as long as that gets
//! anything out. A client that does not read costs the others a moment when the first quarter of its outbox has filled, and each further one.

use std::{sync::Arc, time::Duration};

use crate::outbox::Outbox;

/// In so much time, a client that reads has taken something.
const MOMENT: Duration = Duration::from_millis(2);

/// Outboxes of which another quarter has filled since transports had their turn.
#[derive(Debug, Default)]
pub(super) struct Filling(Vec<Arc<Outbox>>);

/// An outbox, and how many packets it had given out at the last look.
type Filled = (Arc<Outbox>, u64);

impl Filling {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn note(&mut self, outbox: &Arc<Outbox>) {
        self.0.push(outbox.clone());
    }

    /// Ends when of each all but a quarter is taken, or nothing for a moment.
    pub(super) async fn drained(self) {
        let first = |outbox: Arc<Outbox>| outbox.taken_while_filled().map(|taken| (outbox, taken));
        let mut filled: Vec<Filled> = self.0.into_iter().filter_map(first).collect();
        while !filled.is_empty() {
            tokio::task::yield_now().await;
            let mut still = look(&mut filled);
            if filled.is_empty() && !still.is_empty() {
                tokio::time::sleep(MOMENT).await;
                look(&mut still);
                filled = still;
            }
        }
    }
}

/// Keeps those of which something was taken, and gives those of which nothing was.
fn look(filled: &mut Vec<Filled>) -> Vec<Filled> {
    let mut still = Vec::new();
    filled.retain_mut(|(outbox, taken)| match outbox.taken_while_filled() {
        Some(now) if now > *taken => {
            *taken = now;
            true
        }
        Some(_) => {
            still.push((outbox.clone(), *taken));
            false
        }
        None => false,
    });
    still
}
