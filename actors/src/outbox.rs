//! The outbox: the bounded queue of frames of one connection, between the courier that fills it and the transport that empties it.
//!
//! Couriers push packets, the session pushes engine packets, and whichever transport is the reader now drains it. It is the one
//! place with a lock, since the two ends may be on two threads. It decides nothing: whoever pushes acts on the [`PushOutcome`].

mod delivery;

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::{Bytes, BytesMut};
use socketio_protocol::engine::{Frame, encode_payload};

pub use self::delivery::Delivery;
use crate::{
    config::{OutboxLimits, TransportKind},
    id::TransportId,
    topology::QueueDepth,
};

/// Most bytes that one write of a WebSocket takes, so that a full outbox does not become a full write buffer.
const WRITE_CHUNK: usize = 64 << 10;

/// Room for frames that an empty outbox keeps; what a burst needed beyond it is given back.
const KEPT_CAPACITY: usize = 64;

/// Most transports that wait to become the reader.
const MAX_WAITING_TRANSPORTS: usize = 8;

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// It waits for the transport.
    Queued,
    /// The outbox is over its limits: its content is gone and the connection has to be closed.
    Overflow,
    /// The connection is closed: nothing was queued.
    Closed,
    /// The client is not ready, and what was pushed may be lost: nothing was queued.
    Dropped,
}

/// What a WebSocket finds in the outbox.
#[derive(Debug)]
pub enum Drained {
    /// Whole frames, ready for the wire.
    Bytes(Bytes),
    /// Nothing more will come; close with this code.
    Close(Option<u16>),
}

/// See the module.
#[derive(Debug)]
pub struct Outbox {
    limits: OutboxLimits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Frame>,
    /// Payload bytes in `frames`.
    bytes: usize,
    reader: TransportId,
    /// The reader is polling; who comes after it is a WebSocket.
    polling: bool,
    /// Present while the reader waits.
    waker: Option<Waker>,
    /// Transports that wait to become the reader.
    next: Vec<(TransportId, Waker)>,
    /// Present once the connection is closing.
    closing: Option<Closing>,
    /// It was not the server that ended the connection in good order.
    broken_off: bool,
    /// What was given up: packets and bytes.
    given_up: (usize, usize),
    /// Present once the WebSocket that was the reader has ended: whether its client has answered the close.
    ended: Option<bool>,
    /// Present while somebody waits for the end.
    watcher: Option<Waker>,
}

#[derive(Debug)]
struct Closing {
    /// For the WebSocket close frame.
    code: Option<u16>,
    /// For a polling client, in a payload of its own: official clients act on it before they have dealt with what precedes it.
    farewell: Option<Frame>,
}

impl Outbox {
    /// An empty outbox, read by the first transport.
    pub fn new(limits: OutboxLimits, transport: TransportKind) -> Self {
        let state = State {
            frames: VecDeque::new(),
            bytes: 0,
            reader: TransportId::FIRST,
            polling: transport == TransportKind::Polling,
            waker: None,
            next: Vec::new(),
            closing: None,
            broken_off: false,
            given_up: (0, 0),
            ended: None,
            watcher: None,
        };
        Self { limits, state: Mutex::new(state) }
    }

    /// Queues the frames of one packet, next to each other.
    pub fn push(&self, frames: &[Frame]) -> PushOutcome {
        let mut state = self.lock();
        if state.closing.is_some() {
            return PushOutcome::Closed;
        }
        let bytes: usize = frames.iter().map(Frame::len).sum();
        let over = state.bytes + bytes > self.limits.bytes
            || state.frames.len() + frames.len() > self.limits.packets;
        // Whoever has fetched everything is not slow, however large the next packet is.
        if over && !state.frames.is_empty() {
            state.give_up();
            return PushOutcome::Overflow;
        }
        state.add(frames);
        PushOutcome::Queued
    }

    /// Queues the frames of one packet if the client is ready for them: a WebSocket that keeps up, or a poll that waits with nothing to
    /// send.
    pub fn push_volatile(&self, frames: &[Frame]) -> PushOutcome {
        let mut state = self.lock();
        if state.closing.is_some() {
            return PushOutcome::Closed;
        }
        if !state.is_ready(self.limits.volatile_bytes) {
            return PushOutcome::Dropped;
        }
        state.add(frames);
        PushOutcome::Queued
    }

    /// Ends a poll that waits for something to send; does nothing when none waits. Needed while the client upgrades.
    pub fn release_poll(&self) {
        let mut state = self.lock();
        if state.waker.is_some() && state.frames.is_empty() {
            state.frames.push_back(Frame::noop());
            state.bytes += Frame::noop().len();
            state.wake();
        }
    }

    /// What is queued.
    pub(crate) fn depth(&self) -> QueueDepth {
        let state = self.lock();
        QueueDepth { packets: state.frames.len(), bytes: state.bytes }
    }

    /// Hands the outbox to another transport: what is queued and what comes goes there.
    pub fn switch_reader(&self, reader: TransportId) {
        let mut state = self.lock();
        state.reader = reader;
        state.polling = false;
        state.wake();
        state.next.drain(..).for_each(|(_, waker)| waker.wake());
    }

    /// Whether this transport is the one that drains the outbox.
    pub fn is_reader(&self, transport: TransportId) -> bool {
        self.lock().reader == transport
    }

    /// Lets the reader drain what is queued, then close: a WebSocket with `code`, polling with `farewell`.
    pub fn close(&self, code: Option<u16>, farewell: Option<Frame>) {
        let mut state = self.lock();
        if state.closing.is_none() {
            state.closing = Some(Closing { code, farewell });
            state.wake();
        }
    }

    /// Whether the connection is closed and nothing is left to send.
    pub fn is_drained(&self) -> bool {
        let state = self.lock();
        let said = state.closing.as_ref().is_some_and(|closing| closing.farewell.is_none());
        said && state.frames.is_empty()
    }

    /// For a WebSocket: the next bytes to write. Pending for a transport that is not the reader yet, and after [`Drained::Close`].
    pub fn poll_websocket(&self, transport: TransportId, cx: &Context<'_>) -> Poll<Drained> {
        let mut state = self.lock();
        if state.reader == transport {
            if let Some(bytes) = state.next_write() {
                return Poll::Ready(Drained::Bytes(bytes));
            }
            if let Some(closing) = &state.closing {
                return Poll::Ready(Drained::Close(closing.code));
            }
        } else if transport.0 < state.reader.0 {
            return Poll::Ready(Drained::Close(None));
        }
        state.wait(transport, cx);
        Poll::Pending
    }

    /// For a polling request: the body of its response, once there is one. `None` when the session is over.
    ///
    /// A transport that has been replaced gets a noop, so that its last poll ends.
    pub fn poll_payload(
        &self,
        transport: TransportId,
        max_bytes: usize,
        cx: &Context<'_>,
    ) -> Poll<Option<Bytes>> {
        let mut state = self.lock();
        if state.reader != transport {
            return Poll::Ready(Some(encode_payload([&Frame::noop()])));
        }
        let mut taken = Vec::new();
        let mut size = 0;
        while let Some(frame) = state.frames.front() {
            size += frame.polling_len() + 1;
            if size > max_bytes && !taken.is_empty() {
                break;
            }
            taken.extend(state.pop());
        }
        if !taken.is_empty() {
            return Poll::Ready(Some(encode_payload(&taken)));
        }
        if let Some(closing) = &mut state.closing {
            return Poll::Ready(closing.farewell.take().map(|frame| encode_payload([&frame])));
        }
        state.wait(transport, cx);
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way through a change, so a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, frames: &[Frame]) {
        self.bytes += frames.iter().map(Frame::len).sum::<usize>();
        self.frames.extend(frames.iter().cloned());
        self.wake();
    }

    /// Whether what may be lost should be queued.
    fn is_ready(&self, volatile_bytes: usize) -> bool {
        match self.polling {
            true => self.waker.is_some() && self.frames.is_empty(),
            false => self.bytes <= volatile_bytes,
        }
    }

    /// The whole queue as one chunk, up to a bound: what costs is the write, not its size.
    fn next_write(&mut self) -> Option<Bytes> {
        let first = self.pop()?;
        if self.frames.is_empty() {
            return Some(first.websocket().clone());
        }
        let mut chunk = BytesMut::with_capacity((first.len() + self.bytes).min(WRITE_CHUNK) + 64);
        chunk.extend_from_slice(first.websocket());
        while let Some(next) = self.frames.front() {
            if chunk.len() + next.websocket().len() > WRITE_CHUNK {
                break;
            }
            if let Some(frame) = self.pop() {
                chunk.extend_from_slice(frame.websocket());
            }
        }
        Some(chunk.freeze())
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len().min(self.bytes);
        if self.frames.is_empty() && self.frames.capacity() > KEPT_CAPACITY {
            self.frames = VecDeque::new();
        }
        Some(frame)
    }

    /// The reader is too slow: what waits is lost, so nothing more may come behind the gap.
    fn give_up(&mut self) {
        self.given_up.0 += self.frames.len();
        self.given_up.1 += self.bytes;
        self.frames = VecDeque::new();
        self.bytes = 0;
        self.closing = Some(Closing { code: None, farewell: None });
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait(&mut self, transport: TransportId, cx: &Context<'_>) {
        let waker = cx.waker().clone();
        if transport == self.reader {
            self.waker = Some(waker);
            return;
        }
        match self.next.iter_mut().find(|(id, _)| *id == transport) {
            Some((_, old)) => *old = waker,
            None => {
                // Transports that are refused end soon; a client that opens more and more of them is not waited for.
                self.next.truncate(MAX_WAITING_TRANSPORTS - 1);
                self.next.push((transport, waker));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker_ref;

    use super::*;

    const LIMITS: OutboxLimits = OutboxLimits { bytes: 100, packets: 4, volatile_bytes: 10 };
    const NEXT: TransportId = TransportId(1);

    fn outbox() -> Outbox {
        Outbox::new(LIMITS, TransportKind::Polling)
    }

    fn websocket(outbox: &Outbox, transport: TransportId) -> Poll<Drained> {
        outbox.poll_websocket(transport, &Context::from_waker(noop_waker_ref()))
    }

    fn payload(outbox: &Outbox) -> Poll<Option<Bytes>> {
        outbox.poll_payload(TransportId::FIRST, 1000, &Context::from_waker(noop_waker_ref()))
    }

    fn bytes(drained: Poll<Drained>) -> Vec<u8> {
        match drained {
            Poll::Ready(Drained::Bytes(bytes)) => bytes.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_whole_queue_goes_out_as_one_chunk_in_order() {
        let outbox = outbox();
        outbox.push(&[Frame::text("4a"), Frame::binary(b"bin")]);
        outbox.push(&[Frame::text("4c")]);
        assert_eq!(
            bytes(websocket(&outbox, TransportId::FIRST)),
            b"\x81\x024a\x82\x03bin\x81\x024c"
        );
        assert!(websocket(&outbox, TransportId::FIRST).is_pending());
    }

    #[test]
    fn over_its_limit_of_bytes_or_packets_it_gives_up_its_content() {
        let outbox = outbox();
        assert_eq!(outbox.push(&[Frame::binary(&[0; 100])]), PushOutcome::Queued);
        assert_eq!(outbox.push(&[Frame::text("4")]), PushOutcome::Overflow);
        assert_eq!(outbox.push(&[Frame::text("4")]), PushOutcome::Closed);
        let drained = websocket(&outbox, TransportId::FIRST);
        assert!(matches!(drained, Poll::Ready(Drained::Close(None))), "{drained:?}");
        let outbox = Outbox::new(LIMITS, TransportKind::Polling);
        let frames: Vec<_> = (0..4).map(|_| Frame::text("4")).collect();
        assert_eq!(outbox.push(&frames), PushOutcome::Queued);
        assert_eq!(outbox.push(&frames), PushOutcome::Overflow);
    }

    #[test]
    fn a_packet_of_any_size_goes_to_whoever_has_fetched_everything() {
        let outbox = outbox();
        assert_eq!(outbox.push(&[Frame::binary(&[0; 1000])]), PushOutcome::Queued);
    }

    #[test]
    fn a_switched_reader_gets_what_is_queued_and_the_old_poll_a_noop() {
        let outbox = outbox();
        outbox.push(&[Frame::text("4a")]);
        assert!(websocket(&outbox, NEXT).is_pending());
        outbox.switch_reader(NEXT);
        assert_eq!(payload(&outbox), Poll::Ready(Some(Bytes::from_static(b"6"))));
        assert_eq!(bytes(websocket(&outbox, NEXT)), b"\x81\x024a");
    }

    #[test]
    fn a_poll_is_released_only_while_it_waits() {
        let outbox = outbox();
        outbox.release_poll();
        assert!(payload(&outbox).is_pending());
        outbox.release_poll();
        assert_eq!(payload(&outbox), Poll::Ready(Some(Bytes::from_static(b"6"))));
    }

    #[test]
    fn what_is_queued_precedes_the_close_and_the_farewell_has_a_payload_of_its_own() {
        let outbox = outbox();
        outbox.push(&[Frame::text("41")]);
        outbox.close(None, Some(Frame::close()));
        assert_eq!(outbox.push(&[Frame::text("4late")]), PushOutcome::Closed);
        assert_eq!(payload(&outbox), Poll::Ready(Some(Bytes::from_static(b"41"))));
        assert!(!outbox.is_drained());
        assert_eq!(payload(&outbox), Poll::Ready(Some(Bytes::from_static(b"1"))));
        assert!(outbox.is_drained());
        assert_eq!(payload(&outbox), Poll::Ready(None));
    }

    #[test]
    fn a_payload_stays_below_its_bound_but_never_empty() {
        let outbox = outbox();
        outbox.push(&[Frame::text("4aaaa"), Frame::text("4b")]);
        let cx = Context::from_waker(noop_waker_ref());
        let poll = || outbox.poll_payload(TransportId::FIRST, 3, &cx);
        assert_eq!(poll(), Poll::Ready(Some(Bytes::from_static(b"4aaaa"))));
        assert_eq!(poll(), Poll::Ready(Some(Bytes::from_static(b"4b"))));
    }

    #[test]
    fn a_poll_that_waits_gets_one_volatile_packet_and_no_other_does() {
        let outbox = outbox();
        assert_eq!(outbox.push_volatile(&[Frame::text("4a")]), PushOutcome::Dropped);
        assert!(payload(&outbox).is_pending());
        assert_eq!(outbox.push_volatile(&[Frame::text("4b")]), PushOutcome::Queued);
        assert_eq!(outbox.push_volatile(&[Frame::text("4c")]), PushOutcome::Dropped);
        assert_eq!(payload(&outbox), Poll::Ready(Some("4b".into())));
    }

    #[test]
    fn a_websocket_gets_volatile_packets_until_too_much_waits() {
        let outbox = Outbox::new(LIMITS, TransportKind::WebSocket);
        for _ in 0..2 {
            assert_eq!(outbox.push_volatile(&[Frame::text("4volatile")]), PushOutcome::Queued);
        }
        assert_eq!(outbox.push_volatile(&[Frame::text("4")]), PushOutcome::Dropped);
        drop(websocket(&outbox, TransportId::FIRST));
        assert_eq!(outbox.push_volatile(&[Frame::text("4")]), PushOutcome::Queued);
    }
}
