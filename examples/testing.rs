//! A small chat with its tests, in one file: how the handlers of an application are tested without a network.
//!
//! `cargo test -p actix-socketio --example testing` runs the tests, `cargo run -p actix-socketio --example testing` the chat.

use std::time::Duration;

use actix_socketio::{
    Auth, ConnectError, DisconnectReason, Event, Socket, SocketData, SocketIo, tune,
};
use actix_web::{App, HttpServer};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Guest {
    name: String,
}

/// Acknowledged with the name of the room.
#[derive(Serialize, Deserialize, Event)]
#[event(name = "enter", ack = String)]
struct Enter(String);

#[derive(Serialize, Deserialize, Event, Debug, PartialEq)]
#[event(name = "say")]
struct Say {
    room: String,
    text: String,
}

async fn check_name(Auth(guest): Auth<Guest>, socket: Socket) -> Result<(), ConnectError> {
    if guest.name.is_empty() {
        return Err("nobody is not a name".into());
    }
    socket.set_data(guest);
    Ok(())
}

async fn enter(Enter(room): Enter, socket: Socket, SocketData(guest): SocketData<Guest>) -> String {
    socket.join(&room);
    socket.to(&room).emit("entered", &guest.name);
    room
}

async fn say(message: Say, socket: Socket) {
    socket.to(&message.room).emit_event(&message);
}

/// Asks first, for half a minute.
async fn close_account(socket: Socket) -> &'static str {
    let patient = socket.timeout(Duration::from_secs(30));
    match patient.ask::<bool>("are you sure?", &()).await {
        Ok(true) => "closed",
        Ok(false) => "kept",
        Err(_) => "kept, since you did not answer",
    }
}

async fn left(io: SocketIo, SocketData(guest): SocketData<Guest>, reason: DisconnectReason) {
    io.emit("left", &(&guest.name, reason.as_str()));
}

/// The application without a server around it: what the tests need.
fn chat() -> SocketIo {
    let io = SocketIo::new();
    io.of("/").before_connect(check_name).on_disconnect(left);
    io.of("/").on_event(enter).on_event(say).on("close account", close_account);
    io
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = chat();
    let app = move || App::new().configure(|cfg| io.mount(cfg));
    tune(HttpServer::new(app)).bind(("127.0.0.1", 3000))?.run().await
}

#[cfg(test)]
mod tests {
    use actix_socketio::test_util::{self, TestClient};

    use super::*;

    async fn connect(io: &SocketIo, name: &str) -> Result<TestClient, ConnectError> {
        let guest = Guest { name: name.to_owned() };
        TestClient::builder(io).auth(&guest).connect("/").await
    }

    #[actix_web::test]
    async fn guests_need_a_name() {
        let io = chat();
        let refused = connect(&io, "").await.unwrap_err();
        assert_eq!(refused.message, "nobody is not a name");
        assert!(connect(&io, "ann").await.is_ok());
    }

    #[actix_web::test]
    async fn what_one_says_in_a_room_the_others_there_hear() {
        let io = chat();
        let ann = connect(&io, "ann").await.unwrap();
        let bob = connect(&io, "bob").await.unwrap();
        let eve = connect(&io, "eve").await.unwrap();
        assert_eq!(ann.ask_event(&Enter("kitchen".into())).await, "kitchen");
        assert_eq!(bob.ask_event(&Enter("kitchen".into())).await, "kitchen");
        assert_eq!(ann.next::<String>("entered").await, "bob");

        let hello = Say { room: "kitchen".into(), text: "hello".into() };
        ann.emit_event(&hello);
        assert_eq!(bob.next_event().await.typed::<Say>(), hello);
        for client in [&ann, &bob, &eve] {
            client.assert_silence().await;
        }
    }

    #[actix_web::test]
    async fn an_account_is_closed_by_those_who_are_sure() {
        let io = chat();
        let ann = connect(&io, "ann").await.unwrap();
        for (sure, outcome) in [(true, "closed"), (false, "kept")] {
            let closed = ann.ask::<String>("close account", &());
            ann.next_ask().await.answer(&sure);
            assert_eq!(closed.await, outcome);
        }
    }

    #[actix_web::test]
    async fn an_account_is_kept_when_nobody_answers_for_half_a_minute() {
        let io = chat();
        let ann = connect(&io, "ann").await.unwrap();
        let closed = ann.ask::<String>("close account", &());
        assert_eq!(ann.next_ask().await.name(), "are you sure?");
        test_util::advance(Duration::from_secs(30)).await;
        assert_eq!(closed.await, "kept, since you did not answer");
    }

    #[actix_web::test]
    async fn everybody_learns_who_has_left_and_why() {
        let io = chat();
        let ann = connect(&io, "ann").await.unwrap();
        let leave = async |name| connect(&io, name).await.unwrap();
        leave("bob").await.disconnect();
        let heard = ann.next::<(String, String)>("left").await;
        assert_eq!(heard, ("bob".into(), "client namespace disconnect".into()));
        drop(leave("eve").await);
        let heard = ann.next::<(String, String)>("left").await;
        assert_eq!(heard, ("eve".into(), "transport close".into()));
    }
}
