//! Counts the panics of the server: a panic costs a thread or an actor, and nothing says so on the wire.

use std::sync::{
    Once,
    atomic::{AtomicUsize, Ordering},
};

static IN_THE_SERVER: AtomicUsize = AtomicUsize::new(0);

/// Counts every panic from now on that does not come from the tests themselves: their assertions and those of the test kit, the handlers that
/// panic on purpose, and the faults that they put into actors.
pub(super) fn watch() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let on_purpose = ["tests/it/", "src/test_util/", "supervision/faults.rs"];
            let location = info.location().map_or("", |at| at.file());
            if !on_purpose.iter().any(|place| location.contains(place)) {
                IN_THE_SERVER.fetch_add(1, Ordering::Relaxed);
            }
            // Backtraces take their time.
            let payload = info.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let text = text.unwrap_or_default();
            if !["on purpose", "fault at "].iter().any(|it| text.starts_with(it)) {
                former(info);
            }
        }));
    });
}

/// How many there were.
pub(super) fn count() -> usize {
    IN_THE_SERVER.load(Ordering::Relaxed)
}
