//! Two actors behind a chat: one keeps the log and acknowledges what is said, the other knows who is there.
//!
//! `cargo run -p actix-socketio --example actor_forward`, then connect any client to http://127.0.0.1:3000/chat with the auth
//! `{name: "ann"}`.

use std::collections::BTreeMap;

use actix::{Actor, Context, Handler, MessageResponse};
use actix_socketio::{Event, Lifecycle, Received, Socket, SocketId, SocketIo, tune};
use actix_web::{App, HttpServer};
use serde::{Deserialize, Serialize};

/// Acknowledged with its place in the log.
#[derive(Deserialize, Event)]
#[event(name = "chat message", ack = Saved)]
struct ChatMessage {
    text: String,
}

#[derive(Serialize, MessageResponse)]
struct Saved {
    number: usize,
}

/// Acknowledged with the names of those who are there.
#[derive(Deserialize, Event)]
#[event(name = "who", ack = Vec<String>)]
struct Who;

#[derive(Default)]
struct ChatLog(Vec<String>);

impl Actor for ChatLog {
    type Context = Context<Self>;
}

impl Handler<Received<ChatMessage>> for ChatLog {
    type Result = Saved;

    fn handle(&mut self, message: Received<ChatMessage>, _: &mut Self::Context) -> Saved {
        let Received { event: ChatMessage { text }, socket, .. } = message;
        socket.broadcast().emit("said", &(name(&socket), &text));
        self.0.push(text);
        Saved { number: self.0.len() }
    }
}

#[derive(Default)]
struct Presence(BTreeMap<SocketId, String>);

impl Actor for Presence {
    type Context = Context<Self>;
}

impl Handler<Lifecycle> for Presence {
    type Result = ();

    fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
        match fact {
            Lifecycle::Connected { socket } => {
                self.0.insert(socket.id(), name(&socket));
                socket.broadcast().emit("came", &name(&socket));
            }
            Lifecycle::Disconnected { socket, reason } => {
                self.0.remove(&socket.id());
                socket.broadcast().emit("went", &(name(&socket), reason.as_str()));
            }
            Lifecycle::Missed(count) => eprintln!("{count} facts were too many"),
            _ => {}
        }
    }
}

impl Handler<Received<Who>> for Presence {
    type Result = Vec<String>;

    fn handle(&mut self, _: Received<Who>, _: &mut Self::Context) -> Vec<String> {
        self.0.values().cloned().collect()
    }
}

/// What the client calls itself.
fn name(socket: &Socket) -> String {
    #[derive(Deserialize)]
    struct Card {
        name: String,
    }
    socket.auth().map_or_else(|_| "nobody".to_owned(), |Card { name }| name)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::new();
    let presence = Presence::default().start();
    io.of("/chat")
        .forward(ChatLog::default().start().recipient::<Received<ChatMessage>>())
        .forward(presence.clone().recipient::<Received<Who>>())
        .forward(presence.recipient::<Lifecycle>());
    let app = move || App::new().configure(|cfg| io.mount(cfg));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = tune(HttpServer::new(app)).bind(("127.0.0.1", port))?;
    server.addrs().iter().for_each(|address| println!("listening on {address}"));
    server.run().await
}
