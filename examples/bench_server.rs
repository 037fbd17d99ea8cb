//! The server that load generators measure: `echo`, `join`, `leave` and `pub` on `/`, nothing else.
//!
//! `PORT` (default 3000) and `WORKERS` (default 1) come from the environment; it listens on 127.0.0.1.

use actix_socketio::{Args, Payload, Socket, SocketIo, Value, tune};
use actix_web::{App, HttpServer};

fn from_env<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::new();
    io.of("/")
        .on("echo", async |args: Payload| args)
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
        .on("pub", async |socket: Socket, Args((room, payload)): Args<(String, Value)>| {
            socket.to(room).emit("msg", &payload);
        });
    tune(HttpServer::new(move || App::new().configure(|cfg| io.mount(cfg))))
        .workers(from_env("WORKERS", 1))
        .bind(("127.0.0.1", from_env("PORT", 3000)))?
        .run()
        .await
}
