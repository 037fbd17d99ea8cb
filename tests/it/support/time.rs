//! Time on a machine that is slow, or stands still for seconds: what was the server's, and what the machine's.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::FutureExt;

const TICK: Duration = Duration::from_millis(5);

/// How long this process has run since this was called for the first time. Time in which the machine lets nobody run is not counted, and
/// less of it when many wait for a processor.
pub(crate) fn ran() -> Duration {
    static TICKS: AtomicU32 = AtomicU32::new(0);
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(TICK);
                TICKS.fetch_add(1, Ordering::Relaxed);
            }
        });
    });
    TICK * TICKS.load(Ordering::Relaxed)
}

/// A moment, and how long the machine has stood still since.
pub(crate) struct Moment {
    at: Instant,
    ran: Duration,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), ran: ran() }
    }

    /// What it has taken since then, without the time in which the machine has clearly stood still.
    pub(crate) fn took(&self) -> Duration {
        let still = self.stood_still();
        let late = if still > 4 * TICK { still } else { Duration::ZERO };
        self.at.elapsed().saturating_sub(late)
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// Time in which this process has not run.
    pub(crate) fn stood_still(&self) -> Duration {
        self.at.elapsed().saturating_sub(ran() - self.ran)
    }
}

/// Plays what depends on a time, and again with more of it if that has failed: on a machine that stands still, something comes too late
/// for a short time. With the longest one it has to succeed; what is wrong with the server is so with any.
pub(crate) async fn given_time(shortest: Duration, play: impl AsyncFn(Duration)) {
    let mut time = shortest;
    while time < Duration::from_secs(4) {
        if AssertUnwindSafe(play(time)).catch_unwind().await.is_ok() {
            return;
        }
        time *= 4;
    }
    play(time).await;
}
