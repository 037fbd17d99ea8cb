//! What the tree says of namespaces, rooms, couriers and sessions, over both transports.

use actix_socketio::{
    SocketIo, Topology, TopologyLimits,
    topology::{NamespaceNode, NodeState, RoomNode},
};

use super::{joining, session, sessions, tree};
use crate::support::{Polling, TestServer, Ws, between, echoing, within};

fn namespace<'a>(topology: &'a Topology, name: &str) -> &'a NamespaceNode {
    topology.namespaces.items.iter().find(|it| it.name == name).unwrap()
}

fn room<'a>(topology: &'a Topology, of: &str, name: &str) -> &'a RoomNode {
    namespace(topology, of).rooms.items.iter().find(|it| it.name == name).unwrap()
}

#[actix_rt::test]
async fn a_server_that_is_not_mounted_is_an_empty_tree() {
    let topology = tree(&SocketIo::new()).await;
    assert_eq!(topology, Topology::default());
    assert_eq!(topology.to_string(), "server: not started");
}

#[actix_rt::test]
async fn rooms_of_the_same_name_are_in_each_namespace_with_their_own_members() {
    let io = SocketIo::new();
    joining(&io, &["/", "/b"]);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["join","lobby"]"#, "431[]").await;
    ws.text("40/b,").await;
    let id_in_b = between(&ws.next_text().await, r#"40/b,{"sid":""#, r#""}"#).to_owned();
    ws.ask(r#"42/b,1["join","lobby"]"#, "43/b,1[]").await;
    let polling = Polling::connect(&server).await;
    polling.post(r#"421["join","lobby"]"#).await;
    assert_eq!(polling.poll().await.text(), "431[]");
    ws.fence().await;

    let topology = tree(&io).await;
    assert_eq!((topology.connections, topology.sockets, topology.rooms), (2, 3, 2));
    assert_eq!(topology.state, NodeState::Answered);
    let names: Vec<_> = topology.namespaces.items.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["/", "/b"]);
    let mut members: Vec<_> =
        room(&topology, "/", "lobby").members.items.iter().map(|id| id.as_str()).collect();
    members.sort_unstable();
    let mut expected = [ws.id.as_str(), polling.id.as_str()];
    expected.sort_unstable();
    assert_eq!(members, expected);
    let members = &room(&topology, "/b", "lobby").members;
    assert_eq!((members.total, members.items[0].as_str()), (1, id_in_b.as_str()));
    let session = session(&topology, &id_in_b);
    assert_eq!(session.state, NodeState::Answered);
    assert_eq!(session.transport.unwrap().as_str(), "websocket");
    assert_eq!(session.sockets.total, 2);
    assert_eq!(session.transports[0].state, NodeState::Answered);
    let session = super::session(&topology, &polling.id);
    assert_eq!(session.transport.unwrap().as_str(), "polling");
    assert!(session.transports.is_empty());
}

#[actix_rt::test]
async fn no_session_id_is_in_the_tree() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let (ws, polling) = (Ws::connect(&server).await, Polling::connect(&server).await);
    let topology = tree(&io).await;
    let json = serde_json::to_string(&topology).unwrap();
    for text in [topology.to_string(), json.clone()] {
        for sid in [&ws.sid, &polling.sid] {
            assert!(!text.contains(sid), "{text}");
        }
        assert!(text.contains(&ws.id) && text.contains(&polling.id), "{text}");
    }
    assert_eq!(serde_json::from_str::<Topology>(&json).unwrap(), topology);
}

#[actix_rt::test]
async fn beyond_the_limits_nothing_is_listed_and_everything_is_counted() {
    let io = SocketIo::new();
    joining(&io, &["/", "/b", "/c"]);
    let server = TestServer::start(&io);
    let mut clients = Vec::new();
    for n in 0..4 {
        let mut ws = Ws::connect(&server).await;
        ws.ask(&format!(r#"421["join","room {n}"]"#), "431[]").await;
        ws.ask(r#"421["join","all"]"#, "431[]").await;
        clients.push(ws);
    }
    let limits =
        TopologyLimits { namespaces: 1, rooms: 2, members: 1, sessions: 3, ..Default::default() };
    let topology = within("the tree", io.topology_with(limits)).await;
    assert_eq!((topology.sockets, topology.rooms, topology.namespaces.total), (4, 5, 3));
    let root = namespace(&topology, "/");
    assert_eq!((root.rooms.total, root.rooms.items.len(), root.rooms.more()), (5, 2, 3));
    let all = room(&topology, "/", "all");
    assert_eq!((all.members.total, all.members.items.len()), (4, 1));
    assert_eq!(sessions(&topology).len(), 3);
    let text = topology.to_string();
    for more in ["… and 2 more namespaces", "… and 3 more rooms", "… and 1 more session"] {
        assert!(text.contains(more), "{text}");
    }
    let totals = within("the totals", io.topology_with(TopologyLimits::totals())).await;
    assert_eq!((totals.sockets, totals.rooms, totals.namespaces.total), (4, 5, 3));
    assert!(totals.namespaces.items.is_empty() && sessions(&totals).is_empty());
    assert_eq!(totals.counters, topology.counters);
}

#[test]
fn the_tree_can_be_asked_for_without_a_runtime() {
    let io = SocketIo::new();
    let own = io.clone();
    let topology = actix_rt::System::new().block_on(async move {
        let server = TestServer::start(&own);
        let ws = Ws::connect(&server).await;
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            drop(send.send(futures_executor(own.topology())));
        });
        let topology = within("the tree", receive).await.unwrap();
        drop(ws);
        topology
    });
    assert_eq!(topology.connections, 1);
}

/// Polls a future on this thread, which has no runtime.
fn futures_executor<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}
