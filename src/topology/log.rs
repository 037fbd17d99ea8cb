//! Puts the tree into the log, on change or in an interval. The server starts it when it is mounted; it runs on the thread of the
//! supervisors, asks like anybody else, and ends with the server. While nobody reads that target, nothing is asked.

use std::time::Duration;

use actix::ArbiterHandle;
use tokio::time::sleep;

use super::{Counters, NodeState, QueueDepth, TARGET, Topology, TopologyLimits, TopologyLog};
use crate::io::WeakIo;

/// Small, so that a tree is read at a glance.
const LIMITS: TopologyLimits = TopologyLimits {
    namespaces: 10,
    rooms: 10,
    members: 5,
    sessions: 10,
    patience: Duration::from_millis(250),
};

pub(crate) fn spawn(io: WeakIo, mode: TopologyLog, arbiter: &ArbiterHandle) {
    let (every, only_changes) = match mode {
        TopologyLog::Off => return,
        TopologyLog::OnChange { at_most_every } => (at_most_every, true),
        TopologyLog::Every(every) => (every, false),
    };
    arbiter.spawn(async move {
        let mut former = None;
        loop {
            sleep(every).await;
            // The handle is let go at once: this keeps no server alive.
            let Some(walk) = io.upgrade().map(|io| io.topology_with(LIMITS)) else { return };
            if !log::log_enabled!(target: TARGET, log::Level::Info) {
                continue;
            }
            let topology = walk.await;
            let shape = only_changes.then(|| shape(topology.clone()));
            if shape.is_none() || shape != former {
                log::info!(target: TARGET, "\n{topology}");
            }
            former = shape;
        }
    });
}

/// What is there, without what grows and shrinks all the time.
fn shape(mut tree: Topology) -> Topology {
    (tree.queued, tree.counters) = (0, Counters::default());
    // Recipients come and go with what the application does, as answers do.
    (tree.forwarders.items, tree.outlets) = Default::default();
    for namespace in &mut tree.namespaces.items {
        namespace.queued = 0;
        namespace.collectors = Default::default();
        namespace.rooms.items.iter_mut().for_each(|room| room.queued = 0);
    }
    for courier in &mut tree.couriers {
        (courier.queued, courier.fenced, courier.counters) = (0, 0, Counters::default());
        for session in &mut courier.sessions.items {
            session.outbox = QueueDepth::default();
            (session.running_handlers, session.waiting_events, session.pending_acks) = (0, 0, 0);
            session.transports.iter_mut().for_each(|transport| transport.unfinished = 0);
        }
        // Which are listed depends on what waits in their outboxes.
        if courier.sessions.more() > 0 {
            courier.sessions.items.retain(|session| session.state == NodeState::Silent);
        }
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{CourierNode, NamespaceNode};

    #[test]
    fn figures_are_no_change_and_sockets_are() {
        let counters = Counters { delivered: 7, ..Counters::default() };
        let courier = CourierNode { queued: 3, counters, ..CourierNode::default() };
        let busy = Topology { queued: 1, counters, couriers: vec![courier], ..Topology::default() };
        let idle = Topology { couriers: vec![CourierNode::default()], ..Topology::default() };
        assert_eq!(shape(busy), shape(idle.clone()));
        let mut grown = idle.clone();
        grown.namespaces.items.push(NamespaceNode { sockets: 1, ..NamespaceNode::default() });
        assert_ne!(shape(grown), shape(idle));
    }
}
