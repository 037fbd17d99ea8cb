//! At the HTTP edge: the hooks of the builder, and the handler of Engine.IO alone.

use actix_socketio::{Builder, Cors, EngineMessage, EngineSocket, SocketIo};
use actix_web::HttpRequest;

use super::{expect_panics, fail, later, logged_panics};
use crate::support::{Response, TestServer, UPGRADE, Witness, Ws, echoing, send, within};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";
const OTHER: &str = "/socket.io/?EIO=4&transport=other";

/// A hook that panics for requests with the header `x-fail`.
struct Case {
    what: &'static str,
    prepare: fn(Builder) -> Builder,
    /// What is asked for, and the status and the beginning of the body that come.
    asked: &'static [(&'static str, u16, &'static str)],
}

const OPENED: &[(&str, u16, &str)] = &[(POLLING, 200, r#"0{"sid":""#), (WEBSOCKET, 101, "")];

fn wants_failure(request: &HttpRequest) -> bool {
    request.headers().contains_key("x-fail")
}

async fn ask(server: &TestServer, path: &str) -> Response {
    let upgrade = if path == WEBSOCKET { UPGRADE } else { "" };
    let headers = format!("x-fail: 1\r\norigin: http://fail.test\r\n{upgrade}");
    let mut exchange = send(server.addr, "GET", path, &headers, b"").await;
    match path {
        WEBSOCKET => exchange.head().await,
        _ => exchange.response().await,
    }
}

#[actix_rt::test]
async fn a_hook_that_panics_refuses_the_handshake_that_it_decides_on() {
    run(&[
        Case {
            what: "allow_request, at once",
            prepare: |options| {
                options.allow_request(|request| {
                    if wants_failure(&request) {
                        fail("allow_request, at once");
                    }
                    std::future::ready(Ok(()))
                })
            },
            asked: &[
                (POLLING, 403, r#"{"code":4,"message":"Internal server error"}"#),
                (WEBSOCKET, 400, ""),
            ],
        },
        Case {
            what: "allow_request, later",
            prepare: |options| {
                options.allow_request(async |request: HttpRequest| {
                    if wants_failure(&request) {
                        later("allow_request, later").await;
                    }
                    Ok(())
                })
            },
            asked: &[
                (POLLING, 403, r#"{"code":4,"message":"Internal server error"}"#),
                (WEBSOCKET, 400, ""),
            ],
        },
        Case {
            what: "generate_id",
            prepare: |options| {
                options.generate_id(async |request: HttpRequest| {
                    if wants_failure(&request) {
                        later("generate_id").await;
                    }
                    Ok("an-id-of-the-witness".to_owned())
                })
            },
            asked: &[(POLLING, 400, r#"{"code":3,"message":"Bad request"}"#), (WEBSOCKET, 400, "")],
        },
    ])
    .await;
}

#[actix_rt::test]
async fn a_hook_that_panics_and_decides_nothing_costs_only_itself() {
    run(&[
        Case {
            what: "initial_headers",
            prepare: |options| {
                options.initial_headers(|_, request| {
                    if wants_failure(request) {
                        fail("initial_headers");
                    }
                })
            },
            asked: OPENED,
        },
        Case {
            what: "headers",
            prepare: |options| {
                options.headers(|_, request| {
                    if wants_failure(request) {
                        fail("headers");
                    }
                })
            },
            asked: OPENED,
        },
        Case {
            what: "on_connection_error",
            prepare: |options| options.on_connection_error(|_, _| fail("on_connection_error")),
            asked: &[(OTHER, 400, r#"{"code":0,"message":"Transport unknown"}"#)],
        },
        Case {
            what: "cors",
            prepare: |options| {
                options.cors(Cors::matching(|_| {
                    fail("cors");
                    true
                }))
            },
            asked: OPENED,
        },
    ])
    .await;
}

async fn run(cases: &[Case]) {
    for Case { what, prepare, asked } in cases {
        println!("{what}");
        let said = logged_panics(what);
        let io = prepare(SocketIo::builder()).build().unwrap();
        let _ends = echoing(&io.of("/"));
        let server = TestServer::start(&io);
        let witness = Witness::of(&server).await;
        for (n, (path, status, body)) in (1..).zip(*asked) {
            let response = ask(&server, path).await;
            assert_eq!(response.status, *status, "{what}: {response:?}");
            assert!(response.text().starts_with(body), "{what}: {response:?}");
            // An origin that nobody has looked at is not allowed.
            assert_eq!(response.header("access-control-allow-origin"), None, "{what}");
            expect_panics(&io, what, n).await;
            assert_eq!(logged_panics(what) - said, n, "{what}");
        }
        witness.assert_served().await;
    }
}

#[actix_rt::test]
async fn a_session_whose_headers_hook_panics_goes_on() {
    let options = SocketIo::builder().initial_headers(|_, _| fail("first headers"));
    let io = options.headers(|_, _| fail("all headers")).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.fence().await;
    let client = crate::support::Polling::connect(&server).await;
    client.fence().await;
}

#[actix_rt::test]
async fn a_message_handler_of_engine_io_that_panics_costs_only_its_message() {
    let options = SocketIo::builder();
    let engine = options.build_engine(async |socket: EngineSocket, message: EngineMessage| {
        if message == EngineMessage::Text("fail".into()) {
            later("a message").await;
        }
        socket.send(&message);
    });
    let engine = engine.unwrap();
    let server = TestServer::mounting(1, move |cfg| engine.mount(cfg));
    let mut ws = Ws::open(&server).await;
    let mut other = Ws::open(&server).await;
    let said = logged_panics("a message");
    for _ in 0..3 {
        ws.text("4fail").await;
        other.ask("4echo", "4echo").await;
        ws.ask("4echo", "4echo").await;
    }
    within("three panics", async {
        while logged_panics("a message") < said + 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
