//! What the log says of actors that come and go, and of the tree. Each scene is an ignored test, played in a process of its own.

use std::{env, fs, path::Path, time::Duration};

use actix::{Actor, ActorContext, Context, Handler, Recipient};
use actix_socketio::{Args, Lifecycle, SocketIo, TopologyLog, message::Emit, topology::TARGET};

use super::joining;
use crate::support::{
    Polling, TestServer, Ws,
    scene::{Line, Log, play},
};

/// The page with the excerpt, and what is before it there.
const PAGE: &str = "docs/guide/topology.md";
const MARK: &str = "<!-- From tests/it/topology/log.rs; BLESS=1 writes it anew. -->\n```text\n";

#[test]
fn the_log_in_the_guide_is_that_of_a_server() {
    play("topology::log::an_afternoon");
}

#[test]
fn what_clients_call_things_breaks_no_line() {
    play("topology::log::clients_with_nasty_names");
}

#[test]
fn forwarders_and_recipients_say_when_they_start_and_stop() {
    play("topology::log::an_actor_and_a_recipient");
}

#[actix_rt::test]
#[ignore = "played by the test above"]
async fn an_actor_and_a_recipient() {
    let mut log = Log::start();
    let io = SocketIo::new();
    joining(&io, &["/"]);
    let server = TestServer::start(&io);
    io.of("/").forward(Listener.start().recipient::<Lifecycle>());
    log.until_text("started server > forwarder: an actor follows what happens").await;
    let recipient: Recipient<Emit> = io.to("x").recipient();
    log.until_text(r#"started server > recipient: room "x" of "/""#).await;
    drop(recipient);
    log.until_text(r#"stopped server > recipient: room "x" of "/": nobody holds it any more"#)
        .await;
    // Its actor stops when it hears of this client.
    let _ws = Ws::connect(&server).await;
    log.until_text("stopped server > forwarder: its actor is gone").await;
    let ours = |line: &&Line| line.text.contains("forwarder") || line.text.contains("recipient");
    assert!(log.seen.iter().filter(ours).all(|line| line.target == TARGET), "{:#?}", log.seen);
}

struct Listener;

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Listener {
    type Result = ();

    fn handle(&mut self, _: Lifecycle, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

#[actix_rt::test]
#[ignore = "played by the test above"]
async fn an_afternoon() {
    let mut log = Log::start();
    let every = TopologyLog::Every(Duration::from_millis(50));
    let io = SocketIo::builder().topology_log(every).build().unwrap();
    joining(&io, &["/"]);
    let server = TestServer::start(&io);
    // Supervisors and workers have threads of their own: each is waited for, so that the lines have one order.
    log.until_text("namespace \"/\": defined").await;
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["join","lobby"]"#, "431[]").await;
    log.until_text("its first member joins").await;
    let polling = Polling::connect(&server).await;
    polling.post(r#"421["join","lobby"]"#).await;
    assert_eq!(polling.poll().await.text(), "431[]");
    // A join takes effect before its acknowledgement is fetched.
    let whole = |line: &Line| {
        let has = |what| line.text.contains(what);
        line.is_tree() && has(": 2 members") && has(", 4 delivered\n") && !has("outbox")
    };
    log.until("the tree", whole).await;
    let ids =
        [(ws.id.clone(), "first-socket-of-docs"), (polling.id.clone(), "other-socket-of-docs")];
    drop(ws);
    log.until_text("session 1: transport close").await;
    polling.post(r#"421["leave","lobby"]"#).await;
    log.until_text("stopped server > namespace \"/\" > room").await;
    polling.post("1").await;
    log.until_text("session 2: ").await;

    let mut lines = log.seen;
    lines.retain(|line| line.target == TARGET && line.level <= log::Level::Info);
    // Others were logged on the way, as the clock would have it.
    lines.retain(|line| !line.is_tree() || whole(line));
    let first = lines.iter().position(whole).unwrap();
    let mut excerpt = String::new();
    for (_, line) in lines.iter().enumerate().filter(|(at, line)| !line.is_tree() || *at == first) {
        excerpt += &format!("[{} {}] {}\n", line.level, line.target, line.text);
    }
    for (id, name) in ids {
        excerpt = excerpt.replace(&id, name);
    }
    compare(&sorted_members(&excerpt));
}

/// The members of a room are in no order.
fn sorted_members(excerpt: &str) -> String {
    excerpt.replace(
        "other-socket-of-docs first-socket-of-docs",
        "first-socket-of-docs other-socket-of-docs",
    )
}

fn compare(excerpt: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARK).expect("the mark");
    let (documented, after) = rest.split_once("```").expect("the end of the excerpt");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{MARK}{excerpt}```{after}")).unwrap();
        return;
    }
    assert_eq!(documented, excerpt, "BLESS=1 writes the page anew");
}

#[actix_rt::test]
#[ignore = "played by the test above"]
async fn clients_with_nasty_names() {
    const NASTY: &str = r#"a\n\u001b[31m\u202eb"#;
    let mut log = Log::start();
    let every = TopologyLog::Every(Duration::from_millis(50));
    let io = SocketIo::builder().topology_log(every).build().unwrap();
    let any = io.of_where(|_| true);
    any.on("join", async |socket: actix_socketio::Socket, Args(room): Args<String>| {
        socket.join(room);
    });
    any.on("a\n\u{1b}[31m\u{202e}b", async |Args(_): Args<u8>| ());
    any.on("say", async |Args(text): Args<String>| -> Result<(), String> { Err(text) });
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    let namespace = "/a\n\u{1b}[31m\u{202e}b";
    ws.text(&format!("40{namespace},")).await;
    assert!(ws.next_text().await.starts_with(&format!(r#"40{namespace},{{"sid":""#)));
    let event = |packet: String| format!("42{namespace},{packet}");
    ws.ask(&event(format!(r#"1["join","{NASTY}"]"#)), &format!("43{namespace},1[]")).await;
    ws.text(&event(format!(r#"["{NASTY}","no number"]"#))).await;
    ws.text(&event(format!(r#"["say","{NASTY}"]"#))).await;
    log.until_text(r#"room "a\n\u{1b}[31m\u{202e}b""#).await;
    log.until("the tree", |line| line.is_tree() && line.text.contains(r"room")).await;
    let sid = ws.sid.clone();
    drop(ws);
    log.until_text("session 1: transport close").await;
    let shown = r#"a\n\u{1b}[31m\u{202e}b"#;
    let with =
        |what: &str| log.seen.iter().any(|it| it.text.contains(what) && it.text.contains(shown));
    for what in ["started server > namespace", "> room", "of socket", "├─ namespace"] {
        assert!(with(what), "{what}: {:#?}", log.seen);
    }
    for line in &log.seen {
        let text = if line.is_tree() { line.text.replace('\n', "") } else { line.text.clone() };
        assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        assert!(!text.contains(&sid), "{line:?}");
    }
}
