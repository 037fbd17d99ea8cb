//! What the log says, in a scene of its own. A log belongs to a process, and so do faults in actors: each scene runs in a process of its
//! own. The test that plays it is ignored, and called by the one that judges it.

use std::{env, process::Command, sync::OnceLock};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::within;

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) level: log::Level,
    pub(crate) target: String,
    pub(crate) text: String,
}

impl Line {
    pub(crate) fn is_tree(&self) -> bool {
        self.text.starts_with("\nserver")
    }
}

struct Capture(OnceLock<UnboundedSender<Line>>);

static CAPTURE: Capture = Capture(OnceLock::new());

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let (level, target) = (record.level(), record.target().to_owned());
        let line = Line { level, target, text: record.args().to_string() };
        if line.target.starts_with("actix_socketio")
            && let Some(sender) = self.0.get()
        {
            drop(sender.send(line));
        }
    }

    fn flush(&self) {}
}

/// The lines of this process so far.
pub(crate) struct Log {
    coming: UnboundedReceiver<Line>,
    pub(crate) seen: Vec<Line>,
}

impl Log {
    pub(crate) fn start() -> Self {
        let (sender, coming) = unbounded_channel();
        CAPTURE.0.set(sender).unwrap();
        log::set_logger(&CAPTURE).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        Self { coming, seen: Vec::new() }
    }

    pub(crate) async fn until(&mut self, what: &str, is_it: impl Fn(&Line) -> bool) {
        loop {
            let line = within(what, self.coming.recv()).await.unwrap();
            let found = is_it(&line);
            self.seen.push(line);
            if found {
                return;
            }
        }
    }

    pub(crate) async fn until_text(&mut self, text: &str) {
        self.until(text, |line| line.text.contains(text)).await;
    }

    /// What has been logged and not been seen yet.
    pub(crate) fn rest(&mut self) -> &[Line] {
        let seen = self.seen.len();
        self.seen.extend(std::iter::from_fn(|| self.coming.try_recv().ok()));
        &self.seen[seen..]
    }
}

/// Plays a scene, which is an ignored test, and gives what it has printed.
pub(crate) fn play(scene: &str) -> String {
    let played = Command::new(env::current_exe().unwrap())
        .args([scene, "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success() && out.contains("1 passed"), "{out}\n{err}");
    out.into_owned()
}
