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

fn chat() -> SocketIo {
    let io = SocketIo::new();
    io.of("/").on_event(join).on_event(say);
    io.of("/").on("typing", async |socket: Socket, SocketData(user): Me| {
        socket.to(&user.room).volatile().emit("typing", &user.name);
    });
    io.of("/").on_disconnect(async |socket: Socket, SocketData(user): Me| {
        socket.to(&user.room).emit("left", &(socket.id(), &user.name));
    });
    io
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = chat();
    let page = || async { web::Html::new(include_str!("chat.html")) };
    let app = move || App::new().route("/", web::get().to(page)).configure(|cfg| io.mount(cfg));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = tune(HttpServer::new(app)).bind(("127.0.0.1", port))?;
    server.addrs().iter().for_each(|address| println!("listening on {address}"));
    server.run().await
}

#[cfg(test)]
mod tests {
    use actix_socketio::test_util::TestClient;
    use serde_json::{Value, json};

    use super::*;

    /// A client in a room, with the names that it found there.
    async fn join(io: &SocketIo, name: &str, room: &str) -> (TestClient, Vec<String>) {
        let client = TestClient::connect(io, "/").await.unwrap();
        let user = User { name: name.into(), room: room.into() };
        let there = client.ask::<Vec<(String, String)>>("join", &user).await;
        (client, there.into_iter().map(|(_, name)| name).collect())
    }

    #[actix_web::test]
    async fn who_joins_sees_who_is_there_and_is_seen() {
        let io = chat();
        let (ann, there) = join(&io, "ann", "lobby").await;
        assert_eq!(there, ["ann"]);
        let (eve, _) = join(&io, "eve", "attic").await;
        let (bob, mut there) = join(&io, "bob", "lobby").await;
        there.sort();
        assert_eq!(there, ["ann", "bob"]);
        assert_eq!(ann.next::<Value>("joined").await, json!(bob.id()));
        for client in [&ann, &bob, &eve] {
            client.assert_silence().await;
        }
    }

    #[actix_web::test]
    async fn what_is_said_is_heard_in_the_room_and_typing_is_shown() {
        let io = chat();
        let (ann, _) = join(&io, "ann", "lobby").await;
        let (bob, _) = join(&io, "bob", "lobby").await;
        let (eve, _) = join(&io, "eve", "attic").await;
        bob.emit("typing", &());
        assert!(bob.ask::<bool>("say", &"hello").await);
        ann.next::<Value>("joined").await;
        assert_eq!(ann.next::<String>("typing").await, "bob");
        assert_eq!(ann.next::<(String, String)>("said").await, ("bob".into(), "hello".into()));
        bob.assert_silence().await;
        eve.assert_silence().await;
    }

    #[actix_web::test]
    async fn nobody_speaks_outside_of_a_room() {
        let io = chat();
        let stranger = TestClient::connect(&io, "/").await.unwrap();
        assert!(!stranger.ask::<bool>("say", &"hello").await);
    }

    #[actix_web::test]
    async fn a_room_learns_who_has_left_it() {
        let io = chat();
        let (ann, _) = join(&io, "ann", "lobby").await;
        let (bob, _) = join(&io, "bob", "lobby").await;
        ann.next::<Value>("joined").await;
        bob.emit_event(&User { name: "bob".into(), room: "attic".into() });
        assert_eq!(ann.next::<(Value, String)>("left").await, (json!(bob.id()), "bob".into()));
        let gone = join(&io, "eve", "lobby").await;
        ann.next::<Value>("joined").await;
        drop(gone);
        assert_eq!(ann.next::<(Value, String)>("left").await.1, "eve");
    }
}
