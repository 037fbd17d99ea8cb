//! Events as messages: who gets them, in which order, and who answers.

use actix::{Actor, Context, Handler};
use actix_socketio::{EventName, Namespace, Received, ReceivedAny, Reply, SocketIo};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{Desk, Note};
use crate::support::{TestServer, Ws, between, echoing, within};

/// A server whose `/` forwards notes to a clerk who needs no permission.
fn noting(prepare: impl FnOnce(&Namespace)) -> (TestServer, Desk) {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    prepare(&io.of("/"));
    let (clerk, desk) = Desk::new(1000);
    io.of("/").forward(clerk.start().recipient::<Received<Note>>());
    (TestServer::start(&io), desk)
}

/// An actor that is shown all events, and answers `size` and `pair` itself.
struct Audit(UnboundedSender<String>);

impl Actor for Audit {
    type Context = Context<Self>;
}

impl Handler<ReceivedAny> for Audit {
    type Result = Option<Reply>;

    fn handle(&mut self, event: ReceivedAny, _: &mut Self::Context) -> Option<Reply> {
        let ReceivedAny { name, args, .. } = event;
        self.0.send(format!("{name} {}", args.json())).unwrap();
        match &*name {
            "size" => Some(Reply::new(7)),
            "pair" => Some(Reply::new(("a", 2))),
            _ => None,
        }
    }
}

#[actix_rt::test]
async fn what_the_actor_returns_is_the_acknowledgement_after_what_it_has_emitted() {
    let (server, mut desk) = noting(|_| {});
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["note","a"]"#, r#"42["noted",1]"#).await;
    ws.expect("430[1]").await;
    // Without an acknowledgement, what it returns is not sent.
    ws.ask(r#"42["note","b"]"#, r#"42["noted",2]"#).await;
    ws.fence().await;
    for text in ["a", "b"] {
        desk.expect(text).await;
    }
}

#[actix_rt::test]
async fn an_event_whose_acknowledgement_has_no_arguments_is_acknowledged_without() {
    #[derive(serde::Deserialize, actix_socketio::Event)]
    #[event(name = "seen")]
    struct Seen;

    struct Witness;
    impl Actor for Witness {
        type Context = Context<Self>;
    }
    impl Handler<Received<Seen>> for Witness {
        type Result = ();

        fn handle(&mut self, _: Received<Seen>, _: &mut Self::Context) {}
    }

    let io = SocketIo::new();
    io.of("/").forward(Witness.start().recipient::<Received<Seen>>());
    let server = TestServer::start(&io);
    Ws::connect(&server).await.ask(r#"420["seen"]"#, "430[]").await;
}

#[actix_rt::test]
async fn events_of_one_client_reach_the_actor_in_their_order_however_full_its_mailbox_is() {
    let (server, mut desk) = noting(|_| {});
    let mut ws = Ws::connect(&server).await;
    for n in 0..500 {
        ws.text(&format!(r#"42["note","{n}"]"#)).await;
    }
    for n in 0..500 {
        desk.expect(&n.to_string()).await;
        ws.expect(&format!(r#"42["noted",{}]"#, n + 1)).await;
    }
}

#[actix_rt::test]
async fn what_does_not_fit_the_event_does_not_reach_the_actor() {
    let (server, mut desk) = noting(|_| {});
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["note",{"x":1}]"#, r#"430[{"error":"invalid arguments"}]"#).await;
    ws.fence().await;
    desk.assert_nothing_begun();
}

#[actix_rt::test]
async fn middleware_refuses_before_the_actor_is_asked() {
    let (server, mut desk) = noting(|namespace| {
        namespace.before_event(async |EventName(name): EventName| match &*name {
            "note" => Err("no notes"),
            _ => Ok(()),
        });
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["note","a"]"#, r#"430[{"error":"no notes"}]"#).await;
    desk.assert_nothing_begun();
}

#[actix_rt::test]
async fn of_an_actor_and_other_handlers_the_first_that_has_something_to_say_answers() {
    // One that says nothing, and one that answers at once.
    let (server, _desk) = noting(|namespace| drop(namespace.on("note", async || ()).clone()));
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["note","a"]"#, r#"42["noted",1]"#).await;
    ws.expect("430[1]").await;
    let (server, _desk) = noting(|namespace| drop(namespace.on("note", async || "me").clone()));
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["note","a"]"#, r#"430["me"]"#).await;
    ws.expect(r#"42["noted",1]"#).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn an_actor_that_gets_all_events_comes_beside_their_own_handlers() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let (sender, mut told) = unbounded_channel();
    io.of("/").forward(Audit(sender).start().recipient::<ReceivedAny>());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["echo","x",1]"#, r#"431["x",1]"#).await;
    ws.ask(r#"422["size"]"#, "432[7]").await;
    ws.ask(r#"423["pair"]"#, r#"433["a",2]"#).await;
    // Nobody answers this.
    ws.text(r#"424["unknown"]"#).await;
    ws.fence().await;
    for event in [r#"echo ["x",1]"#, "size []", "pair []", "unknown []", "echo []"] {
        assert_eq!(within(event, told.recv()).await.as_deref(), Some(event));
    }
    // For clients that connect later.
    io.of("/").off_all().on("echo", async || ());
    Ws::connect(&server).await.fence().await;
    assert_eq!(told.try_recv().ok(), None);
}

#[actix_rt::test]
async fn what_a_parent_forwards_its_children_forward() {
    let io = SocketIo::new();
    let (clerk, mut desk) = Desk::new(10);
    io.of_pattern("/org/{org}").unwrap().forward(clerk.start().recipient::<Received<Note>>());
    let server = TestServer::start(&io);
    for (namespace, n) in [("/org/a", 1), ("/org/b", 2)] {
        let mut ws = Ws::open(&server).await;
        ws.text(&format!("40{namespace},")).await;
        between(&ws.next_text().await, &format!(r#"40{namespace},{{"sid":""#), r#""}"#);
        let noted = format!(r#"42{namespace},["noted",{n}]"#);
        ws.ask(&format!(r#"42{namespace},0["note","{namespace}"]"#), &noted).await;
        ws.expect(&format!("43{namespace},0[{n}]")).await;
        desk.expect(namespace).await;
    }
}
