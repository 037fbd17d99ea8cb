//! Asks the actors, level by level. All of a level are asked at once, and have the same time to answer.

use actix::{Actor, Addr, Context, Handler, WeakAddr, WeakRecipient, dev::ToEnvelope};
use futures_util::future::join4;
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    time::{Instant, timeout_at},
};

use super::{
    TopologyLimits,
    messages::{
        CollectorReport, CourierReport, Describe, ForwarderReport, NamespaceReport, OutletAddr,
        OutletReport, RoomLink, RoomReport, ServerReport, SessionEntry, SessionReport,
        TransportLink, TransportReport,
    },
    report::{
        CollectorNode, CourierNode, ForwarderNode, Listing, NamespaceNode, NodeState, OutletNode,
        RoomNode, SessionNode, Topology, TransportNode,
    },
};
use crate::{
    collector::AckCollector,
    forwarder::Forwarder,
    operation::{CourierLink, NamespaceLink},
    server::Server,
};

/// Answers that may still come.
type Pending<R> = Result<oneshot::Receiver<R>, NodeState>;

/// The tree of a server that has so many connections. It has to be polled where timers of tokio work.
pub async fn walk(server: &Server, connections: usize, limits: TopologyLimits) -> Topology {
    let asked = ask(server.supervisor.addr(), limits);
    let (state, report) = answer(asked, deadline(limits)).await;
    let queued = server.supervisor.depth();
    let health = server.supervision.health();
    let root = Topology { state, health, queued, connections, ..Topology::default() };
    let Some(report) = report else { return root };
    let ServerReport { namespaces, sockets, rooms, couriers, forwarders, outlets, mut counters } =
        report;
    let (namespaces, couriers, forwarders, outlets) = join4(
        walk_namespaces(namespaces, limits),
        walk_couriers(couriers, limits),
        walk_forwarders(forwarders, limits),
        walk_outlets(outlets, limits),
    )
    .await;
    couriers.iter().for_each(|courier| counters += courier.counters);
    Topology { sockets, rooms, namespaces, couriers, forwarders, outlets, counters, ..root }
}

fn deadline(limits: TopologyLimits) -> Instant {
    Instant::now() + limits.patience
}

fn ask<A, R>(addr: &Addr<A>, limits: TopologyLimits) -> Pending<R>
where
    A: Actor<Context = Context<A>> + Handler<Describe<R>>,
    A::Context: ToEnvelope<A, Describe<R>>,
    R: Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    // A mailbox with much in it takes it all the same: a courier that is busy is not one that is stuck.
    addr.do_send(Describe { limits, reply });
    Ok(answer)
}

fn ask_weak<A, R>(addr: &WeakAddr<A>, limits: TopologyLimits) -> Pending<R>
where
    A: Actor<Context = Context<A>> + Handler<Describe<R>>,
    A::Context: ToEnvelope<A, Describe<R>>,
    R: Send + 'static,
{
    addr.upgrade().map_or(Err(NodeState::Gone), |addr| ask(&addr, limits))
}

/// A frozen transport takes only so many questions as its mailbox has room for, and so does an outlet that others keep busy.
fn ask_recipient<R: Send + 'static>(
    addr: &WeakRecipient<Describe<R>>,
    limits: TopologyLimits,
) -> Pending<R> {
    let Some(addr) = addr.upgrade() else { return Err(NodeState::Gone) };
    let (reply, answer) = oneshot::channel();
    match addr.try_send(Describe { limits, reply }) {
        Ok(()) => Ok(answer),
        Err(actix::dev::SendError::Full(_)) => Err(NodeState::Silent),
        Err(actix::dev::SendError::Closed(_)) => Err(NodeState::Gone),
    }
}

async fn answer<R>(asked: Pending<R>, deadline: Instant) -> (NodeState, Option<R>) {
    let mut pending = match asked {
        Ok(pending) => pending,
        Err(state) => return (state, None),
    };
    // Most have answered by the time they are looked at, and need no timer.
    let answered = match pending.try_recv() {
        Err(TryRecvError::Empty) => timeout_at(deadline, pending).await,
        Ok(report) => Ok(Ok(report)),
        Err(TryRecvError::Closed) => return (NodeState::Gone, None),
    };
    match answered {
        Ok(Ok(report)) => (NodeState::Answered, Some(report)),
        Ok(Err(_)) => (NodeState::Gone, None),
        Err(_) => (NodeState::Silent, None),
    }
}

async fn walk_namespaces(
    namespaces: Listing<std::sync::Arc<NamespaceLink>>,
    limits: TopologyLimits,
) -> Listing<NamespaceNode> {
    let deadline = deadline(limits);
    let asked = namespaces.map(|link| {
        let pending = ask(link.addr.addr(), limits);
        (link, pending)
    });
    let mut nodes = Vec::new();
    let mut below = Vec::new();
    for (link, pending) in asked.items {
        let (state, report) = answer::<NamespaceReport>(pending, deadline).await;
        let mut node = namespace_node(&link, state);
        if let Some(NamespaceReport { rooms, collectors }) = report {
            node.rooms.total = rooms.total;
            node.collectors.total = collectors.total;
            below.push((nodes.len(), ask_rooms(rooms, limits), ask_collectors(collectors, limits)));
        }
        nodes.push(node);
    }
    let deadline = self::deadline(limits);
    for (index, rooms, collectors) in below {
        nodes[index].rooms.items = rooms_answered(rooms, deadline).await;
        nodes[index].collectors.items = collectors_answered(collectors, deadline).await;
    }
    nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Listing { total: asked.total, items: nodes }
}

fn namespace_node(link: &NamespaceLink, state: NodeState) -> NamespaceNode {
    NamespaceNode {
        name: link.name.to_string(),
        state,
        queued: link.addr.depth(),
        health: link.totals.health(),
        restarts: link.totals.restarts(),
        sockets: link.totals.sockets(),
        rooms: Listing { total: link.totals.rooms(), items: Vec::new() },
        collectors: Listing::default(),
    }
}

type AskedRoom = (RoomLink, Pending<RoomReport>);

fn ask_rooms(rooms: Listing<RoomLink>, limits: TopologyLimits) -> Vec<AskedRoom> {
    rooms
        .items
        .into_iter()
        .map(|room| {
            let pending = ask(&room.addr, limits);
            (room, pending)
        })
        .collect()
}

async fn rooms_answered(rooms: Vec<AskedRoom>, deadline: Instant) -> Vec<RoomNode> {
    let mut nodes = Vec::with_capacity(rooms.len());
    for (room, pending) in rooms {
        let (state, report) = answer(pending, deadline).await;
        let name = room.name.to_string();
        nodes.push(match report {
            Some(RoomReport { members, received }) => {
                let queued = room.sent.saturating_sub(received);
                RoomNode { name, state, queued, members }
            }
            None => {
                let members = Listing { total: room.members, items: Vec::new() };
                RoomNode { name, state, queued: 0, members }
            }
        });
    }
    nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    nodes
}

fn ask_collectors(
    collectors: Listing<WeakAddr<AckCollector>>,
    limits: TopologyLimits,
) -> Vec<Pending<CollectorReport>> {
    collectors.items.iter().map(|addr| ask_weak(addr, limits)).collect()
}

async fn collectors_answered(
    collectors: Vec<Pending<CollectorReport>>,
    deadline: Instant,
) -> Vec<CollectorNode> {
    let mut nodes = Vec::with_capacity(collectors.len());
    for pending in collectors {
        let (state, report) = answer(pending, deadline).await;
        let CollectorReport { owing, settled } =
            report.unwrap_or(CollectorReport { owing: 0, settled: 0 });
        nodes.push(CollectorNode { state, owing, settled });
    }
    nodes
}

async fn walk_forwarders(
    forwarders: Listing<WeakAddr<Forwarder>>,
    limits: TopologyLimits,
) -> Listing<ForwarderNode> {
    let deadline = deadline(limits);
    let asked = forwarders.map(|addr| ask_weak(&addr, limits));
    let mut items = Vec::with_capacity(asked.items.len());
    for pending in asked.items {
        let (state, report) = answer(pending, deadline).await;
        let ForwarderReport { waiting, missed } =
            report.unwrap_or(ForwarderReport { waiting: 0, missed: 0 });
        items.push(ForwarderNode { state, waiting, missed });
    }
    Listing { total: asked.total, items }
}

async fn walk_outlets(outlets: Listing<OutletAddr>, limits: TopologyLimits) -> Listing<OutletNode> {
    let deadline = deadline(limits);
    let asked = outlets.map(|addr| ask_recipient(&addr, limits));
    let mut items = Vec::with_capacity(asked.items.len());
    for pending in asked.items {
        let (state, report) = answer(pending, deadline).await;
        let OutletReport { serves, taken } =
            report.unwrap_or(OutletReport { serves: String::new(), taken: 0 });
        items.push(OutletNode { state, serves, taken });
    }
    Listing { total: asked.total, items }
}

async fn walk_couriers(couriers: Vec<CourierLink>, limits: TopologyLimits) -> Vec<CourierNode> {
    let deadline = deadline(limits);
    let asked = couriers.into_iter().map(|link| {
        let pending = ask(link.addr.addr(), limits);
        (link, pending)
    });
    let asked: Vec<_> = asked.collect();
    let mut nodes = Vec::with_capacity(asked.len());
    let mut below = Vec::new();
    for (link, pending) in asked {
        let (state, report) = answer::<CourierReport>(pending, deadline).await;
        let mut node = CourierNode {
            number: link.id.0,
            state,
            queued: link.addr.depth(),
            health: link.tally.health(),
            counters: link.tally.counters(),
            ..CourierNode::default()
        };
        if let Some(CourierReport { sockets, fenced, sessions }) = report {
            (node.sockets, node.fenced) = (sockets, fenced);
            node.sessions.total = sessions.total;
            below.push((nodes.len(), ask_sessions(sessions, limits)));
        }
        nodes.push(node);
    }
    let mut transports = Vec::new();
    let deadline = self::deadline(limits);
    for (index, sessions) in below {
        nodes[index].sessions.items = sessions_answered(
            sessions,
            deadline,
            |position, asked| {
                transports.push((index, position, asked));
            },
            limits,
        )
        .await;
    }
    let deadline = self::deadline(limits);
    for (courier, session, asked) in transports {
        let node = transport_answered(asked, deadline).await;
        nodes[courier].sessions.items[session].transports.push(node);
    }
    nodes.sort_unstable_by_key(|courier| courier.number);
    nodes
}

type AskedSession = (SessionEntry, Pending<SessionReport>);
type AskedTransport = (TransportLink, Pending<TransportReport>);

fn ask_sessions(sessions: Listing<SessionEntry>, limits: TopologyLimits) -> Vec<AskedSession> {
    let mut asked: Vec<_> = sessions
        .items
        .into_iter()
        .map(|session| {
            let pending = ask(&session.addr, limits);
            (session, pending)
        })
        .collect();
    asked.sort_unstable_by_key(|(session, _)| session.context.0);
    asked
}

/// Calls `ask_next` with each transport of each session, and the position of that session.
async fn sessions_answered(
    sessions: Vec<AskedSession>,
    deadline: Instant,
    mut ask_next: impl FnMut(usize, AskedTransport),
    limits: TopologyLimits,
) -> Vec<SessionNode> {
    let mut nodes = Vec::with_capacity(sessions.len());
    for (entry, pending) in sessions {
        let (state, report) = answer(pending, deadline).await;
        let SessionEntry { context, outbox, sockets, .. } = entry;
        let connection = context.0;
        let mut node = SessionNode { connection, state, outbox, sockets, ..SessionNode::default() };
        if let Some(report) = report {
            node.transport = Some(report.transport);
            node.running_handlers = report.running_handlers;
            node.waiting_events = report.waiting_events;
            node.pending_acks = report.pending_acks;
            for link in report.transports {
                let pending = ask_recipient(&link.addr, limits);
                ask_next(nodes.len(), (link, pending));
            }
        }
        nodes.push(node);
    }
    nodes
}

async fn transport_answered((link, pending): AskedTransport, deadline: Instant) -> TransportNode {
    let (state, report) = answer(pending, deadline).await;
    let TransportReport { upgrades, unfinished } =
        report.unwrap_or(TransportReport { upgrades: false, unfinished: 0 });
    TransportNode { number: link.id.0, state, upgrades, unfinished }
}
