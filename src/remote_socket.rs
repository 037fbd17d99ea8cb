//! A socket as `fetch_sockets` finds it.

use std::sync::Arc;

use actix_socketio_actors::{
    dispatch::current_origin,
    handshake::Handshake,
    id::SocketId,
    operation::{FoundSocket, Origin, SocketLink},
};

use crate::{Audience, audience::Targets, io::WeakIo, rooms::IntoRooms};

/// A socket that was found by [`Audience::fetch_sockets`], `RemoteSocket` in JavaScript: what it was at that moment, and a way to reach it.
///
/// Outside of handlers, what is done through it keeps its order with what is done through the handle by which it was found.
///
/// ```
/// # use actix_socketio::{Error, RemoteSocket, SocketIo};
/// # #[derive(serde::Serialize)] struct User { name: String }
/// # async fn sort(io: SocketIo) -> Result<(), Error> {
/// let sockets: Vec<RemoteSocket> = io.to("lobby").fetch_sockets().await?;
/// for socket in sockets {
///     match socket.data::<User>() {
///         Some(user) if user.name == "root" => socket.join("staff"),
///         Some(_) if socket.rooms().len() > 9 => socket.leave("lobby"),
///         Some(user) => socket.emit("hello", &user.name),
///         None => socket.disconnect(true),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct RemoteSocket {
    link: Arc<SocketLink>,
    /// The context of the handle by which it was found.
    origin: Arc<Origin>,
    io: WeakIo,
    rooms: Vec<String>,
}

impl RemoteSocket {
    pub(crate) fn new(found: FoundSocket, origin: Arc<Origin>, io: WeakIo) -> Self {
        let rooms = found.rooms.iter().map(ToString::to_string).collect();
        Self { link: found.link, origin, io, rooms }
    }

    /// The id, which is the name of the room of this socket alone, too.
    pub fn id(&self) -> SocketId {
        self.link.id
    }

    /// The rooms in which it was; its own is the first.
    pub fn rooms(&self) -> &[String] {
        &self.rooms
    }

    /// The request that opened its connection.
    ///
    /// ```
    /// # use actix_socketio::RemoteSocket;
    /// fn describe(socket: &RemoteSocket) -> String {
    ///     let data = socket.data_json().unwrap_or_default();
    ///     format!("{} from {:?}: {data}", socket.id(), socket.handshake().address)
    /// }
    /// ```
    pub fn handshake(&self) -> &Handshake {
        &self.link.handshake
    }

    /// What the application keeps on it now, if it has this type; see [`Socket::set_data`](crate::Socket::set_data).
    pub fn data<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.link.data.get()
    }

    /// What the application keeps on it now, as JSON, `data` in JavaScript; null when there is nothing.
    ///
    /// # Errors
    ///
    /// It cannot be serialised as JSON.
    pub fn data_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        Ok(self.link.data.to_json()?.unwrap_or_default())
    }

    /// The audience of this socket alone, to emit to it, ask it, or disconnect it.
    ///
    /// ```
    /// # use actix_socketio::{Error, RemoteSocket};
    /// # async fn ask(socket: RemoteSocket) -> Result<(), Error> {
    /// let names: Vec<String> = socket.audience().ask("name", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn audience(&self) -> Audience {
        let origin = current_origin().unwrap_or_else(|| self.origin.clone());
        let namespace = self.link.namespace.clone();
        Audience::new(Some(origin), Targets::One(namespace), self.io.clone()).to(self.id())
    }

    /// Sends an event to its client.
    pub fn emit(&self, event: &str, args: &(impl serde::Serialize + ?Sized)) {
        self.audience().emit(event, args);
    }

    /// Makes it a member of these rooms.
    pub fn join(&self, rooms: impl IntoRooms) {
        self.audience().sockets_join(rooms);
    }

    /// Ends its membership in these rooms.
    pub fn leave(&self, rooms: impl IntoRooms) {
        self.audience().sockets_leave(rooms);
    }

    /// Disconnects it from the namespace, or, with `close`, from all of its namespaces together with its connection.
    pub fn disconnect(&self, close: bool) {
        self.audience().disconnect_sockets(close);
    }
}
