//! The tree of actors: in the log as it changes, printed when somebody joins, and as JSON over HTTP.
//!
//! `RUST_LOG=actix_socketio::topology=info cargo run -p actix-socketio --example topology`, then connect some clients to port 3000 and open
//! <http://127.0.0.1:3000/topology>.

use std::time::Duration;

use actix_socketio::{Args, Socket, SocketIo, TopologyLog, tune};
use actix_web::{App, HttpServer, Responder, web};

/// Joins a room, and prints who is where.
async fn join(socket: Socket, io: SocketIo, Args(room): Args<String>) {
    socket.join(room);
    // Apart from the handler: the tree asks this client's session, too.
    actix_web::rt::spawn(async move { println!("{}", io.topology().await) });
}

async fn json(io: SocketIo) -> impl Responder {
    web::Json(io.topology().await)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    env_logger::init();
    let log = TopologyLog::OnChange { at_most_every: Duration::from_secs(1) };
    let io = SocketIo::builder().topology_log(log).build().map_err(std::io::Error::other)?;
    for name in ["/", "/admin"] {
        io.of(name).on("join", join);
    }
    let app =
        move || App::new().route("/topology", web::get().to(json)).configure(|cfg| io.mount(cfg));
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = tune(HttpServer::new(app)).bind(("127.0.0.1", port))?;
    server.addrs().iter().for_each(|address| println!("listening on {address}"));
    server.run().await
}
