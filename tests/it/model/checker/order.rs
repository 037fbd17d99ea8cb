//! In which order messages came.

use std::collections::HashMap;

use super::{Check, Id, is_public};

impl Check<'_> {
    /// What one context issues arrives as it was issued, and once.
    pub(super) fn order_of_contexts(&mut self, client: usize) {
        let mut last: HashMap<usize, usize> = HashMap::new();
        for seen in &self.reports[client].seen {
            if let Some(before) = last.insert(seen.context, seen.number)
                && before >= seen.number
            {
                let what = format!("{seen:?} came after {before} of that context");
                return self.violation("order of a context (I1)", client, what);
            }
        }
    }

    /// Everyone sees the broadcasts of a namespace as the witness does.
    pub(super) fn one_order(&mut self, client: usize) {
        let mut last = [None, None];
        for seen in self.reports[client].seen.iter().filter(|seen| is_public(&self.kinds, seen)) {
            let which = usize::from(seen.other);
            let Some(place) = self.orders[which].places.get(&seen.id()).copied() else {
                let what = format!("the witness has not seen {seen:?}");
                return self.violation("one order (I2)", client, what);
            };
            if let Some(before) = last[which].replace(place)
                && before >= place
            {
                let before = self.orders[which].ids[before];
                let what = format!("{seen:?} came after {before:?}, unlike at the witness");
                return self.violation("one order (I2)", client, what);
            }
        }
    }

    /// Nobody gets what one message has caused before that message.
    pub(super) fn causes(&mut self, client: usize) {
        let mut causes: HashMap<Id, Id> = HashMap::new();
        for seen in &self.reports[client].seen {
            if let Some(cause) = seen.cause {
                causes.insert(cause, seen.id());
            } else if let Some(effect) = causes.get(&seen.id())
                && is_public(&self.kinds, seen)
            {
                let what = format!("{effect:?} came before its cause {seen:?}");
                return self.violation("cause and effect (I3)", client, what);
            }
        }
    }
}
