//! What a courier says of itself and of the connections whose sockets live at it.

use actix::{Context, Handler};

use super::Courier;
use crate::topology::messages::{CourierReport, Describe};

impl Courier {
    /// Where it is in the tree.
    pub(super) fn place(&self) -> String {
        format!("server > courier {}", self.id.0)
    }
}

impl Handler<Describe<CourierReport>> for Courier {
    type Result = ();

    fn handle(&mut self, msg: Describe<CourierReport>, _: &mut Context<Self>) {
        msg.answer(|limits| CourierReport {
            sockets: self.members.count(),
            fenced: self.fences.count(),
            sessions: self.members.sessions(limits),
        });
    }
}
