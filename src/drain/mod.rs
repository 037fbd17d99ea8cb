//! Emptying a server before it stops: no new connections, what is queued is delivered, and connections are closed one after another.
//!
//! This is the public side: the options, and the calls of [`SocketIo`]. `task` does the work, beside the supervisors; `report` counts.

mod report;
mod task;

use std::time::Duration;

use actix_socketio_actors::{audience::Mark, server::Server, supervision::Health};
use tokio::sync::{oneshot, watch};

pub use self::report::DrainReport;
use self::task::Task;
use crate::io::SocketIo;

/// Longer than anybody waits, and short enough to be added to a time.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// Time that the last connections to be closed have, unless the drain says otherwise.
const GRACE: Duration = Duration::from_secs(3);

/// How a server is emptied: over which time connections are closed, and how long the whole may take.
///
/// ```
/// # use actix_socketio::Drain;
/// # use std::time::Duration;
/// let drain = Drain::over(Duration::from_secs(20)).deadline(Duration::from_secs(25));
/// assert_eq!(Drain::default(), Drain::over(Duration::from_secs(5)).deadline(Duration::from_secs(8)));
/// # drop(drain);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Drain {
    over: Duration,
    deadline: Duration,
}

impl Drain {
    /// Connections are closed one after another, evenly over this time, so that clients do not come to other servers all at once. The
    /// deadline is three seconds after that.
    pub fn over(over: Duration) -> Self {
        let over = over.min(LONGEST);
        Self { over, deadline: over + GRACE }
    }

    /// How long the drain may take in all, from its beginning. What is left then is cut off: what is queued is lost. Disconnect
    /// handlers that still run have the 30 seconds that they always have, if the process goes on so long.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline: deadline.min(LONGEST), ..self }
    }
}

impl Default for Drain {
    /// Over 5 seconds, with a deadline of 8.
    fn default() -> Self {
        Self::over(Duration::from_secs(5))
    }
}

/// A drain that has begun, as the handle of the server knows it.
#[derive(Debug)]
pub(crate) struct Draining {
    /// Set when the rest is to be closed at once.
    hurry: watch::Sender<bool>,
    /// Whether it is over, and what is known.
    report: watch::Receiver<(bool, DrainReport)>,
}

impl Draining {
    fn begin(io: &SocketIo, drain: Drain) -> Self {
        let connections = io.shared().sessions.begin_drain();
        // Until it is over, nothing is known to have been delivered.
        let nothing_yet = DrainReport::of_forced(connections.len());
        let (hurry, hurried) = watch::channel(false);
        let (reporter, report) = watch::channel((false, nothing_yet));
        let task = Task { drain, connections, flushed: flush(io), hurried };
        match io.running() {
            Some(running) => running.server.spawn(async move {
                let report = task.run().await;
                log::info!("{report}");
                reporter.send_replace((true, report));
            }),
            None => drop(reporter.send_replace((true, DrainReport::default()))),
        }
        Self { hurry, report }
    }

    /// Closes the rest as soon as what was emitted before is in the outboxes.
    pub(crate) fn hurry(&self, io: &SocketIo) {
        let (hurry, flushed) = (self.hurry.clone(), flush(io));
        if let Some(running) = io.running() {
            running.server.spawn(async move {
                flushed.wait().await;
                hurry.send_replace(true);
            });
        }
    }
}

/// Resolves when what was emitted before is in the outboxes.
struct Flushed(oneshot::Receiver<()>);

impl Flushed {
    async fn wait(self) {
        // The marks are dropped, never sent. A supervisor that does not answer is not waited for.
        let _ = tokio::time::timeout(FLUSH, self.0).await;
    }
}

/// Longest time that what was emitted before a drain has to reach the outboxes.
const FLUSH: Duration = Duration::from_secs(2);

/// Sends marks behind what was emitted here and now.
fn flush(io: &SocketIo) -> Flushed {
    let (mark, arrived) = Mark::new();
    for namespace in io.namespaces() {
        namespace.everyone().mark(&mark);
    }
    Flushed(arrived)
}

impl SocketIo {
    /// Empties the server before it stops. It begins at once, whether or not the future is awaited:
    ///
    /// 1. No more connections are taken: [`is_ready`](Self::is_ready) is false, and new clients are answered with status 503. Those that are
    ///    there go on as before.
    /// 2. What was emitted before through this handle goes out.
    /// 3. Connections are closed one after another, evenly [over](Drain::over) a time, each after what is queued for it. Clients see
    ///    what they see when a server is [closed](Self::close), and official ones come back by themselves, to another server.
    ///    Handlers are told [`ServerShuttingDown`](crate::DisconnectReason::ServerShuttingDown), and disconnect handlers run to their end.
    /// 4. What is left at the [deadline](Drain::deadline) is cut off.
    ///
    /// It has no counterpart in JavaScript, where `io.close()` closes all connections at once. The report says what has become of each
    /// connection; it is logged, too.
    ///
    /// A second drain joins the first: its options count for nothing, and both get one report. [`close`](Self::close) makes a drain close the rest at
    /// once. A server that was closed before is waited for. Then it stays closed, while the HTTP server runs on.
    ///
    /// ```
    /// # use actix_socketio::{Drain, SocketIo};
    /// # use actix_web::dev::ServerHandle;
    /// async fn stop(io: SocketIo, server: ServerHandle) {
    ///     io.emit("restart", &"back in a minute");
    ///     let report = io.drain(Drain::default()).await;
    ///     server.stop(report.forced == 0).await;
    /// }
    /// ```
    pub fn drain(&self, drain: Drain) -> impl Future<Output = DrainReport> + Send + use<> {
        let draining = self.shared().draining.get_or_init(|| Draining::begin(self, drain));
        let mut report = draining.report.clone();
        async move {
            // An error means that the actix system has stopped.
            let over = report.wait_for(|(over, _)| *over).await.map(|report| report.1.clone());
            over.unwrap_or_else(|_| report.borrow().1.clone())
        }
    }

    /// Whether new connections are taken: the server is mounted, and neither closed nor being drained, and none of its actors has
    /// [failed](crate::Builder::restart_limit). For load balancers.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # use actix_web::HttpResponse;
    /// async fn ready(io: SocketIo) -> HttpResponse {
    ///     match io.is_ready() {
    ///         true => HttpResponse::Ok().finish(),
    ///         false => HttpResponse::ServiceUnavailable().finish(),
    ///     }
    /// }
    /// ```
    pub fn is_ready(&self) -> bool {
        let well = |server: &Server| {
            server.supervision.health() == Health::Well && server.supervisor.addr().connected()
        };
        self.server().is_some_and(well) && !self.shared().sessions.is_closed()
    }
}
