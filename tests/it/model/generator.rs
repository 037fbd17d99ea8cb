//! Makes plans out of seeds.

use super::{
    plan::{
        Attempt, Audience, CLIENTS, CONTEXTS, Client, Fate, IO_THREAD, MIXES, OPERATIONS, Op, Plan,
        Room, SOCKET_THREAD, Script, Set, Step, Transport,
    },
    random::Random,
};

/// Members of `Quiet`.
pub(super) fn is_quiet(client: usize) -> bool {
    client % 3 == 1
}

pub(super) fn plan(seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let lent = random.between(1, CLIENTS);
    let clients: Vec<_> = (0..CLIENTS).map(|n| client(&mut random, n, lent)).collect();
    let mut plan = Plan { clients, scripts: Vec::new(), lent };
    plan.scripts = (0..CONTEXTS).map(|context| script(&mut random, context, &plan)).collect();
    plan
}

fn client(random: &mut Random, number: usize, lent: usize) -> Client {
    let up_every = random.between(5, 40);
    if number == 0 {
        let (transport, fate) = (Transport::WebSocket, Fate::Stays);
        return Client { transport, fate, owner: 0, up_every };
    }
    let owner = match random.below(10) {
        _ if number == lent => SOCKET_THREAD,
        0..=5 => number,
        6..=7 => random.below(CLIENTS),
        _ => IO_THREAD,
    };
    let fate = match random.below(10) {
        0..=5 => Fate::Stays,
        6 => Fate::Crashes(random.between(20, 1200)),
        7 => Fate::Leaves(random.between(20, 1200)),
        _ => Fate::Disconnected,
    };
    let transport = match random.below(10) {
        0..=3 => Transport::WebSocket,
        4..=5 => Transport::Polling(Vec::new()),
        _ => Transport::Polling(attempts(random)),
    };
    Client { transport, fate, owner, up_every }
}

/// Some that fail, and perhaps one that succeeds.
fn attempts(random: &mut Random) -> Vec<(usize, Attempt)> {
    use Attempt::{Connected, HalfRequest, Nonsense, Paused, ProbeAnswered, ProbeSent, Succeeds};
    let failures = [HalfRequest, Connected, ProbeSent, ProbeAnswered, Paused, Nonsense];
    let mut after = 0;
    let mut attempts: Vec<_> = (0..random.below(4)).map(|_| (0, random.pick(&failures))).collect();
    if random.percent(80) {
        attempts.push((0, Succeeds));
    }
    for attempt in &mut attempts {
        after += random.between(10, 500);
        attempt.0 = after;
    }
    attempts
}

fn script(random: &mut Random, context: usize, plan: &Plan) -> Script {
    let owned: Vec<_> = (1..CLIENTS).filter(|n| plan.clients[*n].owner == context).collect();
    // A context that often lets others have their turn, or seldom.
    let yields = random.pick(&[5, 20, 60]);
    let mut steps: Vec<_> = (0..OPERATIONS)
        .map(|_| Step { op: op(random, context, plan, &owned), yields: random.percent(yields) })
        .collect();
    for client in owned.into_iter().filter(|n| plan.clients[*n].fate == Fate::Disconnected) {
        let mut at = random.between(OPERATIONS / 4, OPERATIONS);
        while matches!(steps[at].op, Op::Disconnect { .. }) {
            at = random.between(OPERATIONS / 4, OPERATIONS);
        }
        steps[at].op = Op::Disconnect { client, many: random.percent(50) };
    }
    let own_rooms = own_rooms(context, &steps);
    Script { steps, own_rooms }
}

fn op(random: &mut Random, context: usize, plan: &Plan, owned: &[usize]) -> Op {
    let attachments = random.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
    match random.below(100) {
        0..=44 => Op::Emit { audience: audience(random, context, plan), attachments },
        45..=56 => match direct(random, context, plan) {
            Some(to) => Op::Direct { to, volatile: random.percent(10), attachments },
            None => Op::Emit { audience: audience(random, context, plan), attachments },
        },
        57..=61 => match direct(random, context, plan) {
            Some(to) => {
                let (stays, mute) = (plan.clients[to].fate == Fate::Stays, random.percent(5));
                Op::Ask { to, mute, wait: stays && random.percent(30) }
            }
            None => Op::AskAll { audience: audience(random, context, plan) },
        },
        62..=65 => Op::AskAll { audience: audience(random, context, plan) },
        66..=68 => Op::Other { attachments },
        69..=71 => Op::ChangeQuiet { room: own_room(random, context), join: random.percent(50) },
        _ => change(random, context, owned),
    }
}

/// Whom a context may reach through a socket.
fn direct(random: &mut Random, context: usize, plan: &Plan) -> Option<usize> {
    match context {
        IO_THREAD => None,
        SOCKET_THREAD => Some(plan.lent),
        _ => Some(random.below(CLIENTS)),
    }
}

fn change(random: &mut Random, context: usize, owned: &[usize]) -> Op {
    let (join, many) = (random.percent(55), random.percent(30));
    if owned.is_empty() || random.percent(40) {
        let client = random.between(1, CLIENTS);
        return Op::Change { client, room: own_room(random, context), join, many };
    }
    let room = match random.below(MIXES + 1) {
        MIXES => Room::Mute,
        mix => Room::Mix(mix),
    };
    Op::Change { client: random.pick(owned), room, join, many }
}

fn own_room(random: &mut Random, context: usize) -> Room {
    random.pick(&[Room::Flip(context), Room::Alone(context)])
}

fn audience(random: &mut Random, context: usize, plan: &Plan) -> Audience {
    let rooms = random.pick(&[0, 1, 1, 1, 1, 1, 1, 2, 2, 3]);
    let mut rooms: Vec<_> = (0..rooms).map(|_| room(random, context)).collect();
    let mut except = Vec::new();
    if random.percent(25) {
        let own = Room::Own(random.between(1, CLIENTS));
        except.push(random.pick(&[Room::Quiet, Room::Mute, Room::Mute, Room::Alone(context), own]));
    }
    // The witness has to see whatever goes to rooms in flux.
    let seen = |room: &Room| !matches!(room, Room::Quiet | Room::Alone(_) | Room::Own(1..));
    let flux = rooms.iter().chain(&except).any(|room| room.is_in_flux());
    if flux && !rooms.is_empty() && !rooms.iter().any(seen) {
        rooms.push(Room::Mix(0));
    }
    let sender = plan.client_of(context).is_some_and(|client| client != 0);
    Audience { rooms, except, but_sender: sender && random.percent(20) }
}

fn room(random: &mut Random, context: usize) -> Room {
    match random.below(12) {
        0 => Room::Hall,
        1 => Room::Even,
        2 => Room::Quiet,
        3..=6 => Room::Mix(random.below(MIXES)),
        7..=8 => Room::Flip(context),
        9..=10 => Room::Alone(context),
        _ => Room::Own(random.below(CLIENTS)),
    }
}

/// Members of the rooms of a context's own before each of its steps.
fn own_rooms(context: usize, steps: &[Step]) -> Vec<(Set, Set)> {
    let quiet = (0..CLIENTS).filter(|n| is_quiet(*n)).fold(0, |set, n| set | 1 << n);
    let (mut flip, mut alone): (Set, Set) = (1, 0);
    let mut before = Vec::new();
    for step in steps {
        before.push((flip, alone));
        let (whom, room, join) = match step.op {
            Op::Change { client, room, join, .. } => (1 << client, room, join),
            Op::ChangeQuiet { room, join } => (quiet, room, join),
            _ => continue,
        };
        let members = match room {
            Room::Flip(of) if of == context => &mut flip,
            Room::Alone(of) if of == context => &mut alone,
            _ => continue,
        };
        *members = if join { *members | whom } else { *members & !whom };
    }
    before
}
