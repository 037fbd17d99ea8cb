//! Who is in an audience, and what moves or disconnects all of it.

use actix_socketio::{Args, DisconnectReason, RemoteSocket, Socket, SocketIo, extract::Rooms};
use serde_json::Value;

use super::{member, server};
use crate::support::{Message, Polling, TestServer, Ws, echoing, within};

/// The rooms of each, their own left out, with the ids in their order.
fn listed(sockets: &[RemoteSocket]) -> Vec<(String, Vec<String>)> {
    let mut listed: Vec<_> = sockets
        .iter()
        .map(|socket| {
            assert_eq!(socket.rooms()[0], socket.id().to_string());
            (socket.id().to_string(), socket.rooms()[1..].to_vec())
        })
        .collect();
    listed.sort();
    listed
}

fn expected<const N: usize>(clients: [(&Ws, &[&str]); N]) -> Vec<(String, Vec<String>)> {
    let mut expected: Vec<_> = clients
        .iter()
        .map(|(ws, rooms)| (ws.id.clone(), rooms.iter().map(|room| (*room).to_owned()).collect()))
        .collect();
    expected.sort();
    expected
}

#[actix_rt::test]
async fn the_sockets_of_an_audience_are_fetched_with_their_rooms() {
    let (server, io) = server();
    let (ab, b, none) =
        (member(&server, "ab").await, member(&server, "b").await, member(&server, "").await);
    let everyone = within("everyone", io.everyone().fetch_sockets()).await.unwrap();
    let ab_rooms: &[&str] = &["a", "b"];
    assert_eq!(listed(&everyone), expected([(&ab, ab_rooms), (&b, &["b"]), (&none, &[])]));
    let union = within("a and b", io.to(["a", "b"]).fetch_sockets()).await.unwrap();
    assert_eq!(listed(&union), expected([(&ab, ab_rooms), (&b, &["b"])]));
    let without = within("b without a", io.to("b").except("a").fetch_sockets()).await.unwrap();
    assert_eq!(listed(&without), expected([(&b, &["b"])]));
    let own = within("one", io.to(none.id.clone()).fetch_sockets()).await.unwrap();
    assert_eq!(listed(&own), expected([(&none, &[])]));
    assert!(own[0].handshake().url.contains("transport=websocket"));
    let nobody = within("nobody", io.of("/other").everyone().fetch_sockets()).await.unwrap();
    assert!(nobody.is_empty());
}

#[actix_rt::test]
async fn of_one_process_everyone_is_local() {
    let (server, io) = server();
    let (mut member, mut other) = (member(&server, "a").await, member(&server, "").await);
    io.to("a").local().emit("x", &());
    io.everyone().local().emit("y", &());
    member.expect_all([r#"42["x"]"#, r#"42["y"]"#]).await;
    other.expect(r#"42["y"]"#).await;
}

#[actix_rt::test]
async fn a_handler_finds_the_rooms_that_it_has_just_joined_and_left() {
    let io = SocketIo::new();
    io.of("/").on("rooms", async |socket: Socket| {
        socket.join(["a", "b"]);
        socket.join("c");
        socket.leave(["a", "nowhere"]);
        let rooms = socket.rooms().await.unwrap();
        assert_eq!(rooms[0], socket.id().to_string());
        rooms[1..].join(",")
    });
    let server = TestServer::with_workers(&io, 2);
    for _ in 0..10 {
        let mut ws = Ws::connect(&server).await;
        ws.ask(r#"420["rooms"]"#, r#"430["c,b"]"#).await;
    }
}

#[actix_rt::test]
async fn sockets_of_an_audience_join_and_leave_and_it_counts_for_what_follows() {
    let (server, io) = server();
    let (mut a, mut b) = (member(&server, "a").await, member(&server, "b").await);
    for round in 0..20 {
        io.to("a").sockets_join(["x", "y"]);
        // Two rooms go another way than one.
        io.to(["x", "nowhere"]).emit("both", &round);
        io.to("x").emit("one", &round);
        a.expect(&format!(r#"42["both",{round}]"#)).await;
        a.expect(&format!(r#"42["one",{round}]"#)).await;
        io.everyone().except("b").sockets_leave(["x", "nowhere"]);
        io.to(["x", "y"]).emit("still in y", &round);
        io.to("x").emit("nobody", &round);
        a.expect(&format!(r#"42["still in y",{round}]"#)).await;
        io.to("a").sockets_leave("y");
        a.fence().await;
        b.fence().await;
    }
}

#[actix_rt::test]
async fn a_fetched_socket_shows_what_is_kept_on_it_now() {
    let io = SocketIo::new();
    io.of("/").on("name", async |socket: Socket, Args(name): Args<String>| socket.set_data(name));
    let server = TestServer::with_workers(&io, 2);
    let mut ws = Ws::connect(&server).await;
    let found = within("the socket", io.everyone().fetch_sockets()).await.unwrap().remove(0);
    assert_eq!((found.data::<String>(), found.data_json().unwrap()), (None, Value::Null));
    ws.ask(r#"420["name","Ada"]"#, "430[]").await;
    assert_eq!(found.data::<String>().unwrap().as_str(), "Ada");
    assert_eq!((found.data::<u32>(), found.data_json().unwrap()), (None, Value::from("Ada")));
}

#[actix_rt::test]
async fn a_fetched_socket_can_be_told_moved_and_disconnected() {
    let (server, io) = server();
    let mut ws = member(&server, "a").await;
    let found = within("the socket", io.to("a").fetch_sockets()).await.unwrap().remove(0);
    found.join("x");
    io.to("x").emit("in x", &());
    found.leave("x");
    io.to("x").emit("nobody", &());
    found.emit("told", &1);
    found.disconnect(false);
    ws.expect(r#"42["in x"]"#).await;
    ws.expect(r#"42["told",1]"#).await;
    ws.expect("41").await;
}

#[actix_rt::test]
async fn an_audience_is_disconnected_after_what_was_emitted_to_it() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    io.of("/").on("join", async |socket: Socket| socket.join("a"));
    io.of("/other");
    let server = TestServer::with_workers(&io, 2);
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut ws = Ws::connect(&server).await;
        ws.ask(r#"420["join"]"#, "430[]").await;
        clients.push(ws);
    }
    let mut stays = Ws::connect(&server).await;
    io.to("a").emit("last", &());
    io.to("a").disconnect_sockets(false);
    io.to("a").emit("nobody", &());
    for ws in &mut clients {
        ws.expect(r#"42["last"]"#).await;
        ws.expect("41").await;
        // The connection goes on.
        ws.text("40/other,").await;
        assert!(ws.next_text().await.starts_with("40/other,{"));
    }
    let mut expected: Vec<_> =
        clients.iter().map(|ws| (ws.id.clone(), "server namespace disconnect")).collect();
    expected.sort();
    assert_eq!(ends.next(clients.len()).await, expected);
    stays.fence().await;
    assert!(within("nobody", io.to("a").fetch_sockets()).await.unwrap().is_empty());
    io.everyone().disconnect_sockets(true);
    stays.expect("41").await;
    assert_eq!(stays.next().await, Message::Close(None));
}

#[actix_rt::test]
async fn a_disconnect_handler_learns_the_rooms() {
    let io = SocketIo::new();
    io.of("/")
        .on("join", async |socket: Socket| socket.join(["a", "b"]))
        .on("join-and-go", async |socket: Socket| {
            socket.join("c");
            socket.disconnect(false);
        })
        .on_disconnect(async |socket: Socket, Rooms(rooms): Rooms| {
            assert_eq!(rooms[0], socket.id().to_string());
            socket.broadcast().emit("left", &rooms[1..].join(","));
        });
    let server = TestServer::with_workers(&io, 2);
    let mut watch = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["join"]"#, "430[]").await;
    ws.text("41").await;
    watch.expect(r#"42["left","a,b"]"#).await;
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["join-and-go"]"#).await;
    watch.expect(r#"42["left","c"]"#).await;
}

#[actix_rt::test]
async fn a_closed_server_says_goodbye_and_takes_nobody() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::with_workers(&io, 2);
    let (mut ws, polling) = (Ws::connect(&server).await, Polling::connect(&server).await);
    io.emit("last", &());
    ws.expect(r#"42["last"]"#).await;
    io.close();
    assert_eq!(ws.next().await, Message::Close(None));
    assert_eq!(polling.poll().await.text(), r#"42["last"]"#);
    assert_eq!(polling.poll().await.text(), "1");
    let reasons: Vec<_> = ends.next(2).await.into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [DisconnectReason::ServerShuttingDown.as_str(); 2]);
    let refused = crate::support::get(server.addr, "/socket.io/?EIO=4&transport=polling").await;
    assert_eq!(refused.parts(), (503, ""));
}

#[actix_rt::test]
async fn a_room_that_others_have_joined_by_the_id_of_a_socket_is_listed_once() {
    let (server, io) = server();
    let (sender, mut left) = tokio::sync::mpsc::unbounded_channel();
    io.of("/").on_disconnect(async move |Rooms(rooms): Rooms| drop(sender.send(rooms)));
    let (mut host, mut guest) = (member(&server, "").await, member(&server, "").await);
    guest.ask(&format!(r#"420["join","{}"]"#, host.id), "430[]").await;
    host.text("41").await;
    assert_eq!(within("the rooms", left.recv()).await.unwrap(), [host.id.clone()]);
    guest.text("41").await;
    let rooms = within("the rooms", left.recv()).await.unwrap();
    assert_eq!(rooms, [guest.id.clone(), host.id.clone()]);
}
