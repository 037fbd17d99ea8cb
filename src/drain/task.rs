//! The work of a drain: each connection waits for its turn, is closed, and is watched until it has ended. Beside the supervisors, so that
//! it goes on whoever loses interest.

use std::{future::poll_fn, pin::pin, sync::Arc, time::Duration};

use actix_socketio_actors::{
    outbox::Delivery,
    session::messages::{CutOff, Depart},
};
use futures_util::{StreamExt, future::select, stream::FuturesUnordered};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep_until, timeout_at},
};

use super::{Drain, DrainReport, Flushed};
use crate::transport::Connection;

/// See the module.
pub(super) struct Task {
    pub(super) drain: Drain,
    pub(super) connections: Vec<Arc<Connection>>,
    /// What was emitted before the drain.
    pub(super) flushed: Flushed,
    /// Whether the rest is to be closed at once.
    pub(super) hurried: watch::Receiver<bool>,
}

impl Task {
    pub(super) async fn run(self) -> DrainReport {
        let Self { drain, connections, flushed, hurried } = self;
        let began = Instant::now();
        let count = connections.len();
        let mut report = DrainReport { connections: count, ..DrainReport::default() };
        // Those that have not ended.
        let mut left: Vec<_> = connections.into_iter().map(Some).collect();
        let close_all = async {
            if count > 0 {
                flushed.wait().await;
            }
            let first = Instant::now();
            let due = |place| first + turn(place, count, drain.over);
            let departures = left.iter().flatten().enumerate();
            let mut departures: FuturesUnordered<_> = departures
                .map(|(place, it)| depart(place, it.clone(), due(place), hurried.clone()))
                .collect();
            while let Some((place, delivery)) = departures.next().await {
                report.add(delivery);
                left[place] = None;
            }
        };
        // An error means that some are left.
        let _ = timeout_at(began + drain.deadline, close_all).await;
        for connection in left.into_iter().flatten() {
            report.add_forced(cut_off(&connection));
        }
        report.took = began.elapsed();
        report
    }
}

/// When it is the turn of the connection at this place: the first at once, the last at the end of `over`.
fn turn(place: usize, count: usize, over: Duration) -> Duration {
    match count {
        0 | 1 => Duration::ZERO,
        _ => over.mul_f64(place as f64 / (count - 1) as f64),
    }
}

/// Closes a connection when it is its turn, and waits until its handlers are done and nobody takes any more of what is queued for it.
async fn depart(
    place: usize,
    connection: Arc<Connection>,
    due: Instant,
    mut hurried: watch::Receiver<bool>,
) -> (usize, Delivery) {
    // There is an error only when nobody can hurry any more.
    let hurry = async {
        if hurried.wait_for(|hurry| *hurry).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    select(pin!(sleep_until(due)), pin!(hurry)).await;
    let (stopped, has_stopped) = oneshot::channel();
    connection.session.addr.do_send(Depart { stopped });
    // Dropped, not sent.
    let _ = has_stopped.await;
    let delivery = poll_fn(|cx| connection.session.outbox.poll_delivery(cx)).await;
    (place, delivery)
}

fn cut_off(connection: &Connection) -> Delivery {
    connection.session.addr.do_send(CutOff);
    connection.session.outbox.cut_off()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spread_evenly_from_the_first_to_the_last_moment() {
        let over = Duration::from_secs(4);
        let turns = |count| (0..count).map(move |place| turn(place, count, over).as_secs_f64());
        assert_eq!(turns(5).collect::<Vec<_>>(), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(turns(1).collect::<Vec<_>>(), [0.0]);
        assert_eq!(turns(2).collect::<Vec<_>>(), [0.0, 4.0]);
    }
}
