//! The seeded scripts of the contexts: which operations there are, what each does, and who has to get its message.

use actix_socketio::{Namespace, Socket};

use super::{CLIENTS, OPERATIONS};

/// One operation. `hall` has all clients as members, `even` those with an even number; `flip-k` has client k + 1, and client k
/// whenever it has joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Own,
    Hall,
    HallOthers,
    Even,
    All,
    AllButEven,
    OwnRoomOf(usize),
    HandleOf(usize),
    Flip,
    EvenAndFlip,
    Join,
    Leave,
}

/// The script of a context, the same whenever it is asked for.
pub(super) fn script(context: usize) -> impl Iterator<Item = Op> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (context as u64 + 1);
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % below
    };
    (0..OPERATIONS).map(move |_| match random(12) {
        0 => Op::Own,
        1 => Op::Hall,
        2 => Op::HallOthers,
        3 => Op::Even,
        4 => Op::All,
        5 => Op::AllButEven,
        6 => Op::OwnRoomOf(random(CLIENTS)),
        7 => Op::HandleOf(random(CLIENTS)),
        8 => Op::Flip,
        9 => Op::EvenAndFlip,
        10 => Op::Join,
        _ => Op::Leave,
    })
}

/// Who gets the message of an operation.
fn receives(op: Op, context: usize, joined: bool, client: usize) -> bool {
    let even = client.is_multiple_of(2);
    let flip = client == (context + 1) % CLIENTS || (joined && client == context);
    match op {
        Op::Own => client == context,
        Op::Hall | Op::All => true,
        Op::HallOthers => client != context,
        Op::Even => even,
        Op::AllButEven => !even,
        Op::OwnRoomOf(other) | Op::HandleOf(other) => client == other,
        Op::Flip => flip,
        Op::EvenAndFlip => even || flip,
        Op::Join | Op::Leave => false,
    }
}

/// What a client has to get of a context, in this order.
pub(super) fn expected(client: usize, context: usize) -> Vec<usize> {
    let mut joined = false;
    script(context)
        .enumerate()
        .filter(|(_, op)| {
            joined = (joined || *op == Op::Join) && *op != Op::Leave;
            receives(*op, context, joined, client)
        })
        .map(|(number, _)| number)
        .collect()
}

/// Does an operation; its message has the context and the number.
pub(super) fn perform(
    op: Op,
    number: usize,
    context: usize,
    socket: &Socket,
    all: &Namespace,
    them: &[Socket],
) {
    let flip = format!("flip-{context}");
    let message = &(context, number);
    match op {
        Op::Own => socket.emit("own", message),
        Op::Hall => all.to("hall").emit("hall", message),
        Op::HallOthers => socket.to("hall").emit("hall-others", message),
        Op::Even => all.to("even").emit("even", message),
        Op::All => all.emit("all", message),
        Op::AllButEven => all.except("even").emit("all-but-even", message),
        Op::OwnRoomOf(other) => all.to(them[other].id().as_str()).emit("own-room-of", message),
        Op::HandleOf(other) => them[other].emit("handle-of", message),
        Op::Flip => all.to(flip).emit("flip", message),
        Op::EvenAndFlip => all.to("even").to(flip).emit("even-and-flip", message),
        Op::Join => socket.join(flip),
        Op::Leave => socket.leave(flip),
    }
}
