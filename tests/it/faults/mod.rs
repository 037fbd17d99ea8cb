//! Hundreds of faults between clients and the server: whatever a proxy does to their connections, a session goes on in order or ends in
//! time, nothing is left of it, and nobody else notices.

mod chance;
mod proxy;
mod session;
mod world;

use std::{
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};

use self::{
    chance::Chance,
    session::{Outcome, Route},
    world::{Witness, World},
};
use crate::support::{Moment, process::setting};

/// Faults of the short form.
const FAULTS: usize = 1_000;
/// Sessions at the same time.
const AT_ONCE: usize = 32;
/// Longest time for an echo of a client that has no fault, while the machine runs.
const WITNESS: Duration = Duration::from_secs(2);
/// A machine that has stood still for so long, in all, may have broken a session off.
const LATE: Duration = Duration::from_millis(400);

#[actix_rt::test]
async fn a_session_goes_on_in_order_or_ends_in_time_whatever_happens_to_its_connections() {
    let target = setting("FAULTS", FAULTS);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let seed = setting("FAULT_SEED", now.subsec_nanos() as usize);
    let world = World::new();
    let witness = Witness::start(world.server.addr);
    let begun = Instant::now();
    let (went_on, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let missing = || world.faults.total() < target;
    let seeds = stream::iter(seed..).take_while(|_| std::future::ready(missing()));
    seeds
        .for_each_concurrent(AT_ONCE, |seed| {
            let (world, went_on, ended) = (&world, &went_on, &ended);
            async move {
                for last in [false, false, true] {
                    let mut chance = Chance::new(seed as u64);
                    let route = Route::ALL[chance.below(Route::ALL.len())];
                    let moment = Moment::now();
                    let count = match session::run(world, route, chance).await {
                        Ok(Outcome::WentOn) => went_on,
                        Ok(Outcome::Ended) => ended,
                        // Nothing can be told of it: once more.
                        Err(_) if !last && moment.stood_still() > LATE => continue,
                        Err(wrong) => panic!("{wrong}; FAULT_SEED={seed} FAULTS=1 repeats it"),
                    };
                    count.fetch_add(1, Relaxed);
                    break;
                }
            }
        })
        .await;
    let (echoes, longest) = witness.end();
    world.settle().await;
    let time = begun.elapsed();
    println!("{} faults in {time:?}: {:?}", world.faults.total(), world.faults);
    println!(
        "{went_on:?} sessions went on, {ended:?} ended; {echoes} echoes beside, {longest:?} at most"
    );
    assert!(longest < WITNESS, "an echo took {longest:?}");
    if target >= FAULTS {
        let each = [&went_on, &ended].map(|count| count.load(Relaxed));
        assert!(each.iter().all(|count| *count > target / 20), "{each:?} are no mixture");
    }
}
