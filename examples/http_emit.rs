//! An HTTP API that emits to rooms: by the handle that a route gets as a parameter, and by a plain actix address in the data of the
//! application.
//!
//! `cargo run -p actix-socketio --example http_emit`, then open http://127.0.0.1:3000 and order something:
//!
//! ```sh
//! curl --data tea http://127.0.0.1:3000/tables/7/orders     # to the kitchen
//! curl --data tea http://127.0.0.1:3000/tables/7/served     # to whoever sits at the table
//! curl --data "we close at ten" http://127.0.0.1:3000/news  # to everyone
//! ```

use actix::Recipient;
use actix_socketio::{
    Args, Event, Socket, SocketIo,
    message::{Broadcast, Emit},
    tune,
};
use actix_web::{
    App, HttpServer, Result,
    error::{ErrorInternalServerError, ErrorServiceUnavailable},
    web,
};
use serde::Serialize;

#[derive(Serialize, Event)]
#[event(name = "ordered")]
struct Ordered {
    table: u32,
    what: String,
}

/// The handle: to any room, in any namespace.
async fn order(io: SocketIo, table: web::Path<u32>, what: String) -> &'static str {
    io.to("kitchen").emit_event(&Ordered { table: *table, what });
    "thank you\n"
}

/// An address: whoever has it sends messages to one namespace, and knows nothing else of Socket.IO.
async fn serve(
    tables: web::Data<Recipient<Broadcast>>,
    table: web::Path<u32>,
    what: String,
) -> Result<&'static str> {
    let served = Broadcast::new("served", &what).map_err(ErrorInternalServerError)?;
    tables.do_send(served.to(format!("table {table}")));
    Ok("enjoy\n")
}

/// Answers when the event is on its way to the connections.
async fn tell(everyone: web::Data<Recipient<Emit>>, news: String) -> Result<&'static str> {
    let news = Emit::new("news", &news).map_err(ErrorInternalServerError)?;
    let told = everyone.send(news).await.map_err(ErrorServiceUnavailable)?;
    told.map_err(ErrorServiceUnavailable)?;
    Ok("told\n")
}

const PAGE: &str = r#"<!doctype html>
<label>Sit down in <input id="room" value="kitchen" title="kitchen, or: table 7"></label> <ul id="seen"></ul>
<script src="/socket.io/socket.io.min.js"></script>
<script>
  const socket = io();
  socket.onAny((...event) => seen.append(Object.assign(document.createElement("li"), { textContent: JSON.stringify(event) })));
  const sit = () => socket.emit("sit down", room.value);
  room.onchange = sit;
  socket.on("connect", sit);
</script>"#;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::new();
    io.of("/").on("sit down", async |socket: Socket, Args(room): Args<String>| socket.join(room));
    let tables: web::Data<Recipient<Broadcast>> = web::Data::new(io.of("/").recipient());
    let everyone: web::Data<Recipient<Emit>> = web::Data::new(io.of("/").recipient());
    let app = move || {
        App::new()
            .app_data(tables.clone())
            .app_data(everyone.clone())
            .route("/", web::get().to(async || web::Html::new(PAGE)))
            .route("/tables/{table}/orders", web::post().to(order))
            .route("/tables/{table}/served", web::post().to(serve))
            .route("/news", web::post().to(tell))
            .configure(|cfg| io.mount(cfg))
    };
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let server = tune(HttpServer::new(app)).bind(("127.0.0.1", port))?;
    server.addrs().iter().for_each(|address| println!("listening on {address}"));
    server.run().await
}
