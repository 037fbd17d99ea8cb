//! The outbox alone: what its ends see of what is pushed.

use futures_util::task::noop_waker_ref;

use super::*;

const LIMITS: OutboxLimits = OutboxLimits { bytes: 100, packets: 4, volatile_bytes: 10 };
const NEXT: TransportId = TransportId(1);

fn outbox() -> Outbox {
    Outbox::new(LIMITS, TransportKind::Polling, Arc::default())
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
    assert_eq!(bytes(websocket(&outbox, TransportId::FIRST)), b"\x81\x024a\x82\x03bin\x81\x024c");
    assert!(websocket(&outbox, TransportId::FIRST).is_pending());
}

#[test]
fn a_frame_that_goes_alone_is_not_copied() {
    let limits = OutboxLimits { bytes: 4 << 20, ..LIMITS };
    let outbox = Outbox::new(limits, TransportKind::WebSocket, Arc::default());
    let large = Frame::binary(&[0; WRITE_CHUNK]);
    outbox.push(&[Frame::text("4a"), large.clone(), Frame::text("4b")]);
    assert_eq!(bytes(websocket(&outbox, TransportId::FIRST)), b"\x81\x024a");
    match websocket(&outbox, TransportId::FIRST) {
        Poll::Ready(Drained::Bytes(bytes)) => {
            assert_eq!(bytes.as_ptr_range(), large.websocket().as_ptr_range());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(bytes(websocket(&outbox, TransportId::FIRST)), b"\x81\x024b");
}

#[test]
fn over_its_limit_of_bytes_or_packets_it_gives_up_its_content() {
    let outbox = outbox();
    assert_eq!(outbox.push(&[Frame::binary(&[0; 100])]), PushOutcome::Queued);
    assert_eq!(outbox.push(&[Frame::text("4")]), PushOutcome::Overflow);
    assert_eq!(outbox.push(&[Frame::text("4")]), PushOutcome::Closed);
    let drained = websocket(&outbox, TransportId::FIRST);
    assert!(matches!(drained, Poll::Ready(Drained::Close(None))), "{drained:?}");
    let outbox = Outbox::new(LIMITS, TransportKind::Polling, Arc::default());
    let frames: Vec<_> = (0..4).map(|_| Frame::text("4")).collect();
    assert_eq!(outbox.push(&frames), PushOutcome::Queued);
    assert_eq!(outbox.push(&frames), PushOutcome::Overflow);
}

#[test]
fn each_quarter_of_what_may_wait_is_said_once() {
    let limits = OutboxLimits { bytes: 100, packets: 1000, ..LIMITS };
    let outbox = Outbox::new(limits, TransportKind::WebSocket, Arc::default());
    let pushes: Vec<_> = (0..10).map(|_| outbox.push(&[Frame::binary(&[0; 10])])).collect();
    let filling = pushes.iter().map(|it| usize::from(*it == PushOutcome::Filling));
    assert_eq!(filling.collect::<Vec<_>>(), [0, 0, 1, 0, 1, 0, 0, 1, 0, 1]);
    assert_eq!(outbox.taken_while_filled(), Some(0));
    drop(websocket(&outbox, TransportId::FIRST));
    assert_eq!(outbox.taken_while_filled(), None, "all of it was taken");
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
    let outbox = Outbox::new(LIMITS, TransportKind::WebSocket, Arc::default());
    for _ in 0..2 {
        assert_eq!(outbox.push_volatile(&[Frame::text("4volatile")]), PushOutcome::Queued);
    }
    assert_eq!(outbox.push_volatile(&[Frame::text("4")]), PushOutcome::Dropped);
    drop(websocket(&outbox, TransportId::FIRST));
    assert_eq!(outbox.push_volatile(&[Frame::text("4")]), PushOutcome::Queued);
}

#[test]
fn what_waits_while_nothing_is_taken_is_a_stall_of_a_websocket() {
    let outbox = Outbox::new(LIMITS, TransportKind::WebSocket, Arc::default());
    let (begin, second) = (Instant::now(), Duration::from_secs(1));
    let stalled = |after: u32| outbox.sample(begin + second * after).is_stalled(second * 10);
    assert!(!stalled(0) && !stalled(100), "it is empty");
    outbox.push(&[Frame::text("4a")]);
    assert!(!stalled(101) && !stalled(110));
    assert!(stalled(111));
    drop(websocket(&outbox, TransportId::FIRST));
    outbox.push(&[Frame::text("4b")]);
    assert!(!stalled(112) && !stalled(121) && stalled(123));
    let polling = Outbox::new(LIMITS, TransportKind::Polling, Arc::default());
    polling.push(&[Frame::text("4a")]);
    polling.sample(begin);
    assert!(!polling.sample(begin + second * 100).is_stalled(second));
}

#[test]
fn a_large_write_has_more_time() {
    let limits = OutboxLimits { bytes: 4 << 20, ..LIMITS };
    let outbox = Outbox::new(limits, TransportKind::WebSocket, Arc::default());
    outbox.push(&[Frame::binary(&[0; 320 << 10])]);
    drop(websocket(&outbox, TransportId::FIRST));
    outbox.push(&[Frame::text("2")]);
    let (begin, second) = (Instant::now(), Duration::from_secs(1));
    outbox.sample(begin);
    assert!(!outbox.sample(begin + second * 19).is_stalled(second * 10));
    assert!(outbox.sample(begin + second * 21).is_stalled(second * 10));
}

#[test]
fn the_budget_has_back_what_was_held() {
    let budget = Arc::new(MemoryBudget::new(crate::config::Limit::Of(1 << 20)));
    let limits = OutboxLimits { bytes: 4 << 20, ..LIMITS };
    let new = || Outbox::new(limits, TransportKind::WebSocket, budget.clone());
    let outbox = new();
    outbox.push(&[Frame::binary(&[0; STEP - 1])]);
    assert_eq!(budget.used(), 0);
    outbox.push(&[Frame::binary(&[0; 2 * STEP])]);
    assert_eq!(budget.used(), 2 * STEP);
    outbox.hold_inbound(5);
    assert_eq!(budget.used(), 2 * STEP + 5);
    while websocket(&outbox, TransportId::FIRST).is_ready() {}
    assert_eq!(budget.used(), 5);
    outbox.push(&[Frame::binary(&[0; STEP])]);
    outbox.abandon();
    assert_eq!(budget.used(), 5);
    drop(outbox);
    let outbox = new();
    outbox.push(&[Frame::binary(&[0; STEP])]);
    drop(outbox);
    assert_eq!(budget.used(), 0);
}

#[test]
fn volatile_packets_leave_room_for_those_that_are_not() {
    let outbox = Outbox::new(
        OutboxLimits { packets: 10, ..LIMITS },
        TransportKind::WebSocket,
        Arc::default(),
    );
    let volatile: Vec<_> = (0..7).map(|_| outbox.push_volatile(&[Frame::text("4v")])).collect();
    assert_eq!(volatile[4..], [PushOutcome::Queued, PushOutcome::Dropped, PushOutcome::Dropped]);
    assert_ne!(outbox.push(&[Frame::text("4")]), PushOutcome::Overflow);
}
