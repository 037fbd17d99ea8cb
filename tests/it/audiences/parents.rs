//! The audience of a parent of dynamic namespaces: everyone in all of its children.

use actix::{Actor, Context, Handler};
use actix_socketio::{Args, Lifecycle, Socket, SocketIo};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::support::{TestServer, Ws, between, within};

/// A client in this namespace, with the id of its socket there.
async fn member(server: &TestServer, namespace: &str) -> Ws {
    let mut ws = Ws::open(server).await;
    ws.text(&format!("40{namespace},")).await;
    let reply = ws.next_text().await;
    ws.id = between(&reply, &format!(r#"40{namespace},{{"sid":""#), r#""}"#).to_owned();
    ws
}

#[actix_rt::test]
async fn the_clients_of_all_children_are_asked_found_moved_and_disconnected() {
    let io = SocketIo::new();
    let orgs = io.of_pattern("/org/{org}").unwrap();
    orgs.on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room));
    let server = TestServer::with_workers(&io, 2);
    let mut clients = [
        member(&server, "/org/a").await,
        member(&server, "/org/a").await,
        member(&server, "/org/b").await,
    ];

    let answers = orgs.everyone().ask_all::<u32>("count", &());
    for (n, ws) in clients.iter_mut().enumerate() {
        let question = ws.next_text().await;
        let namespace = if n < 2 { "/org/a" } else { "/org/b" };
        let id = between(&question, &format!("42{namespace},"), r#"["count"]"#);
        ws.text(&format!("43{namespace},{id}[{n}]")).await;
    }
    let answers = within("the answers", answers).await.unwrap();
    let mut numbers: Vec<_> = answers.into_iter().map(|client| client.answer.unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2]);

    orgs.everyone().sockets_join("all");
    let found = within("the sockets", orgs.to("all").fetch_sockets()).await.unwrap();
    let mut found: Vec<_> = found.iter().map(|socket| socket.id().to_string()).collect();
    let mut ids: Vec<_> = clients.iter().map(|ws| ws.id.clone()).collect();
    found.sort();
    ids.sort();
    assert_eq!(found, ids);

    orgs.to("all").disconnect_sockets(false);
    for (n, ws) in clients.iter_mut().enumerate() {
        ws.expect(if n < 2 { "41/org/a," } else { "41/org/b," }).await;
    }
}

/// An actor that passes on the rooms that are joined, each with its namespace.
struct Joined(UnboundedSender<[String; 2]>);

impl Actor for Joined {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Joined {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
        if let Lifecycle::Joined { room, socket } = fact {
            drop(self.0.send([socket.namespace().to_owned(), room.to_string()]));
        }
    }
}

#[actix_rt::test]
async fn whoever_follows_a_parent_is_told_what_happens_in_all_children() {
    let io = SocketIo::new();
    let orgs = io.of_pattern("/org/{org}").unwrap();
    let (first, mut from_the_start) = unbounded_channel();
    orgs.forward(Joined(first).start().recipient::<Lifecycle>());
    let server = TestServer::start(&io);
    let early = member(&server, "/org/a").await;
    let (second, mut later) = unbounded_channel();
    orgs.forward(Joined(second).start().recipient::<Lifecycle>());
    let late = [member(&server, "/org/a").await, member(&server, "/org/b").await];
    let fact = |namespace: &str, ws: &Ws| [namespace.to_owned(), ws.id.clone()];
    let facts = [fact("/org/a", &early), fact("/org/a", &late[0]), fact("/org/b", &late[1])];
    for (told, facts) in [(&mut from_the_start, &facts[..]), (&mut later, &facts[1..])] {
        for fact in facts {
            assert_eq!(within("a room", told.recv()).await.as_ref(), Some(fact));
        }
    }
}
