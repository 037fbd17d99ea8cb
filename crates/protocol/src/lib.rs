#![doc = include_str!("../README.md")]
//!
//! The crate holds pure functions and small state machines: it opens no connection, reads no clock
//! and draws no random numbers. Whoever moves bytes calls it, on either side of a transport.

pub mod engine;
pub mod socket;
