//! Emitting and asking by type with something that is no event, and asking for what cannot be read.

use actix_socketio::{Event, Socket, SocketIo};

struct Opaque;

#[derive(serde::Serialize, Event)]
#[event(name = "ask", ack = Opaque)]
struct Ask;

#[derive(Event)]
#[event(name = "tell")]
struct Tell;

async fn connect(socket: Socket) {
    socket.emit_event(&"text");
    //~ `&str` is not an event
    //~ an event is a type with `#[derive(Event)]` and `#[event(name = "…", ack = Type)]`: `Serialize` to emit it
    socket.emit_event(&Tell);
    //~ Serialize` is not implemented for `Tell`
    drop(socket.ask_event(&Ask));
    //~ DeserializeOwned` is not satisfied
}

fn main() {
    SocketIo::new().of("/").on_connect(connect);
    drop(Opaque);
}
