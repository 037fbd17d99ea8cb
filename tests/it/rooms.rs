//! Rooms and broadcasts: who gets what. Each silence is shown by a round trip of the silent client.

use actix_socketio::{Args, DisconnectReason, Namespace, Socket, SocketIo};

use crate::support::{Ends, Polling, TestServer, Ws, between, echoing};

type Two = (String, String);

/// Adds one event for each way to choose an audience.
fn rooms(namespace: &Namespace) {
    namespace
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
        .on("to", async |socket: Socket, Args(room): Args<String>| socket.to(room).emit("x", &()))
        .on("in", async |all: Namespace, Args(room): Args<String>| all.to(room).emit("x", &()))
        .on("in-two", async |all: Namespace, Args((a, b)): Args<Two>| {
            all.to(a).to(b).emit("x", &());
        })
        .on("in-except", async |all: Namespace, Args((room, but)): Args<Two>| {
            all.to(room).except(but).emit("x", &());
        })
        .on("except", async |socket: Socket, Args(but): Args<String>| {
            socket.except(but).emit("x", &());
        })
        .on("all-except", async |all: Namespace, Args(but): Args<String>| {
            all.except(but).emit("x", &());
        })
        .on("broadcast", async |socket: Socket| socket.broadcast().emit("x", &()))
        .on("all", async |all: Namespace| all.emit("x", &()));
}

fn server() -> (TestServer, SocketIo, Ends) {
    let io = SocketIo::new();
    let ends = echoing(&io.of("/"));
    rooms(&io.of("/"));
    // Two workers, so that members are served by different couriers.
    (TestServer::with_workers(&io, 2), io, ends)
}

/// Clients that are in the rooms named by their letters.
async fn clients<const N: usize>(server: &TestServer, rooms: [&str; N]) -> Vec<Ws> {
    let mut clients = Vec::new();
    for rooms in rooms {
        let mut ws = Ws::connect(server).await;
        for room in rooms.chars() {
            ws.ask(&format!(r#"420["join","{room}"]"#), "430[]").await;
        }
        clients.push(ws);
    }
    clients
}

/// The first client sends the event; exactly the clients with a `true` get the broadcast.
async fn assert_reaches<const N: usize>(clients: &mut [Ws], event: &str, expected: [bool; N]) {
    clients[0].text(&format!("42{event}")).await;
    // The sender's round trip comes first: then the broadcast has reached every courier.
    for (n, (client, expected)) in clients.iter_mut().zip(expected).enumerate() {
        if expected {
            assert_eq!(client.next_text().await, r#"42["x"]"#, "client {n}, {event}");
        }
        client.fence().await;
    }
}

const NO: bool = false;
const YES: bool = true;

#[actix_rt::test]
async fn a_broadcast_to_a_room_skips_the_sender_and_whoever_is_not_in_it() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["a", "a", "a", "b", ""]).await;
    assert_reaches(&mut clients, r#"["to","a"]"#, [NO, YES, YES, NO, NO]).await;
    assert_reaches(&mut clients, r#"["in","a"]"#, [YES, YES, YES, NO, NO]).await;
    assert_reaches(&mut clients, r#"["to","b"]"#, [NO, NO, NO, YES, NO]).await;
    assert_reaches(&mut clients, r#"["to","nowhere"]"#, [NO; 5]).await;
    assert_reaches(&mut clients, r#"["in",""]"#, [NO; 5]).await;
}

#[actix_rt::test]
async fn a_broadcast_to_two_rooms_reaches_their_union_once() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["ab", "a", "b", "ab", "c", ""]).await;
    assert_reaches(&mut clients, r#"["in-two","a","b"]"#, [YES, YES, YES, YES, NO, NO]).await;
    assert_reaches(&mut clients, r#"["in-two","a","a"]"#, [YES, YES, NO, YES, NO, NO]).await;
    assert_reaches(&mut clients, r#"["in-two","c","nowhere"]"#, [NO, NO, NO, NO, YES, NO]).await;
}

#[actix_rt::test]
async fn exceptions_win_over_rooms() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["ab", "a", "b", "ab", "c", ""]).await;
    assert_reaches(&mut clients, r#"["in-except","a","b"]"#, [NO, YES, NO, NO, NO, NO]).await;
    assert_reaches(&mut clients, r#"["in-except","a","a"]"#, [NO; 6]).await;
    assert_reaches(&mut clients, r#"["in-except","a","nowhere"]"#, [YES, YES, NO, YES, NO, NO])
        .await;
    assert_reaches(&mut clients, r#"["except","a"]"#, [NO, NO, YES, NO, YES, YES]).await;
    assert_reaches(&mut clients, r#"["all-except","c"]"#, [YES, YES, YES, YES, NO, YES]).await;
}

#[actix_rt::test]
async fn a_broadcast_without_rooms_reaches_everyone() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["", "a", "b"]).await;
    assert_reaches(&mut clients, r#"["broadcast"]"#, [NO, YES, YES]).await;
    assert_reaches(&mut clients, r#"["all"]"#, [YES, YES, YES]).await;
}

#[actix_rt::test]
async fn the_id_of_a_socket_is_its_own_room() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["", "a", "b"]).await;
    let [me, you] = [clients[0].id.clone(), clients[1].id.clone()];
    assert_reaches(&mut clients, &format!(r#"["to","{you}"]"#), [NO, YES, NO]).await;
    assert_reaches(&mut clients, &format!(r#"["in","{me}"]"#), [YES, NO, NO]).await;
    assert_reaches(&mut clients, &format!(r#"["to","{me}"]"#), [NO, NO, NO]).await;
    assert_reaches(&mut clients, &format!(r#"["in-two","{me}","b"]"#), [YES, NO, YES]).await;
    assert_reaches(&mut clients, &format!(r#"["all-except","{you}"]"#), [YES, NO, YES]).await;
    assert_reaches(&mut clients, &format!(r#"["in-except","a","{you}"]"#), [NO, NO, NO]).await;
}

#[actix_rt::test]
async fn the_room_of_a_socket_may_be_joined_by_others_and_left_again() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["", "", ""]).await;
    let you = clients[1].id.clone();
    clients[2].ask(&format!(r#"420["join","{you}"]"#), "430[]").await;
    assert_reaches(&mut clients, &format!(r#"["in","{you}"]"#), [NO, YES, YES]).await;
    clients[2].ask(&format!(r#"420["leave","{you}"]"#), "430[]").await;
    assert_reaches(&mut clients, &format!(r#"["in","{you}"]"#), [NO, YES, NO]).await;
}

#[actix_rt::test]
async fn a_join_counts_for_the_next_emit_and_so_does_a_leave() {
    let (server, io, _ends) = server();
    io.of("/")
        .on("join-in", async |socket: Socket, all: Namespace| {
            socket.join("a");
            all.to("a").emit("x", &());
        })
        .on("leave-in", async |socket: Socket, all: Namespace| {
            socket.leave("a");
            all.to("a").emit("x", &());
        });
    let mut clients = clients(&server, ["", "a", ""]).await;
    assert_reaches(&mut clients, r#"["join-in"]"#, [YES, YES, NO]).await;
    assert_reaches(&mut clients, r#"["join-in"]"#, [YES, YES, NO]).await;
    assert_reaches(&mut clients, r#"["leave-in"]"#, [NO, YES, NO]).await;
    assert_reaches(&mut clients, r#"["leave-in"]"#, [NO, YES, NO]).await;
    assert_reaches(&mut clients, r#"["join-in"]"#, [YES, YES, NO]).await;
}

#[actix_rt::test]
async fn a_room_that_was_empty_for_a_while_works_again() {
    let (server, _, _ends) = server();
    let mut clients = clients(&server, ["", ""]).await;
    for _ in 0..50 {
        clients[1].ask(r#"420["join","a"]"#, "430[]").await;
        assert_reaches(&mut clients, r#"["in","a"]"#, [NO, YES]).await;
        clients[1].ask(r#"420["leave","a"]"#, "430[]").await;
        assert_reaches(&mut clients, r#"["in","a"]"#, [NO, NO]).await;
    }
}

#[actix_rt::test]
async fn rooms_of_the_same_name_in_two_namespaces_are_two_rooms() {
    let (server, io, _ends) = server();
    let _admin = echoing(&io.of("/admin"));
    rooms(&io.of("/admin"));
    let mut clients = clients(&server, ["a", "a", ""]).await;
    for client in &mut clients {
        client.text("40/admin,").await;
        client.next_text().await;
    }
    clients[2].ask(r#"42/admin,0["join","a"]"#, "43/admin,0[]").await;
    assert_reaches(&mut clients, r#"["in","a"]"#, [YES, YES, NO]).await;
    clients[0].ask(r#"42/admin,0["in","a"]"#, "43/admin,0[]").await;
    clients[2].expect(r#"42/admin,["x"]"#).await;
    clients[0].fence().await;
    clients[1].fence().await;
    // The id of a socket means nothing in another namespace.
    let you = clients[1].id.clone();
    clients[0].ask(&format!(r#"42/admin,0["in","{you}"]"#), "43/admin,0[]").await;
    clients[1].fence().await;
}

#[actix_rt::test]
async fn a_socket_that_has_left_the_namespace_is_in_none_of_its_rooms() {
    let (server, _, mut ends) = server();
    let mut clients = clients(&server, ["", "ab", "ab"]).await;
    clients[1].text("41").await;
    ends.reason(&clients[1].id).await;
    let gone = clients[1].id.clone();
    let (one, rest) = clients.split_at_mut(1);
    for event in
        [r#"["in","a"]"#, r#"["in","b"]"#, r#"["all"]"#, &format!(r#"["in-two","{gone}","a"]"#)]
    {
        one[0].text(&format!("42{event}")).await;
        if event == r#"["all"]"# {
            one[0].expect(r#"42["x"]"#).await;
        }
        one[0].fence().await;
        rest[1].expect(r#"42["x"]"#).await;
        rest[1].fence().await;
    }
    // Back with a new id and in no room; nothing had come in between.
    rest[0].text("40").await;
    between(&rest[0].next_text().await, r#"40{"sid":""#, r#""}"#);
    one[0].text(r#"42["in","a"]"#).await;
    one[0].fence().await;
    rest[0].fence().await;
}

#[actix_rt::test]
async fn what_a_disconnect_handler_broadcasts_does_not_reach_the_leaver() {
    let (server, io, mut ends) = server();
    let _admin = echoing(&io.of("/admin"));
    io.of("/").on_disconnect(async |socket: Socket, io: SocketIo, why: DisconnectReason| {
        socket.emit("bye", &"to myself");
        io.to("a").emit("bye", &why.as_str());
        io.to(socket.id().as_str()).emit("bye", &"to my room");
        socket.broadcast().emit("gone", &());
        socket.join("a");
        io.emit("bye", &"to all");
    });
    let mut clients = clients(&server, ["a", "a"]).await;
    clients[1].text("40/admin,").await;
    clients[1].next_text().await;
    clients[1].text("41").await;
    assert_eq!(ends.reason(&clients[1].id).await, "client namespace disconnect");
    let bye = r#"42["bye","client namespace disconnect"]"#;
    clients[0].expect_all([bye, r#"42["gone"]"#, r#"42["bye","to all"]"#]).await;
    clients[0].fence().await;
    // The leaver's connection still stands, and nothing is in it.
    clients[1].ask(r#"42/admin,1["echo"]"#, "43/admin,1[]").await;
}

#[actix_rt::test]
async fn a_broadcast_reaches_polling_clients_too() {
    let (server, _, _ends) = server();
    let mut sender = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    client.post(r#"420["join","a"]"#).await;
    assert_eq!(client.poll().await.text(), "430[]");
    let poll = client.start_poll().await;
    sender.ask(r#"420["to","a"]"#, "430[]").await;
    assert_eq!(poll.response().await.text(), r#"42["x"]"#);
    sender.ask(r#"420["all"]"#, r#"42["x"]"#).await;
    assert_eq!(client.poll().await.text(), r#"42["x"]"#);
}
