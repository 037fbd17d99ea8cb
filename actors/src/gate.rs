//! The inbound gate: stops the transport from reading while too many events of its connection are being handled.
//!
//! The transport adds what it hands to the session and asks before it reads on; the session takes off what is done. The two may be
//! on different threads after an upgrade.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

/// See the module.
#[derive(Debug)]
pub struct InboundGate {
    limit: usize,
    in_flight: AtomicUsize,
    /// The session is over: there is nothing to wait for.
    ended: AtomicBool,
    reader: AtomicWaker,
}

impl InboundGate {
    /// An open gate that closes at `limit` frames in flight.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            in_flight: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        }
    }

    /// One frame more was handed to the session.
    pub fn enter(&self) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
    }

    /// The session is done with one frame.
    pub fn leave(&self) {
        if self.in_flight.fetch_sub(1, Ordering::AcqRel) == self.limit {
            self.reader.wake();
        }
    }

    /// Whether reading has to wait.
    pub fn is_closed(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) >= self.limit && !self.ended.load(Ordering::Acquire)
    }

    /// Ready while the gate is open.
    pub fn poll_open(&self, cx: &Context<'_>) -> Poll<()> {
        if !self.is_closed() {
            return Poll::Ready(());
        }
        self.reader.register(cx.waker());
        // The session may have opened it between the two looks.
        if self.is_closed() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Opens the gate for good: the session is over.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker;

    #[test]
    fn the_gate_closes_at_its_limit_and_opens_when_one_is_done() {
        let gate = InboundGate::new(2);
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        gate.enter();
        assert!(gate.poll_open(&cx).is_ready());
        gate.enter();
        assert!(gate.poll_open(&cx).is_pending());
        gate.leave();
        assert!(gate.poll_open(&cx).is_ready());
    }

    #[test]
    fn whoever_waits_for_a_session_that_ends_is_let_through() {
        let gate = InboundGate::new(1);
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        gate.enter();
        assert!(gate.poll_open(&cx).is_pending());
        gate.end();
        assert!(gate.poll_open(&cx).is_ready());
    }
}
