//! The tree as JSON: the same as `SocketIo::topology` finds, within bounds, and found once for all who look.

use std::time::Duration;

use actix_rt::task::JoinHandle;
use actix_socketio::{SocketIo, Topology};
use serde_json::Value;

use super::{fresh, json, serve};
use crate::support::{DEADLINE, Response, Ws, get, within};

#[actix_rt::test]
async fn it_is_the_topology() {
    let io = SocketIo::new();
    let server = serve(&io, &fresh(&io), 2);
    let mut clients = [Ws::connect(&server).await, Ws::connect(&server).await];
    for ws in &mut clients {
        ws.ask(r#"421["join","lobby"]"#, "431[]").await;
        ws.ask(r#"422["join","<img src=x onerror=alert(1)>"]"#, "432[]").await;
    }
    let mut shown: Topology = serde_json::from_value(json(&server, "").await).unwrap();
    let mut found = io.topology().await;
    assert_eq!(found.rooms, 2);
    for topology in [&mut shown, &mut found] {
        let rooms = &mut topology.namespaces.items[0].rooms.items;
        rooms.iter_mut().for_each(|room| room.members.items.sort_by_key(ToString::to_string));
    }
    assert_eq!(shown, found);
}

#[actix_rt::test]
async fn no_session_id_is_in_it() {
    let io = SocketIo::new();
    let server = serve(&io, &fresh(&io), 1);
    let ws = Ws::connect(&server).await;
    let response = get(server.addr, "/inspect/topology.json?members=1000&sessions=1000").await;
    assert!(response.text().contains(&ws.id) && !response.text().contains(&ws.sid));
}

#[actix_rt::test]
async fn limits_are_as_asked_for_and_what_is_no_limit_is_refused() {
    let io = SocketIo::new();
    let server = serve(&io, &fresh(&io), 1);
    let mut ws = Ws::connect(&server).await;
    for room in ["a", "b", "c"] {
        ws.ask(&format!(r#"421["join","{room}"]"#), "431[]").await;
    }
    let listed = |tree: &Value| {
        let rooms = &tree["namespaces"]["items"][0]["rooms"];
        let sessions = &tree["couriers"][1]["sessions"];
        [rooms, sessions].map(|it| (it["total"].clone(), it["items"].as_array().unwrap().len()))
    };
    let tree = json(&server, "?rooms=2&sessions=0").await;
    assert_eq!(listed(&tree), [(3.into(), 2), (1.into(), 0)]);
    let tree = json(&server, "?rooms=18446744073709551615&members=999999&sessions=1").await;
    assert_eq!(listed(&tree), [(3.into(), 3), (1.into(), 1)]);
    let refused = get(server.addr, "/inspect/topology.json?rooms=many").await;
    assert_eq!(refused.parts(), (400, "`rooms` is a number from 0 to 1000"));
}

#[actix_rt::test]
async fn all_who_look_within_an_interval_see_one_look() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector().min_age(Duration::from_secs(600)), 2);
    let mut ws = Ws::connect(&server).await;
    let look = |path: &'static str| -> JoinHandle<Response> {
        let addr = server.addr;
        actix_rt::spawn(async move { get(addr, path).await })
    };
    let mut first: Vec<_> = (0..50).map(|_| look("/inspect/topology.json")).collect();
    let one = within("the first look", first.remove(0)).await.unwrap();
    // What happens meanwhile, nobody sees who gets the same look.
    ws.ask(r#"421["join","later"]"#, "431[]").await;
    first.push(look("/inspect/topology.json"));
    for response in first {
        let response = within("a look", response).await.unwrap();
        assert_eq!(response.body, one.body);
        assert_eq!(response.header("x-snapshot-at"), one.header("x-snapshot-at"));
    }
    // Other limits are another look.
    let other = get(server.addr, "/inspect/topology.json?rooms=49").await;
    assert!(other.text().contains("later") && !one.text().contains("later"));
}

#[actix_rt::test]
async fn it_is_there_before_the_server_is_and_while_a_worker_is_blocked() {
    let io = SocketIo::new();
    let inspector = fresh(&io);
    let alone =
        crate::support::TestServer::mounting(1, move |cfg| inspector.mount(cfg, "/inspect"));
    assert_eq!(json(&alone, "").await["state"], "not_asked");
    assert_eq!(get(alone.addr, "/inspect/metrics").await.status, 503);

    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    io.of("/").on("block", async move || {
        let _: Result<(), _> = wait.lock().unwrap().recv_timeout(DEADLINE);
    });
    let inspector = fresh(&io);
    let server = serve(&io, &inspector, 1);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["block"]"#).await;
    // The other server has a worker of its own, which asks the same actors.
    within("a blocked worker", async {
        while json(&alone, "").await["couriers"][1]["state"] != "silent" {}
    })
    .await;
    let metrics = get(alone.addr, "/inspect/metrics").await;
    assert!(metrics.text().contains("socketio_delivered_packets_total 1\n"), "{}", metrics.text());
    release.send(()).unwrap();
    ws.fence().await;
}
