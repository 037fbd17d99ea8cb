//! What is no handler at all: a function that is not async.

use actix_socketio::{Event, Socket, SocketIo};
use serde::Deserialize;

#[derive(Deserialize, Event)]
#[event(name = "save")]
struct Save(u32);

fn main() {
    let io = SocketIo::new();
    io.of("/").on("save", |_: Socket| {});
    //~ a handler is an `async fn` or `async` closure that is `Clone + Send + Sync + 'static`
    io.of("/").on_event(|_: Save| {});
    //~ this is no handler of a typed event
    //~ not an async function of an event
}
