//! The heartbeat: the server pings, the client answers in time or the connection is closed.

use actix::{AsyncContext, Context, SpawnHandle};
use socketio_protocol::engine::Frame;
use tokio::time::Instant;

use super::Session;
use crate::{config::Config, error::DisconnectReason};

/// Which timer runs, and what for.
#[derive(Debug)]
pub(super) struct Heartbeat {
    timer: SpawnHandle,
    /// When it is due. The next deadline counts from here, so that late timers do not add up.
    due: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Until the next ping.
    Resting,
    /// A pong is due. Other packets put its deadline off once per ping, so that a client that is busy uploading is not cut off, and
    /// one that never answers is.
    AwaitingPong { put_off: bool },
}

impl Heartbeat {
    pub(super) fn start(config: &Config, ctx: &mut Context<Session>) -> Self {
        let due = Instant::now() + config.ping_interval;
        let timer = ctx.run_later(config.ping_interval, Session::ping_due);
        Self { timer, due, state: State::Resting }
    }
}

impl Session {
    pub(super) fn stop_heartbeat(&mut self, ctx: &mut Context<Self>) {
        ctx.cancel_future(self.heartbeat.timer);
    }

    fn ping_due(&mut self, ctx: &mut Context<Self>) {
        self.forgive_pongs();
        self.push_engine(Frame::ping(), ctx);
        self.heartbeat.state = State::AwaitingPong { put_off: false };
        self.await_pong(self.heartbeat.due, ctx);
    }

    fn await_pong(&mut self, from: Instant, ctx: &mut Context<Self>) {
        let due = from + self.config.ping_timeout;
        self.heartbeat.due = due;
        let wait = due.saturating_duration_since(Instant::now());
        self.heartbeat.timer = ctx.run_later(wait, Self::pong_due);
    }

    fn pong_due(&mut self, ctx: &mut Context<Self>) {
        if !self.has_been_read_for(self.config.ping_timeout) {
            // The pong may be waiting for us, or may have been until just now.
            return self.await_pong(Instant::now(), ctx);
        }
        self.close(DisconnectReason::PingTimeout, ctx);
    }

    pub(super) fn pong_received(&mut self, ctx: &mut Context<Self>) {
        if self.heartbeat.state == State::Resting {
            return self.unsolicited_pong(ctx);
        }
        ctx.cancel_future(self.heartbeat.timer);
        self.heartbeat = Heartbeat::start(&self.config, ctx);
    }

    /// A packet other than a pong shows that the client is alive.
    pub(super) fn sign_of_life(&mut self, ctx: &mut Context<Self>) {
        if self.heartbeat.state == (State::AwaitingPong { put_off: false }) {
            ctx.cancel_future(self.heartbeat.timer);
            self.heartbeat.state = State::AwaitingPong { put_off: true };
            self.await_pong(Instant::now(), ctx);
        }
    }
}
