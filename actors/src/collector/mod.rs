//! The collector of one broadcast that asks for acknowledgements: who was asked, who has answered, and the deadline.
//!
//! The handle that asks starts it, on the thread of the namespace. It ends when everybody has settled, or at the deadline.

pub mod messages;

use std::{collections::HashSet, time::Duration};

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler};
use socketio_protocol::socket::Payload;
use tokio::sync::oneshot;

use self::messages::{AckSettled, BroadcastPushed, SocketsAsked};
use crate::{error::AckError, id::SocketId, operation::NamespaceLink};

/// What each client has answered, or why it has not; in the order in which they settled.
pub type Answers = Vec<(SocketId, Result<Payload, AckError>)>;

/// See the module.
#[derive(Debug)]
pub struct AckCollector {
    timeout: Duration,
    reply: Option<oneshot::Sender<Answers>>,
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
    ) -> (Addr<Self>, oneshot::Receiver<Answers>) {
        let (reply, answers) = oneshot::channel();
        let addr = Self::start_in_arbiter(&namespace.arbiter, move |_| {
            Self::new(timeout, namespaces, reply)
        });
        (addr, answers)
    }

    fn new(timeout: Duration, namespaces: usize, reply: oneshot::Sender<Answers>) -> Self {
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

    fn finish_if_settled(&mut self, ctx: &mut Context<Self>) {
        let all_reported = self.namespaces == 0 && self.couriers == self.reported;
        if all_reported && self.owing.is_empty() {
            self.finish(ctx);
        }
    }

    fn finish(&mut self, ctx: &mut Context<Self>) {
        let late = self.owing.drain().map(|socket| (socket, Err(AckError::Timeout)));
        self.answers.extend(late);
        if let Some(reply) = self.reply.take() {
            // Whoever asked may have lost interest.
            drop(reply.send(std::mem::take(&mut self.answers)));
        }
        ctx.stop();
    }
}

impl Actor for AckCollector {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_later(self.timeout, Self::finish);
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
