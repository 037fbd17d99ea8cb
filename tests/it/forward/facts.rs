//! What an actor is told of sockets and rooms, in the order in which it happens, and what it is not told if it is slow.

use std::sync::Arc;

use actix::{Actor, ActorContext, Context, Handler, ResponseFuture};
use actix_socketio::{Args, Lifecycle, Socket, SocketIo};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::support::{TestServer, Ws, within};

/// An actor of the application that writes down what it is told.
struct Listener(UnboundedSender<String>);

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Listener {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
        drop(self.0.send(line(fact)));
    }
}

fn line(fact: Lifecycle) -> String {
    match fact {
        Lifecycle::Connected { socket } => format!("connect {}", socket.id()),
        Lifecycle::RoomCreated { room, .. } => format!("create-room {room}"),
        Lifecycle::Joined { room, socket } => format!("join-room {room} {}", socket.id()),
        Lifecycle::Left { room, socket } => format!("leave-room {room} {}", socket.id()),
        Lifecycle::RoomDeleted { room, .. } => format!("delete-room {room}"),
        Lifecycle::Disconnected { socket, reason } => {
            format!("disconnect {} {reason}", socket.id())
        }
        Lifecycle::Missed(count) => format!("missed {count}"),
    }
}

/// A follower that writes down what it is told, and has dealt with it only when it is permitted.
struct Slow(UnboundedSender<String>, Arc<Semaphore>);

impl Actor for Slow {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Slow {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) -> Self::Result {
        drop(self.0.send(line(fact)));
        let permitted = self.1.clone();
        Box::pin(async move { permitted.acquire().await.unwrap().forget() })
    }
}

/// A follower that has enough of the first fact.
struct Brief(UnboundedSender<String>);

impl Actor for Brief {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Brief {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, ctx: &mut Self::Context) {
        drop(self.0.send(line(fact)));
        ctx.stop();
    }
}

/// A server with `join` and `leave`.
fn server(io: &SocketIo) -> TestServer {
    io.of("/")
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room));
    TestServer::with_workers(io, 2)
}

async fn assert_told<const N: usize>(told: &mut UnboundedReceiver<String>, lines: [String; N]) {
    for line in lines {
        assert_eq!(within(&line, told.recv()).await.unwrap(), line);
    }
}

#[actix_rt::test]
async fn followers_are_told_of_rooms_as_the_official_adapter_tells() {
    let io = SocketIo::new();
    let server = server(&io);
    let (sender, mut told) = unbounded_channel();
    io.of("/").forward(Listener(sender).start().recipient::<Lifecycle>());

    let mut one = Ws::connect(&server).await;
    let a = one.id.clone();
    assert_told(&mut told, [format!("connect {a}")]).await;
    assert_told(&mut told, [format!("create-room {a}"), format!("join-room {a} {a}")]).await;
    one.ask(r#"420["join","x"]"#, "430[]").await;
    // Twice is once.
    one.ask(r#"420["join","x"]"#, "430[]").await;
    assert_told(&mut told, ["create-room x".into(), format!("join-room x {a}")]).await;

    let mut two = Ws::connect(&server).await;
    let b = two.id.clone();
    assert_told(&mut told, [format!("connect {b}")]).await;
    assert_told(&mut told, [format!("create-room {b}"), format!("join-room {b} {b}")]).await;
    two.ask(r#"420["join","x"]"#, "430[]").await;
    assert_told(&mut told, [format!("join-room x {b}")]).await;
    // The own room of another socket is there already.
    two.ask(&format!(r#"420["join","{a}"]"#), "430[]").await;
    assert_told(&mut told, [format!("join-room {a} {b}")]).await;

    one.ask(r#"420["leave","x"]"#, "430[]").await;
    one.ask(r#"420["leave","nowhere"]"#, "430[]").await;
    assert_told(&mut told, [format!("leave-room x {a}")]).await;
    one.text("41").await;
    assert_told(&mut told, [format!("leave-room {a} {a}")]).await;
    assert_told(&mut told, [format!("disconnect {a} client namespace disconnect")]).await;
    drop(two);
    let left = |room: &str| format!("leave-room {room} {b}");
    assert_told(&mut told, [left(&b), format!("delete-room {b}")]).await;
    assert_told(&mut told, [left("x"), "delete-room x".into()]).await;
    assert_told(&mut told, [left(&a), format!("delete-room {a}")]).await;
    assert_told(&mut told, [format!("disconnect {b} transport close")]).await;
}

#[actix_rt::test]
async fn a_room_that_bears_the_id_of_a_socket_to_be_becomes_its_own() {
    let io = SocketIo::new();
    io.of("/").before_connect(async |socket: Socket, io: SocketIo| {
        io.to("watchers").sockets_join(socket.id());
        // Only now has that taken effect.
        let watchers = io.to(socket.id()).fetch_sockets().await.unwrap();
        assert!(watchers.len() < 2);
    });
    let server = server(&io);
    let mut watcher = Ws::connect(&server).await;
    watcher.ask(r#"420["join","watchers"]"#, "430[]").await;
    let (sender, mut told) = unbounded_channel();
    io.of("/").forward(Listener(sender).start().recipient::<Lifecycle>());
    let mut ws = Ws::connect(&server).await;
    let (a, b) = (ws.id.clone(), watcher.id.clone());
    assert_told(&mut told, [format!("create-room {a}"), format!("join-room {a} {b}")]).await;
    assert_told(&mut told, [format!("connect {a}"), format!("join-room {a} {a}")]).await;
    io.to(&*a).emit("both", &());
    for client in [&mut ws, &mut watcher] {
        client.expect(r#"42["both"]"#).await;
    }
    ws.text("41").await;
    assert_told(&mut told, [format!("leave-room {a} {a}")]).await;
    assert_told(&mut told, [format!("disconnect {a} client namespace disconnect")]).await;
    watcher.ask(&format!(r#"420["leave","{a}"]"#), "430[]").await;
    assert_told(&mut told, [format!("leave-room {a} {b}"), format!("delete-room {a}")]).await;
}

#[actix_rt::test]
async fn a_follower_that_is_slow_is_told_how_many_facts_it_has_missed_where_they_were() {
    let io = SocketIo::builder().max_forwarded(2).build().unwrap();
    let (sender, mut told) = unbounded_channel();
    let permits = Arc::new(Semaphore::new(0));
    io.of("/").forward(Slow(sender, permits.clone()).start().recipient::<Lifecycle>());
    let server = server(&io);
    let mut ws = Ws::connect(&server).await;
    let a = ws.id.clone();
    assert_told(&mut told, [format!("connect {a}")]).await;
    // Two facts about its own room wait; each of these rooms is two more.
    for room in ["x", "y", "z"] {
        ws.ask(&format!(r#"420["join","{room}"]"#), "430[]").await;
    }
    assert!(told.try_recv().is_err(), "it has not dealt with the first yet");
    permits.add_permits(1);
    assert_told(&mut told, [format!("create-room {a}")]).await;
    // As long as more than half of what may wait does, the gap goes on.
    ws.ask(r#"420["join","u"]"#, "430[]").await;
    permits.add_permits(2);
    assert_told(&mut told, [format!("join-room {a} {a}"), "missed 8".into()]).await;
    ws.ask(r#"420["leave","x"]"#, "430[]").await;
    permits.add_permits(2);
    assert_told(&mut told, [format!("leave-room x {a}"), "delete-room x".into()]).await;
}

#[actix_rt::test]
async fn a_follower_that_has_stopped_is_forgotten_and_the_others_are_told_on() {
    let io = SocketIo::new();
    let (brief, mut first) = unbounded_channel();
    let (sender, mut told) = unbounded_channel();
    io.of("/")
        .forward(Brief(brief).start().recipient::<Lifecycle>())
        .forward(Listener(sender).start().recipient::<Lifecycle>());
    let server = server(&io);
    let mut ws = Ws::connect(&server).await;
    let a = ws.id.clone();
    assert_told(&mut first, [format!("connect {a}")]).await;
    assert_eq!(within("its end", first.recv()).await, None);
    assert_told(&mut told, [format!("connect {a}"), format!("create-room {a}")]).await;
    assert_told(&mut told, [format!("join-room {a} {a}")]).await;
    ws.ask(r#"420["join","x"]"#, "430[]").await;
    assert_told(&mut told, ["create-room x".into(), format!("join-room x {a}")]).await;
}
