//! One session behind a proxy: what its client does, and whether what became of it is right.

use std::{
    io::{self, ErrorKind},
    ops::RangeInclusive,
    time::Duration,
};

use actix_rt::time::timeout;

use super::{
    chance::Chance,
    proxy::{Fault, Lane, Plan, Proxy},
    world::{PATIENCE, World, proxy},
};
use crate::support::{Client, Over, Step};

/// The client gives a WebSocket up before it has kept a ping waiting for too long.
const PROBE: Duration = Duration::from_millis(400);
/// Far more than all of a session takes that goes on.
const WHOLE: Duration = Duration::from_secs(10);
/// Events before the upgrade, if there is one, and all.
const EVENTS: (u64, u64) = (10, 20);

/// Which way a session takes, and which of its connections have faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    WebSocket,
    Polling,
    /// All of them.
    Upgrade,
    /// Only the WebSocket has: as long as it has not taken over, polling has to go on.
    FaultyUpgrade,
}

impl Route {
    pub(super) const ALL: [Self; 4] =
        [Self::WebSocket, Self::Polling, Self::Upgrade, Self::FaultyUpgrade];
}

/// What became of a session.
#[derive(Debug)]
pub(super) enum Outcome {
    WentOn,
    Ended,
}

/// What its client knows of a session.
#[derive(Default)]
struct Story {
    id: Option<String>,
    /// The client has told the server to move.
    switched: bool,
}

/// Gives what was wrong.
pub(super) async fn run(world: &World, route: Route, chance: Chance) -> Result<Outcome, String> {
    let proxy =
        proxy(world, chance, if route == Route::FaultyUpgrade { upgrade } else { any }).await;
    let mut story = Story::default();
    let lived = match timeout(WHOLE, live(world, route, &proxy, &mut story)).await {
        Ok(lived) => lived,
        // The session goes on, and something is missing.
        Err(_) => Err(ErrorKind::InvalidData.into()),
    };
    let told = |what: &str| format!("{route:?}: {what}; {lived:?}, {:?}", proxy.plans());
    let doubled =
        proxy.plans().iter().any(|plan| matches!(plan.up.fault, Some((_, Fault::Duplicate))));
    if let Some(id) = &story.id {
        if !world.ends_in_time(id).await {
            return Err(told("it does not end"));
        }
        // A POST that is sent twice is two events, the second of them at any time.
        let mut wrong = world.out_of_order(id);
        wrong.retain(|(last, next)| !doubled || *next > last + 1);
        if !wrong.is_empty() {
            return Err(told(&format!("the server has got {wrong:?}")));
        }
    }
    match &lived {
        Ok(()) => Ok(Outcome::WentOn),
        // A poll that is sent twice gets what the client should have got.
        Err(error) if error.kind() == ErrorKind::InvalidData && !doubled => Err(told("no order")),
        Err(_) if route == Route::FaultyUpgrade && !story.switched => {
            Err(told("it has not gone on"))
        }
        Err(_) => Ok(Outcome::Ended),
    }
}

async fn live(world: &World, route: Route, proxy: &Proxy, story: &mut Story) -> io::Result<()> {
    let (addr, over) = match route {
        Route::WebSocket => (proxy.addr, Over::WebSocket),
        Route::Polling | Route::Upgrade => (proxy.addr, Over::Polling),
        Route::FaultyUpgrade => (world.server.addr, Over::Polling),
    };
    let mut client = Client::open(addr, over, PATIENCE).await?;
    story.id = Some(client.join().await?);
    talk(&mut client, 1..=EVENTS.0).await?;
    if matches!(route, Route::Upgrade | Route::FaultyUpgrade) {
        client.start_poll().await?;
        let probed = probe(&mut client, proxy).await;
        client.end_poll().await?;
        if let Some(line) = probed {
            story.switched = true;
            client.switch(line).await?;
        }
    }
    talk(&mut client, EVENTS.0 + 1..=EVENTS.1).await?;
    client.close().await
}

/// A WebSocket that may take over.
async fn probe(client: &mut Client, proxy: &Proxy) -> Option<crate::support::Line> {
    let probe = client.probe(proxy.addr, Step::Answered);
    timeout(PROBE, probe).await.ok()?.ok()
}

/// Sends numbers, some at a time, and gets each back twice: from the server itself, and from the room.
async fn talk(client: &mut Client, mut numbers: RangeInclusive<u64>) -> io::Result<()> {
    const AT_A_TIME: usize = 5;
    loop {
        let some: Vec<_> = numbers.by_ref().take(AT_A_TIME).collect();
        if some.is_empty() {
            return Ok(());
        }
        for n in &some {
            client.send(&format!(r#"42["n",{n}]"#)).await?;
        }
        for n in &some {
            client.expect(&format!(r#"42["own",{n}]"#)).await?;
            client.expect(&format!(r#"42["room",{n}]"#)).await?;
        }
    }
}

/// Anything may happen.
fn any(chance: &mut Chance) -> Plan {
    let mut plan = Plan { up: lane(chance), down: lane(chance) };
    if chance.one_in(8) {
        plan.up.fault = Some((chance.below(2000), Fault::Duplicate));
    }
    plan
}

fn lane(chance: &mut Chance) -> Lane {
    Lane {
        delay: chance.one_in(3).then(|| chance.millis_below(40)),
        bytewise: chance.one_in(4),
        fault: chance.one_in(3).then(|| (chance.below(1500), fault(chance))),
    }
}

fn fault(chance: &mut Chance) -> Fault {
    match chance.below(4) {
        0 => Fault::Stall(chance.millis_below(3000)),
        1 => Fault::Reset,
        2 => Fault::HalfClose,
        _ => Fault::Truncate,
    }
}

/// Something happens during the handshake, the probe, the switch, or soon after. The request of the client has some 240 bytes, the
/// answer of the server some 130, and the frames of an upgrade are short.
fn upgrade(chance: &mut Chance) -> Plan {
    let mut plan = Plan::default();
    let (lane, head) = match chance.one_in(2) {
        true => (&mut plan.up, 240),
        false => (&mut plan.down, 120),
    };
    let at = if chance.one_in(3) { chance.below(head) } else { head + chance.below(60) };
    lane.bytewise = chance.one_in(4);
    lane.fault = Some((at, fault(chance)));
    plan
}
