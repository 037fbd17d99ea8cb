//! How many rooms a socket may be in, and how long their names may be: it joins no others, and all else goes on.

use actix_socketio::{Args, Builder, Socket, SocketIo, extract::Rooms};
use tokio::sync::mpsc::unbounded_channel;

use super::start as start_echoing;
use crate::support::{Ends, TestServer, Ws, within};

fn start(options: impl FnOnce(Builder) -> Builder) -> (SocketIo, TestServer, Ends) {
    let (io, server, ends) = start_echoing(options);
    io.of("/")
        .on("join", async |socket: Socket, Args(rooms): Args<Vec<String>>| socket.join(rooms))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
        .on("all join", async |socket: Socket, Args(rooms): Args<Vec<String>>| {
            socket.within(Vec::<String>::new()).sockets_join(rooms);
        })
        .on("rooms", async |socket: Socket| socket.rooms().await.unwrap()[1..].to_vec());
    (io, server, ends)
}

#[actix_rt::test]
async fn a_socket_joins_no_more_rooms_than_it_may_be_in() {
    let (_io, server, _ends) = start(|builder| builder.max_rooms_per_socket(2));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["join",["a","b","c"]]"#, "431[]").await;
    ws.ask(r#"422["rooms"]"#, r#"432[["a","b"]]"#).await;
    // One that it is in already, and another when there is room.
    ws.ask(r#"423["join",["a","b"]]"#, "433[]").await;
    ws.ask(r#"424["leave","a"]"#, "434[]").await;
    ws.ask(r#"425["join",["c","d"]]"#, "435[]").await;
    ws.ask(r#"426["rooms"]"#, r#"436[["b","c"]]"#).await;
    witness.ask(r#"421["all join",["x","y","z"]]"#, "431[]").await;
    witness.ask(r#"422["rooms"]"#, r#"432[["x","y"]]"#).await;
    ws.ask(r#"427["rooms"]"#, r#"437[["b","c"]]"#).await;
}

#[actix_rt::test]
async fn a_room_whose_name_is_too_long_is_not_joined() {
    let (io, server, _ends) = start(|builder| builder);
    let (long, longer) = ("x".repeat(256), "y".repeat(257));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.ask(&format!(r#"421["join",["{longer}","{long}"]]"#), "431[]").await;
    ws.ask(r#"422["rooms"]"#, &format!(r#"432[["{long}"]]"#)).await;
    io.to(longer.as_str()).emit("x", &"longer");
    io.to(long.as_str()).emit("x", &"long");
    ws.expect(r#"42["x","long"]"#).await;
    witness.fence().await;
}

#[actix_rt::test]
async fn rooms_that_connection_middleware_joins_count() {
    let (io, server, _ends) = start(|builder| builder.max_rooms_per_socket(1).max_room_len(3));
    io.of("/").before_connect(async |socket: Socket| {
        socket.join(["long", "a", "b"]);
        Ok::<_, &str>(())
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["rooms"]"#, r#"431[["a"]]"#).await;
}

#[actix_rt::test]
async fn rooms_that_were_not_joined_are_not_among_those_that_a_socket_leaves() {
    let (io, server, _ends) = start(|builder| builder.max_rooms_per_socket(1));
    let (sender, mut left) = unbounded_channel();
    io.of("/")
        .on_disconnect(async move |Rooms(rooms): Rooms| sender.send(rooms[1..].to_vec()).unwrap());
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["join",["a","b","c"]]"#, "431[]").await;
    ws.ask(r#"422["rooms"]"#, r#"432[["a"]]"#).await;
    drop(ws);
    assert_eq!(within("the end", left.recv()).await.unwrap(), ["a"]);
}
