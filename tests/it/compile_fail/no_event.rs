//! The first parameter of a handler of a typed event is no event.

use actix_socketio::{Args, Event, Socket, SocketIo};
use serde::Deserialize;

#[derive(Deserialize, Event)]
#[event(name = "save")]
struct Save(u32);

fn main() {
    let io = SocketIo::new();
    io.of("/").on_event(async |_: Socket, Save(_): Save| {});
    //~ Socket` is not an event
    //~ in `on_event`, the first parameter of the handler is the event
    io.of("/").on_event(async |_: Args<String>| {});
    //~ Args<std::string::String>` is not an event
    //~ a handler without a typed event is for `on("name", …)`
    io.of("/").on_event(async |_: String| {});
    //~ this is no handler of a typed event
    //~ the first parameter is the event, a type with `#[derive(Deserialize, Event)]`
    io.of("/").on_event(async || {});
    //~ this is no handler of a typed event
}
