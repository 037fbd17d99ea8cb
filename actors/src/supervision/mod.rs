//! What becomes of a supervisor, a room or a courier whose turn panics: it goes on, with its address and with what is queued for it.
//!
//! Each command is handled in a turn that is shielded. After a panic, the state of the actor is made whole again from one truth (see
//! `Supervised::repair`), the log says so in one line, and it is counted. A message that must not be lost, a *fact*, is handled once
//! more; any other is lost, and counted. An actor that panics too often escalates.
//!
//! It shields no user code: that runs in sessions, which have a shield of their own.

mod restarts;

#[cfg(feature = "fault-injection")]
pub mod faults;
#[cfg(not(feature = "fault-injection"))]
#[path = "no_faults.rs"]
mod faults;
mod points;

use std::{any::type_name, fmt::Display};

use actix::{Actor, Context, Handler, Message};
use tokio::time::Instant;

pub(crate) use self::{
    faults::fault_point,
    restarts::{Failed, Restarts},
};
pub use self::{
    points::Point,
    restarts::{Health, RestartLimit, Supervision},
};
use crate::{escaped::OneLine, shield::shielded, topology};

#[cfg(panic = "abort")]
compile_error!(
    "actors survive panics, and so do clients those of handlers: build with `panic = \"unwind\"`"
);

/// A message of an actor that survives panics. What does not say otherwise is a command, which is lost when its turn panics.
pub(crate) trait Mail: Message<Result = ()> + Sized {
    /// The same again, if it must not be lost. It is made before each turn, so it has to be cheap.
    fn fact(&self) -> Option<Self> {
        None
    }

    /// A fact has cost two panics, and is lost all the same: tells whoever waits for it.
    fn give_up(self) {}
}

/// An actor that survives panics.
pub(crate) trait Supervised: Actor<Context = Context<Self>> {
    /// Where it is in the tree.
    fn place(&self) -> String;

    /// What it shares with the other actors of its server.
    fn supervision(&self) -> &Supervision;

    /// How often it has panicked lately.
    fn restarts(&mut self) -> &mut Restarts;

    /// A message has left its mailbox.
    fn handled(&mut self);

    /// Makes its state whole again, from the part of it that is the truth. A panic may have left any of the rest half done.
    fn repair(&mut self, ctx: &mut Context<Self>);

    /// It panics too often, or cannot be repaired.
    fn escalate(&mut self, ctx: &mut Context<Self>);

    /// It goes on after a panic.
    fn count_restart(&self) {
        self.supervision().restarted();
    }

    /// A message is lost.
    fn count_lost(&self) {
        self.supervision().lost();
    }
}

/// Handles a message. All of them come this way.
pub(crate) fn turn<A, M>(actor: &mut A, message: M, ctx: &mut Context<A>)
where
    A: Supervised + Handler<M>,
    M: Mail,
{
    actor.handled();
    let fact = message.fact();
    if let Err(panic) = shielded(|| drop(actor.handle(message, ctx))) {
        panicked(actor, &panic, fact, ctx);
    }
}

/// Does something else than handle a command: answers a question, or does a part of a turn. Gives whether that has not panicked.
pub(crate) fn attempt<A: Supervised>(
    actor: &mut A,
    what: &str,
    ctx: &mut Context<A>,
    act: impl FnOnce(&mut A, &mut Context<A>),
) -> bool {
    let Err(panic) = shielded(|| act(actor, ctx)) else { return true };
    restart(actor, reason(what, &panic), ctx);
    false
}

#[cold]
fn panicked<A, M>(actor: &mut A, panic: &str, fact: Option<M>, ctx: &mut Context<A>)
where
    A: Supervised + Handler<M>,
    M: Mail,
{
    restart(actor, reason(type_name::<M>(), panic), ctx);
    let Some(fact) = fact else { return actor.count_lost() };
    let last = fact.fact();
    if let Err(panic) = shielded(|| drop(actor.handle(fact, ctx))) {
        restart(actor, reason(type_name::<M>(), &panic), ctx);
        actor.count_lost();
        drop(shielded(|| last.into_iter().for_each(Mail::give_up)));
    }
}

/// What it has panicked in, without the path of the type, and what it has said.
fn reason(what: &str, panic: &str) -> String {
    let what = what.rsplit("::").next().unwrap_or(what);
    format!("{what} panicked: {}", OneLine(panic))
}

/// An actor ends, whose failures are kept there. If a panic ends it, which no shield has held, it has failed for good: nobody starts another.
/// Gives whether that is so.
pub(crate) fn died<A: Supervised>(
    actor: &mut A,
    failed: fn(&mut A) -> &mut Option<Failed>,
    ctx: &mut Context<A>,
) -> bool {
    let died = std::thread::panicking();
    if died {
        drop(shielded(|| actor.escalate(ctx)));
        failed(actor).take().into_iter().for_each(Failed::forever);
    }
    died
}

/// The actor goes on with a state that is whole.
#[cold]
pub(crate) fn restart<A: Supervised>(actor: &mut A, reason: impl Display, ctx: &mut Context<A>) {
    topology::restarted(actor.place(), reason);
    actor.count_restart();
    let limit = actor.supervision().limit();
    let seldom = actor.restarts().note(limit, Instant::now());
    let repaired = shielded(|| actor.repair(ctx)).is_ok();
    if !(seldom && repaired) && shielded(|| actor.escalate(ctx)).is_err() {
        log::error!("{} panics while it gives up", actor.place());
    }
}
