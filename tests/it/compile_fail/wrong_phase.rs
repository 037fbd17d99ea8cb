//! Parameters that belong to something else than what has happened.

use actix_socketio::{AckSender, Args, DisconnectReason, Event, Payload, Socket, SocketIo};
use serde::Deserialize;

#[derive(Deserialize, Event)]
#[event(name = "save")]
struct Save(u32);

fn main() {
    let io = SocketIo::new();
    let namespace = io.of("/");
    namespace.on_connect(async |_: AckSender| {});
    //~ this is no handler for `ConnectContext`
    //~ not an async function whose parameters can all be extracted here
    //~ in handlers of events only, `Args<T>`, `Payload`, `EventName`, `AckSender` and types with `#[derive(Deserialize, Event)]`
    namespace.on_connect(async |_: Socket, _: Args<String>| {});
    //~ this is no handler for `ConnectContext`
    namespace.on_connect(async |Save(_): Save| {});
    //~ this is no handler for `ConnectContext`
    namespace.before_connect(async |_: DisconnectReason| {});
    //~ this is no handler for `ConnectContext`
    namespace.on_disconnect(async |_: Payload| {});
    //~ this is no handler for `DisconnectContext`
    namespace.on("save", async |_: DisconnectReason| {});
    //~ this is no handler for `EventContext`
    //~ in `on_disconnect` only, `DisconnectReason`
    namespace.on_event(async |Save(_): Save, _: DisconnectReason| {});
    //~ this is no handler of a typed event
    //~ the others are extractors
}
