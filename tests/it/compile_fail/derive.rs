//! What the derive macro refuses.

use actix_socketio::Event;

#[derive(Event)]
struct ChatMessage;
//~ this event has no name: write `#[event(name = "…")]` above `ChatMessage`

#[derive(Event)]
#[event(ack = u32)]
struct OnlyAck<T>(T);
//~ write `#[event(name = "…")]` above `OnlyAck`

#[derive(Event)]
#[event(
    name = "",
    //~ an event needs a name that is not empty
    ack = u32,
)]
struct Empty;

#[derive(Event)]
#[event(
    name = "a",
    acknowledgement = u32,
    //~ write `name = "…"` or `ack = Type` here
)]
struct Unknown;

#[derive(Event)]
#[event(name = "a")]
#[event(name = "b")]
//~ given twice
struct Twice;

#[derive(Event)]
#[event(ack = u32, ack = u32, name = "a")]
//~ given twice
struct TwoAcks;

#[derive(Event)]
#[event(name = Number)]
//~ expected string literal
struct Number;

#[derive(Event)]
#[event(name)]
//~ expected `=`
struct NoValue;

#[derive(Event)]
#[event(name = "a")]
union Bits {
    //~ a union cannot be an event
    _bits: u8,
}

fn main() {}
