//! Handlers that block their thread: that is noticed, said once, counted, and said again when it is over.

use std::{fs, thread, time::Duration};

use actix_socketio::{Builder, Socket, SocketIo};
use futures_util::future::join_all;
use log::Level;
use serde::Deserialize;

use super::tree;
use crate::support::{Ends, TestServer, Ws, echoing, logged_of_thread, ran, within};

const THRESHOLD: Duration = Duration::from_millis(300);
/// Three times as long, so that it would be said more than once if it could be.
const BLOCKED: Duration = Duration::from_millis(900);

#[derive(Deserialize)]
struct Auth {
    block: String,
}

/// For that time, as far as the machine runs: nobody watches when it does not.
fn block() {
    let begun = ran();
    while ran() - begun < BLOCKED {
        thread::sleep(Duration::from_millis(1));
    }
}

fn start(options: Builder) -> (SocketIo, TestServer, Ends) {
    // From now on, lines are kept.
    logged_of_thread(0);
    let io = options.build().unwrap();
    let ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    (io, server, ends)
}

/// The numbers of the couriers: that of the supervisors, and that of the worker.
async fn couriers(io: &SocketIo) -> [u32; 2] {
    let topology = tree(io).await;
    let numbers: Vec<_> = topology.couriers.iter().map(|courier| courier.number).collect();
    numbers.try_into().unwrap()
}

/// Waits until it is said that the thread runs again; then it was said once that it does not, with what has blocked it.
async fn expect_report(io: &SocketIo, what: &str) {
    let [_, worker] = couriers(io).await;
    let about = format!(" ms: {what} may block it; ");
    let said = || {
        let lines = logged_of_thread(worker);
        let at = lines.iter().position(|(_, text)| text.contains(&about))?;
        (lines.len() > at + 1).then(|| lines[at..].to_vec())
    };
    let lines = within(format_args!("a report of {what}"), async {
        loop {
            match said() {
                Some(lines) => break lines,
                None => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    let [(first, blocked), (second, over), ..] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((first, second), (&Level::Warn, &Level::Info), "{lines:?}");
    let (_, rest) = blocked.split_once(" has not run for ").unwrap();
    let silent: u64 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!(silent >= THRESHOLD.as_millis() as u64, "{blocked}");
    assert!(over.contains(" runs again, after "), "{over}");
    assert_eq!(lines.iter().filter(|(_, text)| text.contains(&about)).count(), 1, "{lines:?}");
    let stalls = tree(io).await.couriers[1].counters.stalls;
    let warnings = logged_of_thread(worker).iter().filter(|(it, _)| *it == Level::Warn).count();
    assert_eq!(stalls, warnings as u64);
}

#[actix_rt::test]
async fn a_handler_that_blocks_is_reported_once_with_its_event_and_again_when_it_is_over() {
    let (io, server, _ends) = start(SocketIo::builder().stall_threshold(THRESHOLD));
    io.of("/").on("report", async || block()).on("after a wait", async || {
        tokio::task::yield_now().await;
        block();
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["report"]"#, "431[]").await;
    expect_report(&io, r#"event handler of "report""#).await;
    ws.ask(r#"422["after a wait"]"#, "432[]").await;
    expect_report(&io, r#"event handler of "after a wait""#).await;
    // The thread goes on.
    ws.fence().await;
}

#[actix_rt::test]
async fn middleware_and_handlers_of_connections_that_block_are_reported() {
    let (io, server, _ends) = start(SocketIo::builder().stall_threshold(THRESHOLD));
    let blocks = |socket: &Socket, at| socket.auth::<Auth>().is_ok_and(|auth| auth.block == at);
    io.of("/")
        .before_connect(async move |socket: Socket| {
            if blocks(&socket, "middleware") {
                block();
            }
        })
        .on_connect(async move |socket: Socket| {
            if blocks(&socket, "connect") {
                block();
            }
        })
        .on_disconnect(async move |socket: Socket| {
            if blocks(&socket, "disconnect") {
                block();
            }
        });
    for (at, what) in [
        ("middleware", "connect middleware"),
        ("connect", "connect handler"),
        ("disconnect", "disconnect handler"),
    ] {
        let mut ws = Ws::open(&server).await;
        ws.text(&format!(r#"40{{"block":"{at}"}}"#)).await;
        ws.next_text().await;
        ws.text("41").await;
        expect_report(&io, what).await;
    }
}

#[actix_rt::test]
async fn an_idle_server_and_a_loaded_one_are_not_reported() {
    const TIME: Duration = Duration::from_secs(3);
    let threshold = Duration::from_secs(1);
    let (idle, idle_server, _idle_ends) = start(SocketIo::builder().stall_threshold(threshold));
    let (loaded, server, _ends) = start(SocketIo::builder().stall_threshold(threshold));
    let mut quiet = Ws::connect(&idle_server).await;
    let begun = ran();
    let echoes = join_all((0..20).map(|_| async {
        let mut ws = Ws::connect(&server).await;
        let mut echoes = 0;
        while ran() - begun < TIME {
            ws.fence().await;
            echoes += 1;
        }
        echoes
    }));
    let echoes: usize = echoes.await.into_iter().sum();
    assert!(echoes > 100, "that is no load: {echoes}");
    quiet.fence().await;
    for io in [&idle, &loaded] {
        for courier in couriers(io).await {
            assert_eq!(logged_of_thread(courier), []);
        }
        assert_eq!(tree(io).await.counters.stalls, 0);
    }
}

/// Whether the thread that watches this server is there.
fn is_watched(supervisors: u32) -> bool {
    let name = format!("watchdog {supervisors}");
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let mut names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.any(|it| it.trim_end() == name)
}

#[actix_rt::test]
async fn the_thread_that_watches_ends_with_its_server_and_none_is_there_unless_it_is_wanted() {
    let (io, server, _ends) = start(SocketIo::builder());
    let mut ws = Ws::connect(&server).await;
    ws.fence().await;
    let [supervisors, _] = couriers(&io).await;
    // It gives itself its name, as soon as it runs.
    within("the thread", async {
        while !is_watched(supervisors) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop((io, ws));
    within("the end of the server", server.stop()).await;
    within("the end of the thread", async {
        while is_watched(supervisors) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let (io, server, _ends) = start(SocketIo::builder().stall_threshold(None));
    io.of("/").on("block", async || block());
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["block"]"#, "431[]").await;
    let [supervisors, worker] = couriers(&io).await;
    assert!(!is_watched(supervisors));
    assert_eq!(logged_of_thread(worker), []);
}

/// What waits for its courier meanwhile is far more than an outbox takes. Healthy clients take it as it comes.
#[actix_rt::test]
async fn a_thread_that_was_held_up_disconnects_no_client_that_reads() {
    const MESSAGES: usize = 30;
    let (io, server, mut ends) = start(SocketIo::builder().outbox_limits(1 << 20, 100));
    let text = "x".repeat(64 << 10);
    let own = text.clone();
    io.of("/").on("report", async || block()).on("all at once", async move |socket: Socket| {
        for n in 0..MESSAGES {
            socket.emit("n", &(n, &own));
        }
    });
    let mut blocking = Ws::connect(&server).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Ws::connect(&server).await);
    }
    let read = async |client: &mut Ws| {
        for n in 0..MESSAGES {
            let got = client.next_text().await;
            assert!(got.starts_with(&format!(r#"42["n",{n},"x"#)), "{n}: {got:.40}");
        }
    };
    blocking.text(r#"42["report"]"#).await;
    for n in 0..MESSAGES {
        io.of("/").emit("n", &(n, &text));
    }
    join_all(clients.iter_mut().chain([&mut blocking]).map(read)).await;
    // The same without a thread that is held up.
    clients[0].text(r#"42["all at once"]"#).await;
    read(&mut clients[0]).await;
    assert_eq!(ends.so_far(), []);
}
