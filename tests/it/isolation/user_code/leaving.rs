//! When a client leaves: its last handlers, and what the application has kept that panics when it is dropped.

use std::{
    future::{Future, pending, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use actix_socketio::{Socket, SocketIo};

use super::{
    Bomb, Case, ECHO, ENTER, LEAVE, at_once, expect_panics, fail, fails, later, logged_panics, run,
};
use crate::support::{TestServer, Witness, Ws, echoing, within};

/// The namespace is free again.
const LEFT: &[(&str, &[&str])] = &[ENTER, ECHO, LEAVE, ("40", &[r#"40{"sid":*"#]), ECHO];

#[actix_rt::test]
async fn a_disconnect_handler_that_panics_costs_only_itself() {
    run(&[
        Case {
            what: "disconnect handler, at once",
            prepare: |io| {
                io.of("/").on_disconnect(|socket: Socket| match fails(&socket) {
                    true => at_once("disconnect handler, at once"),
                    false => ready(()),
                });
            },
            script: LEFT,
            panics: 1,
        },
        Case {
            what: "disconnect handler, later",
            prepare: |io| {
                io.of("/").on_disconnect(async |socket: Socket| {
                    if fails(&socket) {
                        later("disconnect handler, later").await;
                    }
                });
            },
            script: LEFT,
            panics: 1,
        },
        Case {
            what: "disconnecting and disconnect handlers",
            prepare: |io| {
                let fails = async |socket: Socket| {
                    if fails(&socket) {
                        fail("disconnecting and disconnect handlers");
                    }
                };
                io.of("/").on_disconnecting(fails).on_disconnecting(fails).on_disconnect(fails);
            },
            script: LEFT,
            panics: 3,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn the_disconnect_handlers_beside_one_that_panics_run() {
    let io = SocketIo::new();
    let (sender, mut ran) = tokio::sync::mpsc::unbounded_channel();
    io.of("/").on_disconnecting(async || fail("beside")).on_disconnect(|| at_once("beside"));
    io.of("/").on_disconnect(async move || sender.send(()).unwrap());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text("41").await;
    within("the last handler", ran.recv()).await.unwrap();
}

#[actix_rt::test]
async fn data_of_a_socket_that_panics_when_it_is_dropped_costs_nothing() {
    run(&[
        Case {
            what: "data that is replaced",
            prepare: |io| {
                io.of("/").on("fail", async |socket: Socket| {
                    socket.set_data(Bomb("data that is replaced"));
                    socket.set_data(1);
                    *socket.data::<i32>().unwrap()
                });
            },
            script: &[ENTER, (r#"421["fail"]"#, &["431[1]"]), ECHO],
            panics: 1,
        },
        Case {
            what: "data of a socket that has gone",
            prepare: |io| {
                io.of("/").on_connect(async |socket: Socket| {
                    if fails(&socket) {
                        socket.set_data(Bomb("data of a socket that has gone"));
                    }
                });
            },
            script: LEFT,
            panics: 1,
        },
        Case {
            what: "data of a client that was refused",
            prepare: |io| {
                io.of("/").before_connect(async |socket: Socket| {
                    if fails(&socket) {
                        socket.set_data(Bomb("data of a client that was refused"));
                        return Err("no");
                    }
                    Ok(())
                });
            },
            script: &[
                (r#"40{"fail":true}"#, &[r#"44{"message":"no"}"#]),
                ("40", &[r#"40{"sid":*"#]),
                ECHO,
            ],
            panics: 1,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn data_that_an_actor_of_ours_is_the_last_to_hold_may_panic_when_it_is_dropped() {
    const WHAT: &str = "data in the mailbox of a supervisor";
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    io.of("/").on_connect(async |socket: Socket| {
        if fails(&socket) {
            socket.set_data(Bomb(WHAT));
            socket.join("failing");
        }
    });
    let server = TestServer::with_workers(&io, 2);
    let witness = Witness::of(&server).await;
    for _ in 0..20 {
        let mut ws = Ws::open(&server).await;
        ws.text(r#"40{"fail":true}"#).await;
        ws.next_text().await;
        // What still looks for the socket holds it, wherever that is by now.
        for _ in 0..10 {
            io.to("failing").sockets_join("room");
            io.to("failing").emit("x", &());
        }
        drop(ws);
        ends.next(1).await;
    }
    expect_panics(&io, WHAT, 20).await;
    witness.assert_served().await;
}

/// A future that panics when it is dropped, whether or not it has ended.
struct Fuse {
    ends: bool,
    _bomb: Bomb,
}

impl Future for Fuse {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.ends { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[actix_rt::test]
async fn the_future_of_a_handler_may_panic_when_it_is_dropped() {
    run(&[Case {
        what: "the future of a handler",
        prepare: |io| {
            io.of("/").on("fail", || Fuse { ends: true, _bomb: Bomb("the future of a handler") });
        },
        script: &[
            ENTER,
            (r#"421["fail"]"#, &[r#"431[{"error":"Internal server error"}]"#]),
            (r#"42["fail"]"#, &[]),
            ECHO,
        ],
        panics: 2,
    }])
    .await;
}

#[actix_rt::test]
async fn handlers_that_never_finish_may_panic_when_the_server_ends() {
    const WHAT: &str = "a handler that was still running";
    let io = SocketIo::new();
    assert_eq!(logged_panics(WHAT), 0);
    let _ends = echoing(&io.of("/"));
    io.of("/").on("fail", || Fuse { ends: false, _bomb: Bomb(WHAT) }).on("fail", async || {
        let _bombs = [Bomb(WHAT)];
        pending::<()>().await;
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    // Each panics alone: a panic that begins while another unwinds would be the end of the process.
    ws.text(r#"42["fail"]"#).await;
    ws.text(r#"42["fail"]"#).await;
    ws.fence().await;
    within("the end of the server", server.stop()).await;
    within("the panics", async {
        while logged_panics(WHAT) < 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Counts how often it is dropped, and panics.
struct State(Arc<AtomicUsize>);

impl Drop for State {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        fail("the state of a handler");
    }
}

#[actix_rt::test]
async fn the_state_of_handlers_may_panic_when_the_last_client_that_has_them_leaves() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    for event in ["a", "b"] {
        let state = Arc::new(State(dropped.clone()));
        io.of("/").on(event, move || ready(Arc::strong_count(&state) > 1));
    }
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["a"]"#, "431[true]").await;
    io.of("/").off("a").off("b");
    let witness = Witness::of(&server).await;
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    drop(ws);
    ends.next(1).await;
    within("the end of two states", async {
        while dropped.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    witness.assert_served().await;
    let mut other = Ws::connect(&server).await;
    other.fence().await;
}
