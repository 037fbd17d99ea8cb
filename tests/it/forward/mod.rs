//! What a namespace forwards to actors: events, whose acknowledgement the actor gives or fails to give, and facts.

mod events;
mod facts;
mod failures;

use std::sync::Arc;

use actix::{Actor, ActorFutureExt, AtomicResponse, Context, Handler, WrapFuture};
use actix_socketio::{Event, Received};
use serde::Deserialize;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::support::within;

/// Acknowledged with how many notes there are.
#[derive(Debug, Deserialize, Event)]
#[event(name = "note", ack = usize)]
struct Note(String);

/// An actor that takes notes, one at a time, each when it is permitted.
struct Clerk {
    /// How many it has begun with.
    count: usize,
    begun: UnboundedSender<String>,
    permits: Arc<Semaphore>,
}

impl Actor for Clerk {
    type Context = Context<Self>;

    /// As small as can be, so that every message finds it full.
    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1);
    }
}

impl Handler<Received<Note>> for Clerk {
    type Result = AtomicResponse<Self, usize>;

    fn handle(&mut self, note: Received<Note>, _: &mut Self::Context) -> Self::Result {
        let Received { event: Note(text), socket, .. } = note;
        assert_ne!(text, "panic", "on purpose");
        self.count += 1;
        self.begun.send(text).unwrap();
        let permits = self.permits.clone();
        let permitted = async move { permits.acquire().await.unwrap().forget() };
        AtomicResponse::new(Box::pin(permitted.into_actor(self).map(move |(), clerk, _| {
            socket.emit("noted", &clerk.count);
            clerk.count
        })))
    }
}

/// What a test knows of a clerk.
struct Desk {
    begun: UnboundedReceiver<String>,
    permits: Arc<Semaphore>,
}

impl Desk {
    fn new(permits: usize) -> (Clerk, Self) {
        let (sender, begun) = unbounded_channel();
        let permits = Arc::new(Semaphore::new(permits));
        (Clerk { count: 0, begun: sender, permits: permits.clone() }, Self { begun, permits })
    }

    async fn expect(&mut self, text: &str) {
        assert_eq!(within(text, self.begun.recv()).await.as_deref(), Some(text));
    }

    fn assert_nothing_begun(&mut self) {
        assert_eq!(self.begun.try_recv().ok(), None);
    }
}
