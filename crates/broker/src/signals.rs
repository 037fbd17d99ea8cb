//! The signals that end the broker: SIGINT and SIGTERM, or Ctrl-C where there are none. actix-web's own handling is off.

use std::io;

#[cfg(unix)]
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};

/// See the module.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

#[cfg(unix)]
impl Signals {
    /// From now on they come here.
    pub(crate) fn listen() -> io::Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self { interrupt: signal(interrupt)?, terminate: signal(terminate)? })
    }

    /// The name of the next one.
    pub(crate) async fn next(&mut self) -> &'static str {
        std::future::poll_fn(|cx| {
            let name = match (self.interrupt.poll_recv(cx), self.terminate.poll_recv(cx)) {
                (poll, _) if poll.is_ready() => "SIGINT",
                (_, poll) if poll.is_ready() => "SIGTERM",
                _ => return std::task::Poll::Pending,
            };
            std::task::Poll::Ready(name)
        })
        .await
    }
}

/// See the module.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// From now on they come here.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The name of the next one.
    pub(crate) async fn next(&mut self) -> &'static str {
        if actix_web::rt::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
