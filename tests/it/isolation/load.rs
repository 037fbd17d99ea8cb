//! Supervisors, rooms and couriers panic at random under load: nobody is disconnected, what is lost is counted, and memberships are right
//! in the end. `ISOLATION_CLIENTS` and `ISOLATION_ROUNDS` make it longer.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

use actix_socketio::SocketIo;
use actix_socketio_actors::supervision::{
    Point,
    faults::{Plan, arm, disarm},
};
use futures_util::future::join_all;

use super::{counters, logged, patient, server, settle};
use crate::support::{
    TestServer, Witness, Ws, process, ran,
    scene::{Log, play},
    within,
};

/// A panic in so many passes through a point, of a million.
const RATE: u64 = 10_000;
/// Everyone is in this one, all the time.
const HALL: &str = "hall";
const ROOMS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
/// Between two looks at what has come.
const BATCH: usize = 5;
/// Of so many echoes, one comes whatever panics.
const ECHOES: usize = 4;
/// Panics after which it is measured how long nobody is served.
const MEASURED: u64 = 200;
/// Longest time without service, of 99 in a hundred panics; for a build without optimisation.
const BOUND: Duration = Duration::from_secs(2);

#[test]
fn supervisors_that_panic_under_load_disconnect_nobody_and_cost_a_witness_nothing() {
    print!("{}", play("isolation::load::supervisors"));
}

#[test]
fn couriers_that_panic_under_load_come_back_with_their_members_and_count_what_is_lost() {
    print!("{}", play("isolation::load::all_of_them"));
}

/// A repair that panics is too much at once, a room that dies loses more than is counted, and what else dies has failed.
fn points(of: fn(&str) -> bool) -> Vec<Point> {
    let rare = [
        Point::NamespaceRepair,
        Point::CourierRepair,
        Point::RoomDeath,
        Point::ServerDeath,
        Point::NamespaceDeath,
        Point::CourierDeath,
    ];
    let all = Point::ALL.into_iter().filter(|point| !rare.contains(point));
    all.filter(|point| of(&format!("{point:?}"))).collect()
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as usize % bound
    }
}

struct Client {
    ws: Ws,
    number: usize,
    random: Random,
    /// What it has told the hall.
    told: usize,
    /// Rooms in which it should be.
    rooms: BTreeSet<&'static str>,
    /// What it was told in the hall.
    got: Vec<usize>,
}

/// Numbers of what one client says.
const PER_CLIENT: usize = 100_000;

impl Client {
    async fn connect(server: &TestServer, number: usize, seed: u64) -> Self {
        let mut ws = Ws::connect(server).await;
        ws.text(&format!(r#"42["join","{HALL}"]"#)).await;
        let _ = settle(&mut ws, ECHOES).await;
        let random = Random(seed ^ number as u64);
        Self { ws, number, random, told: 0, rooms: BTreeSet::new(), got: Vec::new() }
    }

    async fn live(&mut self, rounds: usize) {
        for _ in 0..rounds {
            for _ in 0..BATCH {
                self.act().await;
            }
            self.look().await;
        }
    }

    async fn act(&mut self) {
        let room = ROOMS[self.random.below(ROOMS.len())];
        let packet = match self.random.below(4) {
            0 => {
                self.rooms.insert(room);
                format!(r#"42["join","{room}"]"#)
            }
            1 => {
                self.rooms.remove(room);
                format!(r#"42["leave","{room}"]"#)
            }
            2 => format!(r#"42["say","{room}",0]"#),
            _ => {
                self.told += 1;
                let number = self.number * PER_CLIENT + self.told;
                format!(r#"42["say","{HALL}",{number}]"#)
            }
        };
        self.ws.text(&packet).await;
    }

    /// Takes what has come, and gives what it was told in the end.
    async fn look(&mut self) -> Vec<String> {
        let mut last = Vec::new();
        for text in settle(&mut self.ws, ECHOES).await {
            let said = text.strip_prefix(r#"42["said","#).and_then(|rest| rest.strip_suffix(']'));
            match said.map(|number| number.parse().unwrap()) {
                Some(0) => {}
                Some(number) => self.got.push(number),
                None if text.starts_with(r#"42["last""#) => last.push(text),
                None => {}
            }
        }
        last
    }
}

struct Outcome {
    restarts: u64,
    lost: u64,
    /// Broadcasts that have not reached everyone.
    incomplete: usize,
    /// Memberships that are not as they were asked for.
    wrong: usize,
}

async fn load(io: &SocketIo, server: &TestServer, plan: Plan, log: &mut Log) -> Vec<Client> {
    let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let number = process::setting("ISOLATION_CLIENTS", 200);
    let rounds = process::setting("ISOLATION_ROUNDS", 4);
    let mut clients = Vec::new();
    for number in 0..number {
        clients.push(Client::connect(server, number, seed).await);
    }
    let _ = log.rest();
    let plan = arm(plan);
    let begun = Instant::now();
    join_all(clients.iter_mut().map(|client| client.live(rounds))).await;
    disarm();
    // What one client has issued before it looked may have come to another after that one has.
    for client in &mut clients {
        client.look().await;
    }
    let counters = counters(io).await;
    let outcome = Outcome {
        restarts: counters.restarts,
        lost: counters.lost,
        incomplete: incomplete(&clients),
        wrong: assert_members(io, &mut clients).await,
    };
    let Outcome { restarts, lost, incomplete, wrong } = outcome;
    let time = begun.elapsed();
    println!(
        "{number} clients, {time:?}: {restarts} restarts, {lost} lost; {incomplete} broadcasts incomplete, {wrong} memberships lost"
    );
    assert!(restarts > 20, "that was no load");
    assert_eq!(restarts, plan.total(), "each panic is counted");
    let lines = logged(log, "restarted ");
    assert_eq!(lines.len() as u64, plan.total(), "each panic is logged once");
    assert!((incomplete + wrong) as u64 <= lost, "more is lost than is counted");
    clients
}

/// How many broadcasts to the hall have not reached everyone; none has come twice, or out of order.
fn incomplete(clients: &[Client]) -> usize {
    let mut reached = BTreeMap::<usize, usize>::new();
    for client in clients {
        let mut last = BTreeMap::new();
        for number in &client.got {
            let former = last.insert(number / PER_CLIENT, number).copied();
            assert!(former < Some(*number), "{number} after {former:?}, at {}", client.number);
            *reached.entry(*number).or_default() += 1;
        }
    }
    let told: usize = clients.iter().map(|client| client.told).sum();
    told - reached.values().filter(|count| **count == clients.len()).count()
}

/// Each room reaches exactly those that the namespace says are in it. Gives how many that should be in it are not, and the other way round.
async fn assert_members(io: &SocketIo, clients: &mut [Client]) -> usize {
    let mut wrong = 0;
    for room in ROOMS.into_iter().chain([HALL]) {
        let members = within("members", io.to(room).fetch_sockets()).await.unwrap();
        let members: BTreeSet<_> = members.iter().map(|it| it.id().to_string()).collect();
        io.to(room).emit("last", &room);
        // When this is answered, that is on its way to all couriers.
        within("an answer", io.to(room).fetch_sockets()).await.unwrap();
        for client in &mut *clients {
            let expected: &[_] = match members.contains(&client.ws.id) {
                true => &[format!(r#"42["last","{room}"]"#)],
                false => &[],
            };
            assert_eq!(client.look().await, expected, "client {} in {room}", client.number);
            let should = client.rooms.contains(room) || room == HALL;
            wrong += usize::from(should != members.contains(&client.ws.id));
        }
    }
    wrong
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn supervisors() {
    let mut log = Log::start();
    let (io, _ends) = server(patient());
    let server = TestServer::with_workers(&io, 2);
    let witness = Witness::of(&server).await;
    let points = points(|name| !name.starts_with("Courier"));
    drop(load(&io, &server, Plan::random(points, 1, RATE), &mut log).await);
    witness.assert_served().await;
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn all_of_them() {
    let mut log = Log::start();
    let (io, _ends) = server(patient());
    let server = TestServer::with_workers(&io, 2);
    let mut clients = load(&io, &server, Plan::random(points(|_| true), 1, RATE), &mut log).await;
    measure(&io, &mut clients[0]).await;
}

/// How long it takes until the broadcast after one that was lost arrives.
async fn measure(io: &SocketIo, client: &mut Client) {
    let points = [
        Point::NamespaceBroadcast,
        Point::RoomBroadcast,
        Point::Push,
        Point::CourierDeliver,
        Point::CourierRun,
    ];
    let mut times = Vec::new();
    for (n, point) in (0..MEASURED).zip(points.into_iter().cycle()) {
        let plan = arm(Plan::passes(&[point], 0, 1));
        io.to(HALL).emit("lost", &n);
        io.to(HALL).emit("next", &n);
        let begun = ran();
        let next = format!(r#"42["next",{n}]"#);
        while client.ws.next_text().await != next {}
        times.push(ran() - begun);
        assert_eq!(plan.total(), 1, "{point:?}");
    }
    disarm();
    times.sort_unstable();
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("from a panic to the next broadcast: {median:?} (median), {p99:?} (p99)");
    assert!(p99 <= BOUND, "{p99:?}");
}
