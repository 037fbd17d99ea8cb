//! The courier: one per worker thread. It puts frames into the outboxes of the connections there, keeps the order of the contexts
//! there, and knows which local sockets are in which rooms.
//!
//! Sessions, handlers and handles of its thread submit operations; namespaces send memberships, they and rooms send deliveries; other
//! couriers forward what is for its sockets. It runs no user code and never waits.

pub mod messages;

mod describe;
mod fence;
mod filling;
mod members;
mod reach;
mod supervised;
mod tally;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use actix::{Actor, ArbiterHandle, AsyncContext, Context, Handler, fut::wrap_future};
use socketio_protocol::socket::{Encoded, encode_disconnect};
use tokio::time::Instant;

pub(crate) use self::reach::Reach;
pub use self::tally::Tally;
use self::{
    fence::{Fences, Passage},
    filling::Filling,
    members::{LocalSocket, Members},
    messages::{AddSocket, Deliver, FenceReleased, Joined, Left, RemoveSocket},
};
use crate::{
    audience::{AskEach, AudienceSpec, Parcel},
    collector::messages::SocketsAsked,
    config::Config,
    error::{AckError, DisconnectReason},
    id::{ContextId, CourierId, NamespaceId, RoomName, SocketId},
    mailbox::{Mailbox, Traffic, takes_mail},
    namespace::messages::SocketGone,
    operation::{
        AckReply, AckWaiter, Broadcast, ChangeRooms, CourierLink, Disconnect, Emit, FindSockets,
        Join, Leave, SocketLink,
    },
    outbox::PushOutcome,
    route::Operation,
    session::messages::{AckExpected, CloseSession, PacketSent, SocketRemoved},
    shield::shielded,
    supervision::{self, Failed, Mail, Point, Restarts, Supervised, Supervision, fault_point},
    topology,
};

/// How often overdue fences are looked for.
const FENCE_CHECK: Duration = Duration::from_secs(1);

/// What the sessions of a courier that has failed are told.
const CLOSE: CloseSession = CloseSession { reason: DisconnectReason::ForcedServerClose };

/// See the module.
#[derive(Debug)]
pub struct Courier {
    id: CourierId,
    config: Arc<Config>,
    fences: Fences,
    members: Members,
    /// Shared with its link.
    tally: Arc<Tally>,
    traffic: Traffic,
    /// A look for overdue fences is due.
    checking: bool,
    /// Of the delivery that is going on.
    fence: Option<FenceReleased>,
    /// The transports of these should have their turn next.
    filling: Filling,
    supervision: Arc<Supervision>,
    restarts: Restarts,
    /// Present once it has panicked too often.
    failed: Option<Failed>,
}

takes_mail! {
    Courier: AddSocket, RemoveSocket, Deliver, Joined, Left, FenceReleased, Emit, Broadcast, Join, Leave, ChangeRooms,
    FindSockets, Disconnect
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, self.place(), "a thread serves connections");
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        if supervision::died(self, |courier| &mut courier.failed, ctx) {
            return self.let_all_go();
        }
        topology::stopped(log::Level::Info, self.place(), "its thread ends");
    }
}

impl Courier {
    /// Starts a courier on the current thread.
    pub fn start_here(config: Arc<Config>, supervision: Arc<Supervision>) -> CourierLink {
        let id = CourierId::next();
        let tally = Arc::<Tally>::default();
        let own = tally.clone();
        let make = |_: &mut _, traffic| Self::new(id, config, supervision, own, traffic);
        CourierLink { id, addr: Mailbox::start(make), tally }
    }

    /// Starts a courier on another thread.
    pub fn start_in(
        arbiter: &ArbiterHandle,
        config: Arc<Config>,
        supervision: Arc<Supervision>,
    ) -> CourierLink {
        let id = CourierId::next();
        let tally = Arc::<Tally>::default();
        let own = tally.clone();
        let make = move |_: &mut _, traffic| Self::new(id, config, supervision, own, traffic);
        CourierLink { id, addr: Mailbox::start_in(arbiter, make), tally }
    }

    fn new(
        id: CourierId,
        config: Arc<Config>,
        supervision: Arc<Supervision>,
        tally: Arc<Tally>,
        traffic: Traffic,
    ) -> Self {
        let fences = Fences::new(config.fence);
        let (members, checking, fence, filling, restarts, failed) = Default::default();
        Self {
            id,
            config,
            fences,
            members,
            tally,
            traffic,
            checking,
            fence,
            filling,
            supervision,
            restarts,
            failed,
        }
    }

    /// Runs an operation now, or lets it wait behind what is under way in its context.
    fn submit(&mut self, operation: Operation, ctx: &mut Context<Self>) {
        if operation.origin().courier.id != self.id {
            // Another courier has kept its order already.
            return self.run(operation);
        }
        let context = operation.origin().context;
        match self.fences.admit(operation, Instant::now()) {
            Passage::Now(operation) => self.run(operation),
            Passage::Waits => {}
            Passage::Forced => {
                self.tally.fence_forced();
                log::warn!("{context:?} has too much waiting: its order may be broken");
                self.run_ready(context, ctx);
            }
        }
    }

    fn run(&mut self, operation: Operation) {
        fault_point(Point::CourierRun);
        match operation {
            Operation::Emit(emit) if self.serves(&emit.socket) => self.emit(emit),
            Operation::Emit(emit) => emit.socket.courier().addr.clone().do_send(emit),
            Operation::Disconnect(op) if self.serves(&op.socket) => {
                self.disconnect(op.socket.id, op.close)
            }
            Operation::Disconnect(op) => op.socket.courier().addr.clone().do_send(op),
            Operation::Broadcast(op) => op.namespace.addr.clone().do_send(op),
            Operation::Join(op) => {
                self.members.foresee_join(op.socket.id, &op.room);
                op.socket.namespace.addr.clone().do_send(op);
            }
            Operation::Leave(op) => op.socket.namespace.addr.clone().do_send(op),
            Operation::ChangeRooms(op) => op.namespace.addr.clone().do_send(op),
            Operation::FindSockets(op) => op.namespace.addr.clone().do_send(op),
        }
    }

    fn serves(&self, socket: &SocketLink) -> bool {
        socket.courier().id == self.id
    }

    fn emit(&mut self, emit: Emit) {
        let Some(socket) = self.members.get(emit.socket.id) else {
            // Emitting to a closed socket does nothing; whoever waits for its answer is told.
            if let Some(ack) = emit.ack {
                ack.reply.settle(Err(AckError::Disconnected));
            }
            return;
        };
        if let Some(waiter) = emit.ack {
            let namespace = socket.link.namespace.id;
            socket.session.do_send(AckExpected { namespace, waiter });
        }
        push(&self.tally, &mut self.filling, socket, &emit.packet, emit.volatile);
    }

    fn deliver(&mut self, namespace: NamespaceId, audience: &AudienceSpec, parcel: &Parcel) {
        fault_point(Point::CourierDeliver);
        let tally = &self.tally;
        match parcel {
            Parcel::Packet { packet, volatile, ask: None } => {
                let filling = &mut self.filling;
                let push = |socket: &LocalSocket| push(tally, filling, socket, packet, *volatile);
                self.members.for_each(namespace, audience, push)
            }
            Parcel::Packet { packet, ask: Some(ask), .. } => {
                self.ask_each(namespace, audience, packet, ask);
            }
            Parcel::Closure => {
                let reason = DisconnectReason::ServerShuttingDown;
                let close = |socket: &LocalSocket| socket.session.do_send(CloseSession { reason });
                self.members.for_each(namespace, audience, close);
            }
            Parcel::Mark(_) => {}
            Parcel::Disconnection { close } => {
                let mut sockets = Vec::new();
                self.members.for_each(namespace, audience, |socket| sockets.push(socket.link.id));
                for socket in sockets {
                    self.disconnect(socket, *close);
                }
            }
        }
    }

    fn ask_each(
        &mut self,
        namespace: NamespaceId,
        audience: &AudienceSpec,
        packet: &Encoded,
        ask: &AskEach,
    ) {
        let mut sockets = Vec::new();
        self.members.for_each(namespace, audience, |socket| {
            let reply = AckReply::Collected(ask.collector.clone(), socket.link.id);
            let waiter = AckWaiter { id: ask.id, reply, timeout: ask.timeout };
            socket.session.do_send(AckExpected { namespace, waiter });
            push(&self.tally, &mut self.filling, socket, packet, false);
            sockets.push(socket.link.id);
        });
        ask.collector.do_send(SocketsAsked { sockets });
    }

    fn disconnect(&mut self, id: SocketId, close: bool) {
        if let Some(socket) = self.members.get(id) {
            let packet = encode_disconnect(socket.link.namespace.name.as_str());
            push(&self.tally, &mut self.filling, socket, &packet, false);
        }
        self.remove(id, DisconnectReason::ServerNamespaceDisconnect, close);
    }

    fn remove(&mut self, id: SocketId, reason: DisconnectReason, close: bool) {
        // Told first: should the rest panic, they are told again.
        if let Some(socket) = self.members.get(id) {
            let namespace = &socket.link.namespace;
            namespace.addr.do_send(SocketGone { socket: id, courier: self.id, reason });
            let link = socket.link.clone();
            let own = RoomName::from(id);
            // Its own room is among its rooms once others have joined that.
            let others = socket.rooms.iter().filter(|room| **room != own).cloned();
            let rooms = std::iter::once(own.clone()).chain(others).collect();
            socket.session.do_send(SocketRemoved { socket: link, rooms, reason, close });
            self.members.remove(id);
        }
    }

    /// Nobody will remove its sockets any more.
    fn let_all_go(&mut self) {
        let sockets: Vec<_> = self.members.all().map(|socket| socket.link.id).collect();
        for socket in sockets {
            let _ = shielded(|| self.remove(socket, DisconnectReason::ForcedServerClose, true));
        }
    }

    fn release(&mut self, fence: FenceReleased, ctx: &mut Context<Self>) {
        self.fences.release(fence);
        fault_point(Point::CourierRelease);
        self.run_ready(fence.context, ctx);
    }

    /// What waited goes, each operation by itself: one that panics is lost, unless it is a fact, and the next ones are not.
    fn run_ready(&mut self, context: ContextId, ctx: &mut Context<Self>) {
        while let Some(operation) = self.fences.next_ready(context, Instant::now()) {
            let fact = match &operation {
                Operation::Disconnect(op) => op.fact().map(Operation::Disconnect),
                _ => None,
            };
            let mut attempt = |operation| {
                let run = |courier: &mut Self, _: &mut _| courier.run(operation);
                supervision::attempt(self, "an operation that has waited", ctx, run)
            };
            if !attempt(operation) && !fact.is_some_and(attempt) {
                self.count_lost();
            }
            if !self.filling.is_empty() {
                return self.traffic.mailbox(ctx).do_send(FenceReleased::nothing(context));
            }
        }
    }

    /// See [`Filling`]. At the end of each turn that may have pushed anything.
    fn let_transports_run(&mut self, ctx: &mut Context<Self>) {
        if !self.filling.is_empty() {
            ctx.wait(wrap_future(std::mem::take(&mut self.filling).drained()));
        }
    }

    /// Looks for overdue fences from time to time, as long as there are any.
    fn check_fences_later(&mut self, ctx: &mut Context<Self>) {
        if !self.checking && !self.fences.is_empty() {
            self.checking = true;
            ctx.run_later(FENCE_CHECK, |courier, ctx| {
                courier.checking = false;
                supervision::attempt(courier, "a look for overdue fences", ctx, |courier, ctx| {
                    courier.release_overdue_fences(Instant::now(), ctx);
                });
                courier.check_fences_later(ctx);
            });
        }
    }

    fn release_overdue_fences(&mut self, now: Instant, ctx: &mut Context<Self>) {
        for context in self.fences.give_up(now, self.config.fence_timeout) {
            self.tally.fence_given_up();
            log::warn!("{context:?} waits no longer for a supervisor: its order may be broken");
            // Each has a turn of its own, after which transports have theirs.
            self.traffic.mailbox(ctx).do_send(FenceReleased::nothing(context));
        }
    }
}

/// Queues a packet for a socket; a connection that cannot keep up is closed.
fn push(
    tally: &Tally,
    filling: &mut Filling,
    socket: &LocalSocket,
    packet: &Encoded,
    volatile: bool,
) {
    let frames = packet.frames();
    let outcome = match volatile {
        false => socket.outbox.push(frames),
        true => socket.outbox.push_volatile(frames),
    };
    match outcome {
        PushOutcome::Queued | PushOutcome::Filling => {
            tally.delivered();
            if let Some(watch) = &socket.watch
                && packet.is_event()
                && watch.admit()
            {
                let sent = PacketSent { socket: socket.link.clone(), packet: packet.clone() };
                socket.session.do_send(sent);
            }
        }
        PushOutcome::Overflow => {
            tally.slow_consumer();
            log::warn!("socket {}: slow consumer, closing its connection", socket.link.id);
            let reason = DisconnectReason::TransportError;
            socket.session.do_send(CloseSession { reason });
        }
        PushOutcome::Dropped => tally.dropped(),
        PushOutcome::Closed => {}
    }
    if outcome == PushOutcome::Filling {
        filling.note(&socket.outbox);
    }
}

impl Handler<AddSocket> for Courier {
    type Result = ();

    fn handle(&mut self, msg: AddSocket, ctx: &mut Self::Context) {
        let AddSocket { socket, outbox, session, reply, watch } = msg;
        let id = socket.id;
        self.members.add(socket, outbox, session, watch);
        if let Some(socket) = self.members.get(id) {
            fault_point(Point::CourierReply);
            push(&self.tally, &mut self.filling, socket, &reply, false);
            if self.failed.is_some() {
                socket.session.do_send(CLOSE);
            }
        }
        self.let_transports_run(ctx);
    }
}

impl Handler<RemoveSocket> for Courier {
    type Result = ();

    fn handle(&mut self, msg: RemoveSocket, _: &mut Self::Context) {
        self.remove(msg.socket, msg.reason, false);
    }
}

impl Handler<Deliver> for Courier {
    type Result = ();

    fn handle(&mut self, msg: Deliver, ctx: &mut Self::Context) {
        self.fence = msg.fence;
        self.deliver(msg.namespace, &msg.audience, &msg.parcel);
        if let Some(fence) = self.fence {
            // All is delivered: a panic from here on costs nothing of it.
            let release = |courier: &mut Self, ctx: &mut _| courier.release(fence, ctx);
            supervision::attempt(self, "the end of a delivery", ctx, release);
            self.fence = None;
        }
        self.let_transports_run(ctx);
    }
}

impl Handler<Joined> for Courier {
    type Result = ();

    fn handle(&mut self, msg: Joined, _: &mut Self::Context) {
        self.members.join(msg.socket.namespace.id, msg.room, msg.socket.id);
    }
}

impl Handler<Left> for Courier {
    type Result = ();

    fn handle(&mut self, msg: Left, _: &mut Self::Context) {
        self.members.leave(msg.namespace, &msg.room, msg.socket);
    }
}

impl Handler<FenceReleased> for Courier {
    type Result = ();

    fn handle(&mut self, msg: FenceReleased, ctx: &mut Self::Context) {
        self.release(msg, ctx);
        self.let_transports_run(ctx);
    }
}

/// Each operation is submitted in the same way.
macro_rules! submit {
    ($($operation:ident),*) => {$(
        impl Handler<$operation> for Courier {
            type Result = ();

            fn handle(&mut self, msg: $operation, ctx: &mut Self::Context) {
                self.submit(Operation::$operation(msg), ctx);
                self.let_transports_run(ctx);
                self.check_fences_later(ctx);
            }
        }
    )*};
}

submit!(Emit, Broadcast, Join, Leave, ChangeRooms, FindSockets, Disconnect);
