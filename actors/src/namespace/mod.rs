//! The supervisor of a namespace: admits sockets, knows which there are, and owns the rooms.
//!
//! Couriers send it operations. It hands what concerns one room to that room, and pushes what concerns several rooms, or everyone,
//! to the couriers itself. It shares its thread with its rooms, so that all pushes have one order. It runs no user code.

pub mod messages;

use std::{collections::HashMap, sync::Arc};

use actix::{Actor, Addr, AsyncContext, Context, Handler};
use indexmap::IndexSet;

use self::messages::{Admit, CountRooms, RoomEmptied, SocketAdded, SocketGone};
use crate::{
    courier::Reach,
    dispatch::Routes,
    id::{NamespaceId, NamespaceName, RoomName, SocketId},
    operation::{Broadcast, CourierLink, Join, Leave},
    room::{
        RoomSupervisor,
        messages::{AddMember, RemoveMember},
    },
    session::messages::Admission,
};

/// See the module.
#[derive(Debug)]
pub struct NamespaceSupervisor {
    id: NamespaceId,
    name: NamespaceName,
    routes: Arc<dyn Routes>,
    sockets: HashMap<SocketId, Member>,
    reach: Reach,
    rooms: HashMap<RoomName, Room>,
}

/// A socket of this namespace.
#[derive(Debug)]
struct Member {
    courier: CourierLink,
    rooms: IndexSet<RoomName>,
}

/// A room of this namespace.
#[derive(Debug)]
struct Room {
    addr: Addr<RoomSupervisor>,
    /// Messages sent to it, to tell whether some are still on the way when it reports that it is empty.
    sent: u64,
}

impl Room {
    fn send<M>(&mut self, message: M)
    where
        M: actix::Message + Send + 'static,
        M::Result: Send,
        RoomSupervisor: Handler<M>,
    {
        self.sent += 1;
        self.addr.do_send(message);
    }
}

impl Actor for NamespaceSupervisor {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        log::debug!("namespace {:?} started", self.name);
    }
}

impl NamespaceSupervisor {
    /// A namespace without sockets.
    pub fn new(id: NamespaceId, name: NamespaceName, routes: Arc<dyn Routes>) -> Self {
        Self {
            id,
            name,
            routes,
            sockets: HashMap::new(),
            reach: Reach::default(),
            rooms: HashMap::new(),
        }
    }

    /// The room, made when there is none.
    fn room(&mut self, name: &RoomName, ctx: &Context<Self>) -> &mut Room {
        // Whoever joins a room that bears the id of a socket joins that socket's own room.
        let owner = SocketId::parse(name.as_str())
            .and_then(|id| Some((id, self.sockets.get(&id)?.courier.clone())));
        self.rooms.entry(name.clone()).or_insert_with(|| {
            let addr =
                RoomSupervisor::new(self.id, name.clone(), ctx.address().downgrade()).start();
            let mut room = Room { addr, sent: 0 };
            if let Some((socket, courier)) = owner {
                room.send(AddMember { socket, courier, issuer: None });
            }
            room
        })
    }
}

impl Handler<Admit> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Admit, _: &mut Self::Context) {
        msg.session.do_send(Admission::Admitted {
            namespace: msg.namespace,
            id: SocketId::random(),
            handlers: self.routes.snapshot(),
        });
    }
}

impl Handler<SocketAdded> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: SocketAdded, _: &mut Self::Context) {
        let courier = msg.socket.courier().clone();
        self.reach.add(&courier);
        self.sockets.insert(msg.socket.id, Member { courier, rooms: IndexSet::new() });
    }
}

impl Handler<SocketGone> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: SocketGone, _: &mut Self::Context) {
        let Some(member) = self.sockets.remove(&msg.socket) else { return };
        self.reach.remove(msg.courier);
        for name in member.rooms.into_iter().chain([RoomName::from(msg.socket)]) {
            if let Some(room) = self.rooms.get_mut(&name) {
                room.send(RemoveMember { socket: msg.socket, issuer: None });
            }
        }
    }
}

impl Handler<Join> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Join, ctx: &mut Self::Context) {
        let Join { issuer, socket, room } = msg;
        let Some(member) = self.sockets.get_mut(&socket.id) else {
            log::debug!("a socket that is not connected joins no room");
            return issuer.release();
        };
        if room.as_str() == socket.id.as_str() || !member.rooms.insert(room.clone()) {
            return issuer.release();
        }
        let courier = member.courier.clone();
        self.room(&room, ctx).send(AddMember { socket: socket.id, courier, issuer: Some(issuer) });
    }
}

impl Handler<Leave> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Leave, _: &mut Self::Context) {
        let Leave { issuer, socket, room } = msg;
        let left = self.sockets.get_mut(&socket.id).is_some_and(|m| m.rooms.swap_remove(&room));
        match self.rooms.get_mut(&room) {
            Some(room) if left => {
                room.send(RemoveMember { socket: socket.id, issuer: Some(issuer) });
            }
            _ => issuer.release(),
        }
    }
}

impl Handler<Broadcast> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Broadcast, _: &mut Self::Context) {
        let [name] = &msg.audience.rooms[..] else { return self.reach.deliver(self.id, msg) };
        if let Some(room) = self.rooms.get_mut(name) {
            return room.send(msg);
        }
        match SocketId::parse(name.as_str()).and_then(|id| self.sockets.get(&id)) {
            // The own room of a socket has no supervisor: its courier knows the socket by its id.
            Some(_) => self.reach.deliver(self.id, msg),
            None => msg.issuer.release(),
        }
    }
}

impl Handler<RoomEmptied> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, msg: RoomEmptied, _: &mut Self::Context) {
        if self.rooms.get(&msg.room).is_some_and(|room| room.sent == msg.received) {
            // Without its address the room's mailbox closes, and the room ends.
            self.rooms.remove(&msg.room);
        }
    }
}

impl Handler<CountRooms> for NamespaceSupervisor {
    type Result = usize;

    fn handle(&mut self, _: CountRooms, _: &mut Self::Context) -> usize {
        self.rooms.len()
    }
}
