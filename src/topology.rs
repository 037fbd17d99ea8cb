//! The tree of actors as the handle of a server gives it. The types are here, in lists and counters; `SocketIo::topology` fills them.
//!
//! ```
//! use actix_socketio::{SocketIo, Topology, topology::NodeState};
//!
//! async fn slow_clients(io: SocketIo) -> usize {
//!     let topology: Topology = io.topology().await;
//!     let sessions = topology.couriers.iter().flat_map(|courier| &courier.sessions.items);
//!     let frozen = sessions.filter(|session| session.transports.iter().any(|it| it.state == NodeState::Silent));
//!     frozen.count()
//! }
//! # let _ = slow_clients;
//! ```

pub(crate) mod log;

pub use actix_socketio_actors::{
    escaped::Escaped,
    supervision::Health,
    topology::{
        CollectorNode, Counters, CourierNode, ForwarderNode, Listing, NamespaceNode, NodeState,
        OutletNode, QueueDepth, RoomNode, SessionNode, SocketNode, TARGET, Topology,
        TopologyLimits, TopologyLog, TransportNode,
    },
};
use actix_socketio_actors::{server::Server, topology::walk};
use tokio::{runtime::Handle, sync::oneshot};

use crate::SocketIo;

impl SocketIo {
    /// The actors of the server as they are now: namespaces with rooms and members, worker threads with connections and what waits for
    /// them, and what has happened so far. It can be printed, and serialised. Of a server that is not mounted it is empty.
    ///
    /// It asks every actor that it lists, and waits for none longer than [`TopologyLimits::patience`]; one that does not answer is shown
    /// as such. JavaScript has `io.of("/").adapter.rooms` and the like.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// async fn tree(io: SocketIo) -> String {
    ///     io.topology().await.to_string()
    /// }
    ///
    /// async fn json(io: SocketIo) -> serde_json::Result<String> {
    ///     serde_json::to_string(&io.topology().await)
    /// }
    /// # let _ = (tree, json);
    /// ```
    pub fn topology(&self) -> impl Future<Output = Topology> + Send + use<> {
        self.topology_with(TopologyLimits::default())
    }

    /// As [`topology`](Self::topology), with other limits.
    ///
    /// ```
    /// # use actix_socketio::{SocketIo, TopologyLimits};
    /// async fn delivered(io: SocketIo) -> u64 {
    ///     io.topology_with(TopologyLimits::totals()).await.counters.delivered
    /// }
    /// # let _ = delivered;
    /// ```
    pub fn topology_with(
        &self,
        limits: TopologyLimits,
    ) -> impl Future<Output = Topology> + Send + use<> {
        let connections = self.clients_count();
        let server = self.server().cloned();
        async move {
            match server {
                Some(server) => walk_anywhere(server, connections, limits).await,
                None => Topology::default(),
            }
        }
    }
}

/// Deadlines need a runtime: outside of one, the thread of the supervisors lends its own.
async fn walk_anywhere(server: Server, connections: usize, limits: TopologyLimits) -> Topology {
    if Handle::try_current().is_ok() {
        return walk(&server, connections, limits).await;
    }
    let (reply, answer) = oneshot::channel();
    let arbiter = server.arbiter().clone();
    arbiter.spawn(async move {
        drop(reply.send(walk(&server, connections, limits).await));
    });
    answer.await.unwrap_or_default()
}
