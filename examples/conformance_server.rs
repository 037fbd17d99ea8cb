//! The server that the official conformance suites ask for: Socket.IO under `/socket.io/`, an echo of Engine.IO under `/engine.io/`.
//! `PORT` comes from the environment (default 3000).

use std::time::Duration;

use actix_socketio::{Auth, EngineMessage, EngineSocket, Payload, Socket, SocketIo, tune};
use actix_web::{App, HttpServer};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let settings = SocketIo::builder()
        .ping_interval(Duration::from_millis(300))
        .ping_timeout(Duration::from_millis(200))
        .connect_timeout(Duration::from_secs(1))
        .max_payload(1_000_000);
    let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
    let engine = settings.clone().path("/engine.io/").build_engine(echo)?;
    let io = settings.build()?;
    for name in ["/", "/custom"] {
        io.of(name)
            .on_connect(async |socket: Socket, Auth(auth): Auth<serde_json::Value>| {
                socket.emit("auth", &auth);
            })
            .on("message", async |socket: Socket, args: Payload| socket.emit("message-back", &args))
            .on("message-with-ack", async |args: Payload| args);
    }
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    tune(HttpServer::new(move || {
        App::new().configure(|cfg| io.mount(cfg)).configure(|cfg| engine.mount(cfg))
    }))
    // The suites poll and close at the same time over two connections, and expect the poll to be handled first. On one worker it mostly
    // is.
    .workers(1)
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
