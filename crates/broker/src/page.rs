//! The files of the demo page, compiled in, with the official browser client among them.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::{self, ServiceConfig},
};

/// Path, content type, content.
const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html; charset=utf-8", include_str!("../assets/index.html")),
    ("/app.js", "text/javascript; charset=utf-8", include_str!("../assets/app.js")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
    (
        "/client/socket.io.min.js",
        "text/javascript; charset=utf-8",
        include_str!("../assets/socket.io.min.js"),
    ),
];

pub(crate) fn mount(cfg: &mut ServiceConfig) {
    for (path, content_type, content) in FILES {
        cfg.route(
            path,
            web::get().to(move || async move {
                HttpResponse::Ok()
                    .content_type(content_type)
                    .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
                    .body(content)
            }),
        );
    }
}
