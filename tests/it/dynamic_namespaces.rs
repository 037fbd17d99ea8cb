//! Namespaces that are made when a client asks for them: by pattern, predicate and async function, and what they inherit.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use actix_socketio::{
    Args, Auth, DisconnectReason, Namespace, NamespaceRequest, Params, Socket, SocketIo,
};
use serde_json::Value;
use tokio::sync::{Notify, mpsc::unbounded_channel};

use crate::support::{DEADLINE, TestServer, Ws, between, echoing, is_id, within};

const INVALID: &str = r#"{"message":"Invalid namespace"}"#;

/// A client that has joined this namespace alone.
async fn join(server: &TestServer, name: &str) -> Ws {
    let mut ws = Ws::open(server).await;
    enter(&mut ws, name).await;
    ws
}

async fn enter(ws: &mut Ws, name: &str) {
    ws.text(&format!("40{name},")).await;
    let answer = ws.next_text().await;
    ws.id = between(&answer, &format!("40{name},{{\"sid\":\""), "\"}").to_owned();
    assert!(is_id(&ws.id), "{answer}");
}

async fn refused(ws: &mut Ws, name: &str) {
    ws.ask(&format!("40{name},"), &format!("44{name},{INVALID}")).await;
}

#[actix_rt::test]
async fn a_namespace_that_fits_a_pattern_is_made_and_its_handlers_get_the_parameters() {
    let io = SocketIo::new();
    let (sender, mut left) = unbounded_channel();
    io.of_pattern("/org/{org}/{kind}")
        .unwrap()
        .before_connect(async |Params((org, _)): Params<(u32, String)>| match org {
            0 => Err("no organisation"),
            _ => Ok(()),
        })
        .on_connect(async |socket: Socket, Params(all): Params<BTreeMap<String, String>>| {
            socket.emit("welcome", &(socket.namespace(), all));
        })
        .on("org", async |Params((org, kind)): Params<(u32, String)>| (org, kind))
        .on_disconnect(
            async move |Params((org, _)): Params<(u32, String)>, reason: DisconnectReason| {
                sender.send((org, reason.as_str())).unwrap();
            },
        );
    let server = TestServer::start(&io);
    let mut ws = join(&server, "/org/7/chat").await;
    ws.expect(r#"42/org/7/chat,["welcome","/org/7/chat",{"kind":"chat","org":"7"}]"#).await;
    ws.ask(r#"42/org/7/chat,1["org"]"#, r#"43/org/7/chat,1[7,"chat"]"#).await;
    ws.ask("40/org/0/chat,", r#"44/org/0/chat,{"message":"no organisation"}"#).await;
    ws.text("40/org/x/chat,").await;
    ws.expect("44/org/x/chat,{\"message\":\"parameters of the namespace: \\\"x\\\": invalid digit found in string\"}").await;
    for other in ["/org/7", "/org/7/chat/more", "/org//chat"] {
        refused(&mut ws, other).await;
    }
    ws.text("41/org/7/chat,").await;
    assert_eq!(
        within("the disconnect", left.recv()).await,
        Some((7, "client namespace disconnect"))
    );
}

#[actix_rt::test]
async fn children_share_what_they_inherit_and_no_sockets() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of_pattern("/game/{id}").unwrap());
    let parent = io.of_pattern("/game/{id}").unwrap();
    parent.on("echo", async || "of a later pattern");
    let server = TestServer::with_workers(&io, 2);
    let (mut one, mut two) = (join(&server, "/game/1").await, join(&server, "/game/2").await);
    one.ask(r#"42/game/1,1["echo",1]"#, "43/game/1,1[1]").await;
    io.of("/game/1").emit("news", &1);
    one.expect(r#"42/game/1,["news",1]"#).await;
    two.ask(r#"42/game/2,1["echo",2]"#, "43/game/2,1[2]").await;
}

#[actix_rt::test]
async fn handlers_of_a_child_are_its_own_and_come_after_those_of_the_parent() {
    let io = SocketIo::new();
    let parent = io.of_where(|name| name.starts_with("/room-"));
    parent.on_connect(async |socket: Socket| socket.emit("parent", &1));
    io.of("/room-1").on_connect(async |socket: Socket| socket.emit("child", &2));
    parent.on_connect(async |socket: Socket| socket.emit("parent", &3));
    let server = TestServer::start(&io);
    let mut ws = join(&server, "/room-1").await;
    let of = |name: &str, event, n| format!(r#"42{name},["{event}",{n}]"#);
    for (event, n) in [("parent", 1), ("parent", 3), ("child", 2)] {
        ws.expect(&of("/room-1", event, n)).await;
    }
    let mut other = join(&server, "/room-2").await;
    for n in [1, 3] {
        other.expect(&of("/room-2", "parent", n)).await;
    }
    refused(&mut other, "/hall-1").await;
}

#[actix_rt::test]
async fn what_is_emitted_through_a_parent_reaches_its_children_and_nobody_else() {
    let io = SocketIo::new();
    // It would be a child if it were defined after the pattern.
    let before = io.of("/game/static");
    let parent = io.of_pattern("/game/{id}").unwrap();
    let other = io.of_where(|name| name.starts_with("/hall/"));
    for namespace in [&parent, &other, &before] {
        let _ends = echoing(namespace);
        namespace.on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room));
    }
    parent.emit("nobody", "is mounted");
    let server = TestServer::with_workers(&io, 2);
    let names = ["/game/1", "/game/1", "/game/2", "/game/static", "/hall/1"];
    let mut clients = Vec::new();
    for name in names {
        clients.push(join(&server, name).await);
    }
    for (ws, name) in clients.iter_mut().zip(names).skip(1) {
        ws.ask(&format!(r#"42{name},1["join","odd"]"#), &format!("43{name},1[]")).await;
    }
    parent.emit("all", &(1, "two"));
    parent.to("odd").emit("room", &());
    parent.except("odd").emit("rest", &());
    for (place, (ws, name)) in clients.iter_mut().zip(names).enumerate() {
        let expected: &[&str] = match place {
            0 => &[r#"["all",1,"two"]"#, r#"["rest"]"#],
            1 | 2 => &[r#"["all",1,"two"]"#, r#"["room"]"#],
            _ => &[],
        };
        for event in expected {
            ws.expect(&format!("42{name},{event}")).await;
        }
        // What is issued later by the same handle comes later, so nothing else was for this client.
        io.of(name).to(ws.id.as_str()).emit("end", &place);
        ws.expect(&format!(r#"42{name},["end",{place}]"#)).await;
    }
}

#[actix_rt::test]
async fn the_middleware_of_parent_and_child_is_one_chain_and_the_first_refusal_wins() {
    use actix_socketio::ConnectError;
    let io = SocketIo::new();
    let asked: Arc<Mutex<Vec<&str>>> = Arc::default();
    let chain = |namespace: &Namespace, step: &'static str| {
        let asked = asked.clone();
        namespace.before_connect(async move |Auth(stop): Auth<Value>| {
            asked.lock().unwrap().push(step);
            match stop["at"] == step {
                true => Err(ConnectError::new("nope").with_data(serde_json::json!({ "code": 1 }))),
                false => Ok(()),
            }
        });
    };
    let parent = io.of_pattern("/{n}").unwrap();
    chain(&parent, "first");
    chain(&io.of("/n"), "third");
    chain(&parent, "second");
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    for (stop, steps) in [
        ("first", &["first"][..]),
        ("second", &["first", "second"]),
        ("third", &["first", "second", "third"]),
    ] {
        let refusal = r#"44/n,{"message":"nope","data":{"code":1}}"#;
        ws.ask(&format!(r#"40/n,{{"at":"{stop}"}}"#), refusal).await;
        assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), steps);
    }
    enter(&mut ws, "/n").await;
    assert_eq!(*asked.lock().unwrap(), ["first", "second", "third"]);
}

#[actix_rt::test]
async fn static_namespaces_win_and_then_the_parent_that_was_made_first() {
    let io = SocketIo::new();
    let welcome = |namespace: Namespace, text: &'static str| {
        namespace.on_connect(async move |socket: Socket| socket.emit("in", text));
    };
    welcome(io.of("/chat/main"), "static");
    welcome(
        io.of_async(async |request: NamespaceRequest| request.name() == "/chat/asked"),
        "asked",
    );
    welcome(io.of_pattern("chat/{name}").unwrap(), "pattern");
    welcome(io.of_where(|_| true), "anything");
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    for (name, text) in [
        ("/chat/main", "static"),
        ("/chat/asked", "asked"),
        ("/chat/other", "pattern"),
        ("/other", "anything"),
    ] {
        enter(&mut ws, name).await;
        ws.expect(&format!(r#"42{name},["in","{text}"]"#)).await;
    }
}

#[actix_rt::test]
async fn an_async_function_decides_by_name_auth_and_handshake() {
    let io = SocketIo::new();
    let parent = io.of_async(async |request: NamespaceRequest| {
        actix_rt::task::yield_now().await;
        let auth: Value = request.auth().unwrap();
        let url = &request.handshake().url;
        request.name() == "/dynamic"
            && auth["token"] == "secret"
            && url.contains("transport=websocket")
    });
    let _ends = echoing(&parent);
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    refused(&mut ws, "/dynamic").await;
    ws.ask(r#"40/dynamic,{"token":"guess"}"#, &format!("44/dynamic,{INVALID}")).await;
    ws.text(r#"40/dynamic,{"token":"secret"}"#).await;
    assert!(ws.next_text().await.starts_with(r#"40/dynamic,{"sid":"#));
    ws.ask(r#"42/dynamic,1["echo"]"#, "43/dynamic,1[]").await;
    // Once it is there, nobody is asked any more.
    join(&server, "/dynamic").await;
}

#[actix_rt::test]
async fn a_client_that_leaves_while_its_namespace_is_being_decided_costs_nothing() {
    let io = SocketIo::new();
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (asked.clone(), go.clone());
    io.of_async(async move |_: NamespaceRequest| {
        tell.notify_one();
        wait.notified().await;
        true
    });
    let server = TestServer::start(&io);
    let mut gone = Ws::open(&server).await;
    gone.text("40/slow,").await;
    within("the question", asked.notified()).await;
    // An event for a namespace that is not joined closes the connection.
    gone.text(r#"42/slow,["early"]"#).await;
    gone.expect_close(None).await;
    go.notify_one();
    let mut ws = Ws::open(&server).await;
    ws.text("40/slow,").await;
    go.notify_one();
    assert!(ws.next_text().await.starts_with("40/slow,"));
}

#[actix_rt::test]
async fn a_rule_that_panics_refuses_the_client_and_no_more() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of_async(async |request: NamespaceRequest| match request.name() {
        "/panic" => panic!("on purpose"),
        _ => false,
    });
    io.of_where(|name| match name {
        "/of" => panic!("on purpose"),
        name => name == "/fine",
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    refused(&mut ws, "/panic").await;
    enter(&mut ws, "/fine").await;
    // The handle calls the predicate, too.
    assert_eq!(io.of("/of").name(), "/of");
    ws.fence().await;
}

#[actix_rt::test]
async fn two_clients_that_ask_for_a_new_namespace_at_once_are_in_one() {
    let io = SocketIo::new();
    let (sender, mut made) = unbounded_channel();
    io.on_new_namespace(move |namespace| sender.send(namespace.name().to_owned()).unwrap());
    let _ends = echoing(&io.of_async(async |_: NamespaceRequest| {
        actix_rt::task::yield_now().await;
        true
    }));
    let server = TestServer::with_workers(&io, 2);
    for round in 0..20 {
        let name = format!("/race-{round}");
        let (mut a, mut b) = (Ws::open(&server).await, Ws::open(&server).await);
        futures_util::future::join(enter(&mut a, &name), enter(&mut b, &name)).await;
        io.of(&name).emit("to", "both");
        for ws in [&mut a, &mut b] {
            ws.expect(&format!(r#"42{name},["to","both"]"#)).await;
        }
        assert_eq!(within("the news", made.recv()).await, Some(name));
    }
    assert!(made.try_recv().is_err());
}

#[actix_rt::test]
async fn new_namespaces_are_announced_before_the_first_client_is_in_them() {
    let io = SocketIo::new();
    io.on_new_namespace(|_| panic!("on purpose"));
    io.on_new_namespace(|namespace: Namespace| {
        namespace.on_connect(async |socket: Socket, namespace: Namespace| {
            socket.emit("announced", namespace.name());
        });
    });
    io.of_pattern("/d/{n}").unwrap();
    io.of("static");
    io.of("static");
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    for name in ["/d/1", "/static", "/d/2"] {
        enter(&mut ws, name).await;
        ws.expect(&format!(r#"42{name},["announced","{name}"]"#)).await;
    }
    let names: Vec<_> = io.namespaces().iter().map(|it| it.name().to_owned()).collect();
    assert_eq!(names, ["/", "/d/1", "/d/2", "/static"]);
}

#[actix_rt::test]
async fn no_more_namespaces_are_made_than_the_server_and_the_connection_allow() {
    let io = SocketIo::builder()
        .max_dynamic_namespaces(3)
        .max_namespaces_per_connection(3)
        .build()
        .unwrap();
    io.of_where(|_| true);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    enter(&mut ws, "/1").await;
    enter(&mut ws, "/2").await;
    ws.ask("40/3,", r#"44/3,{"message":"Too many namespaces"}"#).await;
    ws.text("41/2,").await;
    enter(&mut ws, "/3").await;
    let mut other = join(&server, "/2").await;
    refused(&mut other, "/4").await;
    assert!(io.remove_namespace("/2"));
    other.expect("41/2,").await;
    enter(&mut other, "/4").await;
}

#[actix_rt::test]
async fn a_pattern_that_is_none_is_an_error_that_says_why() {
    let error = SocketIo::new().of_pattern("/org/{").unwrap_err();
    assert!(error.to_string().starts_with("option `namespace pattern`: "), "{error}");
}

#[actix_rt::test]
async fn a_name_that_no_client_can_ask_for_does_no_harm() {
    let io = SocketIo::new();
    let long = format!("/{}", "x".repeat(256));
    for name in ["a,b", &long] {
        io.of(name).on("echo", async |Args(n): Args<u32>| n);
        io.of(name).emit("news", &1);
    }
    assert_eq!(io.of("").name(), "/");
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    refused(&mut ws, "/a").await;
    io.of("a,b").emit("news", &1);
    assert!(io.remove_namespace("a,b"));
}

#[actix_rt::test]
async fn nobody_gets_into_a_namespace_that_is_still_being_announced() {
    let io = SocketIo::new();
    let (sender, mut announced) = unbounded_channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    io.of_pattern("/game/{id}").unwrap();
    io.on_new_namespace(move |namespace| {
        sender.send(()).unwrap();
        let _ = wait.lock().unwrap().recv_timeout(DEADLINE);
        namespace.before_connect(async || Err::<(), _>("no"));
    });
    // One worker each.
    let server = TestServer::with_workers(&io, 2);
    let (mut first, mut second) = (Ws::open(&server).await, Ws::open(&server).await);
    first.text("40/game/1,").await;
    within("the announcement", announced.recv()).await.unwrap();
    second.text("40/game/1,").await;
    // It takes the same way.
    second.text("40").await;
    let answer = second.next_text().await;
    assert!(answer.starts_with(r#"40{"sid":""#), "{answer}");
    go_on.send(()).unwrap();
    for ws in [&mut first, &mut second] {
        ws.expect(r#"44/game/1,{"message":"no"}"#).await;
    }
}
