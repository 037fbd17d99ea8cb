//! What a client may do wrong for a while: answers that nobody waits for, pongs that nobody has asked for, attachments that do not come.
//!
//! The parts of the session that meet such a thing note it here, and close the connection when it is too much.

use std::time::{Duration, Instant};

use actix::{AsyncContext, Context, SpawnHandle};

use super::Session;
use crate::error::DisconnectReason;

/// Time in which bad answers are counted together.
const BAD_ACKS_PERIOD: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Conduct {
    bad_acks: usize,
    /// When the first of `bad_acks` came.
    bad_acks_since: Option<Instant>,
    /// Answers that were waited for once, and may still come.
    late_acks: usize,
    /// Pongs since the last ping that was no answer to it.
    pongs: usize,
    /// Runs while attachments are due.
    attachments: Option<SpawnHandle>,
}

impl Session {
    /// An answer was waited for too long: should it come, it is late, not bad.
    pub(super) fn ack_timed_out(&mut self) {
        self.conduct.late_acks = self.conduct.late_acks.saturating_add(1);
    }

    /// An answer came that nobody waits for.
    pub(super) fn bad_ack(&mut self, ctx: &mut Context<Self>) {
        let conduct = &mut self.conduct;
        if conduct.late_acks > 0 {
            conduct.late_acks -= 1;
            return;
        }
        let now = Instant::now();
        if conduct.bad_acks_since.is_none_or(|since| now - since >= BAD_ACKS_PERIOD) {
            (conduct.bad_acks, conduct.bad_acks_since) = (0, Some(now));
        }
        conduct.bad_acks += 1;
        if conduct.bad_acks > self.config.max_bad_acks {
            log::debug!("closing a connection: too many acks that nobody waits for");
            self.close(DisconnectReason::ForcedClose, ctx);
        }
    }

    /// A pong came that answers no ping.
    pub(super) fn unsolicited_pong(&mut self, ctx: &mut Context<Self>) {
        self.conduct.pongs += 1;
        if self.conduct.pongs > self.config.max_unsolicited_pongs {
            log::debug!("closing a connection: too many pongs without a ping");
            self.close(DisconnectReason::TransportError, ctx);
        }
    }

    pub(super) fn forgive_pongs(&mut self) {
        self.conduct.pongs = 0;
    }

    /// Gives the client its time for the next attachment, if one is due.
    pub(super) fn await_attachment(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.conduct.attachments.take() {
            ctx.cancel_future(timer);
        }
        if self.decoder.is_waiting() && !self.closing {
            let timer = ctx.run_later(self.config.binary_timeout, Self::attachment_due);
            self.conduct.attachments = Some(timer);
        }
    }

    fn attachment_due(&mut self, ctx: &mut Context<Self>) {
        self.conduct.attachments = None;
        if !self.has_been_read_for(self.config.binary_timeout) {
            // The attachment may be waiting for us, or may have been until just now.
            return self.await_attachment(ctx);
        }
        log::debug!("closing a connection: an attachment did not come");
        self.close(DisconnectReason::ForcedClose, ctx);
    }
}
