//! The collector of one broadcast that asks for acknowledgements: who was asked, who has answered, and the deadline.
//!
//! The handle that asks starts it, on the thread of the namespace. It ends when everybody has settled, or at the deadline.

pub mod messages;

use std::{collections::HashSet, time::Duration};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler};
use socketio_protocol::socket::Payload;
use tokio::sync::oneshot;

use self::messages::{AckSettled, BroadcastPushed, SocketsAsked};
use crate::{
    error::AckError,
    id::SocketId,
    operation::NamespaceLink,
    topology::{
        self,
        messages::{CollectorReport, Describe},
    },
};

/// Where collectors are in the tree.
const PLACE: &str = "server > namespace > collector";

/// What each client has answered, or why it has not; in the order in which they settled.
pub type Answers = Vec<(SocketId, Result<Payload, AckError>)>;

/// The answers, or, when the deadline has passed before it was known who is asked, [`AckError::Timeout`].
pub type Collected = Result<Answers, AckError>;

/// See the module.
#[derive(Debug)]
pub struct AckCollector {
    timeout: Duration,
    reply: Option<oneshot::Sender<Collected>>,
    /// Namespaces whose broadcast has not been pushed yet.
    namespaces: usize,
    /// Couriers that have been pushed a broadcast, and how many have reported; some may report before it is known that they will.
    couriers: usize,
    reported: usize,
    /// Who was asked and has not settled.
    owing: HashSet<SocketId>,
    answers: Answers,
}

impl AckCollector {
    /// Starts a collector on the thread of a namespace, for a broadcast in so many namespaces; the answers come when the receiver is awaited.
    pub fn start_for(
        namespace: &NamespaceLink,
        namespaces: usize,
        timeout: Duration,
    ) -> (Addr<Self>, oneshot::Receiver<Collected>) {
        let (reply, answers) = oneshot::channel();
        let addr = Self::start_in_arbiter(&namespace.arbiter, move |_| {
            Self::new(timeout, namespaces, reply)
        });
        (addr, answers)
    }

    fn new(timeout: Duration, namespaces: usize, reply: oneshot::Sender<Collected>) -> Self {
        Self {
            timeout,
            reply: Some(reply),
            namespaces,
            couriers: 0,
            reported: 0,
            owing: HashSet::new(),
            answers: Answers::new(),
        }
    }

    fn all_reported(&self) -> bool {
        self.namespaces == 0 && self.couriers == self.reported
    }

    fn finish_if_settled(&mut self, ctx: &mut Context<Self>) {
        if self.all_reported() && self.owing.is_empty() {
            self.finish(ctx);
        }
    }

    fn finish(&mut self, ctx: &mut Context<Self>) {
        let late = self.owing.drain().map(|socket| (socket, Err(AckError::Timeout)));
        self.answers.extend(late);
        if let Some(reply) = self.reply.take() {
            let answers = std::mem::take(&mut self.answers);
            // Whoever is not known of has not answered either.
            let collected = if self.all_reported() { Ok(answers) } else { Err(AckError::Timeout) };
            // Whoever asked may have lost interest.
            drop(reply.send(collected));
        }
        ctx.stop();
    }
}

impl Actor for AckCollector {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_later(self.timeout, Self::finish);
        topology::started(log::Level::Debug, PLACE, "a broadcast asks");
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let reason = if self.reply.is_none() { "everyone has settled" } else { "its thread ends" };
        topology::stopped(log::Level::Debug, PLACE, reason);
    }
}

impl Handler<Describe<CollectorReport>> for AckCollector {
    type Result = ();

    fn handle(&mut self, msg: Describe<CollectorReport>, _: &mut Self::Context) {
        let (owing, settled) = (self.owing.len(), self.answers.len());
        msg.answer(|_| CollectorReport { owing, settled });
    }
}

impl Handler<BroadcastPushed> for AckCollector {
    type Result = ();

    fn handle(&mut self, msg: BroadcastPushed, ctx: &mut Self::Context) {
        self.namespaces = self.namespaces.saturating_sub(1);
        self.couriers += msg.couriers;
        self.finish_if_settled(ctx);
    }
}

impl Handler<SocketsAsked> for AckCollector {
    type Result = ();

    fn handle(&mut self, msg: SocketsAsked, ctx: &mut Self::Context) {
        self.reported += 1;
        self.owing.extend(msg.sockets);
        self.finish_if_settled(ctx);
    }
}

impl Handler<AckSettled> for AckCollector {
    type Result = ();

    fn handle(&mut self, msg: AckSettled, ctx: &mut Self::Context) {
        // The courier of the socket has reported before its session could settle: both send from the same thread.
        if self.owing.remove(&msg.socket) {
            self.answers.push((msg.socket, msg.answer));
            self.finish_if_settled(ctx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(
        namespaces: usize,
        timeout: Duration,
    ) -> (Addr<AckCollector>, oneshot::Receiver<Collected>) {
        let (reply, collected) = oneshot::channel();
        (AckCollector::new(timeout, namespaces, reply).start(), collected)
    }

    #[actix::test]
    async fn a_deadline_that_comes_before_everyone_is_asked_is_a_time_out() {
        let (_nobody_has_pushed, collected) = start(1, Duration::ZERO);
        assert_eq!(collected.await.unwrap().unwrap_err(), AckError::Timeout);
        let (collector, collected) = start(1, Duration::from_millis(20));
        collector.do_send(BroadcastPushed { couriers: 2 });
        collector.do_send(SocketsAsked { sockets: Vec::new() });
        assert_eq!(collected.await.unwrap().unwrap_err(), AckError::Timeout);
    }

    #[actix::test]
    async fn nobody_to_ask_is_no_time_out() {
        let (collector, collected) = start(2, Duration::from_secs(60));
        collector.do_send(BroadcastPushed { couriers: 0 });
        collector.do_send(SocketsAsked { sockets: Vec::new() });
        collector.do_send(BroadcastPushed { couriers: 1 });
        assert!(collected.await.unwrap().unwrap().is_empty());
    }
}
