#![doc = include_str!("../README.md")]

pub mod audience;
pub mod budget;
pub mod collector;
pub mod config;
pub mod courier;
pub mod dispatch;
pub mod early;
pub mod error;
pub mod escaped;
pub mod forwarder;
pub mod gate;
pub mod handshake;
pub mod id;
pub mod mailbox;
pub mod namespace;
pub mod operation;
pub mod outbox;
pub mod room;
pub mod route;
mod running;
pub mod server;
pub mod session;
pub mod shield;
pub mod socket_data;
pub mod supervision;
pub mod topology;
mod watchdog;
