//! What is told of rooms: created, joined, left, deleted, in the order in which it happens.

use actix::{Actor, Context, Handler};
use actix_socketio::{Args, RoomEvent, Socket, SocketIo};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{TestServer, Ws, within};

/// An actor of the application that writes down what it is told.
struct Listener(UnboundedSender<String>);

impl Actor for Listener {
    type Context = Context<Self>;
}

impl Handler<RoomEvent> for Listener {
    type Result = ();

    fn handle(&mut self, event: RoomEvent, _: &mut Self::Context) {
        let line = match event {
            RoomEvent::Created { room } => format!("create-room {room}"),
            RoomEvent::Joined { room, socket } => format!("join-room {room} {socket}"),
            RoomEvent::Left { room, socket } => format!("leave-room {room} {socket}"),
            RoomEvent::Deleted { room } => format!("delete-room {room}"),
        };
        drop(self.0.send(line));
    }
}

async fn assert_told<const N: usize>(told: &mut UnboundedReceiver<String>, lines: [String; N]) {
    for line in lines {
        assert_eq!(within(&line, told.recv()).await.unwrap(), line);
    }
}

#[actix_rt::test]
async fn subscribers_are_told_of_rooms_as_the_official_adapter_tells() {
    let io = SocketIo::new();
    io.of("/")
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room));
    let server = TestServer::with_workers(&io, 2);
    let (sender, mut told) = unbounded_channel();
    io.of("/").subscribe_rooms(Listener(sender).start().recipient());

    let mut one = Ws::connect(&server).await;
    let a = one.id.clone();
    assert_told(&mut told, [format!("create-room {a}"), format!("join-room {a} {a}")]).await;
    one.ask(r#"420["join","x"]"#, "430[]").await;
    // Twice is once.
    one.ask(r#"420["join","x"]"#, "430[]").await;
    assert_told(&mut told, ["create-room x".into(), format!("join-room x {a}")]).await;

    let mut two = Ws::connect(&server).await;
    let b = two.id.clone();
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
    drop(two);
    let left = |room: &str| format!("leave-room {room} {b}");
    assert_told(&mut told, [left(&b), format!("delete-room {b}")]).await;
    assert_told(&mut told, [left("x"), "delete-room x".into()]).await;
    assert_told(&mut told, [left(&a), format!("delete-room {a}")]).await;
}

#[actix_rt::test]
async fn a_room_that_bears_the_id_of_a_socket_to_be_becomes_its_own() {
    let io = SocketIo::new();
    io.of("/")
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
        .before_connect(async |socket: Socket, io: SocketIo| {
            io.to("watchers").sockets_join(socket.id());
            // Only now has that taken effect.
            let watchers = io.to(socket.id()).fetch_sockets().await.unwrap();
            assert!(watchers.len() < 2);
        });
    let server = TestServer::with_workers(&io, 2);
    let mut watcher = Ws::connect(&server).await;
    watcher.ask(r#"420["join","watchers"]"#, "430[]").await;
    let (sender, mut told) = unbounded_channel();
    io.of("/").subscribe_rooms(Listener(sender).start().recipient());
    let mut ws = Ws::connect(&server).await;
    let (a, b) = (ws.id.clone(), watcher.id.clone());
    assert_told(&mut told, [format!("create-room {a}"), format!("join-room {a} {b}")]).await;
    assert_told(&mut told, [format!("join-room {a} {a}")]).await;
    io.to(&*a).emit("both", &());
    for client in [&mut ws, &mut watcher] {
        client.expect(r#"42["both"]"#).await;
    }
    ws.text("41").await;
    assert_told(&mut told, [format!("leave-room {a} {a}")]).await;
    watcher.ask(&format!(r#"420["leave","{a}"]"#), "430[]").await;
    assert_told(&mut told, [format!("leave-room {a} {b}"), format!("delete-room {a}")]).await;
}
