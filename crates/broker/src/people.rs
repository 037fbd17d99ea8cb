//! Who is in a namespace of the demo, under which name and in which rooms.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_socketio::SocketId;
use serde_json::{Value, json};

/// A client of the demo.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) rooms: BTreeSet<String>,
}

/// The people of one namespace; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct People(Arc<Mutex<BTreeMap<SocketId, Person>>>);

impl People {
    pub(crate) fn add(&self, id: SocketId, name: &str) {
        self.lock().insert(id, Person { name: name.to_owned(), rooms: BTreeSet::new() });
    }

    pub(crate) fn remove(&self, id: SocketId) -> Option<Person> {
        self.lock().remove(&id)
    }

    pub(crate) fn get(&self, id: SocketId) -> Option<Person> {
        self.lock().get(&id).cloned()
    }

    /// The person, if a member of this room.
    pub(crate) fn member(&self, id: SocketId, room: &str) -> Option<Person> {
        self.get(id).filter(|person| person.rooms.contains(room))
    }

    /// Notes a membership; `None` when the person is in `max` rooms already.
    pub(crate) fn join(&self, id: SocketId, room: &str, max: usize) -> Option<Person> {
        let mut people = self.lock();
        let person = people.get_mut(&id)?;
        if person.rooms.len() >= max && !person.rooms.contains(room) {
            return None;
        }
        person.rooms.insert(room.to_owned());
        Some(person.clone())
    }

    /// Ends a membership; `None` when there was none.
    pub(crate) fn leave(&self, id: SocketId, room: &str) -> Option<Person> {
        let mut people = self.lock();
        let person = people.get_mut(&id)?;
        person.rooms.remove(room).then(|| person.clone())
    }

    /// The members of a room, or everyone, as clients see them.
    pub(crate) fn list(&self, room: Option<&str>) -> Vec<Value> {
        let people = self.lock();
        let wanted = |person: &Person| room.is_none_or(|room| person.rooms.contains(room));
        let entry = |(id, person): (&SocketId, &Person)| json!({ "id": id, "name": person.name });
        people.iter().filter(|(_, person)| wanted(person)).map(entry).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SocketId, Person>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
