//! Events and acknowledgements: user handlers are run here, each shielded, and answers reach whoever asked.

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context as Task, Poll, ready},
};

use actix::{ActorFutureExt, AsyncContext, Context, Handler, SpawnHandle, WrapFuture};
use futures_util::{FutureExt, future::LocalBoxFuture};
use socketio_protocol::socket::{Packet, Payload};

use super::{Session, messages::AckExpected};
use crate::{
    dispatch::{InScope, IncomingEvent, Scope, in_scope},
    error::{AckError, DisconnectReason},
    escaped::OneLine,
    id::{AckId, NamespaceId},
    operation::AckReply,
    running::{Label, UserCode},
    shield::{self, Guest},
};

/// An answer that the client owes.
#[derive(Debug)]
pub(super) struct PendingAck {
    namespace: NamespaceId,
    reply: AckReply,
    timer: SpawnHandle,
}

/// A handler's future in its scope, shielded: it gives `None` after a panic.
pub(super) struct Shielded<T> {
    label: Label,
    scope: Rc<Scope>,
    future: InScope<Guest<LocalBoxFuture<'static, T>>>,
}

impl<T> Future for Shielded<T> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<Option<T>> {
        let Self { label, scope, future } = &mut *self;
        let turn = scope.origin.courier.tally.running().begin(label);
        let outcome = ready!(future.poll_unpin(cx));
        drop(turn);
        Poll::Ready(outcome.map_err(|text| report(*label, scope, text)).ok())
    }
}

/// Calls user code that gives a future, in its scope and shielded. A call may do all of its work before it gives the future, so it is
/// shielded, too. `None` when there is no such future, or no more.
pub(super) fn shielded<T: 'static>(
    label: Label,
    scope: &Rc<Scope>,
    call: impl FnOnce() -> Option<LocalBoxFuture<'static, T>>,
) -> Option<Shielded<T>> {
    let turn = scope.origin.courier.tally.running().begin(&label);
    let called = in_scope(scope.clone(), || shield::shielded(call));
    drop(turn);
    let future = called.map_err(|text| report(label, scope, text)).ok()??;
    let future = InScope::new(scope.clone(), Guest::new(future));
    Some(Shielded { label, scope: scope.clone(), future })
}

fn report(label: Label, scope: &Scope, panic: String) {
    scope.origin.courier.tally.panicked();
    log::error!("{} panicked: {}", label.code(), OneLine(panic));
}

impl Session {
    pub(super) fn event_received(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        let Some(socket) = self.connected(&packet.namespace) else {
            return self.close(DisconnectReason::ForcedClose, ctx);
        };
        let (link, handlers) = (socket.link.clone(), socket.handlers.clone());
        let label = match self.config.stall_threshold {
            Some(_) => Label::event(&packet.payload.event()),
            // Nobody wants to know which one runs.
            None => UserCode::Event.into(),
        };
        let event = IncomingEvent { socket: link, payload: packet.payload, ack: packet.id };
        self.run_handler(label, || handlers.event(event), ctx);
    }

    /// Runs a handler: at once as far as it goes without waiting, the rest whenever what it waits for is there.
    pub(super) fn run_handler(
        &mut self,
        label: Label,
        call: impl FnOnce() -> Option<LocalBoxFuture<'static, ()>>,
        ctx: &mut Context<Self>,
    ) {
        let Some(mut handler) = shielded(label, &self.scope, call) else { return };
        if (&mut handler).now_or_never().is_some() {
            return;
        }
        self.handler_started();
        ctx.spawn(
            handler
                .into_actor(self)
                .map(|_, session: &mut Self, ctx| session.handler_finished(ctx)),
        );
    }

    pub(super) fn handler_started(&mut self) {
        self.running_handlers += 1;
        self.gate.enter();
    }

    pub(super) fn handler_finished(&mut self, ctx: &mut Context<Self>) {
        self.running_handlers -= 1;
        self.gate.leave();
        self.handle_backlog(ctx);
        self.stop_if_done(ctx);
    }

    pub(super) fn ack_received(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        let Some(socket) = self.connected(&packet.namespace) else {
            return self.close(DisconnectReason::ForcedClose, ctx);
        };
        let namespace = socket.link.namespace.id;
        let Some(id) = packet.id.map(AckId) else { return };
        // An answer that nobody waits for, or waits for no more, is ignored, as long as there are few of them.
        match self.pending_acks.get(&id) {
            Some(pending) if pending.namespace == namespace => {
                self.settle(id, Ok(packet.payload), ctx);
            }
            _ => {
                self.origin.courier.tally.unknown_ack();
                self.bad_ack(ctx);
            }
        }
    }

    fn settle(&mut self, id: AckId, answer: Result<Payload, AckError>, ctx: &mut Context<Self>) {
        if let Some(pending) = self.pending_acks.remove(&id) {
            self.gate.reclaim();
            ctx.cancel_future(pending.timer);
            pending.reply.settle(answer);
        }
    }

    /// Nobody will answer in this namespace (or, with `None`, in any).
    pub(super) fn settle_all(&mut self, namespace: Option<NamespaceId>, ctx: &mut Context<Self>) {
        let concerned = |p: &PendingAck| namespace.is_none_or(|id| p.namespace == id);
        let ids: Vec<_> =
            self.pending_acks.iter().filter(|(_, p)| concerned(p)).map(|(id, _)| *id).collect();
        for id in ids {
            self.settle(id, Err(AckError::Disconnected), ctx);
        }
    }
}

impl Handler<AckExpected> for Session {
    type Result = ();

    fn handle(&mut self, msg: AckExpected, ctx: &mut Self::Context) {
        let AckExpected { namespace, waiter } = msg;
        if self.closing {
            return waiter.reply.settle(Err(AckError::Disconnected));
        }
        let id = waiter.id;
        let timer = ctx.run_later(waiter.timeout, move |session, ctx| {
            session.ack_timed_out();
            session.settle(id, Err(AckError::Timeout), ctx);
        });
        self.gate.lend();
        self.pending_acks.insert(id, PendingAck { namespace, reply: waiter.reply, timer });
        self.handle_backlog(ctx);
    }
}
