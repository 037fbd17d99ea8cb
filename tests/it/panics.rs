//! Handlers that panic: each costs its own event, and nothing else.

use std::{
    future::{Ready, ready},
    sync::atomic::{AtomicBool, Ordering},
};

use actix_socketio::{Args, Auth, Namespace, Socket, SocketIo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::support::{Ends, Polling, TestServer, Ws, echoing, within};

/// An argument that cannot even be read or written.
struct Explosive;

impl<'de> Deserialize<'de> for Explosive {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("on purpose: read")
    }
}

impl Serialize for Explosive {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("on purpose: written")
    }
}

/// A closure that panics before there is a future.
fn at_once(_: Socket) -> Ready<()> {
    if AtomicBool::new(true).load(Ordering::Relaxed) {
        panic!("on purpose: at once");
    }
    ready(())
}

async fn in_future() {
    panic!("on purpose: in the future");
}

async fn later(socket: Socket) {
    socket.emit("before", &());
    tokio::task::yield_now().await;
    panic!("on purpose: later");
}

fn server(prepare: impl FnOnce(&Namespace)) -> (TestServer, Ends) {
    let io = SocketIo::new();
    let ends = echoing(&io.of("/"));
    let _other = echoing(&io.of("/other"));
    prepare(&io.of("/"));
    (TestServer::start(&io), ends)
}

#[actix_rt::test]
async fn an_event_handler_that_panics_costs_only_its_event() {
    let (server, mut ends) = server(|namespace| {
        namespace
            .on("at-once", at_once)
            .on("in-future", in_future)
            .on("later", later)
            .on("read", async |_: Args<Explosive>| ())
            .on("write", async || Explosive)
            .on("emit", async |socket: Socket| socket.emit("x", &Explosive));
    });
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    for event in ["at-once", "in-future", "read", "write", "emit"] {
        ws.text(&format!(r#"421["{event}",null]"#)).await;
        ws.fence().await;
        witness.fence().await;
    }
    ws.ask(r#"421["later"]"#, r#"42["before"]"#).await;
    ws.fence().await;
    witness.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn a_handler_that_panics_does_not_use_up_what_may_be_in_flight() {
    let io = SocketIo::builder().max_inflight_events(2).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("at-once", at_once).on("later", later);
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
async fn an_event_handler_that_panics_over_polling_costs_only_its_event() {
    let (server, mut ends) = server(|namespace| {
        namespace.on("at-once", at_once);
    });
    let client = Polling::connect(&server).await;
    let body = "42[\"at-once\"]\x1e421[\"echo\"]\x1e42[\"at-once\"]\x1e422[\"echo\"]";
    assert_eq!(client.post(body).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "431[]\x1e432[]");
    assert_eq!(ends.so_far(), []);
}

/// The client connects in spite of the handler, and goes on.
async fn assert_connects(prepare: impl FnOnce(&Namespace)) {
    let (server, mut ends) = server(prepare);
    let mut witness = Ws::open(&server).await;
    witness.text("40/other,").await;
    witness.next_text().await;
    for _ in 0..2 {
        let mut ws = Ws::connect(&server).await;
        ws.fence().await;
    }
    witness.ask(r#"42/other,1["echo"]"#, "43/other,1[]").await;
    assert!(ends.so_far().iter().all(|(_, reason)| *reason == "transport close"));
}

#[actix_rt::test]
async fn a_connect_handler_that_panics_costs_only_itself() {
    assert_connects(|namespace| {
        namespace.on_connect(in_future);
    })
    .await;
}

#[actix_rt::test]
async fn a_connect_handler_that_panics_before_its_future_costs_only_itself() {
    assert_connects(|namespace| {
        namespace.on_connect(at_once);
    })
    .await;
}

#[actix_rt::test]
async fn a_connect_handler_whose_auth_panics_costs_only_itself() {
    assert_connects(|namespace| {
        namespace.on_connect(async |_: Auth<Explosive>| ());
    })
    .await;
}

/// The client is gone in spite of the handler: its namespace is free, and the next client is served.
async fn assert_disconnects(prepare: impl FnOnce(&Namespace)) {
    let (server, _ends) = server(prepare);
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.text("40/other,").await;
    ws.next_text().await;
    ws.text("41").await;
    ws.ask(r#"42/other,1["echo"]"#, "43/other,1[]").await;
    ws.text("40").await;
    ws.next_text().await;
    ws.fence().await;
    ws.text("1").await;
    ws.expect_close(None).await;
    witness.fence().await;
}

#[actix_rt::test]
async fn a_disconnect_handler_that_panics_costs_only_itself() {
    assert_disconnects(|namespace| {
        namespace.on_disconnect(in_future);
    })
    .await;
}

#[actix_rt::test]
async fn a_disconnect_handler_that_panics_before_its_future_costs_only_itself() {
    assert_disconnects(|namespace| {
        namespace.on_disconnect(at_once);
    })
    .await;
}

/// The client is refused, as it must not get in without having been checked, and may ask elsewhere.
async fn assert_refuses(prepare: impl FnOnce(&Namespace)) {
    let (server, _ends) = server(prepare);
    let mut ws = Ws::open(&server).await;
    for _ in 0..2 {
        ws.ask("40", r#"44{"message":"Internal server error"}"#).await;
    }
    ws.text("40/other,").await;
    ws.next_text().await;
    ws.ask(r#"42/other,1["echo"]"#, "43/other,1[]").await;
}

#[actix_rt::test]
async fn middleware_that_panics_refuses_its_client() {
    assert_refuses(|namespace| {
        namespace.before_connect(in_future);
    })
    .await;
}

#[actix_rt::test]
async fn middleware_that_panics_before_its_future_refuses_its_client() {
    assert_refuses(|namespace| {
        namespace.before_connect(at_once);
    })
    .await;
}

#[actix_rt::test]
async fn middleware_whose_auth_panics_refuses_its_client() {
    assert_refuses(|namespace| {
        namespace.before_connect(async |_: Auth<Explosive>| ());
    })
    .await;
}

#[actix_rt::test]
async fn of_several_handlers_one_that_panics_costs_the_others_nothing() {
    let (sender, mut ran) = tokio::sync::mpsc::unbounded_channel();
    let (server, _ends) = server(|namespace| {
        namespace.on_disconnect(at_once).on_disconnect(in_future);
        namespace.on_disconnect(async move || sender.send(()).unwrap());
    });
    let mut ws = Ws::connect(&server).await;
    ws.text("41").await;
    within("the last handler", ran.recv()).await.unwrap();
}
