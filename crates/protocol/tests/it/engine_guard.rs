//! The guard of a WebSocket's bytes.

use proptest::prelude::*;
use socketio_protocol::engine::{FrameGuard, FrameLimits, Violation};

const LIMITS: FrameLimits = FrameLimits { max_message: 1000, max_fragments: 4 };
const MASK: [u8; 4] = [1, 2, 3, 4];

fn guard() -> FrameGuard {
    FrameGuard::new(LIMITS)
}

/// A masked frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | u8::try_from(len).unwrap()),
        len => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ MASK[i % 4]));
    frame
}

/// Feeds byte by byte, and gives how many bytes went in before the violation.
fn drip(bytes: &[u8]) -> Result<(), (usize, Violation)> {
    let mut guard = guard();
    for (i, byte) in bytes.iter().enumerate() {
        guard.feed(&[*byte]).map_err(|(_, violation)| (i, violation))?;
    }
    Ok(())
}

#[test]
fn a_frame_that_is_too_large_is_refused_by_its_header_alone() {
    let headers: [&[u8]; 4] = [
        &[0x81, 0xfe, 0x03, 0xe9],
        &[0x82, 0xff, 0, 0, 0, 2, 0, 0, 0, 0],
        &[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1],
        &[0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ];
    for header in headers {
        assert_eq!(guard().feed(header), Err((0, Violation::TooLarge)), "{header:?}");
        assert_eq!(drip(header), Err((header.len() - 1, Violation::TooLarge)), "{header:?}");
    }
    assert_eq!(guard().feed(&frame(0x82, &[0; 1000])), Ok(()));
}

/// The decoder would wait for the whole frame before it says so, with all of it in memory.
#[test]
fn a_control_frame_that_is_too_long_is_refused_by_its_header_alone() {
    for first in [0x88, 0x89, 0x8a, 0x09, 0x8f] {
        for length in [&[0xfe, 0, 126][..], &[0xff, 0, 0, 0, 2, 0, 0, 0, 0]] {
            let header = [&[first], length].concat();
            assert_eq!(guard().feed(&header), Err((0, Violation::ControlTooLong)), "{header:?}");
            let last = header.len() - 1;
            assert_eq!(drip(&header), Err((last, Violation::ControlTooLong)), "{header:?}");
        }
    }
    assert_eq!(Violation::ControlTooLong.close_code(), 1002);
    assert_eq!(guard().feed(&frame(0x89, &[0; 125])), Ok(()));
}

#[test]
fn fragments_count_together() {
    let mut bytes = frame(0x02, &[0; 600]);
    bytes.extend(frame(0x00, &[0; 400]));
    assert_eq!(guard().feed(&bytes), Ok(()));
    let end = bytes.len();
    bytes.extend(frame(0x80, &[0; 1]));
    assert_eq!(guard().feed(&bytes), Err((end, Violation::TooLarge)));
}

#[test]
fn what_precedes_the_violation_may_still_be_decoded() {
    let good = frame(0x81, b"good");
    let mut bytes = good.clone();
    bytes.extend([0x81, 0xfe, 0xff, 0xff]);
    assert_eq!(guard().feed(&bytes), Err((good.len(), Violation::TooLarge)));
}

/// Whatever comes, however much of it.
#[test]
fn a_guard_that_has_found_a_violation_keeps_to_it() {
    let violations: [(&[u8], Violation); 4] = [
        (&[0x81, 0xfe, 0xff, 0xff], Violation::TooLarge),
        (&[0x89, 0xfe, 0, 126], Violation::ControlTooLong),
        (&[frame(0x01, b""), frame(0x00, b"")].concat()[..], Violation::TooManyFragments),
        (&frame(0x01, b"\xff"), Violation::NotUtf8),
    ];
    for (bytes, violation) in violations {
        let limits = FrameLimits { max_fragments: 1, ..LIMITS };
        let mut guard = FrameGuard::new(limits);
        let cut = bytes.len() - 1;
        let found = guard.feed(&bytes[..cut]).and_then(|()| guard.feed(&bytes[cut..]));
        assert_eq!(found.map_err(|(_, violation)| violation), Err(violation));
        for _ in 0..20 {
            assert_eq!(guard.feed(&frame(0x81, b"good")), Err((0, violation)));
        }
    }
}

#[test]
fn empty_fragments_are_counted_too_and_a_new_message_begins_anew() {
    let mut bytes = frame(0x01, b"");
    bytes.extend([frame(0x00, b""), frame(0x00, b""), frame(0x80, b"")].concat());
    assert_eq!(guard().feed(&bytes.repeat(10)), Ok(()));
    let five = [frame(0x01, b""), frame(0x00, b"").repeat(4)].concat();
    assert_eq!(guard().feed(&five), Err((five.len() - 6, Violation::TooManyFragments)));
}

#[test]
fn control_frames_between_fragments_belong_to_no_message() {
    let bytes = [frame(0x01, b"a"), frame(0x89, b"ping"), frame(0x80, b"b")].concat();
    assert_eq!(guard().feed(&bytes), Ok(()));
    assert_eq!(drip(&bytes), Ok(()));
}

#[test]
fn text_that_stops_being_utf8_is_refused_before_the_message_ends() {
    let broken = frame(0x81, b"abc\xff-and-so-on");
    assert_eq!(drip(&broken), Err((6 + 3, Violation::NotUtf8)));
    let fragments = [frame(0x01, b"\xf0\x9d"), frame(0x00, b"\x84\x9e\xc3")].concat();
    assert_eq!(guard().feed(&fragments), Ok(()));
    let cut = [fragments, frame(0x80, b"")].concat();
    assert_eq!(drip(&cut), Ok(()), "an empty end has no payload to judge: the decoder does");
    assert_eq!(drip(&frame(0x82, b"\xff\xfe")), Ok(()), "binary is not text");
}

proptest! {
    #[test]
    fn it_makes_no_difference_how_the_bytes_are_split(
        text in "\\PC{0,300}",
        cuts in proptest::collection::vec(0usize..400, 0..6),
    ) {
        let bytes = [frame(0x81, text.as_bytes()), frame(0x89, b""), frame(0x82, b"\xff")].concat();
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let mut guard = FrameGuard::new(FrameLimits { max_message: 2000, max_fragments: 1 });
        let mut from = 0;
        for to in cuts.into_iter().chain([bytes.len()]) {
            prop_assert_eq!(guard.feed(&bytes[from..to]), Ok(()));
            from = to;
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = guard().feed(&bytes);
        let _ = drip(&bytes);
    }
}
