//! Which sockets live at this courier and in which rooms they are: the local truth of membership.
//!
//! Plain state; the courier changes it on the word of sessions and namespaces, and walks it to deliver. `sockets` is the truth, from which the
//! rest can be made anew.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use indexmap::{IndexMap, IndexSet};
use slab::Slab;

use crate::{
    audience::AudienceSpec,
    id::{ContextId, NamespaceId, RoomName, SocketId},
    operation::{SessionAddr, SocketLink},
    outbox::Outbox,
    session::OutgoingWatch,
    supervision::{Point, fault_point},
    topology::{Listing, SocketNode, TopologyLimits, messages::SessionEntry},
};

/// Most connections that are looked at to find those with the most in their outbox.
const MAX_COMPARED: usize = 10_000;

/// A socket that lives here.
#[derive(Debug)]
pub(super) struct LocalSocket {
    pub(super) link: Arc<SocketLink>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) session: SessionAddr,
    pub(super) watch: Option<Arc<OutgoingWatch>>,
    /// Its rooms, those included that it has set out to join; its own only once others have joined that.
    pub(super) rooms: IndexSet<RoomName>,
}

/// Position of a socket in the slab.
type Slot = usize;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Members {
    sockets: Slab<LocalSocket>,
    by_id: HashMap<SocketId, Slot>,
    /// The sockets of each connection.
    connections: IndexMap<ContextId, Vec<Slot>>,
    namespaces: HashMap<NamespaceId, LocalNamespace>,
}

#[derive(Debug, Default)]
struct LocalNamespace {
    everyone: IndexSet<Slot>,
    rooms: HashMap<RoomName, IndexSet<Slot>>,
}

impl Members {
    pub(super) fn add(
        &mut self,
        link: Arc<SocketLink>,
        outbox: Arc<Outbox>,
        session: SessionAddr,
        watch: Option<Arc<OutgoingWatch>>,
    ) {
        // A panic may have come between.
        if self.by_id.contains_key(&link.id) {
            return;
        }
        let (id, namespace, context) = (link.id, link.namespace.id, link.origin.context);
        let rooms = IndexSet::new();
        let slot = self.sockets.insert(LocalSocket { link, outbox, session, watch, rooms });
        fault_point(Point::CourierAdd);
        self.index(slot, id, namespace, context);
    }

    fn index(&mut self, slot: Slot, id: SocketId, namespace: NamespaceId, context: ContextId) {
        self.by_id.insert(id, slot);
        // Most have one.
        let fresh = || Vec::with_capacity(1);
        self.connections.entry(context).or_insert_with(fresh).push(slot);
        self.namespaces.entry(namespace).or_default().everyone.insert(slot);
    }

    /// Makes all indexes anew. Of the rooms, those memberships stay that the sockets know of.
    pub(super) fn repair(&mut self) {
        let former = std::mem::take(&mut self.namespaces);
        self.by_id.clear();
        self.connections.clear();
        let ids = |(slot, socket): (Slot, &LocalSocket)| {
            (slot, socket.link.id, socket.link.namespace.id, socket.link.origin.context)
        };
        let all: Vec<_> = self.sockets.iter().map(ids).collect();
        for (slot, id, namespace, context) in all {
            self.index(slot, id, namespace, context);
        }
        for (namespace, local) in former {
            let Some(new) = self.namespaces.get_mut(&namespace) else { continue };
            for (room, mut slots) in local.rooms {
                slots.retain(|slot| {
                    let socket = self.sockets.get(*slot);
                    socket.is_some_and(|it| {
                        it.link.namespace.id == namespace && it.rooms.contains(&room)
                    })
                });
                if !slots.is_empty() {
                    new.rooms.insert(room, slots);
                }
            }
        }
    }

    /// All sockets.
    pub(super) fn all(&self) -> impl Iterator<Item = &LocalSocket> {
        self.sockets.iter().map(|(_, socket)| socket)
    }

    pub(super) fn remove(&mut self, id: SocketId) -> Option<LocalSocket> {
        let slot = self.by_id.remove(&id)?;
        let socket = self.sockets.try_remove(slot)?;
        fault_point(Point::CourierRemove);
        self.forget_connection(socket.link.origin.context, slot);
        let namespace = socket.link.namespace.id;
        for room in &socket.rooms {
            self.remove_from_room(namespace, room, slot);
        }
        if let Some(local) = self.namespaces.get_mut(&namespace) {
            local.everyone.swap_remove(&slot);
            if local.everyone.is_empty() {
                self.namespaces.remove(&namespace);
            }
        }
        Some(socket)
    }

    fn forget_connection(&mut self, context: ContextId, slot: Slot) {
        if let Some(slots) = self.connections.get_mut(&context) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.connections.swap_remove(&context);
            }
        }
    }

    /// How many sockets live here.
    pub(super) fn count(&self) -> usize {
        self.sockets.len()
    }

    /// The connections with the most in their outbox.
    pub(super) fn sessions(&self, limits: &TopologyLimits) -> Listing<SessionEntry> {
        let total = self.connections.len();
        if limits.sessions == 0 {
            return Listing { total, items: Vec::new() };
        }
        let compared = self.connections.iter().take(MAX_COMPARED.max(limits.sessions));
        let found = compared.filter_map(|(context, slots)| {
            let first = self.sockets.get(*slots.first()?)?;
            Some((context, slots, first, first.outbox.depth()))
        });
        let all: Vec<_> = found.collect();
        let fullest = Listing::best(all.into_iter(), limits.sessions, |(context, .., depth)| {
            (std::cmp::Reverse(depth.bytes), context.0)
        });
        let entry = |(context, slots, first, outbox): (&ContextId, &Vec<_>, &LocalSocket, _)| {
            let sockets = slots.iter().filter_map(|slot: &Slot| self.sockets.get(*slot));
            let listed = sockets.take(limits.members).map(|socket| SocketNode {
                id: socket.link.id,
                namespace: socket.link.namespace.name.to_string(),
            });
            let sockets = Listing { total: slots.len(), items: listed.collect() };
            SessionEntry { context: *context, addr: first.session.clone(), outbox, sockets }
        };
        Listing { total, items: fullest.map(entry).items }
    }

    pub(super) fn get(&self, id: SocketId) -> Option<&LocalSocket> {
        self.sockets.get(*self.by_id.get(&id)?)
    }

    /// A socket has set out to join a room: should it be removed before it gets there, that room is among those it was in.
    pub(super) fn foresee_join(&mut self, id: SocketId, room: &RoomName) {
        let slot = self.by_id.get(&id).copied();
        if let Some(socket) = slot.and_then(|slot| self.sockets.get_mut(slot)) {
            socket.rooms.insert(room.clone());
        }
    }

    /// Does nothing for a socket that is gone: its room hears of that by itself.
    pub(super) fn join(&mut self, namespace: NamespaceId, room: RoomName, id: SocketId) {
        let Some(&slot) = self.by_id.get(&id) else { return };
        if let Some(socket) = self.sockets.get_mut(slot) {
            socket.rooms.insert(room.clone());
            fault_point(Point::CourierJoined);
            let local = self.namespaces.entry(namespace).or_default();
            local.rooms.entry(room).or_default().insert(slot);
        }
    }

    pub(super) fn leave(&mut self, namespace: NamespaceId, room: &RoomName, id: SocketId) {
        let Some(&slot) = self.by_id.get(&id) else { return };
        if let Some(socket) = self.sockets.get_mut(slot) {
            socket.rooms.swap_remove(room);
        }
        fault_point(Point::CourierLeft);
        self.remove_from_room(namespace, room, slot);
    }

    /// Calls `deliver` once for each local socket of the audience.
    pub(super) fn for_each(
        &self,
        namespace: NamespaceId,
        audience: &AudienceSpec,
        mut deliver: impl FnMut(&LocalSocket),
    ) {
        let Some(local) = self.namespaces.get(&namespace) else { return };
        let excluded = self.excluded(local, audience);
        let mut deliver = |slot: Slot| {
            if !excluded.contains(slot)
                && let Some(socket) = self.sockets.get(slot)
            {
                deliver(socket);
            }
        };
        match &audience.rooms[..] {
            [] => local.everyone.iter().copied().for_each(deliver),
            [room] => self.slots_of(local, room).for_each(deliver),
            rooms => {
                let mut seen = HashSet::new();
                rooms
                    .iter()
                    .flat_map(|room| self.slots_of(local, room))
                    .filter(|slot| seen.insert(*slot))
                    .for_each(&mut deliver);
            }
        }
    }

    /// The members of a room; a name that is no room may be the id of a socket.
    fn slots_of<'a>(
        &'a self,
        local: &'a LocalNamespace,
        room: &RoomName,
    ) -> impl Iterator<Item = Slot> + 'a {
        let members = local.rooms.get(room);
        let own = match members {
            Some(_) => None,
            None => SocketId::parse(room.as_str())
                .and_then(|id| self.by_id.get(&id))
                .filter(|slot| local.everyone.contains(*slot)),
        };
        members.into_iter().flatten().chain(own).copied()
    }

    fn excluded<'a>(&'a self, local: &'a LocalNamespace, audience: &AudienceSpec) -> Excluded {
        let sender = audience.except_socket.and_then(|id| self.by_id.get(&id)).copied();
        let others = audience.except.iter().flat_map(|room| self.slots_of(local, room)).collect();
        Excluded { sender, others }
    }

    fn remove_from_room(&mut self, namespace: NamespaceId, room: &RoomName, slot: Slot) {
        if let Some(local) = self.namespaces.get_mut(&namespace)
            && let Some(members) = local.rooms.get_mut(room)
        {
            members.swap_remove(&slot);
            if members.is_empty() {
                local.rooms.remove(room);
            }
        }
    }
}

/// Who is left out of a broadcast.
struct Excluded {
    sender: Option<Slot>,
    others: HashSet<Slot>,
}

impl Excluded {
    fn contains(&self, slot: Slot) -> bool {
        self.sender == Some(slot) || (!self.others.is_empty() && self.others.contains(&slot))
    }
}
