//! Notices when a thread of the server does not run, since something blocks it, and says so. One for each server, on a thread of its own,
//! where no handler can block it; it ends with the server.
//!
//! It asks each thread again and again whether it runs, by a message to a task there. It changes nothing: a thread cannot be helped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use actix::ArbiterHandle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{courier::Tally, id::CourierId, operation::CourierLink};

/// What is said of a thread that is blocked.
const ADVICE: &str = "work that blocks belongs into `web::block` or on a thread of its own, and a lock is not kept while waiting";

/// Hands threads to the one that watches them. With the last of its clones, that ends.
#[derive(Debug, Clone)]
pub(crate) struct Watchdog(Option<mpsc::Sender<Watched>>);

impl Watchdog {
    /// Nobody watches.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Threads that have not run for this time are reported. Its own is named for the courier of the supervisors.
    pub(crate) fn start(threshold: Duration, server: CourierId) -> Self {
        let (sender, threads) = mpsc::channel();
        let thread = thread::Builder::new().name(format!("watchdog {}", server.0));
        match thread.spawn(move || watch(&threads, threshold)) {
            Ok(_) => Self(Some(sender)),
            Err(error) => {
                log::warn!("threads that are blocked will not be noticed: {error}");
                Self::none()
            }
        }
    }

    /// The thread on which this runs, where this courier lives.
    pub(crate) fn watch_here(&self, courier: &CourierLink) {
        self.watch(courier, "thread", |task| drop(actix::spawn(task)));
    }

    /// The thread of the supervisors.
    pub(crate) fn watch_supervisors(&self, arbiter: &ArbiterHandle, courier: &CourierLink) {
        self.watch(courier, "thread of the supervisors, and", |task| {
            arbiter.spawn(task);
        });
    }

    fn watch(
        &self,
        courier: &CourierLink,
        name: &str,
        spawn: impl FnOnce(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>),
    ) {
        let Some(threads) = &self.0 else { return };
        let (questions, mut asked) = unbounded_channel::<Question>();
        spawn(Box::pin(async move { while asked.recv().await.is_some() {} }));
        let name = format!("{name} of courier {}", courier.id.0);
        let tally = courier.tally.clone();
        // The one that watches has ended, if this fails: there is nobody to tell.
        drop(threads.send(Watched::new(name, tally, questions)));
    }
}

/// Whether a thread runs. That it is dropped is the answer: it has been received, or its thread has ended.
struct Question {
    answered: Arc<AtomicU64>,
    asked: Instant,
}

impl Drop for Question {
    fn drop(&mut self) {
        let nanos = u64::try_from(self.asked.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.answered.store(nanos.max(1), Ordering::Release);
    }
}

/// A thread, and what is known of it.
#[derive(Debug)]
struct Watched {
    name: String,
    tally: Arc<Tally>,
    questions: UnboundedSender<Question>,
    /// Nanoseconds from the last question to its answer; zero before that.
    answered: Arc<AtomicU64>,
    asked: Instant,
    /// From the question to the last look at it.
    looked: Duration,
    /// How much of that nobody has watched.
    unwatched: Duration,
    /// It was said that it does not run.
    is_stalled: bool,
}

impl Watched {
    fn new(name: String, tally: Arc<Tally>, questions: UnboundedSender<Question>) -> Self {
        // As if it had answered: it is asked next.
        let (answered, asked) = (Arc::new(AtomicU64::new(1)), Instant::now());
        let (looked, unwatched, is_stalled) = Default::default();
        Self { name, tally, questions, answered, asked, looked, unwatched, is_stalled }
    }

    /// Looks for an answer. Whether the thread goes on. `unwatched` is how much of the time since the last look nobody has watched.
    fn look(&mut self, threshold: Duration, unwatched: Duration) -> bool {
        match self.answered.load(Ordering::Acquire) {
            0 => {
                let silent = self.silent(self.asked.elapsed(), unwatched);
                if silent >= threshold && !self.is_stalled {
                    self.is_stalled = true;
                    self.tally.stalled();
                    self.say(silent);
                }
                true
            }
            nanos => {
                let silent = self.silent(Duration::from_nanos(nanos), unwatched);
                if std::mem::take(&mut self.is_stalled) {
                    log::info!("{} runs again, after {silent:.1?}", self.name);
                }
                self.ask()
            }
        }
    }

    /// How long it has been watched without an answer, until so long after the question.
    fn silent(&mut self, until: Duration, unwatched: Duration) -> Duration {
        self.unwatched += unwatched.min(until.saturating_sub(self.looked));
        self.looked = until;
        until.saturating_sub(self.unwatched)
    }

    fn ask(&mut self) -> bool {
        self.answered.store(0, Ordering::Release);
        self.asked = Instant::now();
        (self.looked, self.unwatched) = Default::default();
        let question = Question { answered: self.answered.clone(), asked: self.asked };
        self.questions.send(question).is_ok()
    }

    fn say(&self, silent: Duration) {
        let (name, silent) = (&self.name, silent.as_millis());
        match self.tally.running().now() {
            Some(code) => {
                log::warn!("{name} has not run for {silent} ms: {code} may block it; {ADVICE}")
            }
            None => log::warn!(
                "{name} has not run for {silent} ms: something else than a handler may block it; {ADVICE}"
            ),
        }
    }
}

/// Looks at all threads until the server is gone.
fn watch(threads: &Receiver<Watched>, threshold: Duration) {
    let period = (threshold / 4).clamp(Duration::from_millis(1), Duration::from_millis(250));
    let mut watched: Vec<Watched> = Vec::new();
    loop {
        let begun = Instant::now();
        match threads.recv_timeout(period) {
            Ok(thread) => watched.push(thread),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // A machine that does not let this thread run does not let others run either: that is not theirs.
        let unwatched = begun.elapsed().saturating_sub(period);
        watched.retain_mut(|thread| thread.look(threshold, unwatched));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_thread_was_silent_for_as_long_as_somebody_has_watched_it() {
        let (questions, _asked) = unbounded_channel();
        let mut watched = Watched::new(String::new(), Arc::default(), questions);
        assert_eq!(watched.silent(ms(250), ms(0)), ms(250));
        // Nobody has looked for three seconds, while the machine let nobody run.
        assert_eq!(watched.silent(ms(3500), ms(3000)), ms(500));
        assert_eq!(watched.silent(ms(3750), ms(0)), ms(750));
        // It has answered before the next three seconds, which do not count at all.
        assert_eq!(watched.silent(ms(3750), ms(3000)), ms(750));
        // The next question is a new one.
        assert!(watched.ask());
        assert_eq!(watched.silent(ms(250), ms(0)), ms(250));
    }
}
