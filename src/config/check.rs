//! What is refused when a server is built: values that cannot work, and options that cannot work together.
//!
//! `Builder` asks it once, with everything that was set; it changes nothing.

use std::borrow::Cow;

use actix_socketio_actors::{
    config::{Config, Limit},
    supervision::RestartLimit,
    topology::TopologyLog,
};

use super::Builder;

/// An option has a value that cannot work, or that cannot work with another one.
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio::{ConfigError, SocketIo};
/// let error: ConfigError = SocketIo::builder().ping_timeout(Duration::ZERO).build().unwrap_err();
/// assert!(error.to_string().starts_with("option `ping_timeout`: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("option `{option}`: {problem}")]
pub struct ConfigError {
    option: &'static str,
    problem: Cow<'static, str>,
}

impl ConfigError {
    pub(crate) fn new(option: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { option, problem: problem.into() }
    }
}

pub(super) fn all(builder: &Builder, engine_alone: bool) -> Result<(), ConfigError> {
    each(builder)?;
    zeros(builder)?;
    ages(&builder.config)?;
    ceilings(&builder.config)?;
    together(builder, engine_alone)
}

/// The first of these that does not hold is the error.
fn require<const N: usize>(
    rules: [(bool, &'static str, &'static str); N],
) -> Result<(), ConfigError> {
    match rules.into_iter().find(|(holds, ..)| !holds) {
        Some((_, option, problem)) => Err(ConfigError::new(option, problem)),
        None => Ok(()),
    }
}

fn each(builder: &Builder) -> Result<(), ConfigError> {
    let (path, transports, edge) = (&builder.path, builder.config.transports, &builder.edge);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
    let is_path = path.starts_with('/') && path.bytes().all(plain);
    // Browsers resolve them.
    let has_dots = path.split('/').any(|segment| segment == "." || segment == "..");
    require([
        (is_path, "path", "must start with `/` and be a plain path"),
        (!has_dots, "path", "must not have `.` or `..` as a segment"),
        (transports.polling || transports.websocket, "transports", "must not be empty"),
    ])?;
    let cookie = edge.cookie.as_ref().map_or(Ok(()), |cookie| cookie.check());
    cookie.map_err(|problem| ConfigError::new("cookie", problem))?;
    let origins = edge.origins.as_ref().map_or(Ok(()), |origins| origins.check());
    origins.map_err(|problem| ConfigError::new("allowed_origins", problem))?;
    let cors = edge.cors.as_ref().map_or(Ok(()), |cors| cors.check());
    cors.map_err(|problem| ConfigError::new("cors", problem))
}

fn together(builder: &Builder, engine_alone: bool) -> Result<(), ConfigError> {
    let config = &builder.config;
    let both = config.transports.polling && config.transports.websocket;
    let upgrades = builder.allow_upgrades == Some(true);
    let cookie = builder.edge.cookie.is_some();
    let outbox = builder.outbox.is_none_or(|(bytes, _)| bytes >= config.max_payload);
    let packet = builder.max_packet_bytes.is_none_or(|bytes| bytes >= config.max_payload);
    let client = builder.serve_client == Some(true);
    let paced = config.max_events_per_second != Limit::Unlimited;
    require([
        (both || !upgrades, "allow_upgrades", "an upgrade needs both transports"),
        (
            config.transports.polling || !cookie,
            "cookie",
            "it is sent with a polling handshake, and `transports` has no polling",
        ),
        (outbox, "outbox_limits", "must hold a message of `max_payload` bytes"),
        (packet, "max_packet_bytes", "must hold a message of `max_payload` bytes"),
        (!client || !engine_alone, "serve_client", "a server of Engine.IO alone has no client"),
        (
            !paced || !engine_alone,
            "max_events_per_second",
            "a server of Engine.IO alone has no events",
        ),
    ])
}

fn zeros(builder: &Builder) -> Result<(), ConfigError> {
    const PROBLEM: &str = "must not be zero";
    let config = &builder.config;
    let (bytes, packets) = builder.outbox.unwrap_or((1, 1));
    let RestartLimit { restarts, within } = config.restart_limit;
    let tree_is_due = match config.topology_log {
        TopologyLog::Off => None,
        TopologyLog::OnChange { at_most_every: time } | TopologyLog::Every(time) => Some(time),
    };
    require([
        (!config.ping_interval.is_zero(), "ping_interval", PROBLEM),
        (!config.ping_timeout.is_zero(), "ping_timeout", PROBLEM),
        (!config.upgrade_timeout.is_zero(), "upgrade_timeout", PROBLEM),
        (!config.connect_timeout.is_zero(), "connect_timeout", PROBLEM),
        (!config.ack_timeout.is_zero(), "ack_timeout", PROBLEM),
        (!config.write_timeout.is_zero(), "write_timeout", PROBLEM),
        (!config.binary_timeout.is_zero(), "binary_timeout", PROBLEM),
        (!config.body_timeout.is_zero(), "body_timeout", PROBLEM),
        (!config.fence_timeout.is_zero(), "fence_timeout", PROBLEM),
        (!config.forward_timeout.is_zero(), "forward_timeout", PROBLEM),
        (config.stall_threshold.is_none_or(|time| !time.is_zero()), "stall_threshold", PROBLEM),
        (config.max_payload > 0, "max_payload", PROBLEM),
        (config.max_ws_fragments > 0, "max_ws_fragments", PROBLEM),
        (config.max_packets_per_payload > 0, "max_packets_per_payload", PROBLEM),
        (config.max_inflight_events > 0, "max_inflight_events", PROBLEM),
        (config.max_events_per_second.allows(1), "max_events_per_second", PROBLEM),
        (config.max_watched_events > 0, "max_watched_events", PROBLEM),
        (config.max_forwarded > 0, "max_forwarded", PROBLEM),
        (config.max_namespaces_per_connection > 0, "max_namespaces_per_connection", PROBLEM),
        (config.recipient_capacity > 0, "recipient_capacity", PROBLEM),
        (config.min_body_rate > 0, "min_body_rate", PROBLEM),
        (config.max_ws_pings > 0, "max_ws_pings", PROBLEM),
        (config.max_sessions.allows(1), "max_sessions", PROBLEM),
        (config.max_sessions_per_ip.allows(1), "max_sessions_per_ip", PROBLEM),
        (config.max_rooms_per_socket > 0, "max_rooms_per_socket", PROBLEM),
        (config.max_room_len > 0, "max_room_len", PROBLEM),
        (config.memory_budget.allows(1), "memory_budget", PROBLEM),
        (config.max_bad_acks > 0, "max_bad_acks", PROBLEM),
        (config.max_unsolicited_pongs > 0, "max_unsolicited_pongs", PROBLEM),
        (config.packets.max_attachments > 0, "max_attachments", PROBLEM),
        (config.packets.max_namespace_len > 0, "max_namespace_len", PROBLEM),
        (config.packets.max_event_len > 0, "max_event_len", PROBLEM),
        (config.packets.max_json_depth > 0, "max_json_depth", PROBLEM),
        (bytes > 0 && packets > 0, "outbox_limits", PROBLEM),
        (config.fence.bytes > 0 && config.fence.operations > 0, "fence_limits", PROBLEM),
        (restarts > 0 && !within.is_zero(), "restart_limit", PROBLEM),
        (tree_is_due.is_none_or(|time| !time.is_zero()), "topology_log", PROBLEM),
    ])
}

/// Clients count milliseconds in 31 bits, and nothing that takes longer is meant to happen.
fn ages(config: &Config) -> Result<(), ConfigError> {
    const PROBLEM: &str = "must be below 24 days";
    let short = |time: std::time::Duration| time.as_millis() <= 0x7fff_ffff;
    require([
        (short(config.ping_interval), "ping_interval", PROBLEM),
        (short(config.ping_timeout), "ping_timeout", PROBLEM),
        (short(config.upgrade_timeout), "upgrade_timeout", PROBLEM),
        (short(config.connect_timeout), "connect_timeout", PROBLEM),
        (short(config.ack_timeout), "ack_timeout", PROBLEM),
        (short(config.write_timeout), "write_timeout", PROBLEM),
        (short(config.binary_timeout), "binary_timeout", PROBLEM),
        (short(config.body_timeout), "body_timeout", PROBLEM),
        (short(config.fence_timeout), "fence_timeout", PROBLEM),
        (short(config.forward_timeout), "forward_timeout", PROBLEM),
        (config.stall_threshold.is_none_or(short), "stall_threshold", PROBLEM),
    ])
}

/// More than this would not be heeded.
fn ceilings(config: &Config) -> Result<(), ConfigError> {
    let packets = config.packets;
    require([
        (packets.max_attachments <= 99, "max_attachments", "must be 99 at most"),
        (packets.max_json_depth <= 128, "max_json_depth", "must be 128 at most"),
    ])
}
