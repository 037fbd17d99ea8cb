//! Namespaces that end: removed by the server, or with their last socket.

use std::sync::Arc;

use actix_socketio::{DisconnectReason, Namespace, Socket, SocketIo};
use tokio::sync::{Notify, mpsc::unbounded_channel};

use crate::support::{TestServer, Ws, between, echoing, within};

const INVALID: &str = r#"44/n,{"message":"Invalid namespace"}"#;

async fn join(server: &TestServer) -> (Ws, String) {
    let mut ws = Ws::open(server).await;
    ws.text("40/n,").await;
    let id = between(&ws.next_text().await, r#"40/n,{"sid":""#, r#""}"#).to_owned();
    (ws, id)
}

fn names(io: &SocketIo) -> Vec<String> {
    io.namespaces().iter().map(|namespace| namespace.name().to_owned()).collect()
}

#[actix_rt::test]
async fn a_removed_namespace_disconnects_its_sockets_after_what_is_queued_and_lets_nobody_in() {
    let io = SocketIo::new();
    let _main = echoing(&io.of("/"));
    let namespace = io.of("/n");
    let (sender, mut left) = unbounded_channel();
    namespace.on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
        sender.send((socket.id().to_string(), reason.as_str())).unwrap();
    });
    let server = TestServer::with_workers(&io, 2);
    let (mut a, a_id) = join(&server).await;
    let (mut b, b_id) = join(&server).await;
    for n in 0..3 {
        namespace.emit("n", &n);
    }
    // What is issued through a handle waits for nothing else here, so it is queued in this order.
    for ws in [&mut a, &mut b] {
        ws.expect_all([r#"42/n,["n",0]"#, r#"42/n,["n",1]"#, r#"42/n,["n",2]"#]).await;
    }
    namespace.emit("n", "last");
    a.expect(r#"42/n,["n","last"]"#).await;
    assert!(io.remove_namespace("n"));
    a.expect("41/n,").await;
    b.expect_all([r#"42/n,["n","last"]"#, "41/n,"]).await;
    let mut ids = [a_id, b_id];
    ids.sort();
    let mut gone = Vec::new();
    while gone.len() < ids.len() {
        gone.push(within("a disconnect", left.recv()).await.unwrap());
    }
    gone.sort();
    assert_eq!(gone, ids.map(|id| (id, "server namespace disconnect")));
    namespace.emit("n", "nobody");
    a.ask("40/n,", INVALID).await;
    assert_eq!(names(&io), ["/"]);
    assert!(!io.remove_namespace("/n"));
    // The connection goes on.
    a.text("40").await;
    assert!(a.next_text().await.starts_with("40{"));
    a.fence().await;
}

#[actix_rt::test]
async fn the_default_namespace_cannot_be_removed() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    assert!(!io.remove_namespace("/") && !io.remove_namespace(""));
    ws.fence().await;
}

#[actix_rt::test]
async fn a_namespace_may_be_removed_before_the_server_is_mounted_and_made_again() {
    let io = SocketIo::new();
    let former = io.of("/n");
    former.on_connect(async |socket: Socket| socket.emit("former", &1));
    assert!(io.remove_namespace("/n"));
    let _ends = echoing(&io.of("/n"));
    let server = TestServer::start(&io);
    let (mut ws, _) = join(&server).await;
    former.emit("former", &2);
    ws.ask(r#"42/n,1["echo"]"#, "43/n,1[]").await;
}

#[actix_rt::test]
async fn a_client_on_its_way_in_is_turned_away_when_the_namespace_is_removed() {
    let io = SocketIo::new();
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (asked.clone(), go.clone());
    io.of("/n").before_connect(async move || {
        tell.notify_one();
        wait.notified().await;
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.text("40/n,").await;
    within("the middleware", asked.notified()).await;
    assert!(io.remove_namespace("/n"));
    // The next one of that name is another.
    let _ends = echoing(&io.of("/n"));
    go.notify_one();
    ws.expect(INVALID).await;
    ws.text("40/n,").await;
    assert!(ws.next_text().await.starts_with("40/n,"));
}

#[actix_rt::test]
async fn whatever_happens_at_once_with_a_removal_a_client_is_in_for_good_or_out() {
    let io = SocketIo::new();
    let server = TestServer::with_workers(&io, 2);
    for _ in 0..50 {
        let _ends = echoing(&io.of("/n"));
        let mut ws = Ws::open(&server).await;
        ws.text("40/n,").await;
        io.remove_namespace("/n");
        let mut answer = ws.next_text().await;
        if answer != INVALID {
            answer = ws.next_text().await;
            assert_eq!(answer, "41/n,");
        }
    }
}

/// Told of every child that is made.
fn cleaning() -> (SocketIo, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let io = SocketIo::builder().cleanup_empty_child_namespaces(true).build().unwrap();
    let (sender, made) = unbounded_channel();
    io.on_new_namespace(move |namespace| sender.send(namespace.name().to_owned()).unwrap());
    (io, made)
}

/// Waits until the namespace is gone: each round trip lets the server get on.
async fn gone(io: &SocketIo, ws: &mut Ws) {
    within("the end of the namespace", async {
        while names(io) != ["/"] {
            ws.fence().await;
        }
    })
    .await;
}

#[actix_rt::test]
async fn a_child_ends_with_its_last_socket_and_comes_back_when_it_is_asked_for() {
    let (io, mut made) = cleaning();
    let _main = echoing(&io.of("/"));
    let (sender, mut left) = unbounded_channel();
    let parent = io.of_pattern("/{n}").unwrap();
    let _ends = echoing(&parent);
    parent.on_disconnect(async move |namespace: Namespace, socket: Socket| {
        namespace.emit("left", &1);
        sender.send(socket).unwrap();
    });
    let server = TestServer::with_workers(&io, 2);
    let mut watch = Ws::connect(&server).await;
    for _ in 0..2 {
        let (mut a, _) = join(&server).await;
        let (mut b, _) = join(&server).await;
        assert_eq!(made.try_recv().unwrap(), "/n");
        a.text("41/n,").await;
        within("the first to leave", left.recv()).await.unwrap();
        assert_eq!(names(&io), ["/", "/n"]);
        b.expect(r#"42/n,["left",1]"#).await;
        b.text("41/n,").await;
        let last = within("the last to leave", left.recv()).await.unwrap();
        gone(&io, &mut watch).await;
        // Whoever still has a socket does not make its namespace again.
        last.of_namespace().unwrap().emit("nobody", &1);
        assert_eq!(names(&io), ["/"]);
    }
    assert!(made.try_recv().is_err());
}

#[actix_rt::test]
async fn a_child_that_lets_nobody_in_ends_too_and_a_static_namespace_never_does() {
    let (io, _made) = cleaning();
    let _main = echoing(&io.of("/"));
    io.of_pattern("/{n}").unwrap().before_connect(async || Err::<(), _>("no"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask("40/n,", r#"44/n,{"message":"no"}"#).await;
    gone(&io, &mut ws).await;
    // A namespace with a name of its own is there before anybody is in it and afterwards.
    let io = SocketIo::builder().cleanup_empty_child_namespaces(true).build().unwrap();
    let _n = echoing(&io.of("/n"));
    let server = TestServer::start(&io);
    let (mut ws, _) = join(&server).await;
    ws.text("41/n,").await;
    ws.text("40/n,").await;
    assert!(ws.next_text().await.starts_with("40/n,"));
    ws.ask(r#"42/n,1["echo"]"#, "43/n,1[]").await;
}

#[actix_rt::test]
async fn a_client_whose_middleware_still_runs_when_the_last_socket_goes_is_found_by_others() {
    let (io, mut made) = cleaning();
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (asked.clone(), go.clone());
    let parent = io.of_pattern("/{n}").unwrap();
    let mut ends = echoing(&parent);
    parent.before_connect(async move |socket: Socket| {
        if socket.auth::<serde_json::Value>().unwrap()["slow"] == true {
            tell.notify_one();
            wait.notified().await;
        }
    });
    let server = TestServer::with_workers(&io, 2);
    let (mut last, last_id) = join(&server).await;
    let mut slow = Ws::open(&server).await;
    slow.text(r#"40/n,{"slow":true}"#).await;
    within("the middleware", asked.notified()).await;
    last.text("41/n,").await;
    ends.reason(&last_id).await;
    let (mut other, other_id) = join(&server).await;
    other.text("41/n,").await;
    ends.reason(&other_id).await;
    go.notify_one();
    assert!(slow.next_text().await.starts_with("40/n,"));
    io.of("/n").emit("still", "here");
    slow.expect(r#"42/n,["still","here"]"#).await;
    assert_eq!(made.try_recv().unwrap(), "/n");
    assert!(made.try_recv().is_err(), "there was one namespace all the time");
}

#[actix_rt::test]
async fn however_clients_come_and_go_none_is_refused() {
    let (io, _made) = cleaning();
    let _ends = echoing(&io.of_pattern("/{n}").unwrap());
    let server = TestServer::with_workers(&io, 2);
    let come_and_go = async |mut ws: Ws| {
        for _ in 0..100 {
            ws.text("40/n,").await;
            let answer = ws.next_text().await;
            assert!(answer.starts_with("40/n,"), "{answer}");
            ws.text("41/n,").await;
        }
    };
    let (a, b) = (Ws::open(&server).await, Ws::open(&server).await);
    futures_util::future::join(come_and_go(a), come_and_go(b)).await;
}
