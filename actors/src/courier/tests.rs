//! Fences, and couriers with supervisors, without sessions or a network.

mod overdue;
mod repair;

use std::{sync::Arc, time::Duration};

use actix::{Addr, Arbiter};
use futures_util::future::LocalBoxFuture;
use socketio_protocol::{
    engine::Frame,
    socket::{Encoded, Payload, encode_event},
};
use tokio::time::Instant;

use super::{
    Courier,
    fence::{Fences, Passage},
    messages::{AddSocket, FenceReleased},
};
use crate::{
    audience::{AudienceSpec, Parcel},
    config::{Config, FenceLimits, OutboxLimits, TransportKind},
    dispatch::{DynamicNamespaces, Handlers, NamespaceRequest, Routes},
    handshake::Handshake,
    id::{CourierId, NamespaceId, SocketId, TransportId},
    mailbox::Mailbox,
    namespace::{
        NamespaceSupervisor, NamespaceTotals,
        messages::{CloseNamespace, CountRooms, SocketAdded},
    },
    operation::{
        Broadcast, CourierLink, Emit, Issuer, Join, Leave, NamespaceLink, Origin, SocketLink,
        Ticket,
    },
    outbox::{Drained, Outbox},
    route::Operation,
    server::{Lifetime, Presence, ServerSupervisor},
    session::{Session, SessionObserver, SessionSetup},
    socket_data::SocketData,
    supervision::Supervision,
};

const PATIENCE: Duration = Duration::from_secs(5);

/// Nobody is called in these tests.
#[derive(Debug)]
struct NoRoutes;

impl Routes for NoRoutes {
    fn snapshot(&self) -> Arc<dyn Handlers> {
        unreachable!("no socket is admitted in these tests")
    }
}

#[derive(Debug)]
struct NoRules;

impl DynamicNamespaces for NoRules {
    fn find(&self, _: NamespaceRequest) -> Option<LocalBoxFuture<'static, Option<Presence>>> {
        None
    }

    fn forget_if_empty(&self, _: &NamespaceLink) -> bool {
        false
    }
}

#[derive(Debug)]
struct NoObserver;

impl SessionObserver for NoObserver {
    fn closed(&self, _: crate::id::Sid) {}
}

/// A namespace and couriers, each courier on a thread of its own.
struct World {
    namespace: Arc<NamespaceLink>,
    config: Arc<Config>,
    supervision: Arc<Supervision>,
}

/// A socket without a client: what it is sent stays in its outbox.
#[derive(Clone)]
struct Mute {
    link: Arc<SocketLink>,
    outbox: Arc<Outbox>,
}

impl World {
    fn new() -> Self {
        let id = NamespaceId::next();
        let arbiter = Arbiter::new().handle();
        let supervision = Supervision::new(Config::default().restart_limit);
        let totals = NamespaceTotals::new(supervision.clone());
        let own = totals.clone();
        let addr = Mailbox::start_in(&arbiter, move |ctx, traffic| {
            NamespaceSupervisor::new(id, "/".into(), Arc::new(NoRoutes), own, traffic, ctx)
        });
        let (name, config) = ("/".into(), Arc::<Config>::default());
        let link = NamespaceLink {
            id,
            name,
            params: Vec::new(),
            addr,
            totals,
            arbiter,
            config: config.clone(),
            lifetime: Lifetime::default(),
        };
        Self { namespace: Arc::new(link), config, supervision }
    }

    fn courier(&self) -> CourierLink {
        let arbiter = Arbiter::new().handle();
        Courier::start_in(&arbiter, self.config.clone(), self.supervision.clone())
    }

    fn socket(&self, courier: &CourierLink) -> Mute {
        let limits = OutboxLimits { bytes: 64 << 20, packets: 1 << 20, volatile_bytes: 1 << 10 };
        self.socket_with(courier, limits)
    }

    fn socket_with(&self, courier: &CourierLink, limits: OutboxLimits) -> Mute {
        let origin = Origin::new(courier.clone());
        let link = Arc::new(SocketLink {
            id: SocketId::random(),
            namespace: self.namespace.clone(),
            origin,
            handshake: Arc::default(),
            auth: Payload::default(),
            early: crate::early::Early::default(),
            data: SocketData::default(),
        });
        let outbox = Arc::new(Outbox::new(limits, TransportKind::WebSocket, Arc::default()));
        courier.addr.do_send(AddSocket {
            socket: link.clone(),
            outbox: outbox.clone(),
            session: self.session(courier),
            reply: packet("connected", 0),
            watch: None,
        });
        self.namespace.addr.do_send(SocketAdded { socket: link.clone() });
        Mute { link, outbox }
    }

    /// A session that nothing happens to.
    fn session(&self, courier: &CourierLink) -> Addr<Session> {
        Session::open(SessionSetup {
            budget: Arc::default(),
            sid: crate::id::Sid::random(),
            config: self.config.clone(),
            server: Mailbox::start(|_, it| {
                ServerSupervisor::new(Arc::new(NoRules), self.supervision.clone(), it)
            }),
            namespaces: Arc::new(NoRules),
            courier: courier.clone(),
            observer: Arc::new(NoObserver),
            handshake: Handshake::default(),
            transport: TransportKind::WebSocket,
            engine: None,
            app_data: None,
        })
        .addr
    }
}

impl Mute {
    fn issuer(&self) -> Issuer {
        Issuer::new(self.link.origin.clone())
    }

    fn emit(&self, packet: Encoded) -> Emit {
        let (origin, socket) = (self.link.origin.clone(), self.link.clone());
        Emit { origin, socket, packet, volatile: false, ack: None }
    }

    fn broadcast(&self, rooms: &[&str], packet: Encoded) -> Broadcast {
        let rooms = rooms.iter().map(|room| (*room).to_owned().into()).collect();
        Broadcast {
            issuer: self.issuer(),
            namespace: self.link.namespace.clone(),
            audience: Arc::new(AudienceSpec { rooms, ..AudienceSpec::default() }),
            parcel: Parcel::Packet { packet, volatile: false, ask: None },
        }
    }

    fn join(&self, room: &str) -> Join {
        let (issuer, socket) = (self.issuer(), self.link.clone());
        Join { issuer, socket, room: room.to_owned().into() }
    }

    fn leave(&self, room: &str) -> Leave {
        let (issuer, socket) = (self.issuer(), self.link.clone());
        Leave { issuer, socket, room: room.to_owned().into() }
    }

    /// The numbers of the events named `n` that it was sent so far.
    fn numbers(&self) -> Vec<u32> {
        let text = self.text();
        text.split("42[\"n\",")
            .skip(1)
            .filter_map(|rest| rest.split(']').next()?.parse().ok())
            .collect()
    }

    /// What it was sent so far.
    fn text(&self) -> String {
        let waker = futures_util::task::noop_waker();
        let cx = std::task::Context::from_waker(&waker);
        let mut wire = Vec::new();
        while let std::task::Poll::Ready(Drained::Bytes(bytes)) =
            self.outbox.poll_websocket(TransportId::FIRST, &cx)
        {
            wire.extend_from_slice(&bytes);
        }
        String::from_utf8_lossy(&wire).into_owned()
    }
}

fn packet(event: &str, number: u32) -> Encoded {
    encode_event("/", None, event, &number).unwrap()
}

/// Waits until all that was sent before has been dealt with, by all of the mailboxes on the way.
async fn settle(world: &World, couriers: &[&CourierLink]) {
    // An operation passes the courier, the namespace, the room and a courier again, each time behind what was sent before.
    for _ in 0..4 {
        for courier in couriers {
            let fence = released(crate::id::ContextId::next(), 0);
            courier.addr.addr().send(fence).await.unwrap();
        }
        let barrier = crate::namespace::messages::SocketGone {
            socket: SocketId::random(),
            courier: CourierId::next(),
            reason: crate::error::DisconnectReason::TransportClose,
        };
        world.namespace.addr.addr().send(barrier).await.unwrap();
    }
}

fn admitted(passage: Passage) -> bool {
    match passage {
        Passage::Now(_) => true,
        Passage::Waits => false,
        Passage::Forced => panic!("too much waits"),
    }
}

fn released(context: crate::id::ContextId, ticket: u64) -> FenceReleased {
    FenceReleased { context, ticket: Ticket(ticket) }
}

#[actix::test]
async fn with_nothing_under_way_everything_goes_at_once_and_nothing_is_kept() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let mut fences = Fences::new(Config::default().fence);
    let now = Instant::now();
    assert!(admitted(fences.admit(Operation::Emit(socket.emit(packet("n", 1))), now)));
    assert!(fences.is_empty());
}

#[actix::test]
async fn behind_a_broadcast_an_emit_waits_until_the_release() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let context = socket.link.origin.context;
    let mut fences = Fences::new(Config::default().fence);
    let now = Instant::now();
    let broadcast = Operation::Broadcast(socket.broadcast(&["a"], packet("n", 1)));
    assert!(admitted(fences.admit(broadcast, now)));
    assert!(!admitted(fences.admit(Operation::Emit(socket.emit(packet("n", 2))), now)));
    assert!(fences.next_ready(context, now).is_none());
    fences.release(released(context, 1));
    assert!(matches!(fences.next_ready(context, now), Some(Operation::Emit(_))));
    assert!(fences.next_ready(context, now).is_none());
    assert!(fences.is_empty());
}

#[actix::test]
async fn the_same_path_is_open_and_another_is_not() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let now = Instant::now();
    let to = |rooms: &[&str]| Operation::Broadcast(socket.broadcast(rooms, packet("n", 1)));
    let passes = |first: &[&str], second: &[&str]| {
        let mut fences = Fences::new(Config::default().fence);
        assert!(admitted(fences.admit(to(first), now)));
        admitted(fences.admit(to(second), now))
    };
    assert!(passes(&["a"], &["a"]));
    assert!(passes(&[], &[]));
    assert!(passes(&[], &["a"]));
    assert!(passes(&["a", "b"], &[]));
    assert!(!passes(&["a"], &["b"]));
    assert!(!passes(&["a"], &[]));
    assert!(!passes(&["a"], &["a", "b"]));
}

#[actix::test]
async fn nothing_overtakes_a_broadcast_that_waits() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let mut fences = Fences::new(Config::default().fence);
    let now = Instant::now();
    let to = |room: &str| Operation::Broadcast(socket.broadcast(&[room], packet("n", 1)));
    assert!(admitted(fences.admit(to("a"), now)));
    assert!(!admitted(fences.admit(to("b"), now)));
    assert!(!admitted(fences.admit(to("a"), now)));
    assert!(!admitted(fences.admit(Operation::Join(socket.join("a")), now)));
    assert!(!admitted(fences.admit(Operation::Emit(socket.emit(packet("n", 1))), now)));
}

#[actix::test]
async fn memberships_of_several_rooms_travel_together_and_each_emit_waits_for_those_before_it() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let context = socket.link.origin.context;
    let mut fences = Fences::new(Config::default().fence);
    let now = Instant::now();
    let emit = || Operation::Emit(socket.emit(packet("n", 1)));
    assert!(admitted(fences.admit(Operation::Join(socket.join("a")), now)));
    assert!(!admitted(fences.admit(emit(), now)));
    assert!(admitted(fences.admit(Operation::Leave(socket.leave("b")), now)));
    assert!(!admitted(fences.admit(emit(), now)));
    fences.release(released(context, 3));
    assert!(fences.next_ready(context, now).is_none(), "the first membership is under way");
    assert!(admitted(fences.admit(Operation::Join(socket.join("c")), now)));
    fences.release(released(context, 1));
    assert!(matches!(fences.next_ready(context, now), Some(Operation::Emit(_))));
    assert!(matches!(fences.next_ready(context, now), Some(Operation::Emit(_))));
    let to_c = Operation::Broadcast(socket.broadcast(&["c"], packet("n", 1)));
    assert!(admitted(fences.admit(to_c, now)), "the namespace has dealt with memberships by then");
}

#[actix::test]
async fn a_membership_does_not_overtake_a_broadcast_to_a_room() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let now = Instant::now();
    let mut fences = Fences::new(Config::default().fence);
    let to_a = Operation::Broadcast(socket.broadcast(&["a"], packet("n", 1)));
    assert!(admitted(fences.admit(to_a, now)));
    assert!(!admitted(fences.admit(Operation::Leave(socket.leave("a")), now)));
    assert!(!admitted(fences.admit(Operation::Join(socket.join("b")), now)));
}

#[actix::test]
async fn over_its_bound_a_context_gives_up_the_order_and_no_message() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let context = socket.link.origin.context;
    let now = Instant::now();
    for limits in
        [FenceLimits { bytes: 1 << 20, operations: 2 }, FenceLimits { bytes: 25, operations: 9 }]
    {
        let mut fences = Fences::new(limits);
        assert!(admitted(fences.admit(Operation::Join(socket.join("a")), now)));
        let mut emit = || fences.admit(Operation::Emit(socket.emit(packet("n", 1))), now);
        assert!(matches!(emit(), Passage::Waits));
        assert!(matches!(emit(), Passage::Waits));
        assert!(matches!(emit(), Passage::Forced), "{limits:?}");
        let gone = std::iter::from_fn(|| fences.next_ready(context, now)).count();
        assert_eq!((gone, fences.is_empty()), (3, true));
    }
}

#[actix::test]
async fn a_supervisor_that_does_not_answer_is_waited_for_no_longer_than_the_patience() {
    let world = World::new();
    let socket = world.socket(&world.courier());
    let context = socket.link.origin.context;
    let mut fences = Fences::new(Config::default().fence);
    let now = Instant::now();
    assert!(admitted(fences.admit(Operation::Join(socket.join("a")), now)));
    assert!(!admitted(fences.admit(Operation::Emit(socket.emit(packet("n", 1))), now)));
    assert_eq!(fences.give_up(now + PATIENCE, PATIENCE), []);
    let late = now + PATIENCE + Duration::from_millis(1);
    assert_eq!(fences.give_up(late, PATIENCE), [context]);
    assert!(fences.next_ready(context, late).is_some());
}

#[actix::test]
async fn a_mix_of_paths_reaches_sockets_of_two_couriers_in_the_order_issued() {
    let world = World::new();
    let (here, there) = (world.courier(), world.courier());
    let (sender, near, far) = (world.socket(&here), world.socket(&here), world.socket(&there));
    for member in [&near, &far] {
        member.link.courier().addr.do_send(member.join("a"));
        member.link.courier().addr.do_send(member.join("b"));
    }
    settle(&world, &[&here, &there]).await;
    let direct =
        |socket: &Mute, n| Emit { socket: socket.link.clone(), ..sender.emit(packet("n", n)) };
    for n in 0..2000 {
        match n % 4 {
            0 => here.addr.do_send(sender.broadcast(&["a"], packet("n", n))),
            1 => {
                here.addr.do_send(direct(&far, n));
                here.addr.do_send(direct(&near, n));
            }
            2 => here.addr.do_send(sender.broadcast(&["a", "b"], packet("n", n))),
            _ => here.addr.do_send(sender.broadcast(&["b"], packet("n", n))),
        }
    }
    let expected: Vec<u32> = (0..2000).collect();
    for member in [&near, &far] {
        let mut seen = member.numbers();
        while seen.len() < expected.len() {
            settle(&world, &[&here, &there]).await;
            seen.extend(member.numbers());
        }
        assert_eq!(seen, expected);
    }
}

#[actix::test]
async fn a_room_that_empties_and_fills_again_loses_nobody() {
    let world = World::new();
    let courier = world.courier();
    let socket = world.socket(&courier);
    for n in 0..500 {
        courier.addr.do_send(socket.join("a"));
        courier.addr.do_send(socket.broadcast(&["a"], packet("n", n)));
        courier.addr.do_send(socket.leave("a"));
        courier.addr.do_send(socket.broadcast(&["a"], packet("n", 1_000_000)));
    }
    let mut seen = Vec::new();
    while seen.len() < 500 {
        settle(&world, &[&courier]).await;
        seen.extend(socket.numbers());
    }
    settle(&world, &[&courier]).await;
    seen.extend(socket.numbers());
    assert_eq!(seen, (0..500).collect::<Vec<u32>>());
}

#[actix::test]
async fn a_room_ends_although_a_broadcast_was_under_way_when_its_last_member_left() {
    let world = World::new();
    let courier = world.courier();
    let socket = world.socket(&courier);
    for n in 0..200 {
        let room = format!("room {n}");
        courier.addr.do_send(socket.join(&room));
        courier.addr.do_send(socket.leave(&room));
        courier.addr.do_send(socket.broadcast(&[&room], packet("n", n)));
    }
    let mut rooms = 200;
    for _ in 0..1000 {
        settle(&world, &[&courier]).await;
        rooms = world.namespace.addr.addr().send(CountRooms).await.unwrap();
        if rooms == 0 {
            break;
        }
    }
    assert_eq!(rooms, 0);
}

#[actix::test]
async fn a_socket_that_reaches_a_removed_namespace_is_sent_away() {
    let world = World::new();
    let (here, there) = (world.courier(), world.courier());
    let early = world.socket(&here);
    world.namespace.addr.do_send(CloseNamespace);
    let late = world.socket(&there);
    settle(&world, &[&here, &there]).await;
    for socket in [early, late] {
        let text = socket.text();
        assert!(text.ends_with("\u{2}41"), "{text:?}");
    }
}

#[actix::test]
async fn a_socket_id_is_a_room_and_others_may_join_it() {
    let world = World::new();
    let (here, there) = (world.courier(), world.courier());
    let (owner, guest) = (world.socket(&here), world.socket(&there));
    settle(&world, &[&here, &there]).await;
    let own = owner.link.id.to_string();
    there.addr.do_send(guest.broadcast(&[&own], packet("n", 1)));
    there.addr.do_send(guest.join(&own));
    there.addr.do_send(guest.broadcast(&[&own], packet("n", 2)));
    let (mut owners, mut guests) = (Vec::new(), Vec::new());
    while owners.len() < 2 || guests.is_empty() {
        settle(&world, &[&here, &there]).await;
        owners.extend(owner.numbers());
        guests.extend(guest.numbers());
    }
    assert_eq!((owners, guests), (vec![1, 2], vec![2]));
}

/// The frames are shared, not copied: what two receivers get is the same memory.
#[test]
fn a_frame_is_encoded_once_for_all_receivers() {
    let frame = Frame::text("42[\"n\",1]");
    assert_eq!(frame.websocket().as_ptr(), frame.clone().websocket().as_ptr());
}
