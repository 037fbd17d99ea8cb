//! How many events of a client are handled in a second. Those beyond it wait in the backlog, and nothing more is read meanwhile.

use std::time::Duration;

use actix::{AsyncContext, Context, SpawnHandle};
use tokio::time::Instant;

use super::Session;
use crate::config::Limit;

/// Time in which events are counted together.
const SECOND: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(super) struct Pace {
    limit: Limit,
    /// Events of the second that runs.
    count: usize,
    /// When it has begun.
    since: Option<Instant>,
    /// Runs to the end of that second while events wait for it.
    pause: Option<SpawnHandle>,
    /// When the last pause was over.
    resumed: Option<Instant>,
}

impl Pace {
    pub(super) fn new(limit: Limit) -> Self {
        Self { limit, count: 0, since: None, pause: None, resumed: None }
    }

    /// Counts one event more, or says how long it has to wait.
    fn admit(&mut self) -> Result<(), Duration> {
        if self.limit == Limit::Unlimited {
            return Ok(());
        }
        let now = Instant::now();
        let left = self
            .since
            .map_or(Duration::ZERO, |since| (since + SECOND).saturating_duration_since(now));
        if left.is_zero() {
            (self.count, self.since) = (0, Some(now));
        }
        if !self.limit.allows(self.count + 1) {
            return Err(left);
        }
        self.count += 1;
        Ok(())
    }
}

impl Session {
    /// Counts one event more, unless it has to wait: then reading stops until the second is over.
    pub(super) fn keeps_pace(&mut self, ctx: &mut Context<Self>) -> bool {
        let Err(left) = self.pace.admit() else { return true };
        if self.pace.pause.is_none() {
            self.gate.pause();
            self.pace.pause = Some(ctx.run_later(left, Self::second_over));
        }
        false
    }

    fn second_over(&mut self, ctx: &mut Context<Self>) {
        self.pace.pause = None;
        self.handle_backlog(ctx);
        if self.pace.pause.is_none() {
            self.pace.resumed = Some(Instant::now());
            self.gate.resume();
        }
    }

    /// Whether the client is read now, and no pause has ended in so much time. If not, what it has sent may be waiting for us.
    pub(super) fn has_been_read_for(&self, time: Duration) -> bool {
        !self.gate.is_closed() && self.pace.resumed.is_none_or(|since| since.elapsed() >= time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_begins_with_its_first_event() {
        let mut pace = Pace::new(Limit::Of(2));
        assert!((0..2).all(|_| pace.admit().is_ok()));
        assert!(pace.admit().is_err_and(|left| left <= SECOND));
        pace.since = pace.since.map(|since| since - SECOND);
        assert!((0..2).all(|_| pace.admit().is_ok()));
        assert!(pace.admit().is_err());
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let mut pace = Pace::new(Limit::Unlimited);
        assert!((0..1000).all(|_| pace.admit().is_ok()));
        assert_eq!((pace.count, pace.since), (0, None));
    }
}
