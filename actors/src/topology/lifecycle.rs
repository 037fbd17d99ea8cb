//! The log lines of actors that start, panic and stop: one line each, with the place in the tree and the reason.

use std::fmt::Display;

/// The target of these lines, and of the tree.
pub const TARGET: &str = "actix_socketio::topology";

/// An actor is there.
pub(crate) fn started(level: log::Level, place: impl Display, reason: impl Display) {
    log::log!(target: TARGET, level, "started {place}: {reason}");
}

/// An actor goes on after a panic.
pub(crate) fn restarted(place: impl Display, reason: impl Display) {
    log::warn!(target: TARGET, "restarted {place}: {reason}");
}

/// An actor does its work no more: it has panicked too often, or a panic ends it.
pub(crate) fn failed(place: impl Display, cost: impl Display) {
    match std::thread::panicking() {
        true => log::error!(target: TARGET, "failed {place}: a panic has ended it; {cost}"),
        false => log::error!(target: TARGET, "failed {place}: it panics too often; {cost}"),
    }
}

/// An actor has ended.
pub(crate) fn stopped(level: log::Level, place: impl Display, reason: impl Display) {
    // Actors are stopped while a panic unwinds, too.
    match std::thread::panicking() {
        true => log::log!(target: TARGET, level, "stopped {place}: panicked"),
        false => log::log!(target: TARGET, level, "stopped {place}: {reason}"),
    }
}
