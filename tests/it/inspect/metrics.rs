//! Metrics: text that Prometheus reads, with the figures of the topology, in counters that never fall.

use std::collections::BTreeMap;

use actix_socketio::{Socket, SocketIo};

use super::{fresh, serve};
use crate::support::{Polling, TestServer, Ws, get, within};

/// Samples by name and labels, of a text that is checked line by line.
async fn scrape(server: &TestServer) -> BTreeMap<String, f64> {
    let response = get(server.addr, "/inspect/metrics").await;
    assert_eq!(response.status, 200);
    let (mut samples, mut types) = (BTreeMap::new(), BTreeMap::new());
    for line in response.text().lines() {
        if let Some(described) = line.strip_prefix("# ") {
            let [what, name, rest] = described.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            match what {
                "HELP" => assert!(!rest.is_empty(), "{line}"),
                "TYPE" => {
                    assert!(types.insert(name.to_owned(), rest.to_owned()).is_none(), "{line}")
                }
                _ => panic!("{line}"),
            }
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        assert!(name.starts_with("socketio_") && labels.ends_with('}'), "{line}");
        assert!(name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{line}");
        let counts = types.get(name).unwrap_or_else(|| panic!("no type: {line}")) == "counter";
        assert_eq!(counts, name.ends_with("_total"), "{line}");
        let former = samples.insert(series.to_owned(), value.parse().unwrap());
        assert_eq!(former, None, "twice: {line}");
    }
    assert!(response.text().ends_with('\n'));
    samples
}

async fn panicking() {
    panic!("on purpose");
}

#[actix_rt::test]
async fn they_are_the_figures_of_the_topology() {
    let io = SocketIo::new();
    io.of("/").on("lossy", async |socket: Socket| socket.volatile().emit("x", &()));
    io.of("/").on("fail", panicking);
    let server = serve(&io, &fresh(&io), 1);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["join","lobby"]"#, "431[]").await;
    ws.text(r#"42["fail"]"#).await;
    ws.text("4399[]").await;
    ws.fence().await;
    let polling = Polling::connect(&server).await;
    polling.post(r#"42["lossy"]"#).await;
    polling.post(r#"42["back"]"#).await;
    let _unconnected = Ws::open(&server).await;

    let (metrics, topology) = (scrape(&server).await, io.topology().await);
    let counters = topology.counters;
    assert_eq!((counters.panics, counters.unknown_acks, counters.dropped), (1, 1, 1));
    for (name, value) in [
        ("connections", 3),
        ("sockets", 2),
        ("namespaces", 1),
        ("rooms", 1),
        ("delivered_packets_total", counters.delivered),
        ("dropped_packets_total", 1),
        ("slow_consumers_total", 0),
        ("handler_panics_total", 1),
        ("unknown_acks_total", 1),
        ("fences_forced_total", 0),
        ("fences_given_up_total", 0),
        ("thread_stalls_total", counters.stalls),
        ("restarts_total", 0),
        ("lost_commands_total", 0),
        ("failed", 0),
        ("server_queue_depth", 0),
    ] {
        assert_eq!(metrics.get(&format!("socketio_{name}")), Some(&(value as f64)), "{name}");
    }
    let number = topology.couriers[1].number;
    for (name, value) in
        [("up", 1), ("queue_depth", 0), ("sessions", 2), ("sockets", 2), ("fenced", 0)]
    {
        let series = format!("socketio_courier_{name}{{courier=\"{number}\"}}");
        assert_eq!(metrics.get(&series), Some(&f64::from(value)), "{series}");
    }
}

#[actix_rt::test]
async fn names_that_clients_make_add_no_series() {
    let io = SocketIo::new();
    io.of_where(|_| true);
    let server = serve(&io, &fresh(&io), 1);
    let mut ws = Ws::connect(&server).await;
    let before: Vec<_> = scrape(&server).await.into_keys().collect();
    for number in 0..20 {
        ws.ask_for_namespace(&format!("/made/by/a/client/{number}")).await;
        ws.ask(&format!(r#"421["join","room {number}"]"#), "431[]").await;
    }
    let after = scrape(&server).await;
    assert_eq!((after["socketio_namespaces"], after["socketio_rooms"]), (21.0, 20.0));
    assert_eq!(after.into_keys().collect::<Vec<_>>(), before);
}

#[actix_rt::test]
async fn counters_do_not_fall_when_a_worker_ends() {
    let io = SocketIo::new();
    let (first, second) = (serve(&io, &fresh(&io), 1), serve(&io, &fresh(&io), 1));
    let mut ws = Ws::connect(&first).await;
    ws.ask(r#"421["echo"]"#, "431[]").await;
    let delivered = "socketio_delivered_packets_total";
    let before = scrape(&second).await[delivered];
    assert!(before > 0.0);
    let couriers =
        |it: &BTreeMap<String, f64>| it.keys().filter(|key| key.contains("courier_up")).count();
    assert_eq!(couriers(&scrape(&second).await), 2);
    within("the end of the first server", first.stop()).await;
    loop {
        let metrics = scrape(&second).await;
        assert_eq!(metrics[delivered], before);
        if couriers(&metrics) == 1 {
            return;
        }
    }
}
