//! Zero is no limit, and never means that there is none.

use std::time::Duration;

use actix_socketio::{Builder, SocketIo};

/// The option that stands in the way of building.
fn refused(options: impl FnOnce(Builder) -> Builder) -> Option<String> {
    let error = options(SocketIo::builder()).build().err()?.to_string();
    Some(error.split('`').nth(1).unwrap().to_owned())
}

macro_rules! refuses {
    ($($option:ident($value:expr)),* $(,)?) => {$(
        assert_eq!(refused(|b| b.$option($value)).as_deref(), Some(stringify!($option)));
    )*};
}

#[test]
fn zero_is_refused_for_every_limit() {
    refuses! {
        max_attachments(0), max_packet_bytes(0), max_namespace_len(0), max_event_len(0), max_json_depth(0),
        max_bad_acks(0), max_unsolicited_pongs(0), min_body_rate(0), max_ws_pings(0), max_sessions(0),
        max_sessions_per_ip(0), max_events_per_second(0), max_rooms_per_socket(0), max_room_len(0), memory_budget(0), max_payload(0), max_inflight_events(0),
        max_namespaces_per_connection(0), write_timeout(Duration::ZERO), binary_timeout(Duration::ZERO),
        stall_threshold(Duration::ZERO), fence_timeout(Duration::ZERO),
    }
}

#[test]
fn what_would_not_be_heeded_is_refused() {
    refuses! {
        max_attachments(100), max_json_depth(129), max_packet_bytes(999_999),
        write_timeout(Duration::MAX), binary_timeout(Duration::MAX), stall_threshold(Duration::MAX),
        fence_timeout(Duration::MAX),
    }
    let none_waits =
        [(0, 1), (1, 0)].map(|(bytes, operations)| refused(|b| b.fence_limits(bytes, operations)));
    assert_eq!(none_waits.each_ref().map(Option::as_deref), [Some("fence_limits"); 2]);
    assert_eq!(
        refused(|b| b.max_attachments(99).max_json_depth(128).max_packet_bytes(1_000_000)),
        None
    );
}
