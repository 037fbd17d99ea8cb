//! Who may look.

use actix_socketio::SocketIo;
use actix_web::{error::ErrorForbidden, middleware::from_fn};

use super::{assert_protected, serve};
use crate::support::{TestServer, get, send};

#[actix_rt::test]
async fn without_the_token_nothing_is_shown() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector().token("s3cret"), 1);
    for file in ["", "inspector.js", "topology.json", "metrics", "x"] {
        let path = format!("/inspect/{file}");
        // The second is `x:wrong`.
        for headers in
            ["", "authorization: Basic eDp3cm9uZw==\r\n", "authorization: Bearer s3cre\r\n"]
        {
            let response = send(server.addr, "GET", &path, headers, b"").await.response().await;
            assert_eq!(response.status, 401, "{file}: {response:?}");
            let challenge = r#"Basic realm="inspector", charset="UTF-8""#;
            assert_eq!(response.header("www-authenticate"), Some(challenge));
            assert!(response.body.is_empty());
            assert_protected(&response);
        }
        // The second is `anybody:s3cret`.
        for headers in
            ["authorization: Bearer s3cret\r\n", "authorization: Basic YW55Ym9keTpzM2NyZXQ=\r\n"]
        {
            let response = send(server.addr, "GET", &path, headers, b"").await.response().await;
            assert_eq!(
                response.status,
                if file == "x" { 404 } else { 200 },
                "{file}: {response:?}"
            );
        }
    }
}

#[actix_rt::test]
async fn middleware_of_the_application_protects_it() {
    let io = SocketIo::new();
    let mounted = io.clone();
    let server = TestServer::mounting(1, move |cfg| {
        mounted.mount(cfg);
        let staff = from_fn(async |request, next: actix_web::middleware::Next<_>| {
            let request: actix_web::dev::ServiceRequest = request;
            match request.headers().contains_key("x-staff") {
                true => next.call(request).await,
                false => Err(ErrorForbidden("staff only")),
            }
        });
        cfg.service(mounted.inspector().scope("/in/here").wrap(staff));
    });
    assert_eq!(get(server.addr, "/in/here/").await.parts(), (403, "staff only"));
    let response =
        send(server.addr, "GET", "/in/here/", "x-staff: 1\r\n", b"").await.response().await;
    assert!(response.text().contains("<title>Inspector</title>"), "{response:?}");
}
