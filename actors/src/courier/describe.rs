//! What a courier says of itself and of the connections whose sockets live at it.

use actix::{Context, Handler};

use super::Courier;
use crate::{
    supervision,
    topology::messages::{CourierReport, Describe},
};

impl Handler<Describe<CourierReport>> for Courier {
    type Result = ();

    fn handle(&mut self, msg: Describe<CourierReport>, ctx: &mut Context<Self>) {
        supervision::attempt(self, "Describe", ctx, |courier, _| {
            msg.answer(|limits| CourierReport {
                sockets: courier.members.count(),
                fenced: courier.fences.count(),
                sessions: courier.members.sessions(limits),
            });
        });
    }
}
