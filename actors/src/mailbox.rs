//! The address of an actor whose mailbox is counted: actix does not say how much waits in one, and its `do_send` has no bound.
//!
//! Whoever sends commands to a supervisor or a courier holds a [`Mailbox`]; the actor holds the [`Traffic`] of the same mailbox. Sending
//! costs one relaxed addition more, handling one relaxed store. Questions, which the topology and tests ask, are not counted.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use actix::{Actor, Addr, ArbiterHandle, AsyncContext, Context, Handler, Message, WeakAddr};

/// A number on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Padded(AtomicU64);

#[derive(Debug, Default)]
struct Counts {
    sent: Padded,
    handled: Padded,
}

/// What has gone into a mailbox and come out of it.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Counts>);

impl Traffic {
    fn sent(&self) {
        self.0.sent.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The mailbox, as the actor itself knows it.
    pub(crate) fn mailbox<A: Actor<Context = Context<A>>>(&self, ctx: &Context<A>) -> Mailbox<A> {
        Mailbox { addr: ctx.address(), traffic: self.clone() }
    }

    /// Called by the actor alone, so that a store is enough.
    pub(crate) fn handled(&self) {
        let handled = &self.0.handled.0;
        handled.store(handled.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// How many commands wait, whether or not the actor answers. A number between others: nobody stops sending for it.
    pub fn depth(&self) -> u64 {
        let handled = self.0.handled.0.load(Ordering::Relaxed);
        self.0.sent.0.load(Ordering::Relaxed).saturating_sub(handled)
    }
}

/// A command on its way through a mailbox that is counted.
#[derive(Debug)]
pub struct Counted<M>(pub(crate) M);

impl<M: Message<Result = ()>> Message for Counted<M> {
    type Result = ();
}

/// The commands that an actor takes through its mailbox, each in a turn that is shielded and counted.
macro_rules! takes_mail {
    ($actor:ty: $($command:ty),* $(,)?) => {$(
        impl actix::Handler<$crate::mailbox::Counted<$command>> for $actor {
            type Result = ();

            fn handle(
                &mut self,
                msg: $crate::mailbox::Counted<$command>,
                ctx: &mut Self::Context,
            ) {
                $crate::supervision::turn(self, msg.0, ctx);
            }
        }
    )*};
}

pub(crate) use takes_mail;

/// See the module.
pub struct Mailbox<A: Actor> {
    addr: Addr<A>,
    traffic: Traffic,
}

impl<A: Actor<Context = Context<A>>> Mailbox<A> {
    /// Starts an actor on the current thread.
    pub fn start(make: impl FnOnce(&mut Context<A>, Traffic) -> A) -> Self {
        let traffic = Traffic::default();
        let own = traffic.clone();
        Self { addr: A::create(move |ctx| make(ctx, own)), traffic }
    }

    /// Starts an actor on another thread.
    pub fn start_in(
        arbiter: &ArbiterHandle,
        make: impl FnOnce(&mut Context<A>, Traffic) -> A + Send + 'static,
    ) -> Self {
        let traffic = Traffic::default();
        let own = traffic.clone();
        let addr = A::start_in_arbiter(arbiter, move |ctx| make(ctx, own));
        Self { addr, traffic }
    }

    /// Sends a command, whatever waits already.
    pub fn do_send<M>(&self, command: M)
    where
        M: Message<Result = ()> + Send + 'static,
        A: Handler<Counted<M>>,
    {
        self.traffic.sent();
        self.addr.do_send(Counted(command));
    }
}

impl<A: Actor> Mailbox<A> {
    /// The address, through which nothing is counted.
    pub fn addr(&self) -> &Addr<A> {
        &self.addr
    }

    /// How many commands wait.
    pub fn depth(&self) -> u64 {
        self.traffic.depth()
    }

    /// The same, which does not keep the actor alive.
    pub fn downgrade(&self) -> WeakMailbox<A> {
        WeakMailbox { addr: self.addr.downgrade(), traffic: self.traffic.clone() }
    }
}

impl<A: Actor> Clone for Mailbox<A> {
    fn clone(&self) -> Self {
        Self { addr: self.addr.clone(), traffic: self.traffic.clone() }
    }
}

impl<A: Actor> fmt::Debug for Mailbox<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox({} waiting)", self.depth())
    }
}

/// A [`Mailbox`] that does not keep its actor alive.
pub struct WeakMailbox<A: Actor> {
    addr: WeakAddr<A>,
    traffic: Traffic,
}

impl<A: Actor> WeakMailbox<A> {
    /// The mailbox, unless its actor has ended.
    pub fn upgrade(&self) -> Option<Mailbox<A>> {
        let addr = self.addr.upgrade().filter(Addr::connected)?;
        Some(Mailbox { addr, traffic: self.traffic.clone() })
    }
}

impl<A: Actor> Clone for WeakMailbox<A> {
    fn clone(&self) -> Self {
        Self { addr: self.addr.clone(), traffic: self.traffic.clone() }
    }
}

impl<A: Actor> fmt::Debug for WeakMailbox<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WeakMailbox({} waiting)", self.traffic.depth())
    }
}
