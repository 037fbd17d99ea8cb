//! Panics that are too many: a room's cost a restart of its namespace, a namespace's its sockets, a courier's its connections; and the
//! server is not ready for more.

use std::time::Duration;

use actix_socketio::{SocketIo, topology::Health};
use actix_socketio_actors::supervision::{
    Point,
    faults::{Plan, arm, disarm},
};

use super::{counters, logged, patient, server, settle, tree};
use crate::support::{
    TestServer, Ws, get,
    scene::{Log, play},
    within,
};

#[test]
fn a_room_that_panics_too_often_costs_a_restart_of_its_namespace() {
    play("isolation::limit::a_room");
}

#[test]
fn a_namespace_that_panics_too_often_has_failed_and_others_have_not() {
    play("isolation::limit::a_namespace");
}

#[test]
fn a_namespace_that_cannot_be_repaired_has_failed() {
    play("isolation::limit::a_repair");
}

#[test]
fn a_courier_that_panics_too_often_closes_its_connections_and_others_go_on() {
    play("isolation::limit::a_courier");
}

#[test]
fn a_root_that_panics_too_often_refuses_whom_it_cannot_serve_and_is_not_ready() {
    play("isolation::limit::the_root");
}

#[test]
fn a_namespace_that_dies_has_failed_and_others_have_not() {
    play("isolation::limit::death_of_a_namespace");
}

#[test]
fn a_courier_that_dies_has_failed_and_closes_its_connections() {
    play("isolation::limit::death_of_a_courier");
}

#[test]
fn a_root_that_dies_is_not_ready() {
    play("isolation::limit::death_of_the_root");
}

/// A server in which the third panic within a minute is too much.
fn impatient() -> SocketIo {
    server(SocketIo::builder().restart_limit(2, Duration::from_secs(60))).0
}

async fn member(server: &TestServer) -> Ws {
    let mut ws = Ws::connect(server).await;
    ws.text(r#"42["join","r"]"#).await;
    assert_eq!(settle(&mut ws, 1).await, [""; 0]);
    ws
}

/// The next broadcasts panic.
async fn panic_at(points: &[Point], count: i64, io: &SocketIo, ws: &mut Ws) {
    let plan = arm(Plan::passes(points, 0, count));
    for n in 0..count {
        io.to("r").emit("lost", &n);
    }
    within("panics", async {
        while plan.total() < count as u64 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    disarm();
    assert_eq!(settle(ws, 1).await, [""; 0]);
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn a_room() {
    let mut log = Log::start();
    let io = impatient();
    let server = TestServer::start(&io);
    let mut ws = member(&server).await;
    let place = r#"restarted server > namespace "/""#;
    panic_at(&[Point::RoomBroadcast], 2, &io, &mut ws).await;
    assert_eq!(logged(&mut log, &format!("{place}: ")), [""; 0]);
    panic_at(&[Point::RoomBroadcast], 1, &io, &mut ws).await;
    log.until_text(&format!("{place}: room \"r\" panics too often")).await;
    let counters = counters(&io).await;
    assert_eq!((counters.restarts, counters.lost), (4, 3));
    assert_eq!(tree(&io).await.namespaces.items[0].restarts, 4);
    assert!(io.is_ready());
    io.to("r").emit("news", &1);
    ws.expect(r#"42["news",1]"#).await;
    // It begins anew, and so the namespace has time until the sixth panic after it.
    panic_at(&[Point::RoomBroadcast], 5, &io, &mut ws).await;
    assert!(io.is_ready());
    let plan = arm(Plan::passes(&[Point::RoomBroadcast], 0, 1));
    io.to("r").emit("lost", &0);
    ws.expect("41").await;
    assert_eq!((plan.total(), io.is_ready()), (1, false));
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn a_namespace() {
    let mut log = Log::start();
    let io = impatient();
    let server = TestServer::with_workers(&io, 2);
    let mut ws = member(&server).await;
    ws.ask_for_namespace("/other").await;
    let mut second = member(&server).await;
    panic_at(&[Point::NamespaceBroadcast], 2, &io, &mut ws).await;
    assert!(io.is_ready());
    assert_eq!(tree(&io).await.health, Health::Well);
    let _ = log.rest();
    let plan = arm(Plan::passes(&[Point::NamespaceBroadcast], 0, 1));
    io.to("r").emit("lost", &3);
    for socket in [&mut ws, &mut second] {
        socket.expect("41").await;
    }
    assert_eq!((plan.total(), io.is_ready()), (1, false));
    let mut third = Ws::open(&server).await;
    third.text("40").await;
    third.expect(r#"44{"message":"Namespace failed"}"#).await;
    // The other namespace is served over the same connections.
    ws.ask(r#"42/other,1["echo"]"#, "43/other,1[]").await;
    third.ask_for_namespace("/other").await;
    let tree = tree(&io).await;
    let health: Vec<_> = tree.namespaces.items.iter().map(|it| it.health).collect();
    assert_eq!((tree.health, &*health), (Health::Failed, &[Health::Failed, Health::Well][..]));
    assert_eq!(tree.namespaces.items[0].sockets, 0);
    assert!(tree.to_string().contains(r#"namespace "/" (FAILED): 0 sockets"#), "{tree}");
    let failed = logged(&mut log, "failed ");
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(log.seen.iter().any(|line| line.text == failed[0] && line.level == log::Level::Error));
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn a_repair() {
    let io = impatient();
    let server = TestServer::start(&io);
    let mut ws = member(&server).await;
    arm(Plan::passes(&[Point::NamespaceBroadcast, Point::NamespaceRepair], 0, 2));
    io.to("r").emit("lost", &1);
    ws.expect("41").await;
    assert!(!io.is_ready());
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn a_courier() {
    let io = impatient();
    // One worker each: who is at which courier is known.
    let (first, second) = (TestServer::start(&io), TestServer::start(&io));
    let (mut ws, mut other) = (member(&first).await, Ws::connect(&second).await);
    panic_at(&[Point::CourierDeliver], 2, &io, &mut ws).await;
    let plan = arm(Plan::passes(&[Point::CourierDeliver], 0, 1));
    io.to("r").emit("lost", &3);
    ws.expect_close(None).await;
    assert_eq!((plan.total(), io.is_ready()), (1, false));
    other.fence().await;
    let tree = tree(&io).await;
    let failed: Vec<_> = tree.couriers.iter().map(|it| it.health == Health::Failed).collect();
    assert_eq!(failed, [false, true, false], "{tree}");
    // Whoever comes there later is sent away as well.
    let mut late = Ws::open(&first).await;
    late.text("40").await;
    assert!(late.next_text().await.starts_with("40{"));
    late.expect_close(None).await;
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn the_root() {
    let io = impatient();
    let server = TestServer::start(&io);
    let mut ws = member(&server).await;
    // The first is asked for again, and that panics, too.
    arm(Plan::passes(&[Point::ServerConnect], 0, 3));
    let mut second = Ws::open(&server).await;
    second.text("40").await;
    second.expect(r#"44{"message":"Namespace failed"}"#).await;
    assert!(io.is_ready());
    second.text("40").await;
    assert!(second.next_text().await.starts_with("40{"));
    assert!(!io.is_ready());
    ws.fence().await;
    let counters = counters(&io).await;
    assert_eq!((counters.restarts, counters.lost), (3, 1));
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn death_of_a_namespace() {
    let mut log = Log::start();
    let io = server(patient()).0;
    let server = TestServer::start(&io);
    let (mut ws, mut other) = (member(&server).await, Ws::open(&server).await);
    other.ask_for_namespace("/other").await;
    // Both namespaces have dealt with what has happened so far.
    for name in ["/", "/other"] {
        within("sockets", io.of(name).everyone().fetch_sockets()).await.unwrap();
    }
    arm(Plan::passes(&[Point::NamespaceDeath], 0, 1));
    io.to("r").emit("lost", &0);
    ws.expect("41").await;
    assert!(!io.is_ready());
    other.ask(r#"42/other,1["echo"]"#, "43/other,1[]").await;
    ws.text("40").await;
    ws.expect(r#"44{"message":"Namespace failed"}"#).await;
    let health: Vec<_> = tree(&io).await.namespaces.items.iter().map(|it| it.health).collect();
    assert_eq!(health, [Health::Failed, Health::Well]);
    log.until_text(r#"failed server > namespace "/": a panic has ended it"#).await;
    assert!(!io.is_ready());
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn death_of_a_courier() {
    let mut log = Log::start();
    let (io, mut ends) = server(patient());
    let (first, second) = (TestServer::start(&io), TestServer::start(&io));
    let (mut ws, mut other) = (member(&first).await, Ws::connect(&second).await);
    let mut early = Ws::open(&first).await;
    arm(Plan::passes(&[Point::CourierDeath], 0, 1));
    ws.text(r#"42["join","s"]"#).await;
    ws.expect_close(None).await;
    log.until_text("failed server > courier ").await;
    assert!(!io.is_ready());
    other.fence().await;
    assert_eq!(ends.reason(&ws.id).await, "forced server close");
    // Its namespace has let it go, and no more clients are taken on that thread.
    within("one socket", async {
        while tree(&io).await.namespaces.items[0].sockets != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for (server, status) in [(&first, 503), (&second, 200)] {
        let late = get(server.addr, "/socket.io/?EIO=4&transport=polling").await;
        assert_eq!(late.status, status);
    }
    early.text("40").await;
    early.expect_close(None).await;
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn death_of_the_root() {
    let mut log = Log::start();
    let io = server(patient()).0;
    let server = TestServer::start(&io);
    let mut ws = member(&server).await;
    arm(Plan::passes(&[Point::ServerDeath], 0, 1));
    let mut second = Ws::open(&server).await;
    second.text("40").await;
    log.until_text("failed server: ").await;
    assert!(!io.is_ready());
    ws.fence().await;
    let mut third = Ws::open(&server).await;
    third.text("40").await;
    third.expect(r#"44{"message":"Namespace failed"}"#).await;
}
