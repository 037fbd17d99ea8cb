//! Which sockets a namespace has and which rooms they are in: the one place where memberships begin and end.
//!
//! The supervisor calls it for every operation that concerns memberships. It tells the courier of the socket of each change, which makes it
//! count there, then the room, and followers what has happened. `sockets` is the truth, from which all else can be made anew: facts change
//! it last, so that they can be repeated.

mod repair;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Addr, Handler};
use indexmap::IndexSet;

use super::{NamespaceSupervisor, NamespaceTotals};
use crate::{
    audience::AudienceSpec,
    courier::{
        Reach,
        messages::{Joined, Left},
    },
    error::DisconnectReason,
    forwarder::{
        Forwarder,
        messages::{Change, Fact, Happened},
    },
    id::{NamespaceId, NamespaceName, RoomName, SocketId},
    mailbox::{Counted, WeakMailbox},
    operation::{Broadcast, FoundSocket, SocketLink},
    room::{
        RoomSupervisor,
        messages::{AddMember, RemoveMember},
    },
    supervision::{Point, fault_point},
    topology::{Listing, messages::RoomLink},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Rooms {
    namespace: NamespaceId,
    namespace_name: NamespaceName,
    totals: Arc<NamespaceTotals>,
    /// The namespace, for rooms to report to.
    parent: WeakMailbox<NamespaceSupervisor>,
    sockets: HashMap<SocketId, Member>,
    rooms: HashMap<RoomName, Room>,
    forwarders: Vec<Addr<Forwarder>>,
}

/// A socket of the namespace.
#[derive(Debug)]
struct Member {
    link: Arc<SocketLink>,
    /// Its rooms but its own.
    rooms: IndexSet<RoomName>,
    /// The log says already that it has been kept from a room.
    refused: bool,
}

/// A room that somebody has joined. The own room of a socket is none until another socket joins it.
#[derive(Debug)]
struct Room {
    addr: Addr<RoomSupervisor>,
    /// Messages sent to it, to tell whether some are still on the way when it reports that it is empty.
    sent: u64,
    members: usize,
}

impl Room {
    fn start(
        namespace: (NamespaceId, NamespaceName),
        name: RoomName,
        parent: WeakMailbox<NamespaceSupervisor>,
        totals: Arc<NamespaceTotals>,
    ) -> Self {
        let addr = RoomSupervisor::new(namespace, name, parent, totals).start();
        Self { addr, sent: 0, members: 0 }
    }

    /// Begins a membership, here and at the courier of the socket.
    fn add(&mut self, name: &RoomName, link: &Arc<SocketLink>) {
        let (socket, courier) = (link.id, link.courier().clone());
        courier.addr.do_send(Joined { socket: link.clone(), room: name.clone() });
        self.members += 1;
        self.send(AddMember { socket, courier });
    }

    fn send<M>(&mut self, message: M)
    where
        M: actix::Message<Result = ()> + Send + 'static,
        RoomSupervisor: Handler<Counted<M>>,
    {
        self.sent += 1;
        self.addr.do_send(Counted(message));
    }
}

impl Rooms {
    pub(super) fn new(
        namespace: NamespaceId,
        namespace_name: NamespaceName,
        totals: Arc<NamespaceTotals>,
        parent: WeakMailbox<NamespaceSupervisor>,
    ) -> Self {
        let (sockets, rooms, forwarders) = (HashMap::new(), HashMap::new(), Vec::new());
        Self { namespace, namespace_name, totals, parent, sockets, rooms, forwarders }
    }

    pub(super) fn totals(&self) -> &Arc<NamespaceTotals> {
        &self.totals
    }

    /// The rooms with the most members.
    pub(super) fn list(&self, limit: usize) -> Listing<RoomLink> {
        let largest =
            |(name, room): &(&RoomName, &Room)| (std::cmp::Reverse(room.members), (*name).clone());
        Listing::best(self.rooms.iter(), limit, largest).map(|(name, room)| RoomLink {
            name: name.clone(),
            addr: room.addr.clone(),
            sent: room.sent,
            members: room.members,
        })
    }

    /// Called when sockets or rooms have become more or fewer.
    fn publish_totals(&self) {
        self.totals.set(self.sockets.len(), self.rooms.len());
    }

    pub(super) fn follow(&mut self, forwarder: Addr<Forwarder>) {
        self.forwarders.push(forwarder);
    }

    /// How many rooms somebody has joined.
    pub(super) fn count(&self) -> usize {
        self.rooms.len()
    }

    /// Gives whether it was not there.
    pub(super) fn add_socket(&mut self, link: Arc<SocketLink>) -> bool {
        let id = link.id;
        if self.sockets.contains_key(&id) {
            return false;
        }
        let own = RoomName::from(id);
        let created = self.members(&own) == 0;
        if let Some(room) = self.rooms.get_mut(&own) {
            // Others have joined its own room by its id, which connection middleware tells.
            room.add(&own, &link);
        }
        self.tell(&link, || Change::Connected);
        self.tell_joined(&link, own, created);
        fault_point(Point::NamespaceAdd);
        self.sockets.insert(id, Member { link, rooms: IndexSet::new(), refused: false });
        self.publish_totals();
        true
    }

    /// Ends all memberships of a socket, its own room included. Gives whether it was there.
    pub(super) fn remove_socket(&mut self, id: SocketId, reason: DisconnectReason) -> bool {
        let Some(member) = self.sockets.get(&id) else { return false };
        let (link, rooms) = (member.link.clone(), member.rooms.clone());
        for room in [RoomName::from(id)].into_iter().chain(rooms) {
            self.end_membership(&link, &room);
            fault_point(Point::NamespaceRemove);
        }
        self.tell(&link, || Change::Disconnected(reason));
        self.sockets.remove(&id);
        self.publish_totals();
        true
    }

    pub(super) fn join(&mut self, id: SocketId, name: RoomName) {
        let Some(member) = self.sockets.get_mut(&id) else {
            return log::debug!("a socket that is not connected joins no room");
        };
        if let Some(why) = member.must_not_join(&name) {
            return member.refuse(self.namespace, name, why);
        }
        if name.as_str() == id.as_str() || !member.rooms.insert(name.clone()) {
            return;
        }
        let link = member.link.clone();
        fault_point(Point::NamespaceJoin);
        let created = self.members(&name) == 0;
        self.room(&name).add(&name, &link);
        self.tell_joined(&link, name, created);
    }

    pub(super) fn leave(&mut self, id: SocketId, name: &RoomName) {
        let Some(member) = self.sockets.get_mut(&id).filter(|member| member.rooms.contains(name))
        else {
            return;
        };
        let link = member.link.clone();
        let (namespace, room) = (self.namespace, name.clone());
        // Told first: should the rest panic, the courier is told what holds then.
        link.courier().addr.do_send(Left { namespace, room, socket: id });
        member.rooms.swap_remove(name);
        fault_point(Point::NamespaceLeave);
        self.end_membership(&link, name);
    }

    /// Its courier knows.
    fn end_membership(&mut self, link: &Arc<SocketLink>, name: &RoomName) {
        let left = match self.rooms.get_mut(name) {
            Some(room) => {
                room.members -= 1;
                room.send(RemoveMember { socket: link.id });
                room.members
            }
            // Its own, which nobody else has joined.
            None => 0,
        };
        self.tell(link, || Change::Left(name.clone()));
        if left == 0 {
            self.tell(link, || Change::RoomDeleted(name.clone()));
        }
    }

    fn members(&self, name: &RoomName) -> usize {
        match self.rooms.get(name) {
            Some(room) => room.members,
            None => usize::from(self.owner(name).is_some()),
        }
    }

    /// The socket whose own room bears this name.
    fn owner(&self, name: &RoomName) -> Option<&Member> {
        self.sockets.get(&SocketId::parse(name.as_str())?)
    }

    /// The room, made when there is none.
    fn room(&mut self, name: &RoomName) -> &mut Room {
        // Whoever joins a room that bears the id of a socket joins that socket's own room.
        let owner = self.owner(name).map(|member| member.link.clone());
        let sockets = self.sockets.len();
        let more = self.rooms.len() + 1;
        self.rooms.entry(name.clone()).or_insert_with(|| {
            self.totals.set(sockets, more);
            let own = (self.namespace, self.namespace_name.clone());
            let mut room = Room::start(own, name.clone(), self.parent.clone(), self.totals.clone());
            if let Some(owner) = owner {
                room.add(name, &owner);
            }
            room
        })
    }

    /// Hands a broadcast for one room to that room; gives any other back.
    pub(super) fn broadcast(&mut self, broadcast: Broadcast) -> Option<Broadcast> {
        let [name] = &broadcast.audience.rooms[..] else { return Some(broadcast) };
        if let Some(room) = self.rooms.get_mut(name) {
            room.send(broadcast);
            return None;
        }
        if self.owner(name).is_some() {
            return Some(broadcast);
        }
        // Nobody is there.
        Reach::default().deliver(self.namespace, broadcast);
        None
    }

    /// A room has no members left. Without its address its mailbox closes, and it ends.
    pub(super) fn emptied(&mut self, name: &RoomName, received: u64) {
        fault_point(Point::NamespaceEmptied);
        if self.rooms.get(name).is_some_and(|room| room.sent == received) {
            self.rooms.remove(name);
            self.publish_totals();
        }
    }

    /// The sockets of an audience, with their rooms.
    pub(super) fn find(&self, audience: &AudienceSpec) -> Vec<FoundSocket> {
        let own = |room: &RoomName| SocketId::parse(room.as_str()).filter(|_| !self.is_room(room));
        let found = |member: &Member| {
            let own = RoomName::from(member.link.id);
            let rooms = std::iter::once(own).chain(member.rooms.iter().cloned()).collect();
            FoundSocket { link: member.link.clone(), rooms }
        };
        // One socket is looked for most often.
        if let [room] = &audience.rooms[..]
            && let Some(id) = own(room)
        {
            let socket = self.sockets.get(&id).filter(|member| member.is_in(audience));
            return socket.map(found).into_iter().collect();
        }
        self.sockets.values().filter(|member| member.is_in(audience)).map(found).collect()
    }

    fn is_room(&self, name: &RoomName) -> bool {
        self.rooms.contains_key(name)
    }

    fn tell_joined(&mut self, link: &Arc<SocketLink>, room: RoomName, created: bool) {
        if created {
            self.tell(link, || Change::RoomCreated(room.clone()));
        }
        self.tell(link, || Change::Joined(room));
    }

    fn tell(&mut self, socket: &Arc<SocketLink>, change: impl FnOnce() -> Change) {
        if self.forwarders.is_empty() {
            return;
        }
        // Those whose follower has ended are forgotten.
        self.forwarders.retain(Addr::connected);
        let fact = Fact { socket: socket.clone(), change: change() };
        for forwarder in &self.forwarders {
            forwarder.do_send(Happened(fact.clone()));
        }
    }
}

impl Member {
    /// Why it may not be in this room, if it may not.
    fn must_not_join(&self, name: &RoomName) -> Option<&'static str> {
        let config = &self.link.namespace.config;
        if name.as_str().len() > config.max_room_len {
            return Some("its name is too long");
        }
        let full = self.rooms.len() >= config.max_rooms_per_socket;
        (full && !self.is_member(name)).then_some("it is in too many")
    }

    /// Has its courier forget the room, which that has foreseen.
    fn refuse(&mut self, namespace: NamespaceId, room: RoomName, why: &str) {
        let socket = self.link.id;
        if !std::mem::replace(&mut self.refused, true) {
            log::warn!(
                "socket {socket} has not joined a room: {why}; the next ones are not logged"
            );
        }
        self.link.courier().addr.do_send(Left { namespace, room, socket });
    }

    fn is_member(&self, room: &RoomName) -> bool {
        room.as_str() == self.link.id.as_str() || self.rooms.contains(room)
    }

    fn is_in(&self, audience: &AudienceSpec) -> bool {
        let AudienceSpec { rooms, except, except_socket } = audience;
        let included = rooms.is_empty() || rooms.iter().any(|room| self.is_member(room));
        let excluded = except.iter().any(|room| self.is_member(room));
        included && !excluded && *except_socket != Some(self.link.id)
    }
}
