//! Looks at all sessions from time to time: for clients that take nothing of what is there for them and, when memory becomes short, for
//! those that join no namespace and those that hold most. A task on the thread of the supervisors runs it, so that no handler keeps it
//! from looking.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_rt::time::sleep;
use actix_socketio_actors::{
    budget::MemoryBudget, config::Config, error::DisconnectReason, outbox::Sample,
    session::messages::CloseSession,
};

use super::sessions::{Connection, Sessions};

/// Share of the budget, in percent, from which on no handshake is taken.
const TIGHT: u8 = 80;
/// Share from which on those that hold most, and take nothing, are closed.
const SHORT: u8 = 95;
/// Time in which a client has to join a namespace while memory is tight, if `connect_timeout` is no shorter.
const TIGHT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How full a server is, and what that has cost its clients so far. From [`SocketIo::pressure`](crate::SocketIo::pressure).
///
/// ```
/// # use actix_socketio::{Pressure, SocketIo};
/// # let io = SocketIo::new();
/// let Pressure { waiting_bytes, slow_consumers, .. } = io.pressure();
/// assert_eq!((waiting_bytes, slow_consumers), (0, 0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pressure {
    /// Bytes that wait for clients, for handlers, or for the rest of their packets: what `memory_budget` bounds. A broadcast counts once for each client.
    pub waiting_bytes: usize,
    /// Handshakes that were refused for want of memory or because of `max_sessions` or `max_sessions_per_ip`.
    pub refused_handshakes: u64,
    /// Connections that were closed because of `write_timeout`.
    pub slow_consumers: u64,
    /// Connections that were closed because of `memory_budget`.
    pub closed_for_memory: u64,
}

/// The budget of a server, and what has become of it.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) budget: Arc<MemoryBudget>,
    refused: AtomicU64,
    slow: AtomicU64,
    for_memory: AtomicU64,
}

impl Watch {
    pub(crate) fn new(config: &Config) -> Self {
        let budget = Arc::new(MemoryBudget::new(config.memory_budget));
        let count = AtomicU64::default;
        Self { budget, refused: count(), slow: count(), for_memory: count() }
    }

    /// Whether there is too little memory for another session.
    pub(super) fn is_tight(&self) -> bool {
        self.budget.has_used(TIGHT)
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn pressure(&self) -> Pressure {
        Pressure {
            waiting_bytes: self.budget.used(),
            refused_handshakes: self.refused.load(Ordering::Relaxed),
            slow_consumers: self.slow.load(Ordering::Relaxed),
            closed_for_memory: self.for_memory.load(Ordering::Relaxed),
        }
    }

    /// Looks until the server is gone.
    pub(crate) async fn run(self: Arc<Self>, sessions: Weak<Sessions>, write_timeout: Duration) {
        let period = (write_timeout / 4).clamp(Duration::from_millis(1), Duration::from_secs(1));
        let (mut was_spent, mut said) = (false, Pressure::default());
        loop {
            sleep(period).await;
            let Some(sessions) = sessions.upgrade() else { return };
            let spent = self.budget.has_used(100);
            self.look(&sessions, write_timeout, spent && was_spent);
            was_spent = spent;
            said = self.say(said);
        }
    }

    fn look(&self, sessions: &Sessions, write_timeout: Duration, is_spent: bool) {
        let (mut slow, mut heavy) = (Vec::new(), Vec::new());
        let (now, is_tight, is_short) =
            (Instant::now(), self.is_tight(), self.budget.has_used(SHORT));
        sessions.for_each(|connection| {
            if is_tight && connection.gives_up_joining(TIGHT_CONNECT_TIMEOUT) {
                self.for_memory.fetch_add(1, Ordering::Relaxed);
                return give_up(connection);
            }
            let sample = connection.session.outbox.sample(now);
            if sample.is_stalled(write_timeout) {
                slow.push(connection.clone());
            } else if is_short && sample.bytes > 0 {
                heavy.push((sample, connection.clone()));
            }
        });
        for connection in slow {
            self.slow.fetch_add(1, Ordering::Relaxed);
            give_up(&connection);
        }
        heavy.sort_unstable_by_key(|(sample, _)| std::cmp::Reverse(sample.bytes));
        // Those that have taken nothing since the last look first; whoever keeps up is in a burst, unless it lasts.
        let (still, others): (Vec<_>, Vec<_>) =
            heavy.into_iter().partition(|(Sample { still, .. }, _)| !still.is_zero());
        let others = others.into_iter().filter(|_| is_spent);
        for (_, connection) in still.into_iter().chain(others) {
            if !self.is_tight() {
                break;
            }
            self.for_memory.fetch_add(1, Ordering::Relaxed);
            give_up(&connection);
        }
    }

    /// One line, if there is anything new to say.
    fn say(&self, said: Pressure) -> Pressure {
        let now = self.pressure();
        let refused = now.refused_handshakes - said.refused_handshakes;
        let slow = now.slow_consumers - said.slow_consumers;
        let for_memory = now.closed_for_memory - said.closed_for_memory;
        if refused + slow + for_memory > 0 {
            let bytes = now.waiting_bytes;
            log::warn!(
                "{bytes} bytes wait for clients; closed {slow} that took nothing and {for_memory} for want of memory; refused {refused} handshakes"
            );
        }
        now
    }
}

/// Its bytes are freed at once; its sockets are told why.
fn give_up(connection: &Connection) {
    connection.session.outbox.abandon();
    let reason = DisconnectReason::TransportError;
    connection.session.addr.do_send(CloseSession { reason });
}
