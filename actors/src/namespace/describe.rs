//! What a namespace says of itself, and which collectors work beside it.

use std::fmt::Display;

use actix::{Addr, Context, Handler, WeakAddr};

use super::NamespaceSupervisor;
use crate::{
    collector::AckCollector,
    escaped::Escaped,
    topology::{
        Listing,
        messages::{Describe, NamespaceReport},
    },
};

/// Fewer collectors than this are not looked through for such as have ended.
const FEW: usize = 32;

impl NamespaceSupervisor {
    /// Where it is in the tree.
    pub(super) fn place(&self) -> impl Display {
        format!("server > namespace {}", Escaped(self.name.as_str()))
    }

    /// A broadcast brings the collector of its answers, which lives beside the namespace.
    pub(super) fn remember(&mut self, collector: &Addr<AckCollector>) {
        // At most every second one has ended, so this costs a constant for each.
        if self.collectors.len() >= FEW && self.collectors.len() == self.collectors.capacity() {
            self.forget_ended();
            self.collectors.reserve(self.collectors.len().max(FEW));
        }
        self.collectors.push(collector.downgrade());
    }

    fn forget_ended(&mut self) {
        let goes_on =
            |it: &WeakAddr<AckCollector>| it.upgrade().is_some_and(|addr| addr.connected());
        self.collectors.retain(goes_on);
    }
}

impl Handler<Describe<NamespaceReport>> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<NamespaceReport>, _: &mut Context<Self>) {
        self.forget_ended();
        msg.answer(|limits| NamespaceReport {
            rooms: self.rooms.list(limits.rooms),
            collectors: Listing::best(self.collectors.iter(), limits.rooms, |_| 0)
                .map(Clone::clone),
        });
    }
}
