//! A handler that holds what cannot be cloned for each call.

use actix_socketio::{Socket, SocketIo};

struct Unique;

fn main() {
    let io = SocketIo::new();
    let unique = Unique;
    io.of("/").on("save", async move |_: Socket| drop(&unique));
    //~ the trait `Clone` is not implemented for `Unique`
}
