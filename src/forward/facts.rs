//! What happens to the sockets of a namespace, as an actor of the application is told.
//!
//! The namespace says what happens, a forwarder beside it keeps the order and the bound; here, its facts become messages.

use std::sync::{Arc, OnceLock};

use actix::{Addr, Message, Recipient};
use actix_socketio_actors::{
    error::DisconnectReason,
    forwarder::{
        Follower, Forwarder,
        messages::{Change, Fact, News},
    },
    id::RoomName,
    server::Server,
};
use futures_util::{FutureExt, future::BoxFuture};

use super::{Forward, sealed::Sealed};
#[cfg(doc)]
use crate::Builder;
use crate::{io::WeakIo, namespace::Namespace, socket::Socket};

/// Something has happened to a socket of a namespace: what [`Namespace::forward`] tells an actor. For rooms, it is what the adapter tells
/// in JavaScript.
///
/// Facts of one namespace come in the order in which they happen. A socket is connected before it joins its own room (the one that bears
/// its id), and has left all rooms before it is disconnected. Through the parent of dynamic namespaces, an actor is told the facts of all
/// children; [`Socket::namespace`] says of which.
///
/// The next one is sent when the actor has dealt with the one before: with the whole answer, if it returns a future. So its mailbox holds
/// one at most, while [`max_forwarded`](Builder::max_forwarded) wait outside. An actor that falls behind by more is not told all, but
/// how many it has [missed](Self::Missed). An actor that has stopped is forgotten. While it follows, its address is held.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use actix::{Actor, Context, Handler};
/// use actix_socketio::{Lifecycle, RoomName, SocketIo};
///
/// /// How many are in each room.
/// #[derive(Default)]
/// struct Rooms(BTreeMap<RoomName, usize>);
/// # impl Actor for Rooms { type Context = Context<Self>; }
///
/// impl Handler<Lifecycle> for Rooms {
///     type Result = ();
///
///     fn handle(&mut self, fact: Lifecycle, _: &mut Self::Context) {
///         match fact {
///             Lifecycle::Connected { socket } => println!("{} is here", socket.id()),
///             Lifecycle::RoomCreated { room, .. } => drop(self.0.insert(room, 0)),
///             Lifecycle::Joined { room, .. } => *self.0.entry(room).or_default() += 1,
///             Lifecycle::Left { room, .. } => *self.0.entry(room).or_default() -= 1,
///             Lifecycle::RoomDeleted { room, .. } => drop(self.0.remove(&room)),
///             Lifecycle::Disconnected { socket, reason } => println!("{} is gone: {reason}", socket.id()),
///             Lifecycle::Missed(count) => println!("{count} facts are not known: fetch_sockets tells what is"),
///         }
///     }
/// }
/// # #[actix_web::main]
/// # async fn main() {
/// SocketIo::new().of("/").forward(Rooms::default().start().recipient::<Lifecycle>());
/// # }
/// ```
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub enum Lifecycle {
    /// `connection`: a client has connected.
    Connected {
        /// Its socket.
        socket: Socket,
    },
    /// `create-room`: a room gets its first member, who joins next.
    RoomCreated {
        /// The room.
        room: RoomName,
        /// Who joins next.
        socket: Socket,
    },
    /// `join-room`: a socket has become a member.
    Joined {
        /// The room.
        room: RoomName,
        /// The socket.
        socket: Socket,
    },
    /// `leave-room`: a socket is a member no more.
    Left {
        /// The room.
        room: RoomName,
        /// The socket.
        socket: Socket,
    },
    /// `delete-room`: the last member has left.
    RoomDeleted {
        /// The room.
        room: RoomName,
        /// Who has left before.
        socket: Socket,
    },
    /// `disconnect`: a socket is gone, for good.
    Disconnected {
        /// The socket. Nothing reaches it any more.
        socket: Socket,
        /// Why.
        reason: DisconnectReason,
    },
    /// So many facts have happened here that the actor is not told, since it did not keep up.
    Missed(u64),
}

impl Lifecycle {
    fn new(news: News, io: &WeakIo) -> Self {
        let Fact { socket, change } = match news {
            News::Fact(fact) => fact,
            News::Missed(count) => return Self::Missed(count),
        };
        let socket = Socket::new(socket, io.clone());
        match change {
            Change::Connected => Self::Connected { socket },
            Change::RoomCreated(room) => Self::RoomCreated { room, socket },
            Change::Joined(room) => Self::Joined { room, socket },
            Change::Left(room) => Self::Left { room, socket },
            Change::RoomDeleted(room) => Self::RoomDeleted { room, socket },
            Change::Disconnected(reason) => Self::Disconnected { socket, reason },
        }
    }
}

impl Forward for Lifecycle {}

impl Sealed for Lifecycle {
    fn forward(recipient: Recipient<Self>, from: &Namespace) {
        let actor = Arc::new(ActorOutside { recipient, io: from.weak_io() });
        from.follow(&Subscription { actor, forwarder: Arc::default() });
    }
}

/// An actor of the application that follows a namespace, or the children of a parent, all through one forwarder.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    actor: Arc<ActorOutside>,
    /// Present once it is needed: it runs beside the namespaces.
    forwarder: Arc<OnceLock<Addr<Forwarder>>>,
}

impl Subscription {
    pub(crate) fn forwarder(&self, server: &Server) -> Addr<Forwarder> {
        self.forwarder.get_or_init(|| server.start_forwarder(self.actor.clone())).clone()
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.actor.recipient.connected()
    }
}

struct ActorOutside {
    recipient: Recipient<Lifecycle>,
    io: WeakIo,
}

impl std::fmt::Debug for ActorOutside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient<Lifecycle>")
    }
}

impl Follower for ActorOutside {
    fn tell(&self, news: News) -> BoxFuture<'static, bool> {
        self.recipient
            .send(Lifecycle::new(news, &self.io))
            .map(|dealt_with| dealt_with.is_ok())
            .boxed()
    }
}
