//! What has become of the connections of a server that was drained.

use std::{fmt, time::Duration};

use actix_socketio_actors::outbox::Delivery;

/// What a drain has done. Every connection is counted once: `connections` is the sum of `clean`, `unanswered`, `left` and `forced`.
///
/// ```
/// # use actix_socketio::{Drain, SocketIo};
/// # #[actix_web::main]
/// # async fn main() {
/// let report = SocketIo::new().drain(Drain::default()).await;
/// assert_eq!((report.connections, report.forced), (0, 0));
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// How many there were at the beginning.
    pub connections: usize,
    /// They have got everything: the client has answered the close of its WebSocket, or fetched the last packet of its polling session.
    pub clean: usize,
    /// Everything and the close went to the operating system, or nothing was queued; the client has not answered within a second.
    pub unanswered: usize,
    /// They ended for another reason before it was their turn: the client left, or broke off, or broke a rule.
    pub left: usize,
    /// They were cut off: at the deadline, something was still queued or a disconnect handler still ran; or the connection broke with
    /// something queued.
    pub forced: usize,
    /// Packets that were queued for the forced ones and were lost. What the operating system had taken by then is not among them.
    pub undelivered_packets: usize,
    /// Bytes of payload in those packets.
    pub undelivered_bytes: usize,
    /// Time from the beginning to the end.
    pub took: Duration,
}

impl DrainReport {
    pub(super) fn of_forced(connections: usize) -> Self {
        Self { connections, forced: connections, ..Self::default() }
    }

    /// One connection has ended.
    pub(super) fn add(&mut self, delivery: Delivery) {
        match delivery {
            Delivery { broken_off: true, .. } => self.left += 1,
            Delivery { lost_packets: 1.., .. } => self.add_forced(delivery),
            Delivery { answered: true, .. } => self.clean += 1,
            Delivery { answered: false, .. } => self.unanswered += 1,
        }
    }

    /// One connection was cut off.
    pub(super) fn add_forced(&mut self, delivery: Delivery) {
        self.forced += 1;
        self.undelivered_packets += delivery.lost_packets;
        self.undelivered_bytes += delivery.lost_bytes;
    }
}

/// One line.
impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, clean, unanswered, left, forced, took, .. } = self;
        write!(
            f,
            "drained {connections} connections in {:.1} s: {clean} clean, {unanswered} unanswered, {left} left, {forced} forced",
            took.as_secs_f64()
        )?;
        match (self.undelivered_packets, self.undelivered_bytes) {
            (0, _) => Ok(()),
            (packets, bytes) => write!(f, "; {packets} packets ({bytes} bytes) undelivered"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_counted_once_and_said_in_one_line() {
        let nothing_lost =
            Delivery { lost_packets: 0, lost_bytes: 0, answered: true, broken_off: false };
        let lost = Delivery { lost_packets: 2, lost_bytes: 30, answered: false, broken_off: false };
        let mut report = DrainReport { connections: 5, ..DrainReport::default() };
        report.took = Duration::from_millis(5120);
        report.add(nothing_lost);
        report.add(Delivery { answered: false, ..nothing_lost });
        report.add(Delivery { broken_off: true, ..lost });
        assert_eq!(
            report.to_string(),
            "drained 5 connections in 5.1 s: 1 clean, 1 unanswered, 1 left, 0 forced"
        );
        report.add(lost);
        report.add_forced(Delivery { answered: true, ..nothing_lost });
        assert_eq!(
            report.to_string(),
            "drained 5 connections in 5.1 s: 1 clean, 1 unanswered, 1 left, 2 forced; \
             2 packets (30 bytes) undelivered"
        );
    }
}
