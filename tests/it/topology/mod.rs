//! The tree of actors: what `SocketIo::topology` finds, and what the log says of it.

mod beside;
mod counters;
mod log;
mod tree;

use actix_socketio::{Args, Socket, SocketIo, Topology, topology::SessionNode};

use crate::support::{patiently, within};

/// A server in which sockets join and leave the rooms that they name.
fn joining(io: &SocketIo, namespaces: &[&str]) {
    for name in namespaces {
        io.of(name).on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room));
        io.of(name).on("leave", async |socket: Socket, Args(room): Args<String>| {
            socket.leave(room);
        });
        io.of(name).on("echo", async || ());
    }
}

async fn tree(io: &SocketIo) -> Topology {
    within("the tree", io.topology_with(patiently())).await
}

/// The tree as soon as it is like this, with the default patience: somebody is not to answer.
async fn tree_with(io: &SocketIo, is_so: impl Fn(&Topology) -> bool) -> Topology {
    within("such a tree", async {
        loop {
            let topology = io.topology().await;
            if is_so(&topology) {
                break topology;
            }
        }
    })
    .await
}

fn sessions(topology: &Topology) -> Vec<&SessionNode> {
    topology.couriers.iter().flat_map(|courier| &courier.sessions.items).collect()
}

fn session<'a>(topology: &'a Topology, socket: &str) -> &'a SessionNode {
    let has = |it: &&&SessionNode| it.sockets.items.iter().any(|it| it.id.as_str() == socket);
    sessions(topology).iter().find(has).unwrap()
}
