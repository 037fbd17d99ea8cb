//! Totals and counters as text for Prometheus. Labels are numbers of couriers alone: names of namespaces and rooms are made by clients,
//! and there is no end to them.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, prometheus_text},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};

use crate::{
    Topology,
    topology::{CourierNode, Health, NodeState},
};

pub(super) use prometheus_text::CONTENT_TYPE;

/// The text; empty if the server has not answered, since nothing is known then.
pub(super) fn encode(topology: &Topology) -> Result<String, fmt::Error> {
    let mut text = String::new();
    if topology.state == NodeState::Answered {
        let mut registry = Registry::with_prefix("socketio");
        registry.register_collector(Box::new(Totals(topology.clone())));
        prometheus_text::encode(&mut text, &registry)?;
    }
    Ok(text)
}

/// A figure of a courier.
type Of = fn(&CourierNode) -> u64;

#[derive(Debug)]
struct Totals(Topology);

impl Collector for Totals {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let it = &self.0;
        let failed = it.health == Health::Failed;
        let gauges = [
            ("connections", "Connections, with sockets or without", it.connections as u64),
            ("sockets", "Sockets of all namespaces", it.sockets as u64),
            ("namespaces", "Namespaces", it.namespaces.total as u64),
            ("rooms", "Rooms of all namespaces, without the own rooms of sockets", it.rooms as u64),
            ("forwarders", "Actors that are told what happens", it.forwarders.total as u64),
            ("recipients", "Recipients that the application holds", it.outlets.total as u64),
            ("failed", "Whether an actor has panicked too often", u64::from(failed)),
            ("server_queue_depth", "Commands that wait at the root of the tree", it.queued),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(value);
            let metric = encoder.encode_descriptor(name, help, None, kind(&gauge))?;
            gauge.encode(metric)?;
        }
        self.counters(&mut encoder)?;
        self.couriers(&mut encoder)
    }
}

impl Totals {
    fn counters(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let it = &self.0.counters;
        let counters = [
            ("delivered_packets", "Packets put into the outbox of a socket", it.delivered),
            ("dropped_packets", "Volatile packets that a client was not ready for", it.dropped),
            ("slow_consumers", "Connections closed because too much waited", it.slow_consumers),
            ("handler_panics", "Handlers that have panicked", it.panics),
            ("unknown_acks", "Answers of clients that nobody waited for", it.unknown_acks),
            ("fences_forced", "Contexts let go because too much of them waited", it.fences_forced),
            ("fences_given_up", "Contexts let go by a silent supervisor", it.fences_given_up),
            ("thread_stalls", "Times that a handler has blocked its thread", it.stalls),
            ("restarts", "Times that an actor has gone on after a panic", it.restarts),
            ("lost_commands", "Commands that a panic of an actor has cost", it.lost),
        ];
        for (name, help, value) in counters {
            let counter = ConstCounter::new(value);
            let metric = encoder.encode_descriptor(name, help, None, kind(&counter))?;
            counter.encode(metric)?;
        }
        Ok(())
    }

    /// One line for each worker thread.
    fn couriers(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let gauges: [(_, _, Of); 5] = [
            ("courier_up", "Whether the courier has answered in time", |it| {
                u64::from(it.state == NodeState::Answered)
            }),
            ("courier_queue_depth", "Commands that wait at the courier", |it| it.queued),
            ("courier_sessions", "Connections with sockets at the courier", |it| {
                it.sessions.total as u64
            }),
            ("courier_sockets", "Sockets at the courier", |it| it.sockets as u64),
            ("courier_fenced", "Contexts that wait to keep their order", |it| it.fenced as u64),
        ];
        for (name, help, value) in gauges {
            let type_ = kind(&ConstGauge::new(0_u64));
            let mut family = encoder.encode_descriptor(name, help, None, type_)?;
            for courier in &self.0.couriers {
                let label = [("courier", courier.number.to_string())];
                ConstGauge::new(value(courier)).encode(family.encode_family(&label)?)?;
            }
        }
        Ok(())
    }
}

fn kind(metric: &impl EncodeMetric) -> prometheus_client::metrics::MetricType {
    metric.metric_type()
}
