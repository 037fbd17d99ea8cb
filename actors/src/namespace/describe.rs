//! What a namespace says of itself.

use std::fmt::Display;

use actix::{Context, Handler};

use super::NamespaceSupervisor;
use crate::{
    escaped::Escaped,
    topology::messages::{Describe, NamespaceReport},
};

impl NamespaceSupervisor {
    /// Where it is in the tree.
    pub(super) fn place(&self) -> impl Display {
        format!("server > namespace {}", Escaped(self.name.as_str()))
    }
}

impl Handler<Describe<NamespaceReport>> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<NamespaceReport>, _: &mut Context<Self>) {
        msg.answer(|limits| NamespaceReport {
            rooms: self.rooms.list(limits.rooms),
            collectors: self.collectors.list(limits.rooms),
        });
    }
}
