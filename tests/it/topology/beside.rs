//! What works beside namespaces: forwarders, which tell actors of the application, and what is behind recipients.

use actix::{Actor, Addr, AsyncContext, Context, Handler, Recipient, WrapFuture};
use actix_socketio::{
    Lifecycle, SocketIo, Topology,
    message::{Broadcast, Emit},
    topology::NodeState,
};
use tokio::sync::oneshot::{Receiver, channel};

use super::tree;
use crate::support::{TestServer, Ws, echoing, within};

/// Deals with nothing that happens before it is let go.
struct Busy(Option<Receiver<()>>);

impl Actor for Busy {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Busy {
    type Result = ();

    fn handle(&mut self, _: Lifecycle, ctx: &mut Self::Context) {
        if let Some(let_go) = self.0.take() {
            ctx.wait(async move { drop(let_go.await) }.into_actor(self));
        }
    }
}

async fn until(io: &SocketIo, what: &str, is: impl Fn(&Topology) -> bool) -> Topology {
    within(what, async {
        loop {
            let topology = tree(io).await;
            if is(&topology) {
                return topology;
            }
        }
    })
    .await
}

#[actix_rt::test]
async fn a_forwarder_says_how_much_its_actor_has_yet_to_hear_and_has_missed() {
    let io = SocketIo::builder().max_forwarded(2).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let (let_go, wait) = channel();
    let busy: Addr<Busy> = Busy(Some(wait)).start();
    io.of("/").forward(busy.recipient::<Lifecycle>());
    let server = TestServer::start(&io);
    // Connected and gone: the first fact is being dealt with, or is to be; of five more, two find room.
    for _ in 0..3 {
        let ws = Ws::connect(&server).await;
        let id = ws.id.clone();
        drop(ws);
        ends.reason(&id).await;
    }
    let is = |it: &Topology| it.forwarders.items[0].missed > 0 && it.sockets == 0;
    let topology = until(&io, "facts that are missed", is).await;
    let forwarder = &topology.forwarders.items[0];
    assert_eq!((topology.forwarders.total, forwarder.state), (1, NodeState::Answered));
    assert!(forwarder.waiting >= 2, "{topology}");
    assert!(topology.to_string().contains(" missed"), "{topology}");
    let_go.send(()).unwrap();
    until(&io, "everything to be told", |it| it.forwarders.items[0].waiting == 0).await;
}

#[actix_rt::test]
async fn recipients_are_in_the_tree_while_somebody_holds_them() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let ws = Ws::connect(&server).await;
    let all: Recipient<Broadcast> = io.of("/").recipient();
    let room: Recipient<Emit> = io.to("a\nroom").recipient();
    let id = actix_socketio::SocketId::parse(&ws.id).unwrap();
    let one: Recipient<Emit> = io.of("/").recipient_of(id);
    for _ in 0..2 {
        all.send(Broadcast::new("news", &1).unwrap()).await.unwrap().unwrap();
    }
    let topology = tree(&io).await;
    let found: Vec<_> = topology.outlets.items.iter().map(|it| (&*it.serves, it.taken)).collect();
    let socket = format!("socket {id} of \"/\"");
    let expected =
        [(r#"everyone in "/""#, 2), (r#"room "a\nroom" of "/""#, 0), (socket.as_str(), 0)];
    assert_eq!(found, expected);
    assert!(topology.to_string().contains(r#"recipient: everyone in "/", 2 taken"#), "{topology}");
    drop((all, room, one));
    until(&io, "no recipient any more", |it| it.outlets.total == 0).await;
}
