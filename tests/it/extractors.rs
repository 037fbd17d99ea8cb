//! What handlers can have as parameters: data of the application and of the socket, the handshake, and all of them optionally.

use std::{
    collections::HashSet,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use actix_socketio::{
    Args, Auth, Error, EventError, EventName, Handshake, Socket, SocketData, SocketIo,
};
use actix_web::{HttpMessage, web};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Polling, TestServer, Ws, between, echoing, send, within};

struct Greeting(&'static str);

async fn greet(greeting: web::Data<Greeting>) -> &'static str {
    greeting.0
}

#[actix_rt::test]
async fn handlers_of_all_kinds_get_the_data_of_the_application_on_every_worker() {
    let io = SocketIo::new();
    let (sender, mut ended) = unbounded_channel();
    io.of("/")
        .before_connect(async |data: web::Data<Greeting>, socket: Socket| socket.set_data(data.0))
        .on_connect(async |data: web::Data<Greeting>, socket: Socket| socket.emit("hi", data.0))
        .on("greet", greet)
        .on("later", async |data: web::Data<Greeting>| {
            tokio::task::yield_now().await;
            data.0
        })
        .on_disconnect(async move |data: web::Data<Greeting>| sender.send(data.0).unwrap());
    let server = TestServer::mounting(3, move |cfg| {
        cfg.app_data(web::Data::new(Greeting("hello")));
        io.mount(cfg);
    });
    for _ in 0..6 {
        let mut ws = Ws::connect(&server).await;
        ws.expect(r#"42["hi","hello"]"#).await;
        ws.ask(r#"421["greet"]"#, r#"431["hello"]"#).await;
        ws.ask(r#"422["later"]"#, r#"432["hello"]"#).await;
        ws.text("41").await;
        assert_eq!(within("the end", ended.recv()).await, Some("hello"));
    }
}

#[actix_rt::test]
async fn the_data_of_a_scope_hides_that_of_the_application() {
    let (inner, outer) = (SocketIo::new(), SocketIo::new());
    for io in [&inner, &outer] {
        io.of("/").on("greet", greet).on("number", async |n: web::Data<u32>| **n);
    }
    let server = TestServer::mounting(1, move |cfg| {
        let scope = web::scope("/inner").app_data(web::Data::new(Greeting("inner")));
        cfg.app_data(web::Data::new(Greeting("outer"))).app_data(web::Data::new(7_u32));
        cfg.service(scope.configure(|cfg| inner.mount(cfg)));
        outer.mount(cfg);
    });
    for (path, greeting) in [("/inner/socket.io/", "inner"), ("/socket.io/", "outer")] {
        let path = format!("{path}?EIO=4&transport=websocket");
        let (response, mut ws) = Ws::request(server.addr, &path).await;
        assert_eq!(response.status, 101);
        ws.next_text().await;
        ws.text("40").await;
        ws.next_text().await;
        ws.ask(r#"421["greet"]"#, &format!(r#"431["{greeting}"]"#)).await;
        ws.ask(r#"422["number"]"#, "432[7]").await;
    }
}

#[actix_rt::test]
async fn a_handler_that_is_registered_after_the_start_gets_data_too() {
    let io = SocketIo::new();
    let mounted = io.clone();
    let server = TestServer::mounting(1, move |cfg| {
        cfg.app_data(web::Data::new(Greeting("hello"))).app_data(web::Data::new(7_u32));
        mounted.mount(cfg);
    });
    io.of("/").on("number", async |n: web::Data<u32>| **n);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["number"]"#, "431[7]").await;
    io.of("/").on("greet", greet);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["greet"]"#, r#"431["hello"]"#).await;
    ws.ask(r#"421["number"]"#, "431[7]").await;
}

#[actix_rt::test]
async fn without_the_data_the_handler_is_not_called_and_the_error_says_what_to_do() {
    let io = SocketIo::new();
    let (sender, mut heard) = unbounded_channel();
    drop(echoing(&io.of("/")));
    io.of("/")
        .on("greet", greet)
        .on("may be", async |data: Option<web::Data<Greeting>>| data.is_none())
        .on_error(async move |EventName(event): EventName, error: EventError| {
            sender.send((event, error)).unwrap();
        });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["greet"]"#, r#"431[{"error":"Internal server error"}]"#).await;
    let (event, error) = within("the error", heard.recv()).await.unwrap();
    assert!(error.is_missing_data() && !error.is_type_mismatch());
    assert_eq!(event, "greet");
    assert!(error.to_string().contains(".app_data(web::Data::new(…))"), "{error}");
    ws.ask(r#"422["may be"]"#, "432[true]").await;
}

#[actix_rt::test]
async fn middleware_without_its_data_refuses_the_client() {
    let io = SocketIo::new();
    io.of("/").before_connect(async |_: web::Data<Greeting>| ());
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.ask("40", r#"44{"message":"Internal server error"}"#).await;
}

#[actix_rt::test]
async fn a_session_keeps_no_request() {
    let alive = Arc::new(());
    let of_request = alive.clone();
    let io = SocketIo::builder().allow_request(move |request| {
        request.extensions_mut().insert(of_request.clone());
        ready(Ok(()))
    });
    let io = io.build().unwrap();
    drop(echoing(&io.of("/")));
    io.of("/").on("greet", greet);
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    client.fence().await;
    // The test and the hook; the request of the handshake has ended, its session goes on.
    assert_eq!(Arc::strong_count(&alive), 2);
}

/// What a visitor is known by.
#[derive(serde::Serialize)]
struct Visitor {
    name: String,
    visits: AtomicU32,
}

#[derive(serde::Deserialize)]
struct Who {
    name: Option<String>,
}

#[actix_rt::test]
async fn the_data_of_a_socket_is_its_own_from_middleware_to_disconnect() {
    let io = SocketIo::new();
    let (sender, mut ended) = unbounded_channel();
    io.of("/")
        .before_connect(async |socket: Socket, Auth(who): Auth<Who>| {
            if let Some(name) = who.name {
                socket.set_data(Visitor { name, visits: AtomicU32::new(0) });
            }
        })
        .on("visit", async |SocketData(visitor): SocketData<Visitor>| {
            visitor.visits.fetch_add(1, Ordering::Relaxed) + 1
        })
        .on("name", async |visitor: Option<SocketData<Visitor>>| {
            visitor.map(|visitor| visitor.0.name.clone())
        })
        .on("replace", async |socket: Socket, Args(data): Args<String>| socket.set_data(data))
        .on("string", async |socket: Socket| socket.data::<String>().as_deref().cloned())
        .on_disconnect(async move |data: Result<SocketData<Visitor>, Error>| {
            sender.send(data.map(|data| data.0.name.clone())).unwrap();
        });
    let server = TestServer::start(&io);
    let (mut ada, mut bob) = (Ws::open(&server).await, Ws::open(&server).await);
    for (ws, name) in [(&mut ada, "Ada"), (&mut bob, "Bob")] {
        ws.text(&format!(r#"40{{"name":"{name}"}}"#)).await;
        ws.next_text().await;
    }
    ada.ask(r#"421["visit"]"#, "431[1]").await;
    ada.ask(r#"422["visit"]"#, "432[2]").await;
    bob.ask(r#"423["visit"]"#, "433[1]").await;
    bob.ask(r#"424["name"]"#, r#"434["Bob"]"#).await;
    bob.ask(r#"425["string"]"#, "435[null]").await;
    bob.ask(r#"426["replace","text"]"#, "436[]").await;
    bob.ask(r#"427["string"]"#, r#"437["text"]"#).await;
    bob.ask(r#"428["name"]"#, "438[null]").await;
    bob.ask(r#"429["visit"]"#, r#"439[{"error":"Internal server error"}]"#).await;
    ada.text("41").await;
    assert_eq!(within("the end", ended.recv()).await.unwrap().unwrap(), "Ada");
    bob.text("41").await;
    let error = within("the end", ended.recv()).await.unwrap().unwrap_err();
    assert!(error.is_missing_data() && error.to_string().contains("Visitor"), "{error}");
}

#[actix_rt::test]
async fn arguments_may_be_optional() {
    let io = SocketIo::new();
    io.of("/")
        .on("option", async |args: Option<Args<u32>>| args.map_or(0, |Args(n)| n))
        .on("result", async |args: Result<Args<u32>, Error>| {
            args.is_err_and(|e| e.is_type_mismatch())
        });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["option",5]"#, "431[5]").await;
    ws.ask(r#"422["option","x"]"#, "432[0]").await;
    ws.ask(r#"423["result",5]"#, "433[false]").await;
    ws.ask(r#"424["result"]"#, "434[true]").await;
}

#[actix_rt::test]
async fn the_handshake_has_all_that_the_official_one_has() {
    let (sender, mut shaken) = unbounded_channel();
    let io = SocketIo::new();
    drop(echoing(&io.of("/")));
    io.of("/")
        .before_connect(async move |handshake: Arc<Handshake>| sender.send(handshake).unwrap());
    let server = TestServer::start(&io);
    let since_1970 = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let before = since_1970();
    // This is how the official client writes { a: "x y&z+ü%", b: ["1", "2"] }; then what others may write.
    let query = "a=x%20y%26z%2B%C3%BC%25&b=1%2C2&EIO=4&transport=polling&c=1+2&flag&c=%ff";
    let path = format!("/socket.io/?{query}");
    let headers = "origin: http://o\r\nx-twice: one\r\nX-Twice: two\r\n";
    let open = send(server.addr, "GET", &path, headers, b"").await.response().await;
    let sid = open.text().split('"').nth(3).unwrap().to_owned();
    let mut client = Polling { addr: server.addr, sid, id: String::new() };
    client.post("40").await;
    client.id = between(client.poll().await.text(), r#"40{"sid":""#, r#""}"#).to_owned();
    client.fence().await;

    let handshake = within("the handshake", shaken.recv()).await.unwrap();
    assert_eq!(handshake.url, path);
    let pairs = [
        ("a", "x y&z+ü%"),
        ("b", "1,2"),
        ("EIO", "4"),
        ("transport", "polling"),
        ("c", "1 2"),
        ("flag", ""),
        ("c", "\u{fffd}"),
    ];
    assert_eq!(handshake.query, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((handshake.query("c"), handshake.query("d")), (Some("1 2"), None));
    let headers: HashSet<_> = handshake.headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    let host = server.addr.to_string();
    let expected =
        [("host", &*host), ("origin", "http://o"), ("x-twice", "one"), ("x-twice", "two")];
    assert_eq!(headers, HashSet::from(expected));
    assert_eq!((handshake.header("x-twice"), handshake.header("x")), (Some("one"), None));
    assert_eq!(handshake.address, Some(server.addr.ip()));
    assert!(handshake.xdomain && !handshake.secure);
    assert!((before..=since_1970()).contains(&handshake.issued), "{}", handshake.issued);
    assert!(handshake.time().ends_with(" GMT+0000 (Coordinated Universal Time)"));

    Ws::connect(&server).await;
    let handshake = within("the handshake", shaken.recv()).await.unwrap();
    assert!(!handshake.xdomain);
}
