//! The chat of every tutorial: names, rooms, who is typing, who is there, who has left.
//!
//! `cargo run -p actix-socketio --example chat`, then open http://127.0.0.1:3000 in two windows.

use actix_socketio::{Event, Namespace, Socket, SocketData, SocketId, SocketIo, tune};
use actix_web::{App, HttpServer, web};
use serde::{Deserialize, Serialize};

/// Whoever has joined, as kept on the socket; acknowledged with those who are there.
#[derive(Clone, Serialize, Deserialize, Event)]
#[event(name = "join", ack = There)]
struct User {
    name: String,
    room: String,
}

/// Acknowledged with whether there is a room to say it in.
#[derive(Deserialize, Event)]
#[event(name = "say", ack = bool)]
struct Say(String);

type Me = SocketData<User>;
type There = Vec<(SocketId, String)>;

async fn join(user: User, socket: Socket, me: Option<Me>, chat: Namespace) -> There {
    if let Some(SocketData(before)) = me {
        socket.leave(&before.room);
        socket.to(&before.room).emit("left", &(socket.id(), &before.name));
    }
    socket.set_data(user.clone());
    socket.join(&user.room);
    socket.to(&user.room).emit("joined", &(socket.id(), &user.name));
    let there = chat.to(&user.room).fetch_sockets().await.unwrap_or_default();
    there.iter().filter_map(|it| Some((it.id(), it.data::<User>()?.name.clone()))).collect()
}

async fn say(Say(text): Say, socket: Socket, me: Option<Me>) -> bool {
    let Some(SocketData(user)) = me else { return false };
    socket.to(&user.room).emit("said", &(&user.name, text));
    true
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::new();
    io.of("/").on_event(join).on_event(say);
    io.of("/").on("typing", async |socket: Socket, SocketData(user): Me| {
        socket.to(&user.room).volatile().emit("typing", &user.name);
    });
    io.of("/").on_disconnect(async |socket: Socket, SocketData(user): Me| {
        socket.to(&user.room).emit("left", &(socket.id(), &user.name));
    });
    let page = || async { web::Html::new(include_str!("chat.html")) };
    let app = move || App::new().route("/", web::get().to(page)).configure(|cfg| io.mount(cfg));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = tune(HttpServer::new(app)).bind(("127.0.0.1", port))?;
    server.addrs().iter().for_each(|address| println!("listening on {address}"));
    server.run().await
}
