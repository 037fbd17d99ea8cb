//! User code that panics: what its client gets, what is counted and logged, and that a client beside it notices nothing.
//!
//! Each file is a table of cases for one part of a client's life. What panics does so only for a client that asks for it, so that the
//! witness is in the same namespace, with the same handlers.

mod connecting;
mod edge;
mod events;
mod leaving;
mod many;

use std::{
    future::{Ready, ready},
    sync::atomic::{AtomicBool, Ordering},
};

use actix_socketio::{Socket, SocketIo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::tree;
use crate::support::{TestServer, Witness, Ws, echoing, logged, within};

/// What the server and the client do in one case.
struct Case {
    /// What panics, and the last words of it.
    what: &'static str,
    /// Adds the handlers.
    prepare: fn(&SocketIo),
    /// What the client sends, and all that it gets then; `*` at the end is anything. An answer to the last question has its id as `{id}`.
    script: &'static [(&'static str, &'static [&'static str])],
    /// How many panics there are.
    panics: u64,
}

/// The client gets in, as one that makes things fail.
const ENTER: (&str, &[&str]) = (r#"40{"fail":true}"#, &[r#"40{"sid":*"#]);
const LEAVE: (&str, &[&str]) = ("41", &[]);
/// A round trip.
const ECHO: (&str, &[&str]) = (r#"429["echo"]"#, &["439[]"]);

#[derive(Deserialize)]
struct Auth {
    #[serde(default)]
    fail: bool,
}

/// Whether this is the client that makes things fail.
fn fails(socket: &Socket) -> bool {
    socket.auth::<Auth>().is_ok_and(|auth| auth.fail)
}

fn fail(what: &str) {
    panic!("on purpose: {what}");
}

/// A handler that panics before there is a future.
fn at_once(what: &'static str) -> Ready<()> {
    if AtomicBool::new(true).load(Ordering::Relaxed) {
        fail(what);
    }
    ready(())
}

/// Panics when it has waited.
async fn later(what: &'static str) {
    tokio::task::yield_now().await;
    fail(what);
}

/// An argument that cannot even be read or written.
struct Explosive;

impl<'de> Deserialize<'de> for Explosive {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("on purpose: an argument that is read")
    }
}

impl Serialize for Explosive {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("on purpose: an argument that is written")
    }
}

/// Panics when it is dropped.
#[derive(Serialize)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        fail(self.0);
    }
}

async fn run(cases: &[Case]) {
    for case in cases {
        println!("{}", case.what);
        run_one(case).await;
    }
}

async fn run_one(case: &Case) {
    let said = logged_panics(case.what);
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    (case.prepare)(&io);
    let server = TestServer::start(&io);
    let witness = Witness::of(&server).await;
    let mut ws = Ws::open(&server).await;
    let (mut id, mut last) = (String::new(), String::new());
    for (sent, expected) in case.script {
        if !sent.is_empty() {
            ws.text(&sent.replace("{id}", &id)).await;
        }
        for expected in *expected {
            last = ws.next_text().await;
            match expected.strip_suffix('*') {
                Some(start) => assert!(last.starts_with(start), "{}: {last}", case.what),
                None => assert_eq!(last, *expected, "{}", case.what),
            }
            if let Some(asked) = last.strip_prefix("42") {
                id = asked.chars().take_while(char::is_ascii_digit).collect();
            }
        }
    }
    ws.text("1").await;
    ws.expect_close(None).await;
    expect_panics(&io, case.what, case.panics).await;
    // The log follows the counter.
    within(format_args!("the log of {}", case.what), async {
        while logged_panics(case.what) - said < case.panics {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(logged_panics(case.what) - said, case.panics, "{}", case.what);
    let by_the_client = ["transport close", "client namespace disconnect"];
    let ends = ends.so_far();
    assert!(ends.iter().all(|(_, reason)| by_the_client.contains(reason)), "{ends:?} {last}");
    witness.assert_served().await;
}

/// Exactly so many panics have been counted, as soon as they are.
async fn expect_panics(io: &SocketIo, what: &str, panics: u64) {
    let counted = async || tree(io).await.counters.panics;
    within(format_args!("{what}: {panics} panics"), async {
        while counted().await < panics {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(counted().await, panics, "{what}");
}

/// How often the log has said that this panicked.
fn logged_panics(what: &str) -> u64 {
    let texts =
        ["panicked", "panicked when it was dropped"].map(|it| format!("{it}: on purpose: {what}"));
    let says = |line: &&String| texts.iter().any(|text| line.ends_with(text));
    logged(log::Level::Error).iter().filter(says).count() as u64
}
