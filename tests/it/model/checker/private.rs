//! Messages whose receivers depend on no other context: those to one socket, and to the rooms that only their context changes.

use super::Check;
use crate::model::{
    audience::{Flux, Kind, receives},
    plan::{CONTEXTS, Fate, OPERATIONS, Op},
};

impl Check<'_> {
    /// Messages whose receivers depend on nobody else.
    pub(super) fn private_messages(&mut self, client: usize) {
        let goes = self.plan.clients[client].fate != Fate::Stays;
        for context in 0..CONTEXTS {
            let kind = |number: usize| self.kinds[context][number];
            let due: Vec<_> = (0..OPERATIONS)
                .filter(|n| kind(*n) == Kind::Private)
                .filter(|n| receives(self.plan, context, *n, client, Flux::of(client)))
                .take_while(|n| !self.is_disconnected_before(context, *n, client))
                .collect();
            let seen = self.reports[client].seen.iter().filter(|seen| seen.context == context);
            let got: Vec<_> = seen
                .map(|seen| seen.number)
                .filter(|n| *n < OPERATIONS && kind(*n) == Kind::Private)
                .collect();
            // The owner knows when it has disconnected it, others do not.
            let certain =
                !goes || (self.plan.clients[client].owner == context && !self.is_cut_off(client));
            if !(if certain { due == got } else { due.starts_with(&got) }) {
                let at = due.iter().zip(&got).position(|(due, got)| due != got);
                let at = at.unwrap_or(due.len().min(got.len()));
                let (due, got) = (due.get(at), got.get(at));
                let what = format!("of context {context}, {due:?} is due, {got:?} has come");
                self.violation("delivery", client, what);
            }
            self.volatile_messages(client, context);
        }
    }

    /// They may be lost, but do not go to others.
    fn volatile_messages(&mut self, client: usize, context: usize) {
        for seen in &self.reports[client].seen {
            let volatile = seen.context == context
                && self.kinds[context].get(seen.number) == Some(&Kind::Volatile);
            if volatile && !receives(self.plan, context, seen.number, client, Flux::of(client)) {
                let what = format!("{seen:?} is not for it");
                return self.violation("audience (volatile)", client, what);
            }
        }
    }

    fn is_disconnected_before(&self, context: usize, number: usize, client: usize) -> bool {
        self.plan.scripts[context].steps[..number]
            .iter()
            .any(|step| matches!(step.op, Op::Disconnect { client: whom, .. } if whom == client))
    }
}
