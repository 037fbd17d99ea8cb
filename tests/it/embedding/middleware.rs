//! The middleware of actix-web around the server.

use std::io::Read;

use actix_socketio::{Socket, SocketIo};
use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::{Compress, Logger, Next, NormalizePath, TrailingSlash, from_fn},
    web,
};
use flate2::read::GzDecoder;

use super::{poll_at, serve, telling, websocket_at};
use crate::support::{Polling, TestServer, Ws, get, send};

#[actix_rt::test]
async fn a_log_changes_nothing() {
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(1, App::new().wrap(Logger::default()).configure(|cfg| io.mount(cfg)));
    poll_at(&server, "/socket.io/").await;
    websocket_at(&server, "/socket.io/").await;
}

#[actix_rt::test]
async fn compression_around_it_leaves_websockets_and_what_is_compressed_alone() {
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(1, App::new().wrap(Compress::default()).configure(|cfg| io.mount(cfg)));
    let client = Polling::connect(&server).await;
    let text = "x".repeat(5000);
    client.post(format!(r#"421["echo","{text}"]"#)).await;
    let accept = "accept-encoding: gzip\r\n";
    let response = send(server.addr, "GET", &client.path(), accept, b"").await.response().await;
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    let mut body = String::new();
    GzDecoder::new(&response.body[..]).read_to_string(&mut body).unwrap();
    assert_eq!(body, format!(r#"431["{text}"]"#));
    let headers = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\naccept-encoding: gzip\r\n";
    let path = "/socket.io/?EIO=4&transport=websocket";
    let response = send(server.addr, "GET", path, headers, b"").await.head().await;
    assert_eq!((response.status, response.header("content-encoding")), (101, None));
    websocket_at(&server, "/socket.io/").await;
}

#[actix_rt::test]
async fn normal_paths_keep_their_slash_or_the_server_does_without_it() {
    for (slash, add) in [
        (TrailingSlash::MergeOnly, true),
        (TrailingSlash::Always, true),
        (TrailingSlash::Trim, false),
        (TrailingSlash::MergeOnly, false),
    ] {
        let io = SocketIo::builder().add_trailing_slash(add).build().unwrap();
        telling(&io);
        let server =
            serve!(1, App::new().wrap(NormalizePath::new(slash)).configure(|cfg| io.mount(cfg)));
        for path in ["/socket.io/", "//socket.io//"] {
            poll_at(&server, path).await;
            websocket_at(&server, path).await;
        }
    }
}

#[cfg(feature = "client")]
#[actix_rt::test]
async fn the_browser_client_survives_a_normal_path() {
    let io = SocketIo::builder().add_trailing_slash(false).build().unwrap();
    let server = serve!(1, App::new().wrap(NormalizePath::trim()).configure(|cfg| io.mount(cfg)));
    let client = get(server.addr, "//socket.io/socket.io.min.js").await;
    assert_eq!((client.status, client.header("etag")), (200, Some("\"4.8.4\"")));
}

async fn with_a_token(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.query_string().contains("token=t") {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let response = HttpResponse::Unauthorized().body("who are you?");
    Ok(request.into_response(response))
}

#[actix_rt::test]
async fn who_a_middleware_refuses_never_comes_to_the_server() {
    let io = SocketIo::builder()
        .on_connection_error(|_, _| unreachable!("the request does not come here"))
        .build()
        .unwrap();
    telling(&io);
    let mounted = io.clone();
    let server = serve!(
        1,
        App::new()
            .service(
                web::scope("/in").wrap(from_fn(with_a_token)).configure(|cfg| mounted.mount(cfg))
            )
            .route("/out", web::to(async || "out"))
    );
    let polling = "/in/socket.io/?EIO=4&transport=polling";
    let websocket = "/in/socket.io/?EIO=4&transport=websocket";
    assert_eq!(get(server.addr, polling).await.parts(), (401, "who are you?"));
    assert_eq!(Ws::request(server.addr, websocket).await.0.status, 401);
    assert_eq!(io.clients_count(), 0);
    assert_eq!(get(server.addr, "/out").await.parts(), (200, "out"));
    assert_eq!(get(server.addr, &format!("{polling}&token=t")).await.status, 200);
    let (response, mut ws) = Ws::request(server.addr, &format!("{websocket}&token=t")).await;
    assert_eq!(response.status, 101);
    assert!(ws.next_text().await.starts_with(r#"0{"sid":""#));
    assert_eq!(io.clients_count(), 2);
}

#[actix_rt::test]
async fn what_a_middleware_adds_to_a_request_is_in_the_handshake() {
    let io = SocketIo::new();
    io.of("/")
        .on("user", async |socket: Socket| socket.handshake().header("x-user").map(str::to_owned));
    let server = serve!(
        1,
        App::new()
            .wrap_fn(|mut request, next| {
                let user = (HeaderName::from_static("x-user"), HeaderValue::from_static("Ada"));
                request.headers_mut().insert(user.0, user.1);
                next.call(request)
            })
            .configure(|cfg| io.mount(cfg))
    );
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["user"]"#, r#"430["Ada"]"#).await;
    let polling = Polling::connect(&server).await;
    polling.post(r#"420["user"]"#).await;
    assert_eq!(polling.poll().await.text(), r#"430["Ada"]"#);
}
