//! How a courier goes on after a panic, and what happens when it does so too often.
//!
//! The truth is which sockets there are, with their rooms, and what waits in each context. Indexes are made anew from that. Which rooms
//! a socket has only set out to join, its own list of rooms does not tell: those that it was in stay, and no others come to be.

use actix::Context;

use super::{CLOSE, Courier};
use crate::{
    courier::messages::FenceReleased,
    supervision::{Point, Restarts, Supervised, Supervision, fault_point},
    topology,
};

impl Supervised for Courier {
    fn place(&self) -> String {
        format!("server > courier {}", self.id.0)
    }

    fn supervision(&self) -> &Supervision {
        &self.supervision
    }

    fn restarts(&mut self) -> &mut Restarts {
        &mut self.restarts
    }

    fn handled(&mut self) {
        fault_point(Point::CourierDeath);
        self.traffic.handled();
    }

    fn repair(&mut self, ctx: &mut Context<Self>) {
        fault_point(Point::CourierRepair);
        self.members.repair();
        let own = self.traffic.mailbox(ctx);
        // What was lost holds nobody up.
        if let Some(fence) = self.fence.take() {
            own.do_send(fence);
        }
        for context in self.fences.repair() {
            own.do_send(FenceReleased::nothing(context));
        }
    }

    /// Its connections are closed, and so are new ones as soon as they have a socket.
    fn escalate(&mut self, _: &mut Context<Self>) {
        if self.failed.is_some() {
            return;
        }
        self.failed = Some(self.supervision.fail());
        self.tally.set_failed();
        topology::failed(self.place(), "the connections of its thread are closed");
        self.members.all().for_each(|socket| socket.session.do_send(CLOSE));
    }

    fn count_restart(&self) {
        self.tally.restarted();
    }

    fn count_lost(&self) {
        self.tally.lost();
    }
}
