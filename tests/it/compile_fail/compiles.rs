//! What the other programs do wrong, done right: the reason why they do not compile is no other than the one they name.

use actix_socketio::{
    AckSender, Args, Auth, DisconnectReason, Event, Namespace, Payload, Socket, SocketIo,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[event(name = "save", ack = Saved)]
struct Save {
    id: u32,
}

#[derive(Serialize, Deserialize)]
struct Saved(u32);

/// An event for the side that only emits.
#[derive(Serialize, Event)]
#[event(name = "note", ack = u32,)]
enum Note<'a, T: ?Sized> {
    Of(&'a T),
}

async fn save(save: Save, _: Socket, _: Namespace, _: Auth<String>) -> Saved {
    Saved(save.id)
}

fn main() {
    let io = SocketIo::new();
    let captured = String::from("cloned for each call");
    io.of("/")
        .on_event(save)
        .on_event(async move |_: Save| {
            drop(captured);
            Saved(1)
        })
        .on("save", async |_: Args<(String, u32)>, _: Payload, _: AckSender| {})
        .on("save", async |_: Save| "not checked")
        .on(Save::NAME, async |_: Save, ack: AckSender<Save>| ack.send(&Saved(1)))
        .on_connect(async |_: Socket| {})
        .on_disconnect(async |_: DisconnectReason| {});
    io.emit_event(&Note::Of("text"));
}
