//! Thousands of clients that come and go over every transport and in every way: what the server has taken for them it gives back.

mod ledger;
mod ways;

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};

use self::{
    ledger::{Ledger, Taken},
    ways::{Life, Way},
};
use crate::support::{
    DEADLINE,
    process::{is_alone, setting},
};

/// Cycles of the short form.
const CYCLES: usize = 2_000;
/// The first one warms up, with three times as many clients at once: tables, buffers and pools grow to the size that they keep.
const ROUNDS: usize = 4;
/// Clients at the same time.
const AT_ONCE: usize = 50;
/// Tables and buffers that grow for the first time, in bytes of each cycle. What a cycle keeps shows in the number of pieces as well.
const GROWTH: usize = 64;
/// Write buffers of a flooded client or two that are let go a moment later. Each is one piece.
const BUFFERS: usize = 2 * (64 << 10);
/// What the allocator holds in reserve, in bytes: of 120 MiB, for 3 MiB that are allocated, some pages more or less. What is kept shows in
/// pieces and bytes, exactly.
const RESERVE: usize = 16 << 20;

/// What is taken when nothing is under way: the least of several looks, since timers and closed connections are let go a moment later.
async fn lowest() -> Taken {
    let mut lowest = Taken::now();
    for _ in 0..10 {
        actix_rt::time::sleep(Duration::from_millis(50)).await;
        let taken = Taken::now();
        if taken.pieces < lowest.pieces {
            lowest = taken;
        }
    }
    lowest
}

#[actix_rt::test]
async fn clients_that_come_and_go_in_every_way_leave_nothing_behind() {
    let cycles = setting("LEAK_CYCLES", CYCLES);
    let per_round = cycles / ROUNDS;
    let ledger = Ledger::new();
    let mut taken: Vec<Taken> = Vec::new();
    let begun = Instant::now();
    for round in 0..ROUNDS {
        let lives = (round * per_round..(round + 1) * per_round).map(Life::nth);
        let at_once = if round == 0 { 3 * AT_ONCE } else { AT_ONCE };
        stream::iter(lives).for_each_concurrent(at_once, |life| life.live(ledger.addr())).await;
        ledger.settle(Instant::now() + DEADLINE).await;
        taken.push(lowest().await);
    }
    println!("{cycles} cycles in {:?}", begun.elapsed());
    taken.iter().for_each(|taken| println!("{taken}"));
    ledger.assert_used(cycles);
    if !is_alone() {
        return;
    }
    let measured = (ROUNDS - 2) * per_round;
    let (first, last) = (&taken[1], &taken[ROUNDS - 1]);
    assert_eq!(first.files, last.files, "files stay open: {taken:?}");
    // Fewer than what only one of the ways would leave behind, were it a single piece.
    let pieces = first.pieces + measured / Way::ALL.len() / 2;
    assert!(last.pieces < pieces, "something is kept: {taken:?}");
    assert!(last.bytes < first.bytes + measured * GROWTH + BUFFERS, "memory grows: {taken:?}");
    assert!(last.resident < first.resident + RESERVE, "memory grows: {taken:?}");
}
