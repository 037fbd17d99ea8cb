//! Whether each ask was settled for exactly those who got the question, and as they answered.

use std::collections::HashSet;

use super::{Check, Seen};
use crate::model::{
    plan::{CLIENTS, CONTEXTS, FAREWELLS, Fate, OPERATIONS, Op},
    world::{Asked, Outcome},
};

impl Check<'_> {
    pub(super) fn asks(&mut self) {
        let notes = self.notes;
        let mut settled = HashSet::new();
        for asked in &notes.asked {
            if !settled.insert((asked.context, asked.number)) {
                self.violation("acks (I6)", 0, format!("{asked:?} has settled twice"));
            }
            match asked.one {
                Some(to) => self.one_answer(asked, to),
                None => self.answers(asked),
            }
        }
        for context in 0..CONTEXTS {
            for number in 0..OPERATIONS {
                let op = &self.plan.scripts[context].steps[number].op;
                let asks = matches!(op, Op::Ask { .. } | Op::AskAll { .. });
                if asks && !settled.contains(&(context, number)) {
                    self.violation("acks (I6)", 0, format!("{context}/{number} has not settled"));
                }
            }
        }
    }

    fn one_answer(&mut self, asked: &Asked, to: usize) {
        let step = &self.plan.scripts[asked.context].steps[asked.number];
        let muted = matches!(step.op, Op::Ask { mute: true, .. });
        let [(_, outcome)] = &asked.outcomes[..] else { unreachable!() };
        if muted && *outcome == Outcome::TimedOut {
            return;
        }
        if muted || !self.is_plausible(asked, to, outcome) {
            let gone = *outcome == Outcome::Disconnected;
            if !(muted && gone && self.plan.clients[to].fate != Fate::Stays) {
                self.violation("acks (I6)", to, format!("{asked:?}"));
            }
        }
    }

    /// What a client may have come to that was asked.
    fn is_plausible(&self, asked: &Asked, client: usize, outcome: &Outcome) -> bool {
        let answered = *outcome == Outcome::Answer(client, asked.number);
        let gone = *outcome == Outcome::Disconnected;
        match self.plan.clients[client].fate {
            Fate::Stays => answered,
            // It never answers.
            Fate::Disconnected => gone,
            Fate::Crashes(_) | Fate::Leaves(_) => answered || gone,
        }
    }

    fn answers(&mut self, asked: &Asked) {
        self.checked.asks += 1;
        let mut counted = HashSet::new();
        for (client, outcome) in &asked.outcomes {
            if !counted.insert(*client) || !self.is_plausible(asked, *client, outcome) {
                self.violation("acks (I6)", *client, format!("{outcome:?} in {asked:?}"));
            }
            if asked.gone & 1 << client != 0 {
                self.violation("end (I5)", *client, format!("counted in {asked:?}"));
            }
        }
        for client in 0..CLIENTS {
            let question = |seen: &Seen| !seen.other && seen.id() == (asked.context, asked.number);
            let got = self.reports[client].seen.iter().any(question);
            let is_counted = counted.contains(&client);
            // One that has gone by itself may have been asked, and not have seen it.
            let right = got == is_counted || (is_counted && self.is_cut_off(client));
            if !right {
                let of =
                    if asked.context < FAREWELLS { "a script" } else { "a disconnect handler" };
                let what =
                    format!("has the question: {got}, counted: {is_counted}, of {of}: {asked:?}");
                self.violation("acks (I6)", client, what);
            }
        }
    }
}
