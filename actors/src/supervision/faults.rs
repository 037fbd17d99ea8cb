//! Panics on purpose, for tests: of the whole process, at the points of [`Point`]. Only with the feature `fault-injection`, which nothing
//! that is shipped has.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;

use super::Point;

static PLAN: ArcSwapOption<Plan> = ArcSwapOption::const_empty();

/// Which passes through points panic.
#[derive(Debug)]
pub struct Plan {
    points: Vec<Point>,
    when: When,
    fired: [AtomicU64; Point::ALL.len()],
    /// The last pass has panicked.
    spared: [AtomicBool; Point::ALL.len()],
}

#[derive(Debug)]
enum When {
    /// So many passes from now on: the first ones pass, the next ones do not.
    Passes { pass: AtomicI64, panic: i64 },
    /// At random.
    Often { state: AtomicU64, per_million: u64 },
}

impl Plan {
    /// Of the passes through any of these points that of this number, from 0, and those after it: `count` in a row.
    pub fn passes(points: &[Point], first: i64, count: i64) -> Self {
        Self::new(points.to_vec(), When::Passes { pass: AtomicI64::new(-first), panic: count })
    }

    /// Each pass through any of these points, with this probability, but for the one after a panic: what is done again succeeds.
    pub fn random(points: Vec<Point>, seed: u64, per_million: u64) -> Self {
        Self::new(points, When::Often { state: AtomicU64::new(seed), per_million })
    }

    fn new(points: Vec<Point>, when: When) -> Self {
        let (fired, spared) = Default::default();
        Self { points, when, fired, spared }
    }

    fn fires(&self, point: Point) -> bool {
        let fires = self.points.contains(&point)
            && match &self.when {
                When::Passes { pass, panic } => {
                    (0..*panic).contains(&pass.fetch_add(1, Ordering::Relaxed))
                }
                When::Often { state, per_million } => {
                    let fires = random(state) % 1_000_000 < *per_million;
                    let spared = self.spared[point as usize].swap(fires, Ordering::Relaxed);
                    fires && !spared
                }
            };
        self.fired[point as usize].fetch_add(fires.into(), Ordering::Relaxed);
        fires
    }

    /// How many panics there were at this point.
    pub fn fired(&self, point: Point) -> u64 {
        self.fired[point as usize].load(Ordering::Relaxed)
    }

    /// How many panics there were.
    pub fn total(&self) -> u64 {
        Point::ALL.iter().map(|point| self.fired(*point)).sum()
    }
}

/// SplitMix64.
fn random(state: &AtomicU64) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let z = state.fetch_add(GOLDEN, Ordering::Relaxed).wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Puts a plan into force instead of what there was.
pub fn arm(plan: Plan) -> Arc<Plan> {
    let plan = Arc::new(plan);
    PLAN.store(Some(plan.clone()));
    plan
}

/// Nothing fails any more.
pub fn disarm() {
    PLAN.store(None);
}

/// Panics if that is the plan.
pub(crate) fn fault_point(point: Point) {
    // A panic while another one unwinds would end the process.
    if !std::thread::panicking() && PLAN.load().as_ref().is_some_and(|plan| plan.fires(point)) {
        panic!("fault at {point:?}");
    }
}
