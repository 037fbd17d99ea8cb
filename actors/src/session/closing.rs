//! How sockets and the whole connection end: the courier first, so that nothing reaches them any more, then the user's handlers.

use std::time::Duration;

use actix::{ActorContext, AsyncContext, Context, Handler};
use socketio_protocol::engine::Frame;

use super::{
    Session,
    connect::SocketState,
    messages::{
        CloseSession, CutOff, Depart, OutboxDrained, ShutDown, SocketRemoved, TransportClosed,
    },
};
use crate::{
    config::TransportKind, error::DisconnectReason, operation::Disconnect, running::UserCode,
};

/// Time that what was emitted before a server is closed has to reach its sockets.
const SHUT_DOWN: Duration = Duration::from_secs(10);

impl Session {
    /// Ends the connection. Its sockets are removed one by one; the session stops when the last handler has finished.
    pub(super) fn close(&mut self, reason: DisconnectReason, ctx: &mut Context<Self>) {
        if self.closing {
            return;
        }
        self.closing = true;
        self.reason = Some(reason);
        if !is_graceful(reason) {
            self.outbox.break_off();
        }
        self.stop_heartbeat(ctx);
        self.refuse_candidate(ctx);
        let polling = self.transport.1 == TransportKind::Polling;
        self.outbox.close(None, polling.then(|| farewell(reason)));
        self.gate.end();
        // A client that never connected has nothing to fetch.
        self.draining = polling && is_graceful(reason) && self.connect_timer.is_none();
        if !self.draining {
            self.give_up_id();
        }
        if let Some(timer) = self.connect_timer.take() {
            ctx.cancel_future(timer);
        }
        self.settle_all(None, ctx);
        self.backlog.clear();
        self.backlog_bytes = 0;
        self.hold_inbound();
        self.remove_sockets(reason);
        ctx.run_later(self.config.close_timeout, |_, ctx| ctx.stop());
        self.stop_if_done(ctx);
    }

    /// What has to happen however the session ends, a panic of ours included; most of it has happened already.
    pub(super) fn let_go(&mut self) {
        self.outbox.close(None, None);
        self.gate.end();
        self.give_up_id();
        self.remove_sockets(DisconnectReason::ForcedClose);
    }

    fn give_up_id(&mut self) {
        if let Some(observer) = self.observer.take() {
            observer.closed(self.sid);
        }
    }

    fn remove_sockets(&mut self, reason: DisconnectReason) {
        for state in std::mem::take(&mut self.sockets).into_values() {
            if let SocketState::Connected(socket) = state {
                self.remove_socket(socket, reason);
            }
        }
    }

    pub(super) fn stop_if_done(&mut self, ctx: &mut Context<Self>) {
        let handling = self.running_handlers > 0 || self.is_watching();
        let done = self.leaving.is_empty() && !handling && !self.draining;
        if self.closing && done {
            ctx.stop();
        }
    }

    /// The server closes the whole connection: every other socket is told, then the transport ends.
    fn disconnect_all(&mut self, ctx: &mut Context<Self>) {
        let links: Vec<_> = self
            .sockets
            .values()
            .filter_map(|state| match state {
                SocketState::Connected(socket) => Some(socket.link.clone()),
                SocketState::Connecting { .. } => None,
            })
            .collect();
        if links.is_empty() {
            return self.close(DisconnectReason::ForcedServerClose, ctx);
        }
        for socket in links {
            let origin = self.origin.clone();
            self.origin.courier.addr.do_send(Disconnect { origin, socket, close: true });
        }
    }
}

/// Whether the server ends the connection in good order: a polling client may still fetch what is queued for it.
fn is_graceful(reason: DisconnectReason) -> bool {
    use DisconnectReason::{ForcedClose, ForcedServerClose, ServerShuttingDown};
    matches!(reason, ForcedClose | ForcedServerClose | ServerShuttingDown)
}

/// The last packet of a polling session: a client that closes itself only needs its poll to end.
fn farewell(reason: DisconnectReason) -> Frame {
    match reason {
        DisconnectReason::TransportClose => Frame::noop(),
        _ => Frame::close(),
    }
}

impl Handler<SocketRemoved> for Session {
    type Result = ();

    fn handle(&mut self, msg: SocketRemoved, ctx: &mut Self::Context) {
        self.settle_all(Some(msg.socket.namespace.id), ctx);
        if let Some(socket) = self.take_removed(&msg.socket) {
            let call = || Some(socket.handlers.disconnected(socket.link, msg.reason, msg.rooms));
            self.run_handler(UserCode::Disconnect.into(), call, ctx);
        }
        if msg.close && !self.closing {
            self.disconnect_all(ctx);
        }
        self.stop_if_done(ctx);
    }
}

impl Handler<TransportClosed> for Session {
    type Result = ();

    fn handle(&mut self, msg: TransportClosed, ctx: &mut Self::Context) {
        self.forget_transport(msg.transport);
        if msg.transport == self.transport.0 {
            self.close(msg.reason, ctx);
        } else if self.candidate.as_ref().is_some_and(|c| c.transport == msg.transport) {
            self.forget_candidate(ctx);
        }
    }
}

impl Handler<CloseSession> for Session {
    type Result = ();

    fn handle(&mut self, msg: CloseSession, ctx: &mut Self::Context) {
        self.close(msg.reason, ctx);
    }
}

impl Handler<ShutDown> for Session {
    type Result = ();

    fn handle(&mut self, _: ShutDown, ctx: &mut Self::Context) {
        let reason = DisconnectReason::ServerShuttingDown;
        if self.sockets.values().any(|state| matches!(state, SocketState::Connected(_))) {
            // Should nothing follow, it ends all the same.
            ctx.run_later(SHUT_DOWN, move |session, ctx| session.close(reason, ctx));
        } else {
            self.close(reason, ctx);
        }
    }
}

impl Handler<Depart> for Session {
    type Result = ();

    fn handle(&mut self, msg: Depart, ctx: &mut Self::Context) {
        self._departure = Some(msg.stopped);
        self.close(DisconnectReason::ServerShuttingDown, ctx);
    }
}

impl Handler<CutOff> for Session {
    type Result = ();

    fn handle(&mut self, _: CutOff, ctx: &mut Self::Context) {
        self.close(DisconnectReason::ServerShuttingDown, ctx);
        self.draining = false;
        self.give_up_id();
        self.stop_if_done(ctx);
    }
}

impl Handler<OutboxDrained> for Session {
    type Result = ();

    fn handle(&mut self, _: OutboxDrained, ctx: &mut Self::Context) {
        if std::mem::take(&mut self.draining) {
            self.give_up_id();
            self.stop_if_done(ctx);
        }
    }
}
