//! The table of limits in `docs/guarantees.md` says what the configuration says.

use std::{collections::BTreeMap, fs, time::Duration};

use actix_socketio_actors::config::{Config, Limit};

use super::root;

fn number(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().collect();
    groups.iter().map(|group| str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(",")
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

fn limit(limit: Limit, written: impl FnOnce(usize) -> String) -> String {
    match limit {
        Limit::Of(limit) => written(limit),
        Limit::Unlimited => "`Limit::Unlimited`".to_owned(),
    }
}

/// A default of up to four digits is written without a comma.
fn count(value: usize) -> String {
    if value < 10_000 { value.to_string() } else { number(value) }
}

/// How each default begins in the table.
fn defaults() -> BTreeMap<&'static str, String> {
    let config = Config::default();
    let (packets, outbox, restarts) = (config.packets, config.outbox, config.restart_limit);
    let fence = config.fence;
    let bytes = |value| count(value) + " bytes";
    BTreeMap::from([
        ("max_payload", bytes(config.max_payload)),
        ("max_ws_fragments", count(config.max_ws_fragments)),
        ("max_ws_pings", count(config.max_ws_pings) + " a second, over ten"),
        ("max_packets_per_payload", count(config.max_packets_per_payload)),
        ("body_timeout", seconds(config.body_timeout)),
        ("min_body_rate", bytes(config.min_body_rate) + " a second"),
        ("max_attachments", count(packets.max_attachments)),
        ("max_packet_bytes", bytes(packets.max_packet_bytes)),
        ("binary_timeout", seconds(config.binary_timeout)),
        ("max_namespace_len", bytes(packets.max_namespace_len)),
        ("max_event_len", bytes(packets.max_event_len)),
        ("max_json_depth", count(packets.max_json_depth)),
        ("max_bad_acks", count(config.max_bad_acks) + " a minute"),
        ("max_unsolicited_pongs", count(config.max_unsolicited_pongs) + " between two pings"),
        ("max_namespaces_per_connection", count(config.max_namespaces_per_connection)),
        ("max_dynamic_namespaces", count(config.max_dynamic_namespaces)),
        ("connect_timeout", seconds(config.connect_timeout)),
        ("max_rooms_per_socket", count(config.max_rooms_per_socket)),
        ("max_room_len", bytes(config.max_room_len)),
        ("max_inflight_events", count(config.max_inflight_events)),
        ("max_events_per_second", limit(config.max_events_per_second, count)),
        ("max_watched_events", count(config.max_watched_events)),
        ("recipient_capacity", count(config.recipient_capacity)),
        ("max_forwarded", count(config.max_forwarded)),
        ("outbox_limits", format!("{}, {} packets", bytes(outbox.bytes), count(outbox.packets))),
        ("volatile_limit", bytes(outbox.volatile_bytes)),
        ("fence_limits", format!("{}, {} operations", bytes(fence.bytes), count(fence.operations))),
        ("fence_timeout", seconds(config.fence_timeout)),
        ("write_timeout", seconds(config.write_timeout)),
        ("ping_timeout", seconds(config.ping_timeout)),
        ("upgrade_timeout", seconds(config.upgrade_timeout)),
        ("max_sessions", limit(config.max_sessions, count)),
        ("max_sessions_per_ip", limit(config.max_sessions_per_ip, count)),
        ("memory_budget", limit(config.memory_budget, bytes)),
        ("restart_limit", format!("{} in {}", restarts.restarts, seconds(restarts.within))),
    ])
}

/// Option and default of each row.
fn rows(guarantees: &str) -> BTreeMap<&str, String> {
    let (_, section) = guarantees.split_once("\n## Limits\n").unwrap();
    let rows = section.split("\n## ").next().unwrap().lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| ")?.split(" | ").collect();
        let option = cells[1].strip_prefix('`')?.strip_suffix('`')?;
        Some((option, cells[2].to_owned()))
    });
    rows.collect()
}

#[test]
fn the_table_of_limits_says_what_the_defaults_are() {
    let guarantees = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    assert_eq!(rows(&guarantees), defaults());
}

#[test]
fn every_option_that_says_how_much_is_in_the_table() {
    let source = fs::read_to_string(root().join("src/config/limits.rs")).unwrap();
    let options = source.lines().filter_map(|line| line.trim().strip_prefix("pub fn "));
    let names: Vec<_> = options.map(|rest| rest.split(['(', '<']).next().unwrap()).collect();
    assert!(names.len() > 15, "{names:?}");
    let known = defaults();
    let missing: Vec<_> = names.into_iter().filter(|name| !known.contains_key(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
