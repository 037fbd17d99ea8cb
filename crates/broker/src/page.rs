//! The files of the demo page, compiled in. The browser client is not among them: the server has it.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, Bytes, ServiceConfig},
};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Adds the routes of the page, whose client connects under `socketio_path`; it links to the inspector if there is one.
pub(crate) fn mount(cfg: &mut ServiceConfig, socketio_path: &str, inspected: bool) {
    let index = include_str!("../assets/index.html")
        .replace("{socketio-path}", socketio_path.trim_end_matches('/'))
        .replace("{no-inspector}", if inspected { "" } else { "hidden" });
    file(cfg, "/", HTML, Bytes::from(index));
    file(cfg, "/app.js", SCRIPT, Bytes::from_static(include_bytes!("../assets/app.js")));
    file(cfg, "/style.css", STYLE, Bytes::from_static(include_bytes!("../assets/style.css")));
}

fn file(cfg: &mut ServiceConfig, path: &str, content_type: &'static str, content: Bytes) {
    let serve = move || {
        let body = content.clone();
        async move {
            HttpResponse::Ok()
                .content_type(content_type)
                .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
                .body(body)
        }
    };
    cfg.route(path, web::get().to(serve));
}
