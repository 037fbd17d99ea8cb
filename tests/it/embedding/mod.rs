//! The server inside of applications that do other things as well: routes, scopes, middleware, other servers, workers, TLS.

mod middleware;
mod places;
mod tls;

use actix_socketio::{Socket, SocketIo};

use crate::support::{Polling, TestServer, Ws, between, echoing, get};

/// An application on loopback, with that many workers.
macro_rules! serve {
    ($workers:expr, $app:expr) => {{
        let server = actix_web::HttpServer::new(move || $app);
        let server = actix_socketio::tune(server)
            .workers($workers)
            .shutdown_timeout(0)
            .disable_signals()
            .client_request_timeout(crate::support::DEADLINE)
            .bind(("127.0.0.1", 0))
            .unwrap();
        TestServer::running(server.addrs()[0], server.run())
    }};
}
use serve;

/// Adds `url` and `secure`, which tell the client what its handshake was.
fn telling(io: &SocketIo) {
    drop(echoing(&io.of("/")));
    io.of("/")
        .on("url", async |socket: Socket| socket.handshake().url.clone())
        .on("secure", async |socket: Socket| socket.handshake().secure);
}

/// A polling client under another path, connected to `/`, after a round trip.
async fn poll_at(server: &TestServer, path: &str) -> Polling {
    let open = get(server.addr, &format!("{path}?EIO=4&transport=polling")).await;
    assert_eq!(open.status, 200, "{path}: {open:?}");
    let sid = open.text().split('"').nth(3).unwrap().to_owned();
    let client = Polling { addr: server.addr, sid, id: String::new() };
    let request = |method: &'static str, body: &'static str| {
        let path = format!("{path}?EIO=4&transport=polling&sid={}", client.sid);
        async move {
            let headers = format!("content-length: {}\r\n", body.len());
            let sent = crate::support::send(server.addr, method, &path, &headers, body.as_bytes());
            sent.await.response().await
        }
    };
    assert_eq!(request("POST", "40").await.parts(), (200, "ok"));
    between(request("GET", "").await.text(), r#"40{"sid":""#, r#""}"#);
    assert_eq!(request("POST", r#"421["echo","hi"]"#).await.parts(), (200, "ok"));
    assert_eq!(request("GET", "").await.text(), r#"431["hi"]"#);
    client
}

/// A WebSocket client under another path, connected to `/`.
async fn websocket_at(server: &TestServer, path: &str) -> Ws {
    let path = format!("{path}?EIO=4&transport=websocket");
    let (response, mut ws) = Ws::request(server.addr, &path).await;
    assert_eq!(response.status, 101, "{path}: {response:?}");
    assert!(ws.next_text().await.starts_with(r#"0{"sid":""#));
    ws.text("40").await;
    between(&ws.next_text().await, r#"40{"sid":""#, r#""}"#);
    ws.fence().await;
    ws
}
