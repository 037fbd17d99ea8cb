//! How the root goes on after a panic. All that it is told is a fact, so it loses nothing; its children do not depend on it.

use actix::Context;

use super::ServerSupervisor;
use crate::{
    supervision::{Point, Restarts, Supervised, Supervision, fault_point},
    topology,
};

impl Supervised for ServerSupervisor {
    fn place(&self) -> String {
        "server".to_owned()
    }

    fn supervision(&self) -> &Supervision {
        &self.supervision
    }

    fn restarts(&mut self) -> &mut Restarts {
        &mut self.restarts
    }

    fn handled(&mut self) {
        fault_point(Point::ServerDeath);
        self.traffic.handled();
    }

    /// What it knows, it has been told one thing at a time: nothing is half done.
    fn repair(&mut self, _: &mut Context<Self>) {}

    fn escalate(&mut self, _: &mut Context<Self>) {
        if self.failed.is_none() {
            self.failed = Some(self.supervision.fail());
            topology::failed(self.place(), "it is not ready for clients any more");
        }
    }
}
