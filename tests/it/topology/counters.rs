//! Figures of the tree: what was delivered and lost, what waits, and actors that do not answer.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use actix_socketio::{Socket, SocketIo, TopologyLimits, topology::NodeState};

use super::{session, sessions, tree, tree_with};
use crate::support::{DEADLINE, Polling, TestServer, Ws, echoing, within};

#[actix_rt::test]
async fn each_packet_to_each_socket_counts_as_delivered() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut clients = [Ws::connect(&server).await, Ws::connect(&server).await];
    let before = tree(&io).await.counters;
    // Each client was told that it is connected.
    assert_eq!((before.delivered, before.dropped), (2, 0));
    io.emit("news", &1);
    for client in &mut clients {
        client.expect(r#"42["news",1]"#).await;
    }
    assert_eq!(tree(&io).await.counters.delivered, 4);
}

#[actix_rt::test]
async fn what_a_client_was_not_ready_for_counts_as_dropped_and_not_as_delivered() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("lossy", async |socket: Socket| socket.volatile().emit("x", &()));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let before = tree(&io).await.counters;
    client.post(r#"42["lossy"]"#).await;
    let after = tree(&io).await.counters;
    assert_eq!((after.delivered, after.dropped), (before.delivered, before.dropped + 1));
}

#[actix_rt::test]
async fn what_waits_for_a_client_that_does_not_poll_is_seen_until_it_is_too_much() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 3).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for waiting in 1..=3 {
        client.post(r#"42["back"]"#).await;
        let topology = tree(&io).await;
        let outbox = session(&topology, &client.id).outbox;
        assert_eq!((outbox.packets, outbox.bytes > 0), (waiting, true));
        assert_eq!(topology.counters.slow_consumers, 0);
    }
    assert!(tree(&io).await.to_string().contains("polling, outbox 3 packets of "));
    client.post(r#"42["back"]"#).await;
    assert_eq!(ends.reason(&client.id).await, "transport error");
    assert_eq!(tree(&io).await.counters.slow_consumers, 1);
}

#[actix_rt::test]
async fn a_client_that_has_no_room_for_a_packet_of_the_session_itself_counts_as_slow() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 3).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for _ in 0..3 {
        client.post(r#"42["back"]"#).await;
    }
    // The refusal comes from the session, not from a courier.
    client.post("40/nowhere,").await;
    assert_eq!(ends.reason(&client.id).await, "transport error");
    assert_eq!(tree(&io).await.counters.slow_consumers, 1);
}

#[actix_rt::test]
async fn a_websocket_whose_client_does_not_read_is_in_the_tree_without_an_answer() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let text = "x".repeat(100_000);
    io.of("/").on("flood", async move |socket: Socket| socket.broadcast().emit("x", &text));
    let server = TestServer::start(&io);
    let (slow, mut other) = (Ws::connect(&server).await, Ws::connect(&server).await);
    for rounds in 0.. {
        assert!(rounds < 400, "everything has found room");
        other.ask(r#"421["flood"]"#, "431[]").await;
        let topology = tree_with(&io, |topology| sessions(topology).len() == 2).await;
        if session(&topology, &slow.id).outbox.packets > 1 {
            break;
        }
    }
    // First with more questions than its mailbox has room for.
    let quick = TopologyLimits { patience: Duration::from_millis(20), ..Default::default() };
    for _ in 0..20 {
        within("a quick look", io.topology_with(quick)).await;
    }
    let topology = tree_with(&io, |topology| {
        let answered = |it: NodeState| it == NodeState::Answered;
        sessions(topology).len() == 2
            && answered(session(topology, &slow.id).state)
            && session(topology, &other.id).transports.first().is_some_and(|it| answered(it.state))
    })
    .await;
    assert_eq!(session(&topology, &slow.id).transports[0].state, NodeState::Silent);
    assert!(topology.to_string().contains("websocket 0 (NO ANSWER)"), "{topology}");
}

/// Handlers of `block` hold up their thread until they are told, but not for ever.
fn blocking(io: &SocketIo) -> (Receiver<()>, Sender<()>) {
    let ((started, is_started), (release, wait)) = (channel(), channel());
    let shared = Arc::new(Mutex::new((started, wait)));
    io.of("/").on("block", async move || {
        let shared = shared.lock().unwrap();
        shared.0.send(()).unwrap();
        let _: Result<(), _> = shared.1.recv_timeout(DEADLINE);
    });
    (is_started, release)
}

#[actix_rt::test]
async fn what_a_worker_has_counted_outlives_it() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("fail", panicking);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["fail"]"#).await;
    ws.fence().await;
    let before = tree(&io).await;
    assert_eq!((before.couriers.len(), before.counters.delivered), (2, 2));
    assert_eq!(before.counters.panics, 1);
    within("the end of the server", server.stop()).await;
    // While its thread ends, the worker answers no more, and then it is in the tree no more.
    loop {
        let topology = tree(&io).await;
        assert_eq!(topology.counters, before.counters, "{topology}");
        if topology.couriers.len() == 1 {
            break;
        }
    }
    let server = TestServer::start(&io);
    let _other = Ws::connect(&server).await;
    assert_eq!(tree(&io).await.counters.delivered, 3);
}

#[actix_rt::test]
async fn a_worker_that_is_blocked_is_in_the_tree_without_an_answer_and_with_its_queue() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let (started, release) = blocking(&io);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["block"]"#).await;
    let wait = move || started.recv_timeout(DEADLINE);
    within("the handler", actix_rt::task::spawn_blocking(wait)).await.unwrap().unwrap();
    for _ in 0..3 {
        io.emit("news", &());
    }
    // The namespace answers after it has dealt with these.
    let topology = tree_with(&io, |topology| {
        let namespace = topology.namespaces.items.first();
        topology.state == NodeState::Answered
            && namespace.is_some_and(|it| it.state == NodeState::Answered)
    })
    .await;
    let [_, worker] = &topology.couriers[..] else { panic!("{topology}") };
    // Its figures can be read all the same: it was the one that told the client that it is connected.
    assert_eq!(topology.counters.delivered, 1);
    assert_eq!(worker.state, NodeState::Silent);
    assert_eq!((worker.queued, topology.namespaces.items[0].sockets), (3, 1));
    assert!(topology.to_string().contains(" (NO ANSWER): "), "{topology}");
    release.send(()).unwrap();
    ws.expect_all([r#"42["news"]"#; 3]).await;
    ws.expect("431[]").await;
    let topology = tree(&io).await;
    assert_eq!((topology.couriers[1].state, topology.couriers[1].queued), (NodeState::Answered, 0));
}

#[actix_rt::test]
async fn handlers_that_panic_and_answers_that_nobody_waits_for_count() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("fail", panicking);
    io.of("/failing").on("fail", panicking).on_error(async || ());
    io.of("/failing").on("echo", async || ());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text("40/failing,").await;
    ws.next_text().await;
    ws.text(r#"42["fail"]"#).await;
    ws.text(r#"42/failing,["fail"]"#).await;
    ws.text("4399[]").await;
    ws.ask(r#"42/failing,1["echo"]"#, "43/failing,1[]").await;
    ws.fence().await;
    let counters = tree(&io).await.counters;
    assert_eq!((counters.panics, counters.unknown_acks), (2, 1));
}

async fn panicking() {
    panic!("on purpose");
}
