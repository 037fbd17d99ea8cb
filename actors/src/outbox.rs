//! The outbox: the bounded queue of frames of one connection, between the courier that fills it and the transport that empties it.
//!
//! Couriers push packets, the session pushes engine packets, and whichever transport is the reader now drains it. It is the one
//! place with a lock, since the two ends may be on two threads. It decides nothing: whoever pushes acts on the [`PushOutcome`].

mod delivery;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use socketio_protocol::engine::{Frame, encode_payload};

pub use self::delivery::Delivery;
use crate::{
    budget::{MemoryBudget, STEP},
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
    /// The same, and another quarter of what may wait does: its WebSocket should have its turn, which it may not have had for want of time.
    Filling,
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

/// What an outbox looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Bytes that its connection holds: what waits for the client, what waits for handlers, and the parts of a packet whose rest is yet
    /// to come.
    pub bytes: usize,
    /// For how long, as far as samples tell, something has waited while nothing was taken.
    pub still: Duration,
    /// What its WebSocket has taken last; `None` for polling, where taking is up to the client.
    last_write: Option<usize>,
}

impl Sample {
    /// Whether the client of a WebSocket has taken nothing for this long, and a second for each 32 KiB of what it may still be taking.
    pub fn is_stalled(&self, timeout: Duration) -> bool {
        let more = |bytes: usize| Duration::from_millis(bytes as u64 / 32);
        self.last_write.is_some_and(|bytes| self.still >= timeout.saturating_add(more(bytes)))
    }
}

/// See the module.
#[derive(Debug)]
pub struct Outbox {
    limits: OutboxLimits,
    budget: Arc<MemoryBudget>,
    /// Bytes of packets that are still coming, or that wait for handlers: the other way, but of the same connection.
    inbound: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    frames: VecDeque<Frame>,
    /// Payload bytes in `frames`.
    bytes: usize,
    budget: Arc<MemoryBudget>,
    /// What the budget knows of `bytes`.
    counted: usize,
    /// Frames that were taken so far.
    taken: u64,
    /// Bytes of the last write of a WebSocket.
    last_write: usize,
    /// `taken` at the first sample that has found it so, with something waiting.
    seen: Option<(u64, Instant)>,
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
    pub fn new(limits: OutboxLimits, transport: TransportKind, budget: Arc<MemoryBudget>) -> Self {
        let state = State {
            frames: VecDeque::new(),
            bytes: 0,
            budget: budget.clone(),
            counted: 0,
            taken: 0,
            last_write: 0,
            seen: None,
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
        Self { limits, budget, inbound: AtomicUsize::new(0), state: Mutex::new(state) }
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
        let before = (state.bytes, state.frames.len());
        state.add(frames);
        let filling = passes_quarter(before.0, state.bytes, self.limits.bytes)
            || passes_quarter(before.1, state.frames.len(), self.limits.packets);
        // The next poll is up to the client.
        if filling && !state.polling { PushOutcome::Filling } else { PushOutcome::Queued }
    }

    /// Queues the frames of one packet if the client is ready for them: a WebSocket that keeps up, or a poll that waits with nothing to
    /// send.
    pub fn push_volatile(&self, frames: &[Frame]) -> PushOutcome {
        let mut state = self.lock();
        if state.closing.is_some() {
            return PushOutcome::Closed;
        }
        // The other half is for packets that must not be lost.
        let many = state.frames.len() + frames.len() > self.limits.packets / 2;
        if !state.is_ready(self.limits.volatile_bytes) || (many && !state.frames.is_empty()) {
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

    /// How many packets were taken so far, while a quarter of what may wait does, or more.
    pub(crate) fn taken_while_filled(&self) -> Option<u64> {
        let state = self.lock();
        let filled = passes_quarter(0, state.bytes, self.limits.bytes)
            || passes_quarter(0, state.frames.len(), self.limits.packets);
        filled.then_some(state.taken)
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

    /// Drops what is queued: nobody takes it. The session has to be closed.
    pub fn abandon(&self) {
        self.lock().give_up();
    }

    /// So much has arrived that nobody has been given: parts of a packet whose rest has not, and what waits for handlers.
    pub(crate) fn hold_inbound(&self, bytes: usize) {
        let former = self.inbound.swap(bytes, Ordering::Relaxed);
        self.budget.change(former, bytes);
    }

    /// Looks at it; see [`Sample`].
    pub fn sample(&self, now: Instant) -> Sample {
        let mut state = self.lock();
        let taken = state.taken;
        state.seen = match state.seen {
            _ if state.frames.is_empty() => None,
            Some(seen) if seen.0 == taken => Some(seen),
            _ => Some((taken, now)),
        };
        let still = state.seen.map_or(Duration::ZERO, |(_, since)| now - since);
        let last_write = (!state.polling).then_some(state.last_write);
        Sample { bytes: state.bytes + self.inbound.load(Ordering::Relaxed), still, last_write }
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

fn passes_quarter(before: usize, now: usize, limit: usize) -> bool {
    let quarter = (limit / 4).max(1);
    now >= quarter && now / quarter > before / quarter
}

impl State {
    fn add(&mut self, frames: &[Frame]) {
        self.bytes += frames.iter().map(Frame::len).sum::<usize>();
        self.frames.extend(frames.iter().cloned());
        self.count();
        self.wake();
    }

    /// Tells the budget what it does not know yet.
    fn count(&mut self) {
        let counted = self.bytes / STEP * STEP;
        if counted != self.counted {
            self.budget.change(self.counted, counted);
            self.counted = counted;
        }
    }

    /// Whether what may be lost should be queued.
    fn is_ready(&self, volatile_bytes: usize) -> bool {
        match self.polling {
            true => self.waker.is_some() && self.frames.is_empty(),
            false => self.bytes <= volatile_bytes,
        }
    }

    /// The whole queue as one chunk, up to a bound: what costs is the write, not its size. A frame that goes alone is not copied.
    fn next_write(&mut self) -> Option<Bytes> {
        let mut write = self.pop()?.websocket().clone();
        if self.next_fits(write.len()) {
            let most = (write.len() + self.bytes).min(WRITE_CHUNK);
            let mut chunk = BytesMut::with_capacity(most + 64);
            chunk.extend_from_slice(&write);
            while self.next_fits(chunk.len())
                && let Some(frame) = self.pop()
            {
                chunk.extend_from_slice(frame.websocket());
            }
            write = chunk.freeze();
        }
        self.last_write = write.len();
        Some(write)
    }

    /// Whether the next frame has room in a write behind so many bytes.
    fn next_fits(&self, bytes: usize) -> bool {
        self.frames.front().is_some_and(|next| bytes + next.websocket().len() <= WRITE_CHUNK)
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len().min(self.bytes);
        self.taken += 1;
        self.count();
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
        self.count();
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

impl Drop for Outbox {
    fn drop(&mut self) {
        self.hold_inbound(0);
        let state = self.lock();
        state.budget.change(state.counted, 0);
    }
}
