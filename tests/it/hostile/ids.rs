//! Ids that nobody can guess: of sessions, which are secrets, and of sockets, which are not.

use std::collections::HashSet;

use actix_socketio_actors::id::{ID_LEN, Sid, SocketId};

use super::{POLLING, Scene};
use crate::support::{Exchange, Polling, is_id};

const MADE: usize = 100_000;
const HANDSHAKES: usize = 2_000;
const AT_ONCE: usize = 50;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Chi-square of 64 classes: less or more than this comes once in a billion times. Less is a counter.
const LIKELY: std::ops::Range<f64> = 15.0..165.0;

/// The place of each byte in the alphabet.
fn places() -> [usize; 256] {
    let mut places = [usize::MAX; 256];
    ALPHABET.iter().enumerate().for_each(|(place, byte)| places[usize::from(*byte)] = place);
    places
}

/// How far these are from being spread evenly.
fn chi_square(digits: impl Iterator<Item = usize>) -> f64 {
    let mut counts = [0.0; 64];
    digits.for_each(|digit| counts[digit] += 1.0);
    let expected = counts.iter().sum::<f64>() / 64.0;
    counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum()
}

/// All are different, and every character of them is as likely as every other one, whatever the id before was.
fn assert_random(ids: &[String]) {
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "an id came twice");
    let places = places();
    for at in 0..ID_LEN {
        let digits: Vec<_> = ids.iter().map(|id| places[usize::from(id.as_bytes()[at])]).collect();
        let steps = digits.windows(2).map(|pair| (pair[1] + 64 - pair[0]) % 64);
        for (what, chi) in [
            ("characters", chi_square(digits.iter().copied())),
            ("differences to the id before", chi_square(steps)),
        ] {
            assert!(LIKELY.contains(&chi), "{what} at {at}: {chi}");
        }
    }
}

#[test]
fn a_hundred_thousand_ids_differ_and_have_no_pattern() {
    let sids: Vec<_> = (0..MADE).map(|_| Sid::random().to_string()).collect();
    let ids: Vec<_> = (0..MADE).map(|_| SocketId::random().to_string()).collect();
    assert_random(&sids);
    assert_random(&ids);
}

#[actix_rt::test]
async fn session_ids_over_http_differ_and_have_no_pattern() {
    let scene = Scene::start().await;
    let request = format!("GET {POLLING} HTTP/1.1\r\nhost: x\r\n\r\n").repeat(AT_ONCE);
    let mut exchange = Exchange::begin(scene.addr(), b"").await;
    let mut sids = Vec::new();
    for _ in 0..HANDSHAKES / AT_ONCE {
        exchange.write(request.as_bytes()).await;
        for _ in 0..AT_ONCE {
            let open = exchange.next_response().await;
            sids.push(open.text().split('"').nth(3).unwrap().to_owned());
        }
    }
    assert!(sids.iter().all(|sid| is_id(sid)));
    assert_random(&sids);
    for some in sids.chunks(AT_ONCE) {
        let close = |sid: &String| {
            format!("POST {POLLING}&sid={sid} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n1")
        };
        exchange.write(some.iter().map(close).collect::<String>().as_bytes()).await;
        for _ in some {
            assert_eq!(exchange.next_response().await.text(), "ok");
        }
    }
    drop(exchange);
    scene.assert_unharmed().await;
}

/// What others may know of a client is no key to its session.
#[actix_rt::test]
async fn the_id_of_a_socket_says_nothing_about_its_session() {
    let scene = Scene::start().await;
    let mut seen = HashSet::new();
    for _ in 0..100 {
        let client = Polling::connect(&scene.server).await;
        let stolen = Polling { addr: client.addr, sid: client.id.clone(), id: String::new() };
        assert_eq!(stolen.post(r#"42["back"]"#).await.parts(), (400, super::UNKNOWN_SID));
        client.fence().await;
        assert_eq!(client.post("1").await.parts(), (200, "ok"));
        assert_ne!(client.id[..4], client.sid[..4]);
        assert!(seen.insert(client.sid) && seen.insert(client.id), "an id came twice");
    }
    scene.assert_unharmed().await;
}
