//! What an audience can be told beyond a plain emit: asks of everyone in it, questions who is in it, memberships, disconnection,
//! volatile events.

mod asks;
mod memberships;
mod parents;
mod volatile;

use actix_socketio::{Args, Socket, SocketIo};

use crate::support::{TestServer, Ws, echoing};

/// A server with `join`, whose members are served by two couriers.
fn server() -> (TestServer, SocketIo) {
    let io = SocketIo::new();
    drop(echoing(&io.of("/")));
    io.of("/").on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room));
    (TestServer::with_workers(&io, 2), io)
}

/// A client in the rooms named by these letters.
async fn member(server: &TestServer, rooms: &str) -> Ws {
    let mut ws = Ws::connect(server).await;
    for room in rooms.chars() {
        ws.ask(&format!(r#"420["join","{room}"]"#), "430[]").await;
    }
    ws
}
