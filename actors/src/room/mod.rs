//! The supervisor of a room: who its members are, which couriers they have, and the one order of its broadcasts.
//!
//! Its namespace starts it at the first join, sends it everything, and ends it when it is empty. It runs no user code.

pub mod messages;

use std::collections::HashMap;

use actix::{Actor, Context, Handler, WeakAddr};

use self::messages::{AddMember, RemoveMember};
use crate::{
    courier::Reach,
    escaped::Escaped,
    id::{NamespaceId, NamespaceName, RoomName, SocketId},
    namespace::{NamespaceSupervisor, messages::RoomEmptied},
    operation::{Broadcast, CourierLink},
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
    parent: WeakAddr<NamespaceSupervisor>,
    members: HashMap<SocketId, CourierLink>,
    reach: Reach,
    received: u64,
}

impl Actor for RoomSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, self.place(), "its first member joins");
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        topology::stopped(log::Level::Info, self.place(), "empty");
    }
}

impl RoomSupervisor {
    /// A room without members.
    pub fn new(
        (namespace, namespace_name): (NamespaceId, NamespaceName),
        name: RoomName,
        parent: WeakAddr<NamespaceSupervisor>,
    ) -> Self {
        let (members, reach) = (HashMap::new(), Reach::default());
        Self { namespace, namespace_name, name, parent, members, reach, received: 0 }
    }

    /// Where it is in the tree.
    fn place(&self) -> String {
        let (namespace, room) = (self.namespace_name.as_str(), self.name.as_str());
        format!("server > namespace {} > room {}", Escaped(namespace), Escaped(room))
    }

    /// Called after each message, so that the namespace hears of it when nothing more is on the way.
    fn report_if_empty(&self) {
        if self.members.is_empty()
            && let Some(parent) = self.parent.upgrade()
        {
            parent.do_send(RoomEmptied { room: self.name.clone(), received: self.received });
        }
    }
}

impl Handler<AddMember> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AddMember, _: &mut Self::Context) {
        self.received += 1;
        let AddMember { socket, courier } = msg;
        self.reach.add(&courier);
        if let Some(former) = self.members.insert(socket, courier) {
            self.reach.remove(former.id);
        }
    }
}

impl Handler<RemoveMember> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RemoveMember, _: &mut Self::Context) {
        self.received += 1;
        if let Some(courier) = self.members.remove(&msg.socket) {
            self.reach.remove(courier.id);
        }
        self.report_if_empty();
    }
}

impl Handler<Broadcast> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Broadcast, _: &mut Self::Context) {
        self.received += 1;
        self.reach.deliver(self.namespace, msg);
        // The last member may have left while this was on its way.
        self.report_if_empty();
    }
}

impl Handler<Describe<RoomReport>> for RoomSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<RoomReport>, _: &mut Self::Context) {
        msg.answer(|limits| RoomReport {
            members: Listing {
                total: self.members.len(),
                items: self.members.keys().take(limits.members).copied().collect(),
            },
            received: self.received,
        });
    }
}
