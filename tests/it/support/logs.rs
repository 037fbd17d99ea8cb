//! What the server logs, in the whole process: with other tests in it, their servers' lines are among these.

use std::sync::{Mutex, Once};

use log::{Level, LevelFilter};

static LINES: Mutex<Vec<(Level, String)>> = Mutex::new(Vec::new());

struct Logger;

impl log::Log for Logger {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("actix_socketio")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            // Whatever makes the text may panic.
            let text = record.args().to_string();
            LINES.lock().unwrap().push((record.level(), text));
        }
    }

    fn flush(&self) {}
}

/// What is logged at this level and above is kept from now on. Others may have asked for more.
fn keep(level: LevelFilter) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| log::set_logger(&Logger).unwrap());
    log::set_max_level(log::max_level().max(level));
}

/// The lines at this level and above that were logged since this was called for the first time.
pub(crate) fn logged(level: Level) -> Vec<String> {
    keep(level.to_level_filter());
    let lines = LINES.lock().unwrap();
    lines.iter().filter(|(of, _)| *of <= level).map(|(_, text)| text.clone()).collect()
}

/// What was said since then of the thread of this courier.
pub(crate) fn logged_of_thread(courier: u32) -> Vec<(Level, String)> {
    keep(LevelFilter::Info);
    let start = format!("thread of courier {courier} ");
    LINES.lock().unwrap().iter().filter(|(_, text)| text.starts_with(&start)).cloned().collect()
}
