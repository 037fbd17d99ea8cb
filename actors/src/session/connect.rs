//! How a client joins and leaves namespaces: the request, the admission, the middleware, the connected socket.

use std::sync::{Arc, atomic::Ordering};

use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use futures_util::FutureExt;
use socketio_protocol::socket::{Encoded, Packet, Payload, encode_connect, encode_connect_error};

use super::{Session, events::shielded, messages::Admission};
use crate::{
    courier::messages::{AddSocket, RemoveSocket},
    dispatch::Handlers,
    early::{Early, Kept},
    error::{ConnectError, DisconnectReason},
    id::{NamespaceName, RoomName, SocketId},
    namespace::messages::SocketAdded,
    operation::{Issuer, Join, NamespaceLink, SocketLink},
    running::UserCode,
    server::{Presence, messages::Connect},
    socket_data::SocketData,
};

/// How far the client has come in a namespace.
#[derive(Debug)]
pub(super) enum SocketState {
    /// It has asked and was not answered yet.
    Connecting {
        /// What it sent.
        auth: Payload,
        /// Present once the namespace was found, or made, because of this client.
        found: Option<Presence>,
    },
    /// It is connected.
    Connected(ConnectedSocket),
}

/// A connected socket with the handlers that it was connected with.
#[derive(Clone)]
pub(super) struct ConnectedSocket {
    pub(super) link: Arc<SocketLink>,
    pub(super) handlers: Arc<dyn Handlers>,
    /// Keeps the namespace from ending.
    _presence: Arc<Presence>,
}

impl std::fmt::Debug for ConnectedSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConnectedSocket({})", self.link.id)
    }
}

impl Session {
    pub(super) fn connect_due(&mut self, ctx: &mut Context<Self>) {
        self.close(DisconnectReason::ForcedClose, ctx);
    }

    pub(super) fn connect_requested(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        let namespace = NamespaceName::from(packet.namespace);
        if self.sockets.contains_key(&namespace) {
            return self.close(DisconnectReason::ForcedClose, ctx);
        }
        if self.sockets.len() >= self.config.max_namespaces_per_connection {
            return self.refuse(&namespace, &ConnectError::new("Too many namespaces"), ctx);
        }
        let state = SocketState::Connecting { auth: packet.payload, found: None };
        self.sockets.insert(namespace.clone(), state);
        self.ask_for(namespace, ctx);
    }

    pub(super) fn ask_for(&mut self, namespace: NamespaceName, ctx: &mut Context<Self>) {
        if !self.server.addr().connected() {
            return self.refuse_failed(&namespace, ctx);
        }
        self.server.do_send(Connect { namespace, session: ctx.address().recipient() });
    }

    pub(super) fn connected(&self, namespace: &str) -> Option<&ConnectedSocket> {
        match self.sockets.get(namespace)? {
            SocketState::Connected(socket) => Some(socket),
            SocketState::Connecting { .. } => None,
        }
    }

    fn admitted(
        &mut self,
        namespace: Arc<NamespaceLink>,
        presence: Presence,
        id: SocketId,
        handlers: Arc<dyn Handlers>,
        ctx: &mut Context<Self>,
    ) {
        let Some(SocketState::Connecting { auth, .. }) = self.sockets.get(&namespace.name) else {
            return;
        };
        let link = Arc::new(SocketLink {
            id,
            namespace,
            origin: self.origin.clone(),
            handshake: self.handshake.clone(),
            auth: auth.clone(),
            data: SocketData::default(),
            early: Early::default(),
        });
        let _presence = Arc::new(presence);
        let socket = ConnectedSocket { link: link.clone(), handlers: handlers.clone(), _presence };
        let call = || Some(handlers.before_connect(link));
        let Some(mut asked) = shielded(UserCode::Middleware.into(), &self.scope, call) else {
            return self.middleware_answered(socket, None, ctx);
        };
        if let Some(answer) = (&mut asked).now_or_never() {
            return self.middleware_answered(socket, answer, ctx);
        }
        self.handler_started();
        ctx.spawn(asked.into_actor(self).map(|answer, session, ctx| {
            session.middleware_answered(socket, answer, ctx);
            session.handler_finished(ctx);
        }));
    }

    fn middleware_answered(
        &mut self,
        socket: ConnectedSocket,
        answer: Option<Result<(), ConnectError>>,
        ctx: &mut Context<Self>,
    ) {
        let namespace = socket.link.namespace.name.clone();
        // The client may have left, or the connection closed, in the meantime.
        if self.closing || !self.sockets.contains_key(&namespace) {
            return;
        }
        let early = self.send_early(&socket.link, ctx);
        if self.closing {
            return;
        }
        match answer {
            _ if socket.link.namespace.is_removed() => self.refuse_unknown(&namespace, ctx),
            _ if !self.origin.courier.addr.addr().connected() => {
                self.close(DisconnectReason::ForcedServerClose, ctx);
            }
            _ if !socket.link.namespace.addr.addr().connected() => {
                self.refuse_failed(&namespace, ctx);
            }
            Some(Ok(())) => self.complete(namespace, socket, early, ctx),
            Some(Err(refusal)) => self.refuse(&namespace, &refusal, ctx),
            None => {
                self.refuse(&namespace, &ConnectError::new("Internal server error"), ctx);
            }
        }
    }

    fn complete(
        &mut self,
        namespace: NamespaceName,
        socket: ConnectedSocket,
        early: Vec<RoomName>,
        ctx: &mut Context<Self>,
    ) {
        self.joining.store(false, Ordering::Release);
        if let Some(timer) = self.connect_timer.take() {
            ctx.cancel_future(timer);
        }
        let watch = self.watch(&socket);
        let ConnectedSocket { link, handlers, .. } = socket.clone();
        self.sockets.insert(namespace.clone(), SocketState::Connected(socket));
        self.origin.courier.addr.do_send(AddSocket {
            socket: link.clone(),
            outbox: self.outbox.clone(),
            session: ctx.address(),
            reply: encode_connect(namespace.as_str(), link.id.as_str()),
            watch,
        });
        link.namespace.addr.do_send(SocketAdded { socket: link.clone() });
        for room in early {
            let issuer = Issuer::new(self.origin.clone());
            self.origin.courier.addr.do_send(Join { issuer, socket: link.clone(), room });
        }
        self.run_handler(UserCode::Connect.into(), || Some(handlers.connected(link)), ctx);
    }

    /// Sends what middleware has emitted, whatever it has decided. Gives the rooms to join.
    fn send_early(&mut self, link: &SocketLink, ctx: &mut Context<Self>) -> Vec<RoomName> {
        let Kept { packets, rooms } = link.early.take();
        for frame in packets.iter().flat_map(Encoded::frames) {
            self.push_engine(frame.clone(), ctx);
        }
        rooms
    }

    pub(super) fn refuse_unknown(&mut self, namespace: &NamespaceName, ctx: &mut Context<Self>) {
        self.refuse(namespace, &ConnectError::new("Invalid namespace"), ctx);
    }

    fn refuse_failed(&mut self, namespace: &NamespaceName, ctx: &mut Context<Self>) {
        if let Some(SocketState::Connecting { .. }) = self.sockets.get(namespace) {
            self.refuse(namespace, &ConnectError::new("Namespace failed"), ctx);
        }
    }

    fn refuse(
        &mut self,
        namespace: &NamespaceName,
        refusal: &ConnectError,
        ctx: &mut Context<Self>,
    ) {
        self.sockets.remove(namespace);
        let ConnectError { message, data } = refusal;
        let packet = encode_connect_error(namespace.as_str(), message, data.as_ref());
        for frame in packet.frames() {
            self.push_engine(frame.clone(), ctx);
        }
    }

    pub(super) fn disconnect_requested(&mut self, packet: &Packet, ctx: &mut Context<Self>) {
        if self.connected(&packet.namespace).is_none() {
            return self.close(DisconnectReason::ForcedClose, ctx);
        }
        if let Some(SocketState::Connected(socket)) = self.sockets.remove(&*packet.namespace) {
            self.remove_socket(socket, DisconnectReason::ClientNamespaceDisconnect);
        }
    }

    /// Takes a socket out: its namespace is free at once, its handlers are told when the courier has confirmed.
    pub(super) fn remove_socket(&mut self, socket: ConnectedSocket, reason: DisconnectReason) {
        let id = socket.link.id;
        self.leaving.insert(id, socket);
        self.origin.courier.addr.do_send(RemoveSocket { socket: id, reason });
    }

    /// The courier has removed a socket, because we asked or because the server disconnects it.
    pub(super) fn take_removed(&mut self, link: &SocketLink) -> Option<ConnectedSocket> {
        let name = link.namespace.name.as_str();
        self.leaving.remove(&link.id).or_else(|| {
            self.connected(name).filter(|socket| socket.link.id == link.id)?;
            match self.sockets.remove(name)? {
                SocketState::Connected(socket) => Some(socket),
                SocketState::Connecting { .. } => None,
            }
        })
    }
}

impl Handler<Admission> for Session {
    type Result = ();

    fn handle(&mut self, msg: Admission, ctx: &mut Self::Context) {
        if self.closing {
            return;
        }
        match msg {
            Admission::Admitted { namespace, presence, id, handlers } => {
                self.admitted(namespace, presence, id, handlers, ctx);
            }
            Admission::NoSuchNamespace { name } => self.not_found(name, ctx),
            Admission::Failed { name } => self.refuse_failed(&name, ctx),
        }
    }
}
