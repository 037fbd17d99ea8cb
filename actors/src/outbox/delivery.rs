//! What became of the content of an outbox, for whoever closes its connection and has to report. It changes nothing but at a deadline.

use std::task::{Context, Poll, Waker};

use super::{Outbox, State};
use crate::id::TransportId;

/// What became of the content of an outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Packets that no transport has taken.
    pub lost_packets: usize,
    /// Their payload.
    pub lost_bytes: usize,
    /// The client has answered the close of its WebSocket, or fetched the last packet of its polling session.
    pub answered: bool,
    /// It was not the server that ended the connection in good order.
    pub broken_off: bool,
}

impl Outbox {
    /// The connection ends for another reason than that the server wants it to.
    pub(crate) fn break_off(&self) {
        self.lock().broken_off = true;
    }

    /// A WebSocket has ended, and its client has answered the close, or has not.
    pub fn websocket_ended(&self, transport: TransportId, answered: bool) {
        let mut state = self.lock();
        if state.reader == transport && !state.polling {
            state.ended = Some(answered);
            state.watcher.take().into_iter().for_each(Waker::wake);
        }
    }

    /// What became of its content, once nobody will take any more. To be asked after the session has stopped, by one.
    pub fn poll_delivery(&self, cx: &Context<'_>) -> Poll<Delivery> {
        let mut state = self.lock();
        if state.polling || state.ended.is_some() {
            return Poll::Ready(state.delivery());
        }
        state.watcher = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Closes it at once, and gives up what is left in it.
    pub fn cut_off(&self) -> Delivery {
        let mut state = self.lock();
        let delivery = state.delivery();
        state.give_up();
        delivery
    }
}

impl State {
    fn delivery(&self) -> Delivery {
        let fetched = || self.closing.as_ref().is_some_and(|closing| closing.farewell.is_none());
        Delivery {
            lost_packets: self.frames.len() + self.given_up.0,
            lost_bytes: self.bytes + self.given_up.1,
            answered: if self.polling { fetched() } else { self.ended == Some(true) },
            broken_off: self.broken_off,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::task::noop_waker_ref;
    use socketio_protocol::engine::Frame;

    use super::*;
    use crate::config::{OutboxLimits, TransportKind};

    const LIMITS: OutboxLimits = OutboxLimits { bytes: 100, packets: 4, volatile_bytes: 10 };

    fn outbox(transport: TransportKind) -> Outbox {
        let outbox = Outbox::new(LIMITS, transport, Arc::default());
        outbox.push(&[Frame::text("4a"), Frame::text("4bc")]);
        outbox
    }

    fn poll(outbox: &Outbox) -> Poll<Option<bytes::Bytes>> {
        outbox.poll_payload(TransportId::FIRST, 1000, &Context::from_waker(noop_waker_ref()))
    }

    fn delivery(outbox: &Outbox) -> Poll<Delivery> {
        outbox.poll_delivery(&Context::from_waker(noop_waker_ref()))
    }

    #[test]
    fn a_websocket_has_delivered_what_it_has_taken_when_it_ends() {
        let outbox = outbox(TransportKind::WebSocket);
        assert!(delivery(&outbox).is_pending());
        outbox.websocket_ended(TransportId(1), true);
        assert!(delivery(&outbox).is_pending(), "that was not the reader");
        outbox.websocket_ended(TransportId::FIRST, false);
        let lost = Delivery { lost_packets: 2, lost_bytes: 5, answered: false, broken_off: false };
        assert_eq!(delivery(&outbox), Poll::Ready(lost));
        assert_eq!(outbox.cut_off(), lost);
        assert_eq!(delivery(&outbox), Poll::Ready(lost), "given up is lost");
        let outbox = Outbox::new(LIMITS, TransportKind::WebSocket, Arc::default());
        outbox.websocket_ended(TransportId::FIRST, true);
        let all = Delivery { lost_packets: 0, lost_bytes: 0, answered: true, broken_off: false };
        assert_eq!(delivery(&outbox), Poll::Ready(all));
    }

    #[test]
    fn polling_has_delivered_everything_once_the_farewell_is_fetched() {
        let outbox = outbox(TransportKind::Polling);
        outbox.close(None, Some(Frame::close()));
        let unanswered = |lost_packets, lost_bytes| {
            Poll::Ready(Delivery { lost_packets, lost_bytes, answered: false, broken_off: false })
        };
        assert_eq!(delivery(&outbox), unanswered(2, 5));
        assert!(poll(&outbox).is_ready());
        assert_eq!(delivery(&outbox), unanswered(0, 0));
        assert!(poll(&outbox).is_ready());
        let all = Delivery { lost_packets: 0, lost_bytes: 0, answered: true, broken_off: false };
        assert_eq!(delivery(&outbox), Poll::Ready(all));
    }
}
