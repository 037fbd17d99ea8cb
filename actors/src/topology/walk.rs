//! Asks the actors, level by level. All of a level are asked at once, and have the same time to answer.

use actix::{Actor, Addr, Context, Handler, dev::ToEnvelope};
use futures_util::future::join;
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    time::{Instant, timeout_at},
};

use super::{
    TopologyLimits,
    messages::{
        CollectorReport, CourierReport, Describe, NamespaceReport, RoomLink, RoomReport,
        ServerReport, SessionEntry, SessionReport, TransportLink, TransportReport,
    },
    report::{
        CollectorNode, CourierNode, Listing, NamespaceNode, NodeState, RoomNode, SessionNode,
        Topology, TransportNode,
    },
};
use crate::{
    collector::AckCollector,
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
    let root = Topology { state, queued, connections, ..Topology::default() };
    let Some(report) = report else { return root };
    let ServerReport { namespaces, sockets, rooms, couriers, restarts } = report;
    let (namespaces, couriers) =
        join(walk_namespaces(namespaces, limits), walk_couriers(couriers, limits)).await;
    let mut counters = super::Counters { restarts, ..super::Counters::default() };
    couriers.iter().for_each(|courier| counters += courier.counters);
    Topology { sockets, rooms, namespaces, couriers, counters, ..root }
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

/// A frozen transport takes only so many questions as its mailbox has room for.
fn ask_transport(transport: &TransportLink, limits: TopologyLimits) -> Pending<TransportReport> {
    let Some(addr) = transport.addr.upgrade() else { return Err(NodeState::Gone) };
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
    collectors: Listing<actix::WeakAddr<AckCollector>>,
    limits: TopologyLimits,
) -> Vec<Pending<CollectorReport>> {
    let ask = |addr: actix::WeakAddr<AckCollector>| match addr.upgrade() {
        Some(addr) => ask(&addr, limits),
        None => Err(NodeState::Gone),
    };
    collectors.items.into_iter().map(ask).collect()
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
            counters: link.tally.counters(),
            ..CourierNode::default()
        };
        if let Some(CourierReport { sockets, fenced, sessions, counters }) = report {
            (node.sockets, node.fenced) = (sockets, fenced);
            node.counters += counters;
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
                let pending = ask_transport(&link, limits);
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
