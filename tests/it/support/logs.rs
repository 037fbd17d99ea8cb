//! What the server logs as an error, and what it says of threads that are blocked.

use std::sync::{Mutex, Once};

use log::{Level, LevelFilter, Metadata, Record};

const WATCHDOG: &str = "actix_socketio_actors::watchdog";

static LINES: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() == Level::Error || metadata.target() == WATCHDOG
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // Whatever makes the text may panic.
            let text = record.args().to_string();
            LINES.lock().unwrap().push((record.level(), text));
        }
    }

    fn flush(&self) {}
}

fn lines() -> Vec<(Level, String)> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(LevelFilter::Info);
    });
    LINES.lock().unwrap().clone()
}

/// The errors that were logged since this, or the next, was called for the first time, those of other tests of this process included.
pub(crate) fn logged() -> Vec<String> {
    let errors = lines().into_iter().filter(|(level, _)| *level == Level::Error);
    errors.map(|(_, text)| text).collect()
}

/// What was said since then of the thread of this courier.
pub(crate) fn logged_of_thread(courier: u32) -> Vec<(Level, String)> {
    let start = format!("thread of courier {courier} ");
    lines().into_iter().filter(|(_, text)| text.starts_with(&start)).collect()
}
