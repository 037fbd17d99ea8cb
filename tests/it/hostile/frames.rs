//! WebSocket frames that are wrong, or too many.

use super::{Scene, WEBSOCKET, converse, upgrade};
use crate::support::{Message, Ws, masked};

/// Bytes without a pattern that anybody would answer by chance.
fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..len).map(|_| next()).collect()
}

/// Everything that the server sends on a connection that begins like this.
async fn talk(scene: &Scene, bytes: &[u8]) -> (Vec<u8>, usize) {
    let request = [upgrade(WEBSOCKET).as_bytes(), &masked(0x81, b"40"), bytes].concat();
    converse(scene.addr(), &request).await
}

#[actix_rt::test]
async fn thousands_of_pings_get_their_own_payload_back() {
    let scene = Scene::start().await;
    for connection in 0..30 {
        let mut ws = Ws::connect(&scene.server).await;
        for ping in 0..100 {
            let payload = noise([0, 1, 125][ping % 3], connection * 100 + ping as u64);
            ws.send(&masked(0x89, &payload)).await;
            assert_eq!(ws.next().await, Message::Pong(payload));
        }
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_message_is_as_large_as_its_header_says_and_refused_for_that_alone() {
    let mut scene = Scene::start().await;
    let lengths = [1_000_001, 1 << 31, (1 << 32) + 1, 1 << 62, (1 << 63) - 1];
    for length in lengths {
        let header = [&[0x82, 0xff], &u64::to_be_bytes(length)[..]].concat();
        scene.assert_closes(&header, Some(1009), "transport error").await;
    }
    scene.assert_peak(0);
    scene.assert_unharmed().await;
}

/// They may have 125 bytes, so it does not take the others to see that.
#[actix_rt::test]
async fn a_control_frame_is_refused_for_the_length_that_it_announces() {
    let mut scene = Scene::start().await;
    for first in [0x88, 0x89, 0x8a] {
        for length in [126, 70_000, 1 << 32, 1 << 62] {
            let header = [&[first, 0xff], &u64::to_be_bytes(length)[..], b"1234"].concat();
            scene.assert_closes(&header, Some(1002), "transport error").await;
        }
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn what_comes_behind_the_header_of_a_frame_that_is_too_large_is_not_read() {
    const OFFERED: usize = 64 << 20;
    let scene = Scene::start().await;
    let piece = vec![0; 1 << 16];
    for (first, code) in [(0x82, 1009_u16), (0x89, 1002)] {
        let mut ws = Ws::connect(&scene.server).await;
        ws.send(&[&[first, 0xff], &u64::to_be_bytes(1 << 33)[..], b"1234"].concat()).await;
        let mut taken = 0;
        while taken < OFFERED && ws.try_send(&piece).await.is_ok() {
            taken += piece.len();
        }
        // The system's buffers take some.
        assert!(taken < OFFERED / 2, "{first:#x}: {taken} bytes were taken");
        ws.expect_bytes(&[&[0x88, 2], &code.to_be_bytes()[..]].concat()).await;
    }
    scene.assert_peak(0);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_close_frame_has_a_code_and_nothing_of_what_was_sent() {
    let mut scene = Scene::start().await;
    let secret = noise(123, 7);
    let with_code = |code: u16| masked(0x88, &[&code.to_be_bytes()[..], &[b'x'; 123]].concat());
    let error = "transport error";
    scene.assert_closes(&masked(0xc1, &secret), Some(1002), error).await;
    scene.assert_closes(&masked(0x83, &secret), Some(1002), error).await;
    scene.assert_closes(&masked(0x81, b"\xff\xfe\xfd"), Some(1007), error).await;
    scene.assert_closes(&masked(0x88, &[1]), Some(1002), error).await;
    scene.assert_closes(&with_code(1006), Some(1002), error).await;
    scene.assert_closes(&with_code(65_535), Some(1002), error).await;
    scene.assert_closes(&with_code(1000), Some(1000), "transport close").await;
    scene.assert_closes(&with_code(4999), Some(4999), "transport close").await;
    scene.assert_closes(&masked(0x88, b""), None, "transport close").await;
    scene.assert_closes(&masked(0x81, b"1"), None, "transport close").await;
    scene.assert_closes(&masked(0x81, b"4!"), None, "forced close").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_message_in_countless_fragments_is_refused_and_not_kept() {
    let scene = Scene::start().await;
    let cases: [(&str, &[u8], &[u8]); 3] = [
        ("one byte each", b"42[\"back\"", b" "),
        ("empty ones", b"42[\"back\"", b""),
        ("none at all", b"", b""),
    ];
    for (what, first, rest) in cases {
        let fragments = [masked(0x01, first), masked(0x00, rest).repeat(200_000)].concat();
        let (answer, _) = talk(&scene, &fragments).await;
        assert!(answer.ends_with(b"\x88\x02\x03\xf0"), "{what}: {}", super::shown(&answer));
    }
    // That is what the client has.
    scene.assert_peak(8_000_000);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn every_length_that_a_frame_can_announce_is_survived() {
    let scene = Scene::start().await;
    let around = |k: u32| [(1 << k) - 1, 1 << k, (1_u64 << k).wrapping_add(1)];
    for length in (0..64).flat_map(around).chain([u64::MAX - 1, u64::MAX]) {
        let (large, control) = (length > 1_000_000, length > 125);
        let cases = [
            ([0x81, 0xff], large.then_some(b"\x88\x02\x03\xf1")),
            ([0x00, 0xff], large.then_some(b"\x88\x02\x03\xf1")),
            ([0x89, 0xff], control.then_some(b"\x88\x02\x03\xea")),
            ([0x0a, 0x7f], Some(b"\x88\x02\x03\xea")),
        ];
        for (first, close) in cases {
            let frame = [&first, &length.to_be_bytes()[..], b"123412345678"].concat();
            let what = super::shown(&frame);
            match close {
                Some(close) => {
                    let (answer, _) = talk(&scene, &frame).await;
                    assert!(answer.ends_with(close), "{what}: {}", super::shown(&answer));
                }
                None => Ws::connect(&scene.server).await.send(&frame).await,
            }
        }
    }
    scene.assert_peak(0);
    scene.assert_unharmed().await;
}
