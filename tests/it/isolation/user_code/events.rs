//! While a client is connected: events both ways, acknowledgements, what is serialised and read.

use std::fmt;

use actix::{Actor, Context, Handler, MessageResult};
use actix_socketio::{AckSender, Args, Event, EventName, Received, Socket, SocketIo};
use serde::Deserialize;

use super::{Bomb, Case, ECHO, ENTER, Explosive, at_once, fail, fails, later, run};
use crate::{
    isolation::tree,
    support::{Polling, TestServer, Ws, echoing},
};

const ERROR: &str = r#"431[{"error":"Internal server error"}]"#;
const FAILED: &[&str] = &[ERROR];
/// Whoever waits is answered; the next event, of the same name, is handled like the first.
const ANSWERED: &[(&str, &[&str])] = &[
    ENTER,
    (r#"421["fail",1]"#, FAILED),
    (r#"421["fail",1]"#, FAILED),
    (r#"42["fail",1]"#, &[]),
    ECHO,
];

#[actix_rt::test]
async fn an_event_handler_that_panics_costs_only_its_event() {
    run(&[
        Case {
            what: "event handler, at once",
            prepare: |io| {
                io.of("/").on("fail", || at_once("event handler, at once"));
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: "event handler, in its future",
            prepare: |io| {
                io.of("/").on("fail", async || fail("event handler, in its future"));
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: "event handler, later",
            prepare: |io| {
                io.of("/").on("fail", async || later("event handler, later").await);
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: "fallback",
            prepare: |io| {
                io.of("/").on_fallback(async || fail("fallback"));
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: "once handler",
            prepare: |io| {
                io.of("/").once("fail", async || later("once handler").await);
            },
            script: &[ENTER, (r#"421["fail"]"#, FAILED), (r#"421["fail"]"#, &[]), ECHO],
            panics: 1,
        },
        Case {
            what: "an event handler that has taken the acknowledgement over",
            prepare: |io| {
                io.of("/").on("fail", async |_: AckSender| {
                    fail("an event handler that has taken the acknowledgement over");
                });
            },
            script: &[ENTER, (r#"421["fail"]"#, &[]), ECHO],
            panics: 1,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn beside_other_handlers_one_that_panics_costs_only_itself() {
    run(&[
        Case {
            what: "one of two handlers, which says nothing",
            prepare: |io| {
                let what = "one of two handlers, which says nothing";
                io.of("/").on("fail", async move || fail(what)).on("fail", async || "answer");
            },
            script: &[ENTER, (r#"421["fail"]"#, &[r#"431["answer"]"#]), ECHO],
            panics: 1,
        },
        Case {
            what: "all of two handlers",
            prepare: |io| {
                let fails = async || later("all of two handlers").await;
                io.of("/").on("fail", fails).on("fail", fails);
            },
            script: &[ENTER, (r#"421["fail"]"#, FAILED), ECHO],
            panics: 2,
        },
        Case {
            what: "catch-all",
            prepare: |io| {
                io.of("/").on_any(async |socket: Socket| {
                    if fails(&socket) {
                        fail("catch-all");
                    }
                });
                io.of("/").on("fail", async || "handled");
            },
            script: &[ENTER, (r#"421["fail"]"#, &[r#"431["handled"]"#])],
            panics: 1,
        },
        Case {
            what: "packet middleware",
            prepare: |io| {
                io.of("/").before_event(async |EventName(name): EventName| {
                    if name == "fail" {
                        later("packet middleware").await;
                    }
                });
                io.of("/").on("fail", async || "handled");
            },
            script: &[ENTER, (r#"421["fail"]"#, FAILED), ECHO],
            panics: 1,
        },
        Case {
            what: "error handler",
            prepare: |io| {
                io.of("/").on("fail", async |_: Args<bool>| ());
                io.of("/").on_error(async || fail("error handler"));
            },
            script: &[
                ENTER,
                (r#"421["fail",1]"#, &[r#"431[{"error":"invalid arguments"}]"#]),
                ECHO,
            ],
            panics: 1,
        },
        Case {
            what: "handler of outgoing events",
            prepare: |io| {
                io.of("/").on_any_outgoing(async || later("handler of outgoing events").await);
            },
            script: &[
                ENTER,
                (r#"42["back",1]"#, &[r#"42["back",1]"#]),
                (r#"42["back",2]"#, &[r#"42["back",2]"#]),
                ECHO,
            ],
            panics: 2,
        },
    ])
    .await;
}

/// Acknowledged by what cannot be written.
#[derive(Deserialize, Event)]
#[event(name = "fail", ack = Explosive)]
struct Ask(u32);

struct Clerk;

impl Actor for Clerk {
    type Context = Context<Self>;
}

impl Handler<Received<Ask>> for Clerk {
    type Result = MessageResult<Received<Ask>>;

    fn handle(&mut self, asked: Received<Ask>, _: &mut Self::Context) -> Self::Result {
        let Ask(n) = asked.event;
        if n == 0 {
            fail("the actor of an event");
        }
        MessageResult(Explosive)
    }
}

#[actix_rt::test]
async fn what_panics_when_it_is_read_or_written_costs_only_its_event() {
    let written = "an argument that is written";
    run(&[
        Case {
            what: "an argument that is read",
            prepare: |io| {
                io.of("/").on("fail", async |_: Args<Explosive>| ());
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: written,
            prepare: |io| {
                io.of("/").on("fail", async |socket: Socket| socket.emit("x", &Explosive));
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: written,
            prepare: |io| {
                io.of("/")
                    .on("fail", async |io: SocketIo| io.to("room").emit("x", &(1, Explosive)));
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            what: written,
            prepare: |io| {
                io.of("/").on("fail", async |socket: Socket| {
                    drop(socket.ask::<u32>("x", &Explosive).await);
                });
            },
            script: ANSWERED,
            panics: 3,
        },
        Case {
            // Nobody wants the acknowledgement of the third.
            what: written,
            prepare: |io| {
                io.of("/").on("fail", async || Explosive);
            },
            script: ANSWERED,
            panics: 2,
        },
        Case {
            // The reply of an actor is written where the client is served.
            what: written,
            prepare: |io| {
                io.of("/").forward(Clerk.start().recipient::<Received<Ask>>());
            },
            script: &[ENTER, (r#"421["fail",1]"#, FAILED), ECHO],
            panics: 1,
        },
        Case {
            what: "the text of a refusal",
            prepare: |io| {
                io.of("/").before_event(async |EventName(name): EventName| match &*name {
                    "fail" => Err(Speechless),
                    _ => Ok(()),
                });
            },
            script: &[ENTER, (r#"421["fail"]"#, FAILED), ECHO],
            panics: 1,
        },
    ])
    .await;
}

/// An error without words.
#[derive(Debug)]
struct Speechless;

impl std::error::Error for Speechless {}

impl fmt::Display for Speechless {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("on purpose: the text of a refusal")
    }
}

#[actix_rt::test]
async fn what_comes_after_the_answer_to_a_question_may_panic() {
    run(&[
        Case {
            what: "after the answer",
            prepare: |io| {
                io.of("/").on("fail", async |socket: Socket| {
                    let answer: u32 = socket.ask("question", &()).await.unwrap();
                    socket.emit("got", &answer);
                    fail("after the answer");
                });
            },
            script: &[
                ENTER,
                (r#"421["fail"]"#, &["42*"]),
                ("43{id}[7]", &[r#"42["got",7]"#, ERROR]),
                ECHO,
            ],
            panics: 1,
        },
        Case {
            what: "an argument that is read",
            prepare: |io| {
                io.of("/").on("fail", async |socket: Socket| {
                    drop(socket.ask::<Explosive>("question", &()).await);
                });
            },
            script: &[ENTER, (r#"421["fail"]"#, &["42*"]), ("43{id}[7]", FAILED), ECHO],
            panics: 1,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn a_handler_that_panics_does_not_use_up_what_may_be_in_flight() {
    let io = SocketIo::builder().max_inflight_events(2).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("at-once", || at_once("in flight")).on("later", async |socket: Socket| {
        socket.emit("before", &());
        later("in flight").await;
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    for _ in 0..10 {
        ws.text(r#"42["at-once"]"#).await;
        ws.ask(r#"42["later"]"#, r#"42["before"]"#).await;
        client.post("42[\"at-once\"]\x1e42[\"later\"]").await;
        assert_eq!(client.poll().await.text(), r#"42["before"]"#);
    }
    ws.fence().await;
    client.fence().await;
}

#[actix_rt::test]
async fn a_panic_may_be_thrown_with_a_value_that_panics_again() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    io.of("/").on("fail", async || -> () { std::panic::panic_any(Bomb("thrown")) });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["fail"]"#, ERROR).await;
    ws.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn an_event_handler_that_panics_over_polling_costs_only_its_event() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    io.of("/").on("fail", || at_once("over polling"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let body = "427[\"fail\"]\x1e421[\"echo\"]\x1e42[\"fail\"]\x1e422[\"echo\"]";
    assert_eq!(client.post(body).await.parts(), (200, "ok"));
    let failed = r#"437[{"error":"Internal server error"}]"#;
    assert_eq!(client.poll().await.text(), format!("{failed}\x1e431[]\x1e432[]"));
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn what_panics_when_it_is_written_outside_of_handlers_is_the_callers() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let handle = io.clone();
    let thread = std::thread::spawn(move || handle.emit("x", &Explosive));
    let joined = actix_rt::task::spawn_blocking(|| thread.join());
    crate::support::within("the thread", joined).await.unwrap().unwrap_err();
    io.emit("x", &1);
    ws.expect(r#"42["x",1]"#).await;
    assert_eq!(tree(&io).await.counters.panics, 0);
}
