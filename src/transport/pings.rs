//! How many pings a WebSocket client may send: each costs an answer. The transport actor counts them here.

use std::time::{Duration, Instant};

/// Time in which pings are counted together.
const PERIOD: Duration = Duration::from_secs(10);

/// The pings of one WebSocket.
#[derive(Debug)]
pub(super) struct Pings {
    /// Most in one period.
    max: usize,
    count: usize,
    since: Option<Instant>,
}

impl Pings {
    pub(super) fn new(max_per_second: usize) -> Self {
        let seconds = usize::try_from(PERIOD.as_secs()).unwrap_or(usize::MAX);
        Self { max: max_per_second.saturating_mul(seconds), count: 0, since: None }
    }

    /// Counts one more; `false` when that is too many.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        if self.since.is_none_or(|since| now - since >= PERIOD) {
            (self.count, self.since) = (0, Some(now));
        }
        self.count += 1;
        self.count <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_are_counted_anew_every_ten_seconds() {
        let (mut pings, begin) = (Pings::new(2), Instant::now());
        assert!((0..20).all(|_| pings.admit(begin)));
        assert!(!pings.admit(begin + PERIOD - Duration::from_millis(1)));
        assert!((0..20).all(|_| pings.admit(begin + PERIOD)));
        assert!(!pings.admit(begin + PERIOD));
    }
}
