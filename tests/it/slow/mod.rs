//! Clients that never read, beside clients that do, under a steady flood of broadcasts: the former are gone in time, have held no more
//! than they may, and are counted and logged; the latter get everything, in order, and as quickly as before.
//!
//! In the long form, by hand, there are more of them, for longer; see `docs/testing.md`.

mod clients;
mod server;

use std::{
    collections::HashSet,
    ops::Range,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::sync::watch;

use self::{
    clients::{Got, Healthy, Slow},
    server::{Report, Server, Settings, Turn},
};
use crate::support::{
    DEADLINE, Over,
    process::{GRACE, setting},
    within,
};

/// Time between two broadcasts.
const TICK: Duration = Duration::from_millis(20);
const PING: Duration = Duration::from_secs(1);
/// Beyond it, volatile events are dropped: the default.
const VOLATILE: usize = 256 << 10;
/// So many broadcasts may the outbox of a healthy client hold for a moment.
const BURST: usize = 2;
/// What a WebSocket has taken and not yet written, with the buffers of its connection.
const IN_HAND: usize = 256 << 10;
/// Memory that the allocator keeps.
const KEPT: usize = 50 << 20;
/// By so much more than twice as long may the slowest of a hundred echoes take, on a machine that does much else as well.
const FLOOR: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });

/// Bytes of each broadcast.
fn frame() -> usize {
    setting("SLOW_FRAME", 64 << 10)
}

/// Slow clients, healthy ones, and for how many seconds the latter are alone, and then have company.
fn size() -> (usize, usize, u64) {
    let slow = setting("SLOW_CLIENTS", 20);
    (slow, setting("SLOW_HEALTHY", slow), setting("SLOW_SECONDS", 2) as u64)
}

/// What has come of it.
struct Outcome {
    settings: Settings,
    /// Slow clients.
    slow: HashSet<String>,
    /// What each healthy one has got.
    got: Vec<Got>,
    /// While there are slow ones.
    company: Vec<Range<Instant>>,
    /// Of the server: before they came, when it emitted the last broadcast, and when all others had gone as well.
    alone: Report,
    last: Report,
    end: Report,
}

#[actix_rt::test]
async fn clients_that_do_not_read_are_gone_when_their_outbox_is_full() {
    let settings = Settings { outbox: 4 << 20, write_timeout: Duration::from_secs(10) };
    let Outcome { slow, end, .. } = play(settings, 5, (settings.outbox - VOLATILE) / frame()).await;
    assert_eq!(end.closed, [slow.len() as u64, 0, 0]);
    // One line for each, and no other.
    let line = |id| format!("socket {id}: slow consumer, closing its connection");
    let (mut log, mut lines) = (end.log, slow.into_iter().map(line).collect::<Vec<_>>());
    log.sort();
    lines.sort();
    assert_eq!(log, lines);
}

#[actix_rt::test]
async fn clients_that_do_not_read_are_gone_after_the_write_timeout() {
    let settings = Settings { outbox: 64 << 20, write_timeout: Duration::from_secs(1) };
    let ticks = settings.write_timeout.as_millis() / TICK.as_millis();
    // Over polling, taking is up to the client.
    let Outcome { slow, last, end, .. } =
        play(settings, usize::MAX, ticks as usize - VOLATILE / frame()).await;
    assert_eq!(end.closed, [0, slow.len() as u64, 0]);
    let early = last.ends.iter().find(|end| end.after < settings.write_timeout);
    assert!(early.is_none(), "{early:?}");
    // One line for all that one look has found.
    let counted = |line: &String| {
        let (_, rest) = line.split_once(" bytes wait for clients; closed ")?;
        let end = " that took nothing and 0 for want of memory; refused 0 handshakes";
        rest.strip_suffix(end)?.parse().ok()
    };
    let counted: Option<Vec<usize>> = end.log.iter().map(counted).collect();
    let counted = counted.unwrap_or_else(|| panic!("{:#?}", end.log));
    assert!(counted.iter().sum::<usize>() == slow.len() && !counted.contains(&0), "{counted:?}");
}

/// One in so many of the slow clients polls, or rather does not; half of them say that they are alive. Each misses so many volatile
/// events, and more, before it is gone.
async fn play(settings: Settings, polls: usize, volatile: usize) -> Outcome {
    let (count, others, seconds) = size();
    let server = Server::start(settings);
    let (tell_last, last) = watch::channel(None);
    let mut healthy = Vec::new();
    for _ in 0..others {
        let client = Healthy::connect(server.addr).await;
        healthy.push(actix_rt::spawn(client.take_part(last.clone())));
    }
    server.tell(Turn::StartBroadcasts).await;
    let ticks = seconds * 1000 / TICK.as_millis() as u64;
    // A busy machine emits less often.
    let time = Duration::from_secs(2 * seconds) + DEADLINE;
    let alone = server.until("time alone", time, |report| report.emitted >= ticks).await;
    server.tell(Turn::Measure).await;

    let (mut slow, mut company) = (HashSet::new(), Vec::new());
    // One wave after the other, so that a moment in which the machine does something else is not all that is seen of them.
    while company.is_empty() || server.report().await.emitted < 2 * ticks {
        let came = Instant::now();
        let mut clients = Vec::new();
        for n in 0..count {
            let over = if n % polls == polls - 1 { Over::Polling } else { Over::WebSocket };
            let client = Slow::connect(server.addr, over, n % 2 == 0).await;
            slow.insert(client.id.clone());
            clients.push(client);
        }
        server.until("ends", limit(settings), |report| report.ends.len() >= slow.len()).await;
        company.push(came..Instant::now());
        join_all(clients.into_iter().map(Slow::end)).await;
    }
    server.tell(Turn::StopBroadcasts).await;
    let last = server.report().await;

    tell_last.send(Some(last.emitted)).unwrap();
    let got = within("the last broadcast", join_all(healthy)).await;
    let got = got.into_iter().map(|got| got.expect("a healthy client")).collect();
    // What is allocated is exact; the allocator keeps some of what it has had in hand.
    let kept = KEPT.max(count * IN_HAND);
    let given_back = |report: &Report| {
        report.allocated <= alone.allocated && report.memory <= alone.memory + kept
    };
    let end = server.until("memory", GRACE, given_back).await;
    server.end();
    let outcome = Outcome { settings, slow, got, company, alone, last, end };
    outcome.assert_gone();
    outcome.assert_bounded();
    outcome.assert_dropped(volatile);
    outcome.assert_served();
    outcome
}

/// In this time, a client that takes nothing is gone. The system takes something in its place first.
fn limit(settings: Settings) -> Duration {
    const SYSTEM: Duration = Duration::from_secs(2);
    let last_write = Duration::from_secs(frame() as u64 >> 15);
    settings.write_timeout + SYSTEM + last_write + GRACE
}

impl Outcome {
    /// All slow ones and nobody else, in time.
    fn assert_gone(&self) {
        let ends = &self.last.ends;
        let gone: HashSet<_> = ends.iter().map(|end| end.id.clone()).collect();
        assert!(gone == self.slow && ends.len() == gone.len(), "{ends:#?}");
        let [first, .., last] = sorted(ends.iter().map(|end| end.after))[..] else { panic!() };
        println!("{} clients that did not read were gone after {first:?} to {last:?}", gone.len());
        let limit = limit(self.settings);
        let wrong: Vec<_> =
            ends.iter().filter(|it| it.reason != "transport error" || it.after > limit).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// What waits for a client is no more than may, and the process holds that and no more for each.
    fn assert_bounded(&self) {
        let Report { most_for_one, most_waiting, peak, .. } = self.last;
        let (count, outbox) = (size().0, self.settings.outbox);
        let healthy = self.got.len() * BURST * frame();
        let memory = peak.saturating_sub(self.alone.memory);
        println!(
            "at most {} KiB waited for one, {} KiB for all; {} KiB of memory more",
            most_for_one >> 10,
            most_waiting >> 10,
            memory >> 10
        );
        assert!(most_for_one > VOLATILE && most_for_one <= outbox, "{most_for_one}");
        assert!(most_waiting <= count * outbox + healthy, "{most_waiting}");
        assert!(memory <= count * (outbox + IN_HAND) + healthy + KEPT, "{memory}");
        assert_eq!(self.end.waiting, 0);
    }

    /// Each slow client has missed so many volatile events, and has been closed only then: of a client that is closed, none is counted.
    fn assert_dropped(&self, each: usize) {
        let got = self.got.iter().map(|got| got.volatile).sum::<u64>();
        let healthy = self.got.len() as u64 * self.last.emitted - got;
        let slow = self.end.dropped - healthy;
        println!("dropped {slow} volatile events for them, {healthy} for others");
        assert!(slow >= (self.slow.len() * each) as u64, "{slow} for clients that did not read");
    }

    /// Healthy clients have got every broadcast in order, or they say so; and their echoes were no slower in company.
    fn assert_served(&self) {
        let echoes = || self.got.iter().flat_map(|got| &got.echoes);
        let took = |when: &dyn Fn(&Instant) -> bool| {
            sorted(echoes().filter(|(asked, _)| when(asked)).map(|(_, took)| *took))
        };
        let alone = took(&|asked| *asked < self.company[0].start);
        let company = took(&|asked| self.company.iter().any(|time| time.contains(asked)));
        for (what, took) in [("alone", &alone), ("in company", &company)] {
            let [half, most, all] = [50, 99, 100].map(|percent| percentile(took, percent));
            println!("{what}: {} echoes, {half:?} (p50), {most:?} (p99), {all:?}", took.len());
        }
        let [before, meanwhile] = [alone, company].map(|took| percentile(&took, 99));
        assert!(meanwhile <= 2 * before + FLOOR, "{meanwhile:?}, and {before:?} before");
    }
}

fn sorted(times: impl Iterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
