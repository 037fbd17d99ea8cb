//! What clients of the demo page can do: two namespaces with rooms, messages to a room or to all, questions with acknowledgement,
//! and news of who comes and goes.

use actix_socketio::{
    AckSender, Args, Auth, DisconnectReason, Namespace, Socket, SocketId, SocketIo,
    topology::Escaped,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::people::{People, Person};

/// The namespaces of the demo; the same room name in both is two rooms.
const NAMESPACES: [&str; 2] = ["/chat", "/news"];

/// Longest room name, in bytes.
const MAX_ROOM_NAME: usize = 64;

/// Most rooms that one client is in.
const MAX_ROOMS: usize = 32;

pub(crate) fn serve(io: &SocketIo) {
    for name in NAMESPACES {
        let namespace = io.of(name);
        let people = People::default();
        come_and_go(&namespace, &people);
        rooms(&namespace, &people);
        messages(&namespace, &people);
        questions(&namespace, &people);
    }
}

/// What a client says of itself when it connects.
#[derive(Debug, Deserialize)]
struct Introduction {
    name: Option<String>,
}

/// Somebody comes or goes.
#[derive(Debug, Serialize)]
struct Presence<'a> {
    kind: &'static str,
    name: &'a str,
    id: SocketId,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Somebody says something.
#[derive(Debug, Serialize)]
struct Message<'a> {
    room: Option<&'a str>,
    text: &'a str,
    name: &'a str,
    id: SocketId,
    scope: &'static str,
}

fn come_and_go(namespace: &Namespace, people: &People) {
    let (coming, going) = (people.clone(), people.clone());
    namespace
        .on_connect(async move |socket: Socket, Auth(me): Auth<Introduction>| {
            let name = me.name.filter(|name| !name.trim().is_empty());
            let name: String = name.as_deref().unwrap_or("Anonymous").chars().take(40).collect();
            coming.add(socket.id(), &name);
            let (namespace, id) = (Escaped(socket.namespace()), socket.id());
            log::info!("{namespace}: {} ({id}) has connected", Escaped(&name));
            let news = Presence {
                kind: "connected",
                name: &name,
                id: socket.id(),
                room: None,
                reason: None,
            };
            socket.broadcast().emit("presence", &news);
        })
        .on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
            let Some(person) = going.remove(socket.id()) else { return };
            let (name, reason) = (person.name.as_str(), reason.as_str());
            let (namespace, id) = (Escaped(socket.namespace()), socket.id());
            log::info!("{namespace}: {} ({id}) has gone: {reason}", Escaped(name));
            let (id, reason) = (socket.id(), Some(reason));
            let news = Presence { kind: "disconnected", name, id, room: None, reason };
            socket.broadcast().emit("presence", &news);
        });
}

fn rooms(namespace: &Namespace, people: &People) {
    let (joining, leaving) = (people.clone(), people.clone());
    namespace
        .on("join", async move |socket: Socket, Args(room): Args<String>| {
            if room.is_empty() || room.len() > MAX_ROOM_NAME {
                return json!({ "ok": false, "error": "a room name has 1 to 64 bytes" });
            }
            let Some(person) = joining.join(socket.id(), &room, MAX_ROOMS) else {
                return json!({ "ok": false, "error": "too many rooms" });
            };
            socket.join(&room);
            tell_room(&socket, &person, "joined", &room);
            json!({ "ok": true, "rooms": person.rooms })
        })
        .on("leave", async move |socket: Socket, Args(room): Args<String>| {
            let Some(person) = leaving.leave(socket.id(), &room) else {
                return json!({ "ok": false, "error": "you are not in this room" });
            };
            socket.leave(&room);
            tell_room(&socket, &person, "left", &room);
            json!({ "ok": true, "rooms": person.rooms })
        });
}

fn tell_room(socket: &Socket, person: &Person, kind: &'static str, room: &str) {
    let news =
        Presence { kind, name: &person.name, id: socket.id(), room: Some(room), reason: None };
    socket.to(room).emit("presence", &news);
}

fn messages(namespace: &Namespace, people: &People) {
    let (to_room, to_all) = (people.clone(), people.clone());
    namespace
        .on(
            "message",
            async move |socket: Socket, Args((room, message)): Args<(String, String)>| {
                // Only members speak in a room.
                let Some(sender) = to_room.member(socket.id(), &room) else { return };
                let (name, text_) = (sender.name.as_str(), message.as_str());
                let message = Message {
                    room: Some(&room),
                    text: text_,
                    name,
                    id: socket.id(),
                    scope: "room",
                };
                socket.to(&room).emit("message", &message);
            },
        )
        .on(
            "message-all",
            async move |socket: Socket, everyone: Namespace, Args(message): Args<String>| {
                let Some(sender) = to_all.get(socket.id()) else { return };
                let (name, text_) = (sender.name.as_str(), message.as_str());
                let message =
                    Message { room: None, text: text_, name, id: socket.id(), scope: "all" };
                everyone.emit("message", &message);
            },
        );
}

fn questions(namespace: &Namespace, people: &People) {
    let people = people.clone();
    namespace
        .on("who", async move |Args(room): Args<Option<String>>| people.list(room.as_deref()))
        .on("ping-server", async |Args(n): Args<i64>, ack: AckSender| ack.send(&n.wrapping_add(1)));
}
