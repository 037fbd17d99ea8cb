//! The supervisor of a room: who its members are, which couriers they have, and the one order of its broadcasts.
//!
//! Its namespace starts it at the first join, sends it everything, and ends it when it is empty. It runs no user code. After a panic it
//! goes on with the members that it knows, and asks its namespace for the truth.

pub mod messages;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Context, Handler};

use self::messages::{AddMember, RemoveMember, Restore};
use crate::{
    courier::Reach,
    escaped::Escaped,
    id::{NamespaceId, NamespaceName, RoomName, SocketId},
    mailbox::{Mailbox, WeakMailbox, takes_mail},
    namespace::{
        NamespaceSupervisor, NamespaceTotals,
        messages::{RoomEmptied, RoomFailed, RoomRestarted},
    },
    operation::{Broadcast, CourierLink},
    supervision::{self, Point, Restarts, Supervised, Supervision, fault_point},
    topology::{
        self, Listing,
        messages::{Describe, RoomReport},
    },
};

/// See the module.
#[derive(Debug)]
pub struct RoomSupervisor {
    namespace: NamespaceId,
    namespace_name: NamespaceName,
    name: RoomName,
    parent: WeakMailbox<NamespaceSupervisor>,
    totals: Arc<NamespaceTotals>,
    members: HashMap<SocketId, CourierLink>,
    /// The couriers of the members.
    reach: Reach,
    received: u64,
    restarts: Restarts,
}

takes_mail! {
    RoomSupervisor: AddMember, RemoveMember, Restore, Broadcast
}

impl Actor for RoomSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, self.place(), "its first member joins");
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        topology::stopped(log::Level::Info, self.place(), "empty");
        // No shield has held.
        if std::thread::panicking() {
            self.ask_for_members();
        }
    }
}

impl RoomSupervisor {
    /// A room without members.
    pub fn new(
        (namespace, namespace_name): (NamespaceId, NamespaceName),
        name: RoomName,
        parent: WeakMailbox<NamespaceSupervisor>,
        totals: Arc<NamespaceTotals>,
    ) -> Self {
        let (members, reach, restarts) = Default::default();
        let received = 0;
        Self { namespace, namespace_name, name, parent, totals, members, reach, received, restarts }
    }

    /// Called after each message, so that the namespace hears of it when nothing more is on the way.
    fn report_if_empty(&self) {
        if self.members.is_empty()
            && let Some(parent) = self.parent()
        {
            parent.do_send(RoomEmptied { room: self.name.clone(), received: self.received });
        }
    }

    fn parent(&self) -> Option<Mailbox<NamespaceSupervisor>> {
        self.parent.upgrade()
    }

    /// Another room is started if this one has died.
    fn ask_for_members(&self) {
        if let Some(parent) = self.parent() {
            parent.do_send(RoomRestarted { room: self.name.clone() });
        }
    }
}

impl Supervised for RoomSupervisor {
    fn place(&self) -> String {
        let (namespace, room) = (self.namespace_name.as_str(), self.name.as_str());
        format!("server > namespace {} > room {}", Escaped(namespace), Escaped(room))
    }

    fn supervision(&self) -> &Supervision {
        self.totals.supervision()
    }

    fn restarts(&mut self) -> &mut Restarts {
        &mut self.restarts
    }

    fn handled(&mut self) {
        fault_point(Point::RoomDeath);
        self.received += 1;
    }

    /// What comes before the answer of the namespace reaches the members that it knows.
    fn repair(&mut self, _: &mut Self::Context) {
        self.reach = Reach::of(self.members.values());
        self.ask_for_members();
    }

    fn escalate(&mut self, _: &mut Self::Context) {
        if let Some(parent) = self.parent() {
            parent.do_send(RoomFailed { room: self.name.clone() });
        }
    }

    fn count_restart(&self) {
        self.totals.restarted();
    }
}

impl Handler<AddMember> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AddMember, _: &mut Self::Context) {
        let AddMember { socket, courier } = msg;
        fault_point(Point::RoomAdd);
        self.reach.add(&courier);
        if let Some(former) = self.members.insert(socket, courier) {
            self.reach.remove(former.id);
        }
    }
}

impl Handler<RemoveMember> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RemoveMember, _: &mut Self::Context) {
        fault_point(Point::RoomRemove);
        if let Some(courier) = self.members.remove(&msg.socket) {
            self.reach.remove(courier.id);
        }
        self.report_if_empty();
    }
}

impl Handler<Broadcast> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Broadcast, _: &mut Self::Context) {
        fault_point(Point::RoomBroadcast);
        self.reach.deliver(self.namespace, msg);
        // The last member may have left while this was on its way.
        self.report_if_empty();
    }
}

impl Handler<Restore> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Restore, _: &mut Self::Context) {
        self.members = msg.members.iter().cloned().collect();
        self.reach = Reach::of(self.members.values());
        // What was to come before has come, or never will.
        self.received = msg.sent;
        self.report_if_empty();
    }
}

impl Handler<Describe<RoomReport>> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<RoomReport>, ctx: &mut Self::Context) {
        supervision::attempt(self, "Describe", ctx, |room, _| {
            msg.answer(|limits| RoomReport {
                members: Listing {
                    total: room.members.len(),
                    items: room.members.keys().take(limits.members).copied().collect(),
                },
                received: room.received,
            });
        });
    }
}
