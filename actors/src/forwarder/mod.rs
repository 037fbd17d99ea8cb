//! The forwarder: one per actor of the application that follows what happens in a namespace, or in all children of a parent.
//!
//! Namespaces tell it facts; it passes them on, one after the other, each when the one before was dealt with, so that the follower's
//! mailbox holds one at most. What waits meanwhile is bounded: beyond that facts are counted, and the follower hears how many it has
//! missed, where they would have been. It runs no user code; the follower is a mailbox.

pub mod messages;

use std::{collections::VecDeque, fmt, sync::Arc};

use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use futures_util::future::BoxFuture;

use self::messages::{Fact, Happened, News};
use crate::topology::{
    self,
    messages::{Describe, ForwarderReport},
};

/// Room for news that an empty queue keeps; what a burst needed beyond it is given back.
const KEPT_CAPACITY: usize = 64;

/// An actor of the application, as the edge reaches it.
pub trait Follower: Send + Sync + fmt::Debug + 'static {
    /// Tells it; the future ends when it has dealt with that, with `false` if it is gone.
    fn tell(&self, news: News) -> BoxFuture<'static, bool>;
}

/// See the module.
#[derive(Debug)]
pub struct Forwarder {
    follower: Arc<dyn Follower>,
    queue: Queue,
    /// The follower has not dealt with the last news yet.
    telling: bool,
    /// The follower is no more.
    gone: bool,
}

/// Where forwarders are in the tree.
const PLACE: &str = "server > forwarder";

/// What waits, in order.
#[derive(Debug)]
struct Queue {
    news: VecDeque<News>,
    /// Most facts that may wait.
    limit: usize,
    /// It was full, and has not shrunk to half since: until then nothing more is taken in.
    full: bool,
    /// Facts that were not taken in.
    missed: u64,
}

impl Actor for Forwarder {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        topology::started(log::Level::Info, PLACE, "an actor follows what happens");
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let reason = if self.gone { "its actor is gone" } else { "nobody tells it anything more" };
        topology::stopped(log::Level::Info, PLACE, reason);
    }
}

impl Handler<Describe<ForwarderReport>> for Forwarder {
    type Result = ();

    fn handle(&mut self, msg: Describe<ForwarderReport>, _: &mut Self::Context) {
        let Queue { news, missed, .. } = &self.queue;
        msg.answer(|_| ForwarderReport { waiting: news.len(), missed: *missed });
    }
}

impl Forwarder {
    /// For this follower, with at most so many facts that wait.
    pub fn new(follower: Arc<dyn Follower>, limit: usize) -> Self {
        let queue = Queue { news: VecDeque::new(), limit, full: false, missed: 0 };
        Self { follower, queue, telling: false, gone: false }
    }

    fn tell_next(&mut self, ctx: &mut Context<Self>) {
        if self.telling {
            return;
        }
        let Some(news) = self.queue.pop() else { return };
        self.telling = true;
        let told = self.follower.tell(news).into_actor(self);
        ctx.spawn(told.map(|heard, forwarder, ctx| {
            forwarder.telling = false;
            match heard {
                true => forwarder.tell_next(ctx),
                // Without a mailbox it is forgotten by whoever tells it.
                false => {
                    forwarder.gone = true;
                    ctx.stop();
                }
            }
        }));
    }
}

impl Queue {
    /// Gives whether a gap begins here.
    fn push(&mut self, fact: Fact) -> bool {
        let begins = !self.full && self.news.len() >= self.limit;
        self.full |= begins;
        self.missed += u64::from(self.full);
        match self.news.back_mut() {
            Some(News::Missed(count)) if self.full => *count += 1,
            _ if self.full => self.news.push_back(News::Missed(1)),
            _ => self.news.push_back(News::Fact(fact)),
        }
        begins
    }

    fn pop(&mut self) -> Option<News> {
        let news = self.news.pop_front();
        self.full &= self.news.len() > self.limit / 2;
        if self.news.is_empty() && self.news.capacity() > KEPT_CAPACITY {
            self.news = VecDeque::new();
        }
        news
    }
}

impl Handler<Happened> for Forwarder {
    type Result = ();

    fn handle(&mut self, msg: Happened, ctx: &mut Self::Context) {
        if self.queue.push(msg.0) {
            log::warn!("{:?} does not keep up with what happens: it misses some", self.follower);
        }
        self.tell_next(ctx);
    }
}
