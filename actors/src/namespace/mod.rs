//! The supervisor of a namespace: admits sockets, knows which there are, and owns the rooms.
//!
//! Couriers send it operations. Memberships begin and end in its turn, so they have one order. It hands broadcasts to one room to that room,
//! and pushes those to several rooms, or everyone, to the couriers itself. It shares its thread with its rooms, so that all pushes have one order. It runs no user code.

pub mod messages;

mod closing;
mod describe;
mod rooms;
mod supervised;
mod totals;

use std::sync::Arc;

use actix::{Actor, Context, Handler, WeakAddr};

pub use self::totals::NamespaceTotals;
use self::{
    messages::{
        Admit, CloseNamespace, CountRooms, Follow, MembershipMissed, RoomEmptied, RoomFailed,
        RoomRestarted, SocketAdded, SocketGone,
    },
    rooms::Rooms,
};
use crate::{
    collector::AckCollector,
    courier::Reach,
    dispatch::Routes,
    id::{NamespaceId, NamespaceName, SocketId},
    mailbox::{Traffic, takes_mail},
    operation::{Broadcast, ChangeRooms, FindSockets, Join, Leave, RoomChange},
    server::Presence,
    session::messages::Admission,
    supervision::{self, Failed, Point, Restarts, Supervised, fault_point},
    topology::{self, remembered::Remembered},
};

/// See the module.
#[derive(Debug)]
pub struct NamespaceSupervisor {
    id: NamespaceId,
    name: NamespaceName,
    routes: Arc<dyn Routes>,
    reach: Reach,
    rooms: Rooms,
    /// Those of broadcasts that went through here and ask.
    collectors: Remembered<WeakAddr<AckCollector>>,
    traffic: Traffic,
    /// It is removed.
    closed: bool,
    restarts: Restarts,
    /// Present once it has panicked too often.
    failed: Option<Failed>,
}

takes_mail! {
    NamespaceSupervisor: Admit, CloseNamespace, SocketAdded, SocketGone, Follow, Broadcast, Join, Leave, ChangeRooms,
    FindSockets, RoomEmptied, RoomRestarted, RoomFailed, MembershipMissed
}

impl Actor for NamespaceSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, self.place(), "defined");
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        if !supervision::died(self, |namespace| &mut namespace.failed, ctx) {
            let reason = if self.closed { "removed" } else { "nobody holds it any more" };
            topology::stopped(log::Level::Info, self.place(), reason);
        }
    }
}

impl NamespaceSupervisor {
    /// A namespace without sockets.
    pub fn new(
        id: NamespaceId,
        name: NamespaceName,
        routes: Arc<dyn Routes>,
        totals: Arc<NamespaceTotals>,
        traffic: Traffic,
        ctx: &Context<Self>,
    ) -> Self {
        let rooms = Rooms::new(id, name.clone(), totals, traffic.mailbox(ctx).downgrade());
        let (reach, collectors, closed, restarts, failed) = Default::default();
        Self { id, name, routes, reach, rooms, collectors, traffic, closed, restarts, failed }
    }
}

impl Handler<Admit> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Admit, _: &mut Self::Context) {
        fault_point(Point::NamespaceAdmit);
        if self.failed.is_some() {
            let name = self.name.clone();
            return msg.session.do_send(Admission::Failed { name });
        }
        let presence = msg.presence.unwrap_or_else(|| Presence::new(msg.namespace.clone()));
        msg.session.do_send(Admission::Admitted {
            namespace: msg.namespace,
            presence,
            id: SocketId::random(),
            handlers: self.routes.snapshot(),
        });
    }
}

impl Handler<SocketAdded> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: SocketAdded, _: &mut Self::Context) {
        let courier = msg.socket.courier().clone();
        if self.rooms.add_socket(msg.socket) {
            fault_point(Point::NamespaceCount);
            self.reach.add(&courier);
        }
        self.evict_latecomer(&courier);
    }
}

impl Handler<SocketGone> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: SocketGone, _: &mut Self::Context) {
        if self.rooms.remove_socket(msg.socket, msg.reason) {
            fault_point(Point::NamespaceCount);
            self.reach.remove(msg.courier);
        }
    }
}

impl Handler<Join> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Join, _: &mut Self::Context) {
        // As with every operation, its issuer is dropped at the end of the turn, and so told.
        self.rooms.join(msg.socket.id, msg.room);
    }
}

impl Handler<Leave> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Leave, _: &mut Self::Context) {
        self.rooms.leave(msg.socket.id, &msg.room);
    }
}

impl Handler<ChangeRooms> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: ChangeRooms, _: &mut Self::Context) {
        for socket in self.rooms.find(&msg.audience) {
            for room in &msg.rooms {
                match msg.change {
                    RoomChange::Join => self.rooms.join(socket.link.id, room.clone()),
                    RoomChange::Leave => self.rooms.leave(socket.link.id, room),
                }
            }
        }
    }
}

impl Handler<FindSockets> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: FindSockets, _: &mut Self::Context) {
        fault_point(Point::NamespaceFind);
        // Whoever asked may have lost interest.
        let _ = msg.reply.send(self.rooms.find(&msg.audience));
    }
}

impl Handler<Broadcast> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Broadcast, _: &mut Self::Context) {
        fault_point(Point::NamespaceBroadcast);
        if let Some(collector) = msg.parcel.collector() {
            self.collectors.add(collector.downgrade());
        }
        // What is not for one room goes to all couriers: each knows which of its sockets are in which rooms, and each socket by its id.
        if let Some(msg) = self.rooms.broadcast(msg) {
            self.reach.deliver(self.id, msg);
        }
    }
}

impl Handler<RoomEmptied> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RoomEmptied, _: &mut Self::Context) {
        self.rooms.emptied(&msg.room, msg.received);
    }
}

impl Handler<CountRooms> for NamespaceSupervisor {
    type Result = usize;

    fn handle(&mut self, _: CountRooms, _: &mut Self::Context) -> usize {
        self.rooms.count()
    }
}

impl Handler<Follow> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Follow, _: &mut Self::Context) {
        self.rooms.follow(msg.forwarder);
    }
}
