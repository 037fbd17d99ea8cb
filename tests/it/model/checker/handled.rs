//! When the namespace has handled messages, as far as it is known: those of one context, and those to one room, one after the other.

use std::collections::HashMap;

/// The earliest state of a client in which the namespace may have handled the last message of each context, and to each room.
#[derive(Debug, Default)]
pub(super) struct Handled {
    of_context: HashMap<usize, usize>,
    to_room: HashMap<usize, usize>,
}

impl Handled {
    /// The earliest state in which it may have handled the next message of this context to this room.
    pub(super) fn earliest(&self, context: usize, room: Option<usize>) -> usize {
        let of_context = self.of_context.get(&context).copied().unwrap_or(0);
        let to_room = room.and_then(|room| self.to_room.get(&room)).copied().unwrap_or(0);
        of_context.max(to_room)
    }

    /// It has handled a message: in this state, or, if that went to a room, earlier.
    pub(super) fn note(&mut self, context: usize, room: Option<usize>, state: usize) {
        match room {
            None => drop(self.of_context.insert(context, state)),
            Some(room) => {
                let earliest = self.earliest(context, Some(room));
                self.of_context.insert(context, earliest);
                self.to_room.insert(room, earliest);
            }
        }
    }
}
