//! Time on a machine that is slow, or stands still for seconds: what was the server's, and what the machine's.

use std::{
    panic::AssertUnwindSafe,
    sync::{LazyLock, Mutex},
    thread,
    time::{Duration, Instant},
};

use futures_util::FutureExt;

const TICK: Duration = Duration::from_millis(5);
/// A machine that lets nobody run for so long stands still. What takes longer for another reason is the server's.
const GAP: Duration = Duration::from_millis(100);

/// For how long this process has been let run since this was called for the first time.
pub(crate) fn ran() -> Duration {
    static CLOCK: LazyLock<Mutex<Clock>> = LazyLock::new(|| {
        thread::spawn(|| {
            loop {
                CLOCK.lock().unwrap().tick();
                thread::sleep(TICK);
            }
        });
        Mutex::new(Clock { last: Instant::now(), ran: Duration::ZERO })
    });
    CLOCK.lock().unwrap().ran()
}

struct Clock {
    last: Instant,
    /// Until then.
    ran: Duration,
}

impl Clock {
    fn tick(&mut self) {
        (self.ran, self.last) = (self.ran(), Instant::now());
    }

    /// For so long at most since the last tick.
    fn ran(&self) -> Duration {
        self.ran + self.last.elapsed().min(GAP)
    }
}

/// A moment, and how long the process has run until then.
pub(crate) struct Moment {
    at: Instant,
    ran: Duration,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { ran: ran(), at: Instant::now() }
    }

    /// What it has taken since then, without the time in which the machine has stood still.
    pub(crate) fn took(&self) -> Duration {
        ran().saturating_sub(self.ran)
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    /// Time in which the machine has stood still.
    pub(crate) fn stood_still(&self) -> Duration {
        self.at.elapsed().saturating_sub(self.took())
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
        eprintln!("not within {time:?}");
        time *= 4;
    }
    play(time).await;
}
