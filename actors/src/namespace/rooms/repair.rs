//! How the rooms of a namespace are made whole again after a panic, from the sockets alone.
//!
//! A room gets its members behind all that was sent to it before: its mailbox is first in, first out, and what was sent before is in the
//! truth already. So whatever order a panic has broken, a room has the right members after its `Restore`.

use std::{collections::HashMap, sync::Arc};

use super::{Member, Room, Rooms};
use crate::{
    courier::{Reach, messages::Joined},
    escaped::Escaped,
    id::{RoomName, SocketId},
    operation::CourierLink,
    room::messages::Restore,
    topology,
};

/// Members of a room, and who serves each.
type Members = Vec<(SocketId, CourierLink)>;

impl Rooms {
    /// The couriers of all sockets.
    pub(in crate::namespace) fn reach(&self) -> Reach {
        Reach::of(self.sockets.values().map(|member| member.link.courier()))
    }

    /// Couriers hear of all memberships again, and each room gets its members; those that nobody is in end in the ordinary way, and those that
    /// are missing are made.
    pub(in crate::namespace) fn repair(&mut self) {
        let mut rooms = HashMap::<RoomName, Members>::new();
        for member in self.sockets.values() {
            for room in &member.rooms {
                member.tell_joined(room);
                rooms.entry(room.clone()).or_default().push(member.entry());
            }
        }
        for name in self.rooms.keys() {
            rooms.entry(name.clone()).or_default();
        }
        for (name, mut members) in rooms {
            if let Some(owner) = self.owner(&name) {
                owner.tell_joined(&name);
                members.push(owner.entry());
            }
            self.room(&name);
            self.restore_with(&name, members);
        }
        self.publish_totals();
    }

    /// A courier hears of a membership again. What has ended since, it has been told after it.
    pub(in crate::namespace) fn tell_again(&self, socket: SocketId, room: &RoomName) {
        if self.is_room(room)
            && let Some(member) = self.sockets.get(&socket).filter(|it| it.is_member(room))
        {
            member.tell_joined(room);
        }
    }

    /// A room gets its members again.
    pub(in crate::namespace) fn restore(&mut self, name: &RoomName) {
        // It may have ended meanwhile.
        if self.is_room(name) {
            let all = self.sockets.values().filter(|member| member.is_member(name));
            let members = all.map(Member::entry).collect();
            self.restore_with(name, members);
        }
    }

    fn restore_with(&mut self, name: &RoomName, members: Members) {
        let Some(room) = self.rooms.get_mut(name) else { return };
        if !room.addr.connected() {
            // It has died in spite of all shields.
            let namespace = (self.namespace, self.namespace_name.clone());
            let (parent, totals) = (self.parent.clone(), self.totals.clone());
            *room = Room::start(namespace, name.clone(), parent, totals);
            self.totals.restarted();
            let namespace = Escaped(self.namespace_name.as_str());
            let place = format!("server > namespace {namespace} > room {}", Escaped(name.as_str()));
            topology::restarted(place, "it had died");
        }
        room.members = members.len();
        let members = Arc::from(members);
        room.send(Restore { members, sent: room.sent + 1 });
    }

    /// A room ends, whoever is in it.
    pub(in crate::namespace) fn forget(&mut self, name: &RoomName) {
        self.rooms.remove(name);
        self.publish_totals();
    }
}

impl Member {
    fn entry(&self) -> (SocketId, CourierLink) {
        (self.link.id, self.link.courier().clone())
    }

    fn tell_joined(&self, room: &RoomName) {
        let (socket, room) = (self.link.clone(), room.clone());
        self.link.courier().addr.do_send(Joined { socket, room });
    }
}
