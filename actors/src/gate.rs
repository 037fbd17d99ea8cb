//! The inbound gate: stops the transport from reading while too many events of its connection are being handled, or wait for the next
//! second.
//!
//! The transport adds what it hands to the session and asks before it reads on; the session takes off what is done. The two may be
//! on different threads after an upgrade.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

use crate::config::TransportKind;

/// Most frames that are let in beyond the limit because the client is being asked. A client that answers nothing gets no further.
pub const MAX_LENT: usize = 1024;

/// See the module.
#[derive(Debug)]
pub struct InboundGate {
    limit: usize,
    /// Raised while handlers may be waiting for acknowledgements, which come in through this gate.
    lent: AtomicUsize,
    in_flight: AtomicUsize,
    /// The client has sent more than is handled in a second.
    paused: AtomicBool,
    /// The session is over: there is nothing to wait for.
    ended: AtomicBool,
    polling: AtomicWaker,
    websocket: AtomicWaker,
}

impl InboundGate {
    /// An open gate that closes at `limit` frames in flight.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            lent: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            polling: AtomicWaker::new(),
            websocket: AtomicWaker::new(),
        }
    }

    /// One frame more was handed to the session.
    pub fn enter(&self) {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
    }

    /// The session is done with one frame.
    pub fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::AcqRel);
        self.wake_if_open();
    }

    /// The client is asked something: one more may be in flight, lest the answer be stuck behind what waits for it.
    pub fn lend(&self) {
        self.lent.fetch_add(1, Ordering::AcqRel);
        self.wake_if_open();
    }

    /// The client is asked no more.
    pub fn reclaim(&self) {
        self.lent.fetch_sub(1, Ordering::AcqRel);
    }

    /// Closes the gate, whatever is in flight.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::Release);
    }

    /// The pause is over.
    pub fn resume(&self) {
        self.paused.store(false, Ordering::Release);
        self.wake_if_open();
    }

    /// Whether reading has to wait.
    pub fn is_closed(&self) -> bool {
        let lent = self.lent.load(Ordering::Acquire).min(MAX_LENT);
        let limit = self.limit.saturating_add(lent);
        let full = self.in_flight.load(Ordering::Acquire) >= limit;
        (full || self.paused.load(Ordering::Acquire)) && !self.ended.load(Ordering::Acquire)
    }

    /// Ready while the gate is open. The request and the WebSocket of an upgrade may wait at the same time, one of each.
    pub fn poll_open(&self, reader: TransportKind, cx: &Context<'_>) -> Poll<()> {
        if !self.is_closed() {
            return Poll::Ready(());
        }
        match reader {
            TransportKind::Polling => self.polling.register(cx.waker()),
            TransportKind::WebSocket => self.websocket.register(cx.waker()),
        }
        // The session may have opened it between the two looks.
        if self.is_closed() { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Opens the gate for good: the session is over.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.wake_if_open();
    }

    fn wake_if_open(&self) {
        if !self.is_closed() {
            self.polling.wake();
            self.websocket.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::task::noop_waker;

    use super::*;

    #[test]
    fn the_gate_closes_at_its_limit_and_opens_when_one_is_done() {
        let gate = InboundGate::new(2);
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        gate.enter();
        assert!(gate.poll_open(TransportKind::Polling, &cx).is_ready());
        gate.enter();
        assert!(gate.poll_open(TransportKind::Polling, &cx).is_pending());
        gate.leave();
        assert!(gate.poll_open(TransportKind::Polling, &cx).is_ready());
    }

    #[test]
    fn whoever_waits_for_a_session_that_ends_is_let_through() {
        let gate = InboundGate::new(1);
        let waker = noop_waker();
        let cx = Context::from_waker(&waker);
        gate.enter();
        assert!(gate.poll_open(TransportKind::Polling, &cx).is_pending());
        gate.end();
        assert!(gate.poll_open(TransportKind::Polling, &cx).is_ready());
    }

    #[test]
    fn a_pause_lets_nobody_through_until_it_is_over_or_the_session_is() {
        let gate = InboundGate::new(2);
        gate.pause();
        gate.lend();
        assert!(gate.is_closed());
        gate.resume();
        assert!(!gate.is_closed());
        gate.pause();
        gate.end();
        assert!(!gate.is_closed());
    }

    #[test]
    fn an_ask_lets_one_more_through_until_it_is_answered() {
        let gate = InboundGate::new(1);
        gate.enter();
        assert!(gate.is_closed());
        gate.lend();
        assert!(!gate.is_closed());
        gate.reclaim();
        assert!(gate.is_closed());
    }

    #[test]
    fn both_transports_are_woken() {
        let gate = InboundGate::new(1);
        let (polling, websocket) = (CountingWaker::default(), CountingWaker::default());
        gate.enter();
        let wait = |kind, counter: &CountingWaker| {
            let waker = Arc::new(counter.clone()).into();
            gate.poll_open(kind, &Context::from_waker(&waker)).is_pending()
        };
        assert!(wait(TransportKind::Polling, &polling));
        assert!(wait(TransportKind::WebSocket, &websocket));
        gate.leave();
        assert_eq!((polling.count(), websocket.count()), (1, 1));
    }

    #[derive(Clone, Default)]
    struct CountingWaker(Arc<AtomicUsize>);

    impl CountingWaker {
        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl std::task::Wake for CountingWaker {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
