//! The clock of the test: whoever waits for time to pass waits for everything that does not need time.
//!
//! A runtime whose clock stands still moves it on to the next timer, and only when none of its tasks can run. So a timer of a millisecond
//! that fires means that everything had come to rest before.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use tokio::time;

/// The smallest step of tokio's timers.
const TICK: Duration = Duration::from_millis(1);

thread_local! {
    /// How many need a clock that stands still, where it would run without them.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Waits until nothing is under way on this thread: mailboxes are empty, and all handlers have ended or wait for something, be it time, a
/// client or another thread. It takes a millisecond of the clock, and no time.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use actix_socketio::test_util;
///
/// # actix_web::rt::System::new().block_on(async {
/// let done = Rc::new(Cell::new(false));
/// let task = done.clone();
/// actix_web::rt::spawn(async move {
///     actix_web::rt::task::yield_now().await;
///     task.set(true);
/// });
/// test_util::settle().await;
/// assert!(done.get());
/// # });
/// ```
///
/// # Panics
///
/// On a runtime of several threads; those of actix have one.
pub async fn settle() {
    let _still = Still::hold();
    time::sleep(TICK).await;
}

/// Lets this much time pass at once: every timer that comes due fires at its time, in order, and what it sets off is done before this
/// returns. So intervals and timeouts are tested in no time. Like [`settle`], it takes a millisecond more.
///
/// Between two calls the clock runs as it always does: to show that something has *not* happened a little before its time, [`pause`] first.
///
/// ```
/// use std::time::Duration;
/// use actix_socketio::{SocketIo, test_util::{self, TestClient}};
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// let client = TestClient::connect(&io, "/").await.unwrap();
/// client.connection().stop_answering_pings();
/// test_util::advance(Duration::from_secs(25 + 20)).await; // `ping_interval` and `ping_timeout`
/// assert_eq!(client.disconnected().await.as_str(), "transport close");
/// # });
/// ```
pub async fn advance(duration: Duration) {
    let _still = Still::hold();
    time::sleep(duration).await;
    time::sleep(TICK).await;
}

/// Stops the clock of this test for good: from now on, time passes only while nothing else can be done, and then at once. A handler that
/// sleeps for an hour answers without delay, and a test that waits for what does not come fails without delay.
///
/// Not for tests whose handlers wait for what is outside of the test, such as a database: to them, every timeout would be over at once.
///
/// ```
/// use std::time::Duration;
/// use actix_socketio::{SocketIo, test_util::{self, TestClient}};
///
/// # actix_web::rt::System::new().block_on(async {
/// test_util::pause();
/// let io = SocketIo::new();
/// io.of("/").on("think", async || {
///     actix_web::rt::time::sleep(Duration::from_secs(3)).await;
///     42
/// });
/// let client = TestClient::connect(&io, "/").await.unwrap();
/// assert_eq!(client.ask::<u32>("think", &()).await, 42);
/// # });
/// ```
///
/// # Panics
///
/// Outside of a runtime, and on one of several threads.
pub fn pause() {
    if !is_paused() {
        time::pause();
    }
}

/// tokio does not tell, but its clock shows it.
fn is_paused() -> bool {
    let (shown, real) = (time::Instant::now(), Instant::now());
    while real.elapsed() < Duration::from_micros(1) {
        std::hint::spin_loop();
    }
    time::Instant::now() == shown
}

/// Keeps the clock still while it lives. Several may, at the same time.
struct Still {
    /// The clock stands still because of this and others.
    counts: bool,
}

impl Still {
    fn hold() -> Self {
        let others = HELD.get();
        let counts = others > 0 || !is_paused();
        if counts {
            HELD.set(others + 1);
            pause();
        }
        Self { counts }
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        if self.counts {
            HELD.set(HELD.get() - 1);
            // It may be dropped with its runtime.
            let runs = tokio::runtime::Handle::try_current().is_ok();
            if HELD.get() == 0 && runs && is_paused() {
                time::resume();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn the_clock_runs_on_when_the_last_has_settled_and_stands_when_it_stood() {
        assert!(!is_paused());
        let both = futures_util::future::join(settle(), advance(Duration::from_secs(60)));
        let before = Instant::now();
        both.await;
        assert!(before.elapsed() < Duration::from_secs(30));
        assert!(!is_paused());
        pause();
        pause();
        settle().await;
        assert!(is_paused());
    }

    #[actix_rt::test]
    async fn it_settles_only_when_a_thousand_turns_of_many_tasks_are_done() {
        let turns = std::rc::Rc::new(Cell::new(0));
        for _ in 0..100 {
            let turns = turns.clone();
            actix_rt::spawn(async move {
                for _ in 0..1000 {
                    actix_rt::task::yield_now().await;
                    turns.set(turns.get() + 1);
                }
            });
        }
        settle().await;
        assert_eq!(turns.get(), 100_000);
    }
}
