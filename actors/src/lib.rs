#![doc = include_str!("../README.md")]

pub mod audience;
pub mod collector;
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
pub mod route;
pub mod server;
pub mod session;
