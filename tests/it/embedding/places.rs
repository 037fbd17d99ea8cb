//! Where in an application the server can be.

use actix_socketio::SocketIo;
use actix_web::{App, HttpResponse, web};

use super::{poll_at, serve, telling, websocket_at};
use crate::support::{Polling, TestServer, Ws, between, echoing, get};

fn text(text: &'static str) -> actix_web::Route {
    web::to(move || async move { text })
}

#[actix_rt::test]
async fn other_routes_are_served_beside_it() {
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(
        1,
        App::new()
            .route("/", text("home"))
            .configure(|cfg| io.mount(cfg))
            .route("/socket.io.txt", text("beside"))
            .default_service(web::to(|| async { HttpResponse::Gone().body("elsewhere") }))
    );
    poll_at(&server, "/socket.io/").await;
    websocket_at(&server, "/socket.io/").await;
    assert_eq!(get(server.addr, "/").await.parts(), (200, "home"));
    assert_eq!(get(server.addr, "/socket.io.txt").await.parts(), (200, "beside"));
    for path in ["/nowhere", "/socket.io", "/socket.io?EIO=4&transport=polling"] {
        assert_eq!(get(server.addr, path).await.parts(), (410, "elsewhere"), "{path}");
    }
}

#[actix_rt::test]
async fn routes_beside_it_get_it_as_a_parameter() {
    async fn order(io: SocketIo, item: String) -> &'static str {
        io.emit("ordered", &item);
        "thank you"
    }
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(
        2,
        App::new().route("/orders", web::post().to(order)).service(
            web::scope("/api").configure(|cfg| io.mount(cfg)).route("/orders", web::to(order))
        )
    );
    let mut ws = websocket_at(&server, "/api/socket.io/").await;
    let post = async |path: &str| {
        let headers = "content-type: text/plain\r\ncontent-length: 3\r\n";
        crate::support::send(server.addr, "POST", path, headers, b"tea").await.response().await
    };
    assert_eq!(post("/api/orders").await.parts(), (200, "thank you"));
    ws.expect(r#"42["ordered","tea"]"#).await;
    // There is none outside of the scope.
    assert_eq!(post("/orders").await.parts(), (500, "Internal server error"));
}

#[actix_rt::test]
async fn a_scope_puts_its_prefix_before_the_path() {
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(
        1,
        App::new().service(
            web::scope("/api")
                .route("/health", text("well"))
                .service(web::scope("/v1").configure(|cfg| io.mount(cfg)))
        )
    );
    poll_at(&server, "/api/v1/socket.io/").await;
    let mut ws = websocket_at(&server, "/api/v1/socket.io/").await;
    let url = r#"431["/api/v1/socket.io/?EIO=4&transport=websocket"]"#;
    ws.ask(r#"421["url"]"#, url).await;
    assert_eq!(get(server.addr, "/api/health").await.parts(), (200, "well"));
    for path in ["/socket.io/", "/api/socket.io/"] {
        assert_eq!(get(server.addr, path).await.status, 404, "{path}");
    }
}

#[cfg(feature = "client")]
#[actix_rt::test]
async fn a_scope_has_the_browser_client_too() {
    let io = SocketIo::new();
    let server = serve!(1, App::new().service(web::scope("/api").configure(|cfg| io.mount(cfg))));
    let client = get(server.addr, "/api/socket.io/socket.io.min.js").await;
    assert_eq!((client.status, client.header("etag")), (200, Some("\"4.8.4\"")));
}

#[actix_rt::test]
async fn it_is_reached_under_any_path() {
    for (option, path) in
        [("/a", "/a/"), ("/a/b/", "/a/b/"), ("/_x.y~z-1", "/_x.y~z-1/"), ("/", "/")]
    {
        let io = SocketIo::builder().path(option).build().unwrap();
        telling(&io);
        let server =
            serve!(1, App::new().route("/other", text("other")).configure(|cfg| io.mount(cfg)));
        poll_at(&server, path).await;
        websocket_at(&server, path).await;
        assert_eq!(get(server.addr, "/other").await.parts(), (200, "other"), "{option}");
    }
}

#[actix_rt::test]
async fn a_path_without_its_last_slash_is_served_only_on_request() {
    let io = SocketIo::builder().add_trailing_slash(false).build().unwrap();
    telling(&io);
    let server = serve!(1, App::new().configure(|cfg| io.mount(cfg)));
    for path in ["/socket.io", "/socket.io/"] {
        poll_at(&server, path).await;
        websocket_at(&server, path).await;
    }
    assert_eq!(get(server.addr, "/socket.iox?EIO=4&transport=polling").await.status, 404);
}

#[actix_rt::test]
async fn two_servers_in_one_application_know_nothing_of_each_other() {
    let one = SocketIo::builder().path("/one").build().unwrap();
    let two = SocketIo::builder().path("/two").build().unwrap();
    let (of_one, of_two) = (one.clone(), two.clone());
    telling(&one);
    telling(&two);
    let server =
        serve!(1, App::new().configure(|cfg| one.mount(cfg)).configure(|cfg| two.mount(cfg)));
    let client = poll_at(&server, "/one/").await;
    let elsewhere = format!("/two/?EIO=4&transport=polling&sid={}", client.sid);
    let unknown = (400, r#"{"code":1,"message":"Session ID unknown"}"#);
    assert_eq!(get(server.addr, &elsewhere).await.parts(), unknown);
    let (mut a, mut b) =
        (websocket_at(&server, "/one/").await, websocket_at(&server, "/two/").await);
    of_one.emit("news", "one");
    of_two.emit("news", "two");
    a.expect(r#"42["news","one"]"#).await;
    b.expect(r#"42["news","two"]"#).await;
    a.fence().await;
    b.fence().await;
    assert_eq!((of_one.clients_count(), of_two.clients_count()), (2, 1));
}

/// Each request is a connection of its own, and connections go to the workers in turn.
#[actix_rt::test]
async fn every_worker_serves_every_session() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = serve!(3, App::new().configure(|cfg| io.mount(cfg)));
    for _ in 0..4 {
        let client = Polling::connect(&server).await;
        for _ in 0..4 {
            client.fence().await;
        }
        let upgrade = format!("/socket.io/?EIO=4&transport=websocket&sid={}", client.sid);
        let (response, mut ws) = Ws::request(server.addr, &upgrade).await;
        assert_eq!(response.status, 101);
        ws.ask("2probe", "3probe").await;
        assert_eq!(client.poll().await.parts(), (200, "6"));
        ws.text("5").await;
        ws.fence().await;
    }
}

#[actix_rt::test]
async fn a_server_is_reached_from_the_routes_of_the_application() {
    let io = SocketIo::new();
    telling(&io);
    let server = serve!(
        2,
        App::new().app_data(web::Data::new(io.clone())).configure(|cfg| io.mount(cfg)).route(
            "/tell",
            web::get().to(async |io: web::Data<SocketIo>| {
                io.emit("told", "all");
                "told"
            })
        )
    );
    let mut clients = [Ws::connect(&server).await, Ws::connect(&server).await];
    assert_eq!(get(server.addr, "/tell").await.parts(), (200, "told"));
    for client in &mut clients {
        client.expect(r#"42["told","all"]"#).await;
    }
    let open = get(server.addr, "/socket.io/?EIO=4&transport=polling").await;
    assert!(between(open.text(), "0{", "}").starts_with("\"sid\""));
}
