//! A Socket.IO server inside of an application that does other things: a page, an HTTP API that emits, middleware, TLS.
//!
//! `cargo run --example embedded` listens on http://127.0.0.1:3000. With `-- cert.pem key.pem` it speaks TLS.

use std::{io, sync::Arc};

use actix_socketio::{Args, Socket, SocketIo, tune};
use actix_web::{
    App, Error, HttpServer, Responder,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorUnauthorized,
    middleware::{Compress, Logger, Next, from_fn},
    web,
};
use rustls::{
    ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

const PAGE: &str = r#"<!doctype html>
<ul id="said"></ul><form><input id="text"></form>
<script src="/live/socket.io/socket.io.min.js"></script>
<script>
  const socket = io({ path: "/live/socket.io/", query: { token: "open sesame" } });
  socket.on("said", (text) => said.append(Object.assign(document.createElement("li"), { textContent: text })));
  document.forms[0].onsubmit = (event) => { event.preventDefault(); socket.emit("say", text.value); text.value = ""; };
</script>"#;

#[actix_web::main]
async fn main() -> io::Result<()> {
    env_logger::init_from_env(env_logger::Env::default().default_filter_or("info"));
    let io = SocketIo::new();
    io.of("/").on("say", async |socket: Socket, Args(text): Args<String>| {
        socket.to("everyone").emit("said", &text);
        socket.emit("said", &text);
    });
    io.of("/").on_connect(async |socket: Socket| socket.join("everyone"));
    let server = tune(HttpServer::new(move || {
        App::new()
            .wrap(Logger::default())
            .wrap(Compress::default())
            .app_data(web::Data::new(io.clone()))
            .route("/", web::get().to(async || web::Html::new(PAGE)))
            .route("/announce", web::post().to(announce))
            .service(web::scope("/live").wrap(from_fn(with_token)).configure(|cfg| io.mount(cfg)))
    }));
    let address = ("127.0.0.1", 3000);
    match (std::env::args().nth(1), std::env::args().nth(2)) {
        (Some(certificate), Some(key)) => {
            server.bind_rustls_0_23(address, tls(&certificate, &key)?)?.run().await
        }
        _ => server.bind(address)?.run().await,
    }
}

/// `curl --data hello http://127.0.0.1:3000/announce`
async fn announce(io: web::Data<SocketIo>, text: String) -> impl Responder {
    io.to("everyone").emit("said", &text);
    "announced\n"
}

/// Lets those through who know the token, and everyone to the browser client.
async fn with_token(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let knows = request.query_string().contains("token=open%20sesame");
    if knows || request.path().contains("/socket.io.") {
        return next.call(request).await;
    }
    Err(ErrorUnauthorized("what is the token?"))
}

fn tls(certificate: &str, key: &str) -> io::Result<ServerConfig> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map_err(io::Error::other)
}
