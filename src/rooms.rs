//! One room or several, as the argument of everything that takes rooms.

use actix_socketio_actors::id::{RoomName, SocketId};

/// One room, or several: a `&str`, a `String`, a [`SocketId`] (the room of that socket alone), or an array, slice or `Vec` of these.
///
/// ```
/// # use actix_socketio::{IntoRooms, Socket, SocketIo};
/// # let io = SocketIo::new();
/// let mine = vec![String::from("a"), String::from("b")];
/// io.to("lobby").to(["garden", "bar"]).to(&mine).emit("news", &());
///
/// fn greet(socket: &Socket, rooms: impl IntoRooms) {
///     let rooms = rooms.into_rooms();
///     println!("{} rooms, the first is {:?}", rooms.len(), rooms[0].as_str());
///     socket.within(socket.id()).emit("hello", &());
/// }
/// ```
pub trait IntoRooms {
    /// The rooms.
    fn into_rooms(self) -> Vec<RoomName>;
}

macro_rules! one_room {
    ($($room:ty),*) => {$(
        impl IntoRooms for $room {
            fn into_rooms(self) -> Vec<RoomName> {
                vec![name(self)]
            }
        }
    )*};
}

one_room!(&str, String, &String, SocketId, &SocketId);

impl<T: Into<Room>, const N: usize> IntoRooms for [T; N] {
    fn into_rooms(self) -> Vec<RoomName> {
        self.into_iter().map(name).collect()
    }
}

impl<T: Into<Room>> IntoRooms for Vec<T> {
    fn into_rooms(self) -> Vec<RoomName> {
        self.into_iter().map(name).collect()
    }
}

impl<T: Clone + Into<Room>> IntoRooms for &[T] {
    fn into_rooms(self) -> Vec<RoomName> {
        self.iter().cloned().map(name).collect()
    }
}

impl<T: Clone + Into<Room>> IntoRooms for &Vec<T> {
    fn into_rooms(self) -> Vec<RoomName> {
        self.as_slice().into_rooms()
    }
}

/// The name of one room.
#[derive(Debug)]
#[doc(hidden)]
pub struct Room(RoomName);

fn name(room: impl Into<Room>) -> RoomName {
    room.into().0
}

impl From<&str> for Room {
    fn from(room: &str) -> Self {
        Self(room.to_owned().into())
    }
}

impl From<String> for Room {
    fn from(room: String) -> Self {
        Self(room.into())
    }
}

impl From<&String> for Room {
    fn from(room: &String) -> Self {
        room.as_str().into()
    }
}

impl From<SocketId> for Room {
    fn from(id: SocketId) -> Self {
        Self(id.into())
    }
}

impl From<&SocketId> for Room {
    fn from(id: &SocketId) -> Self {
        (*id).into()
    }
}
