//! Tests of the whole server over loopback, in one binary: what clients send and get, in bytes. The official clients have a suite of
//! their own; here are the bytes that they would never send, the order that they cannot see, and the load that they do not make.
//!
//! Every wait has a deadline and nothing sleeps: that something does not happen is shown by a round trip that would come after it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod abandoned;
mod asks;
mod audiences;
mod bad_frames;
mod bad_packets;
mod bad_requests;
mod compile_fail;
mod drain;
mod dynamic_namespaces;
mod edge;
mod embedding;
mod engine;
mod extractors;
mod faults;
mod forward;
mod handlers;
mod handles;
mod handshake;
mod head_timeout;
mod hostile;
mod inspect;
mod isolation;
mod leaks;
mod limits;
mod model;
mod namespace_removal;
mod namespaces;
mod order;
mod outgoing;
mod packets;
mod pressure;
mod recipients;
mod rooms;
mod slow;
mod support;
mod test_kit;
mod tidy;
mod topology;
mod typed_events;
mod upgrades;
