//! What load balancers ask: `GET /health`, whether the process lives, and `GET /ready`, whether it takes new clients.

use actix_socketio::SocketIo;
use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, ServiceConfig},
};

/// Adds both, beside the server that is asked for.
pub(crate) fn mount(cfg: &mut ServiceConfig) {
    cfg.route("/health", web::get().to(async || answer(HttpResponse::Ok(), "healthy\n")));
    cfg.route("/ready", web::get().to(ready));
}

async fn ready(io: SocketIo) -> HttpResponse {
    match io.is_ready() {
        true => answer(HttpResponse::Ok(), "ready\n"),
        false => answer(HttpResponse::ServiceUnavailable(), "not ready\n"),
    }
}

fn answer(mut response: actix_web::HttpResponseBuilder, body: &'static str) -> HttpResponse {
    response
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(body)
}
