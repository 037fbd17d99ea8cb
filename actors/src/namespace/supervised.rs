//! How a namespace goes on after a panic, its own or that of a room, and what happens when it does so too often.
//!
//! The truth is which sockets there are, and which rooms each is in; all else follows from that.

use actix::{Context, Handler};

use super::{
    NamespaceSupervisor,
    messages::{MembershipMissed, RoomFailed, RoomRestarted},
};
use crate::{
    escaped::Escaped,
    supervision::{self, Point, Restarts, Supervised, Supervision, fault_point},
    topology,
};

impl Supervised for NamespaceSupervisor {
    fn place(&self) -> String {
        format!("server > namespace {}", Escaped(self.name.as_str()))
    }

    fn supervision(&self) -> &Supervision {
        self.rooms.totals().supervision()
    }

    fn restarts(&mut self) -> &mut Restarts {
        &mut self.restarts
    }

    fn handled(&mut self) {
        fault_point(Point::NamespaceDeath);
        self.traffic.handled();
    }

    fn repair(&mut self, _: &mut Context<Self>) {
        fault_point(Point::NamespaceRepair);
        self.reach = self.rooms.reach();
        self.rooms.repair();
    }

    /// Its sockets are disconnected, and no more get in.
    fn escalate(&mut self, _: &mut Context<Self>) {
        if self.failed.is_some() {
            return;
        }
        let totals = self.rooms.totals();
        self.failed = Some(totals.supervision().fail());
        totals.set_failed();
        topology::failed(self.place(), "its sockets are disconnected, and no more get in");
        self.reach = self.rooms.reach();
        self.evict_all();
    }

    fn count_restart(&self) {
        self.rooms.totals().restarted();
    }
}

impl Handler<RoomRestarted> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RoomRestarted, _: &mut Context<Self>) {
        self.rooms.restore(&msg.room);
    }
}

impl Handler<MembershipMissed> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: MembershipMissed, _: &mut Context<Self>) {
        self.rooms.tell_again(msg.socket, &msg.room);
    }
}

impl Handler<RoomFailed> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RoomFailed, ctx: &mut Context<Self>) {
        match self.failed {
            // Nobody is to be in it: it ends.
            Some(_) => self.rooms.forget(&msg.room),
            None => {
                let reason = format_args!("room {} panics too often", Escaped(msg.room.as_str()));
                supervision::restart(self, reason, ctx);
            }
        }
    }
}
