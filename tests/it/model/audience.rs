//! The model: who has to get what, by the plan alone. What depends on memberships in flux is asked with the memberships.

use super::{
    generator::is_quiet,
    plan::{Audience, CONTEXTS, MIXES, Op, Plan, Room},
};

/// What only the owner of a client changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flux {
    mixes: [bool; MIXES],
    mute: bool,
    /// Disconnected by the owner.
    pub(super) gone: bool,
}

impl Flux {
    /// How a client begins.
    pub(super) fn of(client: usize) -> Self {
        Self { mixes: [client == 0; MIXES], mute: false, gone: false }
    }

    /// Whether it is in a room `Mix`.
    pub(super) fn is_in(&self, mix: usize) -> bool {
        self.mixes[mix]
    }

    fn change(mut self, room: Room, join: bool) -> Self {
        match room {
            Room::Mix(n) => self.mixes[n] = join,
            Room::Mute => self.mute = join,
            _ => {}
        }
        self
    }
}

/// What the owner of a client does to it: after each step by which anything changes, how it is then. The first is how it begins.
pub(super) fn states(plan: &Plan, client: usize) -> Vec<(usize, Flux)> {
    let mut states = vec![(0, Flux::of(client))];
    let mut now = Flux::of(client);
    for (n, step) in plan.scripts[plan.clients[client].owner].steps.iter().enumerate() {
        let next = match step.op {
            Op::Change { client: whom, room, join, .. } if whom == client => now.change(room, join),
            Op::Disconnect { client: whom, .. } if whom == client => Flux { gone: true, ..now },
            _ => now,
        };
        if next != now {
            now = next;
            states.push((n, now));
        }
    }
    states
}

/// What kind of message a step gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The witness gets it: it has a place in the one order of its namespace.
    Public,
    /// Its receivers are known exactly, but for those that have gone.
    Private,
    Volatile,
    /// To everyone in the other namespace.
    Other,
    /// None.
    Silent,
}

pub(super) fn kind(plan: &Plan, context: usize, number: usize) -> Kind {
    match &plan.scripts[context].steps[number].op {
        Op::Emit { audience, .. } | Op::AskAll { audience } => {
            match in_audience(plan, context, number, audience, 0, Flux::of(0)) {
                true => Kind::Public,
                false => Kind::Private,
            }
        }
        Op::Direct { volatile: true, .. } => Kind::Volatile,
        Op::Direct { .. } | Op::Ask { .. } => Kind::Private,
        Op::Other { .. } => Kind::Other,
        Op::Change { .. } | Op::ChangeQuiet { .. } | Op::Disconnect { .. } => Kind::Silent,
    }
}

/// The room `Mix` to which a message goes, if it goes to nobody else: the namespace hands it on to that room.
pub(super) fn mix_alone(plan: &Plan, (context, number): (usize, usize)) -> Option<usize> {
    match &plan.scripts.get(context)?.steps.get(number)?.op {
        Op::Emit { audience, .. } | Op::AskAll { audience } => match audience.rooms[..] {
            [Room::Mix(mix)] => Some(mix),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a client gets the message of a step, when it is in these rooms in flux then.
pub(super) fn receives(
    plan: &Plan,
    context: usize,
    number: usize,
    client: usize,
    flux: Flux,
) -> bool {
    match &plan.scripts[context].steps[number].op {
        Op::Emit { audience, .. } | Op::AskAll { audience } => {
            !flux.gone && in_audience(plan, context, number, audience, client, flux)
        }
        Op::Direct { to, .. } | Op::Ask { to, .. } => !flux.gone && *to == client,
        Op::Other { .. } => true,
        Op::Change { .. } | Op::ChangeQuiet { .. } | Op::Disconnect { .. } => false,
    }
}

fn in_audience(
    plan: &Plan,
    context: usize,
    number: usize,
    audience: &Audience,
    client: usize,
    flux: Flux,
) -> bool {
    assert!(context < CONTEXTS);
    let (flip, alone) = plan.scripts[context].own_rooms[number];
    let is_member = |room: &Room| match *room {
        Room::Hall => true,
        Room::Even => client.is_multiple_of(2),
        Room::Quiet => is_quiet(client),
        Room::Mix(n) => flux.mixes[n],
        Room::Mute => flux.mute,
        Room::Flip(_) => flip & 1 << client != 0,
        Room::Alone(_) => alone & 1 << client != 0,
        Room::Own(owner) => owner == client,
    };
    let included = audience.rooms.is_empty() || audience.rooms.iter().any(is_member);
    let sender = audience.but_sender && plan.client_of(context) == Some(client);
    included && !sender && !audience.except.iter().any(is_member)
}
