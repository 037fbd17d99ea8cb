//! What a namespace says of itself.

use actix::{Context, Handler};

use super::NamespaceSupervisor;
use crate::{
    supervision,
    topology::messages::{Describe, NamespaceReport},
};

impl Handler<Describe<NamespaceReport>> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<NamespaceReport>, ctx: &mut Context<Self>) {
        supervision::attempt(self, "Describe", ctx, |namespace, _| {
            msg.answer(|limits| NamespaceReport {
                rooms: namespace.rooms.list(limits.rooms),
                collectors: namespace.collectors.list(limits.rooms),
            });
        });
    }
}
