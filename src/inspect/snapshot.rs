//! One look at the actors for all who look at the inspector: what was found is kept, as the bytes that are sent, until it has a certain
//! age. One look is under way at a time, and whoever comes meanwhile gets what that has found.

use std::{fmt, time::Duration};

use actix_web::web::Bytes;
use tokio::{sync::Mutex, time::Instant};

use super::metrics;
use crate::{SocketIo, Topology, TopologyLimits};

/// A little less than the interval of the page, so that it gets something new each time.
const MIN_AGE: Duration = Duration::from_millis(900);

/// Different limits that are remembered at a time.
const MAX_KEPT: usize = 8;

/// See the module. Metrics have a look of their own, which is short: they do not wait for a tree with actors that do not answer.
#[derive(Debug)]
pub(super) struct Snapshots {
    tree: Kept,
    metrics: Kept,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self::new(MIN_AGE)
    }
}

impl Snapshots {
    pub(super) fn new(min_age: Duration) -> Self {
        let kept = || Kept { min_age, born: Instant::now(), found: Mutex::default() };
        Self { tree: kept(), metrics: kept() }
    }

    /// The tree as JSON, and when it was that: the time since this was made.
    pub(super) async fn tree(
        &self,
        io: &SocketIo,
        limits: TopologyLimits,
    ) -> Result<(Bytes, Duration), serde_json::Error> {
        self.tree.get(io, limits, |tree| Ok(serde_json::to_vec(tree)?.into())).await
    }

    /// Its totals for Prometheus; empty if the server has not answered.
    pub(super) async fn metrics(
        &self,
        io: &SocketIo,
        limits: TopologyLimits,
    ) -> Result<Bytes, fmt::Error> {
        Ok(self.metrics.get(io, limits, |tree| Ok(metrics::encode(tree)?.into())).await?.0)
    }
}

#[derive(Debug)]
struct Kept {
    min_age: Duration,
    born: Instant,
    /// The oldest first.
    found: Mutex<Vec<Found>>,
}

#[derive(Debug)]
struct Found {
    limits: TopologyLimits,
    at: Instant,
    bytes: Bytes,
}

impl Kept {
    async fn get<E>(
        &self,
        io: &SocketIo,
        limits: TopologyLimits,
        write: impl FnOnce(&Topology) -> Result<Bytes, E>,
    ) -> Result<(Bytes, Duration), E> {
        let mut found = self.found.lock().await;
        found.retain(|found| found.at.elapsed() < self.min_age);
        if let Some(found) = found.iter().find(|found| found.limits == limits) {
            return Ok((found.bytes.clone(), found.at - self.born));
        }
        let bytes = write(&io.topology_with(limits).await)?;
        // Its age counts from when it was complete: a look that takes long is not followed by the next at once.
        let at = Instant::now();
        if found.len() == MAX_KEPT {
            found.remove(0);
        }
        found.push(Found { limits, at, bytes: bytes.clone() });
        Ok((bytes, at - self.born))
    }
}
