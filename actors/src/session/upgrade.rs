//! The upgrade from polling to WebSocket: probe, answer, noops for the poll that waits, switch.

use std::time::Duration;

use actix::{AsyncContext, Context, Handler, Recipient, SpawnHandle};

use super::{
    Session,
    messages::{FindTransport, InboundFrame, TransportCommand, UpgradeRequested},
};
use crate::{config::TransportKind, id::TransportId};

/// How often a waiting poll is released while the client prepares to switch.
const NOOP_INTERVAL: Duration = Duration::from_millis(100);

/// A WebSocket that wants to take over.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) transport: TransportId,
    commands: Recipient<TransportCommand>,
    timeout: SpawnHandle,
    /// Present once the client has probed.
    noops: Option<SpawnHandle>,
}

impl Handler<UpgradeRequested> for Session {
    type Result = ();

    fn handle(&mut self, msg: UpgradeRequested, ctx: &mut Self::Context) {
        let upgradable = self.transport.1 == TransportKind::Polling && self.candidate.is_none();
        if self.closing || !upgradable {
            return msg.commands.do_send(TransportCommand::Close);
        }
        let timeout = ctx.run_later(self.config.upgrade_timeout, Self::refuse_candidate);
        self.candidate = Some(Candidate {
            transport: msg.transport,
            commands: msg.commands,
            timeout,
            noops: None,
        });
    }
}

impl Handler<FindTransport> for Session {
    type Result = Option<TransportKind>;

    fn handle(&mut self, _: FindTransport, _: &mut Self::Context) -> Self::Result {
        let over = self.closing && !self.draining;
        (!over).then_some(self.transport.1)
    }
}

impl Session {
    /// A message of the candidate: only the two steps of the upgrade are legal, in their order.
    pub(super) fn candidate_frame(&mut self, frame: &InboundFrame, ctx: &mut Context<Self>) {
        let Some(candidate) = &mut self.candidate else { return };
        match (frame, candidate.noops) {
            (InboundFrame::Text(text), None) if &**text == "2probe" => {
                candidate.commands.do_send(TransportCommand::AnswerProbe);
                self.outbox.release_poll();
                let noop =
                    |session: &mut Self, _: &mut Context<Self>| session.outbox.release_poll();
                candidate.noops = Some(ctx.run_interval(NOOP_INTERVAL, noop));
            }
            (InboundFrame::Text(text), Some(_)) if &**text == "5" => self.switch(ctx),
            _ => self.refuse_candidate(ctx),
        }
    }

    fn switch(&mut self, ctx: &mut Context<Self>) {
        if let Some(candidate) = self.forget_candidate(ctx) {
            self.transport = (candidate.transport, TransportKind::WebSocket);
            self.outbox.switch_reader(candidate.transport);
        }
    }

    /// Closes the candidate; the session goes on polling.
    pub(super) fn refuse_candidate(&mut self, ctx: &mut Context<Self>) {
        if let Some(candidate) = self.forget_candidate(ctx) {
            candidate.commands.do_send(TransportCommand::Close);
        }
    }

    pub(super) fn forget_candidate(&mut self, ctx: &mut Context<Self>) -> Option<Candidate> {
        let candidate = self.candidate.take()?;
        ctx.cancel_future(candidate.timeout);
        if let Some(noops) = candidate.noops {
            ctx.cancel_future(noops);
        }
        Some(candidate)
    }
}
