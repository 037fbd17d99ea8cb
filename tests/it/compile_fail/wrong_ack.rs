//! A handler of a typed event returns something else than its acknowledgement.

use actix_socketio::{AckSender, Event, Socket, SocketIo};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Event)]
#[event(name = "save", ack = Saved)]
struct Save {
    id: u32,
}

#[derive(Serialize)]
struct Saved(u32);

async fn save(save: Save) -> u32 {
    save.id
}

async fn later(save: Save, ack: AckSender<Save>) {
    ack.send(&save.id);
    //~ expected `&Saved`
}

fn main() {
    let io = SocketIo::new();
    io.of("/").on_event(save);
    //~ this handler returns `u32`, but the acknowledgement of its event is `Saved`
    //~ returns `u32` instead of `Saved`
    //~ return what `#[event(name = "…", ack = Type)]` says, or change `ack` there
    io.of("/").on_event(async |_: Save, _: Socket| {});
    //~ this handler returns `()`, but the acknowledgement of its event is `Saved`
    io.of("/").on(Save::NAME, later);
    drop(Saved(1));
}
