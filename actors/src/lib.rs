#![doc = include_str!("../README.md")]

pub mod config;
pub mod courier;
pub mod dispatch;
pub mod error;
pub mod gate;
pub mod id;
pub mod namespace;
pub mod operation;
pub mod outbox;
pub mod room;
pub mod server;
pub mod session;
