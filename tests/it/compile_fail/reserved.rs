//! Names that Socket.IO gives to events of its own.

use actix_socketio::Event;

#[derive(Event)]
#[event(name = "connect")]
//~ `connect` is reserved by Socket.IO: choose another name
struct Reserved1;

#[derive(Event)]
#[event(name = "connect_error")]
//~ `connect_error` is reserved by Socket.IO: choose another name
struct Reserved2;

#[derive(Event)]
#[event(name = "disconnect")]
//~ `disconnect` is reserved by Socket.IO: choose another name
struct Reserved3;

#[derive(Event)]
#[event(name = "disconnecting")]
//~ `disconnecting` is reserved by Socket.IO: choose another name
struct Reserved4;

#[derive(Event)]
#[event(name = "newListener")]
//~ `newListener` is reserved by Socket.IO: choose another name
struct Reserved5;

#[derive(Event)]
#[event(name = "removeListener")]
//~ `removeListener` is reserved by Socket.IO: choose another name
struct Reserved6;

fn main() {}
