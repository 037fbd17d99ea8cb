//! Order and exactness against a model. Rounds of random operations: clients over all transports, one handler each that does hundreds
//! of operations, and two threads with handles. The model knows by the plan who has to get what; where memberships change while others
//! emit, it knows which outcomes are possible, given the one order of the namespace that the witness (client 0) has seen.
//!
//! `MODEL_SECONDS` says for how long rounds go on. A failure names the seed of its round; with `MODEL_SEED` all rounds have that plan, but
//! how the threads take turns is another each time.

mod audience;
mod checker;
mod client;
mod context;
mod generator;
mod link;
mod plan;
mod random;
mod report;
mod world;

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use actix_socketio::SocketIo;
use futures_util::future::{join, join_all};
use tokio::task::JoinHandle;

use self::{
    checker::Checked,
    client::Client,
    generator::plan,
    link::Incoming,
    plan::{CLIENTS, Fate},
    report::Report,
    world::{Current, Round, serve},
};
use crate::support::TestServer;

/// Longest wait of a client for the next thing, and of the test for the end of all scripts, or of all clients.
const DEADLINE: Duration = Duration::from_secs(30);
/// Longest time of a round, whoever waits for whom.
const LONGEST: Duration = Duration::from_secs(120);

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// One round: everyone connects, does what the plan says, and goes.
async fn round(server: &TestServer, io: &SocketIo, current: &Current, seed: u64) -> Checked {
    let round = Round::new(plan(seed));
    *current.lock().unwrap() = round.clone();
    let with_fate =
        |of: fn(&Fate) -> bool| round.plan.clients.iter().filter(|c| of(&c.fate)).count();
    let byes = CLIENTS - with_fate(|fate| matches!(fate, Fate::Crashes(_)));
    let mut clients = Vec::new();
    for (number, part) in round.plan.clients.iter().enumerate() {
        clients.push(Client::connect(server, number, part.clone(), byes).await);
    }
    let senders: Vec<_> = clients.iter().map(Client::sender).collect();
    let running = clients.into_iter().map(|client| outcome(actix_rt::spawn(client.run())));
    round.start_threads(io);
    let to_go = with_fate(|fate| *fate != Fate::Stays);
    let over = async {
        if actix_rt::time::timeout(DEADLINE, round.over(to_go)).await.is_err() {
            round.problem(
                "not all scripts have ended, or not all clients that were to go have gone".into(),
            );
        }
        for sender in senders {
            // Those that have crashed do not hear it.
            let _ = sender.send(Incoming::Over);
        }
    };
    let (reports, ()) = join(join_all(running), over).await;
    if actix_rt::time::timeout(DEADLINE, round.ended()).await.is_err() {
        round.problem("not all disconnect handlers have run".into());
    }
    checker::check(&round.plan, &round.notes.lock().unwrap(), &reports)
}

/// What a client has to say in the end. If it panics, so does the test, whatever others wait for.
async fn outcome(client: JoinHandle<Report>) -> Report {
    match client.await {
        Ok(report) => report,
        Err(error) => resume_unwind(error.into_panic()),
    }
}

/// Names the seed if the round fails in any way.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this was the round of MODEL_SEED={}", self.0);
        }
    }
}

#[actix_rt::test]
async fn whatever_is_issued_reaches_whom_it_has_to_once_and_in_order() {
    let duration = Duration::from_secs(from_env("MODEL_SECONDS").unwrap_or(5));
    let fixed = from_env("MODEL_SEED");
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let mut seed = fixed.unwrap_or(now.as_micros() as u64);
    let io = SocketIo::builder().outbox_limits(64 << 20, 1_000_000).build().unwrap();
    let current = Arc::new(Mutex::new(Round::new(plan(seed))));
    serve(&io, &current);
    let server = TestServer::with_workers(&io, 3);
    let (begin, mut rounds, mut total) = (Instant::now(), 0, Checked::default());
    while rounds == 0 || begin.elapsed() < duration {
        let _named = Named(seed);
        let round = round(&server, &io, &current, seed);
        let checked = actix_rt::time::timeout(LONGEST, round).await.expect("the end of a round");
        let some = &checked.violations[..checked.violations.len().min(20)];
        assert!(
            some.is_empty(),
            "{} violations, such as\n{}",
            checked.violations.len(),
            some.join("\n")
        );
        total.add(&checked);
        rounds += 1;
        seed = fixed.unwrap_or(seed + 1);
    }
    println!("{rounds} rounds in {:?}: {total}", begin.elapsed());
}
