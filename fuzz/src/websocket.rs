//! The bytes of a WebSocket, to a whole server of Engine.IO that sends each message back.
//!
//! They come in one piece, in pieces that chance cuts, and, if they are few, one by one: what comes back is the same.

use std::{mem::ManuallyDrop, time::Duration};

use actix_socketio::{EngineMessage, EngineSocket, SocketIo, test_util};
use actix_web::rt::{System, SystemRunner};
use socketio_protocol::engine::{FrameGuard, FrameLimits};

use crate::{
    chance::Chance,
    reference::websocket::{self as reference, Echo, Expected, Limits},
    wire::{Edge, ServerFrame, WebSocket, settle},
};

const LIMITS: Limits = Limits { max_message: 200, max_fragments: 4, max_pongs: 2 };

/// Inputs of so many bytes come byte by byte, too.
const FEW: usize = 64;

thread_local! {
    /// Never dropped: an actix system needs other thread-locals when it ends.
    static WORLD: ManuallyDrop<World> = ManuallyDrop::new(World::new());
}

/// A server that lives as long as the thread: each input has connections of its own.
struct World {
    system: SystemRunner,
    edge: Edge,
}

impl World {
    fn new() -> Self {
        let system = System::new();
        let edge = system.block_on(async {
            test_util::pause();
            let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
            let engine = SocketIo::builder()
                .path("/engine.io/")
                .max_payload(LIMITS.max_message)
                .max_ws_fragments(LIMITS.max_fragments)
                .max_unsolicited_pongs(LIMITS.max_pongs)
                // Those in an input have to be answered, all of them.
                .max_ws_pings(1 << 20)
                // One that were left over would keep the next from opening.
                .max_sessions(1)
                .ping_interval(Duration::from_secs(3600))
                .build_engine(echo)
                .expect("these options can be");
            Edge::new("/engine.io/", |cfg| engine.mount(cfg)).await
        });
        Self { system, edge }
    }
}

/// Sends the bytes in each way, and compares what comes back with the reference.
pub fn run(data: &[u8]) {
    let expected = reference::read(data, LIMITS);
    let mut chance = Chance::of(data);
    let mut ways = vec![vec![data], cut(data, &mut chance)];
    if data.len() <= FEW {
        ways.push(data.chunks(1).collect());
    }
    WORLD.with(|world| {
        for pieces in ways {
            check_guard(&pieces);
            let came = world.system.block_on(converse(&world.edge, &pieces));
            check(&came, &expected, &pieces);
        }
    });
}

/// A few pieces.
fn cut<'a>(mut data: &'a [u8], chance: &mut Chance) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let longest = 1 + chance.below(data.len().min(100));
    while !data.is_empty() {
        let (piece, rest) = data.split_at((1 + chance.below(longest)).min(data.len()));
        pieces.push(piece);
        data = rest;
    }
    pieces
}

/// A guard that has found something says so whatever follows, and points into what it was given.
fn check_guard(pieces: &[&[u8]]) {
    let Limits { max_message, max_fragments, .. } = LIMITS;
    let mut guard = FrameGuard::new(FrameLimits { max_message, max_fragments });
    let mut found = None;
    for piece in pieces.iter().chain([&pieces.concat()[..], b"\x81\x80\0\0\0\0"].iter()) {
        match (guard.feed(piece), found) {
            (Ok(()), found) => assert_eq!(found, None, "a violation is forgotten"),
            (Err((at, violation)), None) => {
                assert!(at < piece.len(), "a violation at {at} of {}", piece.len());
                found = Some(violation);
            }
            (again, Some(violation)) => assert_eq!(again, Err((0, violation))),
        }
    }
}

async fn converse(edge: &Edge, pieces: &[&[u8]]) -> Vec<ServerFrame> {
    let opened = edge.open_websocket(None).await;
    let mut websocket: WebSocket = opened.expect("the session before this one has ended");
    pieces.iter().for_each(|piece| websocket.send(piece));
    let came = websocket.read().await;
    // Whatever was to be answered has been.
    assert_eq!(websocket.leave().await, [], "after the client has gone");
    settle().await;
    came
}

fn check(came: &[ServerFrame], expected: &Expected, pieces: &[&[u8]]) {
    let (mut echoes, mut pongs, mut closes) = (Vec::new(), Vec::new(), Vec::new());
    for frame in came {
        // Until the client closes, too, its pings have to be answered.
        let pong = matches!(frame, ServerFrame::Pong(_));
        assert!(closes.is_empty() || pong, "{frame:?} behind the close frame");
        match frame {
            ServerFrame::Text(text) => echoes.push(Echo::Text(text.clone())),
            ServerFrame::Binary(data) => echoes.push(Echo::Binary(data.clone())),
            ServerFrame::Pong(data) => pongs.push(data.clone()),
            ServerFrame::Close(code) => closes.push(*code),
        }
    }
    let open = echoes.remove(0);
    assert!(matches!(open, Echo::Text(text) if text.starts_with("0{")), "the open packet is first");
    assert_eq!(echoes, expected.echoes, "of {pieces:?}");
    assert!(pongs.len() >= expected.due_pongs, "{pongs:?} of {expected:?}, {pieces:?}");
    assert!(expected.pongs.starts_with(&pongs), "{pongs:?} of {expected:?}, {pieces:?}");
    match closes[..] {
        [] => assert!(expected.closes.is_empty(), "no close of {expected:?}, {pieces:?}"),
        [code] => assert!(expected.closes.contains(&code), "{code:?} of {expected:?}, {pieces:?}"),
        _ => unreachable!("looked at above"),
    }
}
