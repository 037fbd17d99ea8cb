//! What goes wrong in one place costs what the guarantees say, and others nothing: panics of user code (`user_code`), and of supervisors,
//! rooms and couriers. Faults of the latter are those of a whole process, so each scene is an ignored test, played in a process of its own.

mod blocking;
mod limit;
mod load;
mod single;
mod user_code;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix_socketio::{Args, Builder, Socket, SocketIo, Topology, topology::Counters};

use crate::support::{Ends, Ws, echoing, patiently, scene::Log, within};

/// A server whose sockets join, leave and tell rooms. No number of panics is too many for it unless a test says so.
fn server(builder: Builder) -> (SocketIo, Ends) {
    let io = builder.topology_log(actix_socketio::TopologyLog::Off).build().unwrap();
    let [ends, _] = ["/", "/other"].map(|name| {
        let namespace = io.of(name);
        let ends = echoing(&namespace);
        namespace
            .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
            .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
            .on("say", async |socket: Socket, Args((room, n)): Args<(String, u32)>| {
                socket.within(room).emit("said", &n);
                socket.emit("after", &n);
            });
        ends
    });
    (io, ends)
}

fn patient() -> Builder {
    SocketIo::builder().restart_limit(1_000_000, Duration::from_secs(10))
}

async fn tree(io: &SocketIo) -> Topology {
    within("the tree", io.topology_with(patiently())).await
}

/// With all that namespaces and couriers have dealt with of what was sent to them before: each does so before it answers.
async fn counters(io: &SocketIo) -> Counters {
    tree(io).await;
    tree(io).await.counters
}

/// The new lines of the log that begin like this.
fn logged(log: &mut Log, start: &str) -> Vec<String> {
    let lines = log.rest().iter().filter(|line| line.text.starts_with(start));
    lines.map(|line| line.text.clone()).collect()
}

/// Asks for so many echoes, since some may be lost, and waits for one. Gives what came before it.
async fn settle(ws: &mut Ws, echoes: usize) -> Vec<String> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let first = NEXT.fetch_add(echoes, Ordering::Relaxed);
    let numbers = first..first + echoes;
    for number in numbers.clone() {
        ws.text(&format!(r#"42{number}["echo"]"#)).await;
    }
    let mut before = Vec::new();
    loop {
        let text = ws.next_text().await;
        let Some(ack) = text.strip_prefix("43").and_then(|rest| rest.strip_suffix("[]")) else {
            before.push(text);
            continue;
        };
        // Others are of a former look.
        if numbers.contains(&ack.parse::<usize>().unwrap()) {
            return before;
        }
    }
}
