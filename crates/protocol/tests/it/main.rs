//! Tests of the protocol crate through its public API, in one binary.
//!
//! Bytes are written out where the protocol is meant. Vectors named `protocol_…` are the examples of
//! the Engine.IO v4 and Socket.IO v5 protocol texts.

#![allow(clippy::unwrap_used)]

mod engine_frames;
mod engine_guard;
mod engine_packets;
mod engine_payloads;
mod generators;
mod properties;
mod socket_args;
mod socket_binary;
mod socket_decode;
mod socket_encode;
mod socket_events;
mod socket_relay;
mod socket_values;
mod support;
