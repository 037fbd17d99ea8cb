//! Compares what has happened in a round with the model. Each check names the promise that it is about, so that a failure tells which
//! one was broken.

mod asks;
mod handled;
mod order;
mod private;

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use self::handled::Handled;
use super::{
    audience::{Flux, Kind, kind, mix_alone, receives, states},
    plan::{BYES, CLIENTS, CONTEXTS, FAREWELLS, Fate, OPERATIONS, Plan, REACTIONS},
    report::{Report, Seen},
    world::Notes,
};

/// What was checked, in figures, and what was wrong.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Messages that clients have received.
    messages: usize,
    /// Whether a client has to have a message was decided so often, of those that are to everyone in a room.
    decisions: usize,
    /// Asks of audiences whose answers were compared with who got the question.
    asks: usize,
    ups: usize,
    reactions: usize,
    upgrades: usize,
    failed_upgrades: usize,
    gone: usize,
    pub(super) violations: Vec<String>,
}

impl Checked {
    pub(super) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.decisions += other.decisions;
        self.asks += other.asks;
        self.ups += other.ups;
        self.reactions += other.reactions;
        self.upgrades += other.upgrades;
        self.failed_upgrades += other.failed_upgrades;
        self.gone += other.gone;
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, decisions, asks, ups, reactions, upgrades, .. } = self;
        let Self { failed_upgrades, gone, .. } = self;
        write!(
            f,
            "{messages} messages, {decisions} decisions of audiences, {asks} asks, {ups} events and {reactions} reactions \
             of clients, {upgrades} upgrades, {failed_upgrades} broken off, {gone} clients gone"
        )
    }
}

/// A message: its context and its number there.
type Id = (usize, usize);

/// What the witness has seen in one namespace: the one order there.
struct Order {
    ids: Vec<Id>,
    places: HashMap<Id, usize>,
}

/// What is looked at.
struct Check<'a> {
    plan: &'a Plan,
    notes: &'a Notes,
    reports: &'a [Report],
    /// What kind the messages of each context are.
    kinds: Vec<Vec<Kind>>,
    /// The orders of the namespace and of the other.
    orders: [Order; 2],
    checked: Checked,
}

pub(super) fn check(plan: &Plan, notes: &Notes, reports: &[Report]) -> Checked {
    let kinds: Vec<Vec<_>> = (0..CONTEXTS)
        .map(|context| (0..OPERATIONS).map(|number| kind(plan, context, number)).collect())
        .collect();
    let orders = [false, true].map(|other| Order::of(&reports[0], other, &kinds));
    let mut check = Check { plan, notes, reports, kinds, orders, checked: Checked::default() };
    check.problems();
    for client in 0..CLIENTS {
        check.order_of_contexts(client);
        check.one_order(client);
        check.causes(client);
        check.audiences(client);
        check.private_messages(client);
        check.other_namespace(client);
        check.nothing_after_the_end(client);
        check.own_events(client);
    }
    check.witness_has_everything();
    check.asks();
    check.checked
}

impl Order {
    fn of(witness: &Report, other: bool, kinds: &[Vec<Kind>]) -> Self {
        let ids: Vec<_> = witness
            .seen
            .iter()
            .filter(|seen| seen.other == other && is_public(kinds, seen))
            .map(Seen::id)
            .collect();
        let places = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        Self { ids, places }
    }
}

/// Whether the witness gets a message, too. What no script has is for everyone.
fn is_public(kinds: &[Vec<Kind>], seen: &Seen) -> bool {
    let kind = kinds.get(seen.context).and_then(|numbers| numbers.get(seen.number));
    kind.is_none_or(|kind| matches!(kind, Kind::Public | Kind::Other))
}

impl Seen {
    fn id(&self) -> Id {
        (self.context, self.number)
    }
}

impl Check<'_> {
    fn violation(&mut self, promise: &str, client: usize, what: impl fmt::Display) {
        let part = &self.plan.clients[client];
        let who = format!("client {client} ({:?}, owner {})", part.fate, part.owner);
        self.checked.violations.push(format!("{promise}: {who}: {what}"));
    }

    /// Its connection or its membership of the namespace ends when it likes: the last that was sent may not have reached it.
    fn is_cut_off(&self, client: usize) -> bool {
        matches!(self.plan.clients[client].fate, Fate::Crashes(_) | Fate::Leaves(_))
    }

    fn crashes(&self, client: usize) -> bool {
        matches!(self.plan.clients[client].fate, Fate::Crashes(_))
    }

    fn problems(&mut self) {
        self.checked.violations.extend(self.notes.problems.iter().cloned());
        for (client, report) in self.reports.iter().enumerate() {
            self.checked.messages += report.seen.len();
            self.checked.ups += report.ups;
            self.checked.reactions += report.reactions;
            self.checked.upgrades += report.upgrades;
            self.checked.failed_upgrades += report.failed_upgrades;
            self.checked.gone += usize::from(self.plan.clients[client].fate != Fate::Stays);
            for problem in &report.problems {
                self.violation("protocol", client, problem);
            }
        }
    }

    /// Whoever should have a public message has it, and nobody else: the memberships that its owner may have given the client by
    /// then are gone through in their order.
    fn audiences(&mut self, client: usize) {
        let owner = self.plan.clients[client].owner;
        let states = states(self.plan, client);
        let got: HashSet<Id> =
            self.reports[client].seen.iter().filter(|seen| !seen.other).map(Seen::id).collect();
        let ids = std::mem::take(&mut self.orders[0].ids);
        let last = ids.iter().rposition(|id| got.contains(id));
        let until =
            if self.is_cut_off(client) { last.map_or(0, |last| last + 1) } else { ids.len() };
        let latest = latest(&states, owner, &ids);
        let (mut state, mut handled) = (0, Handled::default());
        for (place, id) in ids[..until].iter().enumerate() {
            if id.0 == owner {
                state = states_before(&states, id.1);
            }
            let own = id.0 == owner;
            let bound = if own { state } else { latest[place] };
            let room = mix_alone(self.plan, *id).filter(|_| !own);
            let right = |state: &usize| self.due(*id, client, states[*state].1) == got.contains(id);
            // On its way through its room, it may have been overtaken by a join, which was handled after it.
            let missed = |mix| {
                let mut earlier = handled.earliest(id.0, room)..state;
                !got.contains(id) && earlier.any(|state| !states[state].1.is_in(mix))
            };
            if right(&state) || !room.is_some_and(missed) {
                match (state..=bound).find(right) {
                    Some(found) => state = found,
                    None => {
                        let what = if got.contains(id) { "is not for it" } else { "has not come" };
                        self.violation("audience (I4)", client, format!("{id:?} {what}"));
                    }
                }
            }
            handled.note(id.0, room, state);
        }
        self.checked.decisions += until;
        self.orders[0].ids = ids;
    }

    fn due(&self, (context, number): Id, client: usize, flux: Flux) -> bool {
        match context {
            0..CONTEXTS => receives(self.plan, context, number, client, flux),
            FAREWELLS..BYES => !flux.gone && context - FAREWELLS != client,
            _ => !flux.gone,
        }
    }

    fn other_namespace(&mut self, client: usize) {
        let report = &self.reports[client];
        let got: Vec<_> = report.seen.iter().filter(|seen| seen.other).map(Seen::id).collect();
        let due = &self.orders[1].ids;
        let right = if self.crashes(client) { due.starts_with(&got) } else { *due == got };
        if !right {
            let at = due.iter().zip(&got).position(|(due, got)| due != got);
            let what = format!("{} of {}, the first wrong one at {at:?}", got.len(), due.len());
            self.violation("the other namespace", client, what);
        }
    }

    /// Once its disconnect handler has run, nothing that is issued later is for it.
    fn nothing_after_the_end(&mut self, client: usize) {
        let late = self.reports[client].seen.iter().find(|seen| {
            let gone = self.notes.gone.get(seen.context).and_then(|gone| gone.get(seen.number));
            !seen.other && gone.is_some_and(|gone| gone & 1 << client != 0)
        });
        if let Some(late) = late {
            let what = format!("{late:?} was issued after its disconnect handler had run");
            self.violation("end (I5)", client, what);
        }
    }

    /// Its own events were handled once each, in order, and acknowledged so.
    fn own_events(&mut self, client: usize) {
        let (report, handled) = (&self.reports[client], &self.notes.ups[client]);
        let (sent, acks): (Vec<_>, _) = ((0..report.ups).collect(), &report.acks);
        let (all_handled, all_acked) = match self.crashes(client) {
            true => (sent.starts_with(handled), sent.starts_with(acks)),
            false => (sent == *handled, sent == *acks),
        };
        if !all_handled || !all_acked {
            let what = format!("{} sent, handled {handled:?}, acks {acks:?}", sent.len());
            self.violation("own events (I8)", client, what);
        }
    }

    fn witness_has_everything(&mut self) {
        for context in 0..CONTEXTS {
            let due: Vec<_> = (0..OPERATIONS)
                .filter(|n| matches!(self.kinds[context][*n], Kind::Public | Kind::Other))
                .chain([OPERATIONS])
                .collect();
            let seen = self.reports[0].seen.iter().filter(|seen| is_public(&self.kinds, seen));
            let got: Vec<_> =
                seen.filter(|seen| seen.context == context).map(|seen| seen.number).collect();
            if due != got {
                let at = due.iter().zip(&got).position(|(due, got)| due != got);
                let what = format!("of context {context}, the first wrong one at {at:?}");
                self.violation("witness", 0, what);
            }
        }
        for (client, report) in self.reports.iter().enumerate() {
            let of = |seen: &&Seen| seen.context == REACTIONS + client;
            let got = self.reports[0].seen.iter().filter(of).count();
            if got != report.reactions {
                let what = format!("{got} reactions of {client} instead of {}", report.reactions);
                self.violation("witness", 0, what);
            }
        }
    }
}

/// The state that a client is in when its owner issues this step.
fn states_before(states: &[(usize, Flux)], number: usize) -> usize {
    states.iter().skip(1).take_while(|(n, _)| *n < number).count()
}

/// The latest state that may have begun before each place: what the owner does after a message counts after it.
fn latest(states: &[(usize, Flux)], owner: usize, ids: &[Id]) -> Vec<usize> {
    let mut latest = vec![states.len() - 1; ids.len()];
    for place in (0..ids.len().saturating_sub(1)).rev() {
        latest[place] = match ids[place + 1] {
            (context, number) if context == owner => states_before(states, number),
            _ => latest[place + 1],
        };
    }
    latest
}
