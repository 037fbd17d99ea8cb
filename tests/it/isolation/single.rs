//! One panic, at each point at which a state is half changed: all is as it should be after it, and the cost is one command at most.

use actix_socketio::SocketIo;
use actix_socketio_actors::supervision::{
    Point,
    faults::{Plan, arm, disarm},
};

use super::{counters, logged, patient, server, settle, tree};
use crate::support::{
    TestServer, Ws,
    scene::{Log, play},
    within,
};

/// Where a command is lost. At the others, facts are handled once more.
const COMMANDS: [Point; 8] = [
    Point::NamespaceJoin,
    Point::NamespaceLeave,
    Point::NamespaceBroadcast,
    Point::NamespaceFind,
    Point::RoomBroadcast,
    Point::Push,
    Point::CourierDeliver,
    Point::CourierRun,
];

#[test]
fn one_panic_at_any_point_costs_one_command_at_most_and_leaves_everything_whole() {
    print!("{}", play("isolation::single::one_panic_at_each_point"));
}

#[test]
fn a_membership_that_panics_twice_counts_as_lost_and_is_there_all_the_same() {
    play("isolation::single::two_panics");
}

#[test]
fn a_membership_that_panics_twice_at_its_courier_is_told_again() {
    play("isolation::single::two_panics_at_a_courier");
}

#[test]
fn a_socket_that_panics_twice_when_it_is_added_is_gone_with_its_connection() {
    play("isolation::single::two_panics_of_a_socket");
}

/// A client comes, does everything, and goes: each point is passed.
async fn visit(io: &SocketIo, server: &TestServer) {
    let mut ws = Ws::connect(server).await;
    for packet in [
        r#"42["join","r"]"#,
        r#"42["say","r",1]"#,
        r#"42["say","r",2]"#,
        r#"42["join","alone"]"#,
        r#"42["leave","alone"]"#,
        r#"42["leave","r"]"#,
        r#"42["join","r"]"#,
    ] {
        ws.text(packet).await;
    }
    let _ = settle(&mut ws, 2).await;
    // It may be lost.
    let _ = within("an answer", io.to("r").fetch_sockets()).await;
    let _ = settle(&mut ws, 2).await;
    // One of them may be lost.
    for n in 0..2 {
        io.emit("all", &n);
        let _ = within("an answer", io.everyone().fetch_sockets()).await;
    }
    let got = settle(&mut ws, 2).await;
    assert!(got.iter().any(|text| text.starts_with(r#"42["all","#)), "{got:?}");
    // A join may be lost: the room reaches its visitor if the namespace says that it has it, and else not.
    let mut members = Vec::new();
    for n in 0..2 {
        io.to("r").emit("last", &n);
        members.extend(within("an answer", io.to("r").fetch_sockets()).await);
    }
    let got = settle(&mut ws, 2).await;
    let reached = got.iter().any(|text| text.starts_with(r#"42["last","#));
    let is_member = members.iter().flatten().any(|member| member.id().to_string() == ws.id);
    assert_eq!(reached, is_member, "{got:?}");
    drop(ws);
}

/// Waits until so many sockets are there, in so many rooms.
async fn until_there_are(io: &SocketIo, sockets: usize, rooms: usize) {
    let mut seen = (0, 0);
    let there_are = async {
        while seen != (sockets, rooms) {
            let tree = tree(io).await;
            seen = (tree.sockets, tree.rooms);
            let at_couriers: usize = tree.couriers.iter().map(|courier| courier.sockets).sum();
            if at_couriers != sockets {
                seen = (at_couriers, usize::MAX);
            }
            tokio::task::yield_now().await;
        }
    };
    if actix_rt::time::timeout(crate::support::DEADLINE, there_are).await.is_err() {
        panic!("{sockets} sockets, {rooms} rooms: {}", tree(io).await);
    }
}

/// Everyone in the room gets what it is told, once, and nobody else does.
async fn assert_whole(server: &TestServer, members: &mut [Ws]) {
    let mut guest = Ws::connect(server).await;
    for (number, packet) in [r#"42["join","r"]"#, r#"42["leave","r"]"#].into_iter().enumerate() {
        guest.text(packet).await;
        let number = 10 + number;
        guest.text(&format!(r#"42["say","r",{number}]"#)).await;
        let (said, after) = (format!(r#"42["said",{number}]"#), format!(r#"42["after",{number}]"#));
        if number == 10 {
            guest.expect(&said).await;
        }
        guest.expect(&after).await;
        for member in &mut *members {
            let got = settle(member, 1).await;
            assert_eq!(got.iter().filter(|text| **text == said).count(), 1, "{got:?}");
        }
    }
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn one_panic_at_each_point() {
    let mut log = Log::start();
    let failures = [
        Point::NamespaceRepair,
        Point::CourierRepair,
        Point::ServerDeath,
        Point::NamespaceDeath,
        Point::CourierDeath,
    ];
    let mut fired = 0;
    for point in Point::ALL.into_iter().filter(|point| !failures.contains(point)) {
        for pass in 0..4 {
            let (io, mut ends) = server(patient());
            // The visitor is the only one at its courier.
            let (server, visited) = (TestServer::start(&io), TestServer::start(&io));
            let mut members = Vec::new();
            for _ in 0..4 {
                let mut member = Ws::connect(&server).await;
                member.text(r#"42["join","r"]"#).await;
                let _ = settle(&mut member, 1).await;
                members.push(member);
            }
            let _ = log.rest();
            let plan = arm(Plan::passes(&[point], pass, 1));
            visit(&io, &visited).await;
            ends.next(1).await;
            until_there_are(&io, 4, 1).await;
            disarm();
            let happened = format!("{point:?}, pass {pass}");
            assert!(pass > 0 || plan.total() == 1, "{happened}: never passed");
            fired += plan.total();
            assert_whole(&visited, &mut members).await;
            let counters = counters(&io).await;
            assert_eq!(counters.restarts, plan.total(), "{happened}");
            let lines = logged(&mut log, "restarted ");
            assert_eq!(lines.len() as u64, plan.total(), "{happened}: {lines:?}");
            let lost = if COMMANDS.contains(&point) { plan.total() } else { 0 };
            assert_eq!(counters.lost, lost, "{happened}: {lines:?}");
            // Nobody has waited for what was lost.
            assert_eq!(counters.fences_given_up, 0, "{happened}");
            drop(members);
            until_there_are(&io, 0, 0).await;
            within("the end of the server", server.stop()).await;
            within("the end of the other", visited.stop()).await;
        }
    }
    println!("{fired} panics");
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn two_panics() {
    let (io, _ends) = server(patient());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for (point, packet, got) in [
        (Point::RoomAdd, r#"42["join","r"]"#, &[r#"42["news",1]"#][..]),
        (Point::RoomRemove, r#"42["leave","r"]"#, &[]),
    ] {
        let plan = arm(Plan::passes(&[point], 0, 2));
        let before = counters(&io).await;
        ws.text(packet).await;
        until_two(&plan).await;
        // The namespace has given the room its members by then: that was asked for before this is answered.
        within("members", io.to("r").fetch_sockets()).await.unwrap();
        io.to("r").emit("news", &1);
        within("members", io.to("r").fetch_sockets()).await.unwrap();
        assert_eq!(settle(&mut ws, 1).await, got);
        let after = counters(&io).await;
        assert_eq!((after.restarts - before.restarts, after.lost - before.lost), (2, 1));
    }
    disarm();
}

/// Waits until the plan is carried out: two panics.
async fn until_two(plan: &Plan) {
    within("two panics", async {
        while plan.total() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn two_panics_at_a_courier() {
    let (io, _ends) = server(patient());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let plan = arm(Plan::passes(&[Point::CourierJoined], 0, 2));
    ws.text(r#"42["join","r"]"#).await;
    until_two(&plan).await;
    within("the membership", async {
        loop {
            io.to("r").emit("news", &1);
            within("members", io.to("r").fetch_sockets()).await.unwrap();
            if !settle(&mut ws, 1).await.is_empty() {
                break;
            }
        }
    })
    .await;
    disarm();
    let counters = counters(&io).await;
    assert_eq!((counters.restarts, counters.lost), (2, 1));
}

#[actix_rt::test]
#[ignore = "played by a test above"]
async fn two_panics_of_a_socket() {
    let (io, _ends) = server(patient());
    let server = TestServer::start(&io);
    let mut other = Ws::connect(&server).await;
    let plan = arm(Plan::passes(&[Point::CourierReply], 0, 2));
    let mut ws = Ws::open(&server).await;
    ws.text("40").await;
    ws.expect_close(None).await;
    assert_eq!(plan.total(), 2);
    disarm();
    until_there_are(&io, 1, 0).await;
    other.fence().await;
}
