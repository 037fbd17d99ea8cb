//! What the handlers of outgoing events are shown: events that the courier has put into the outbox.
//!
//! The courier runs no user code, so it tells the session, and only of sockets that have such handlers. How much may wait between the
//! two is bounded by an [`OutgoingWatch`].

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use bytestring::ByteString;
use futures_util::FutureExt;
use socketio_protocol::{
    engine,
    socket::{Decoder, Encoded, Limits, Payload},
};

use super::{Session, connect::ConnectedSocket, events::shielded, messages::PacketSent};
use crate::{operation::SocketLink, running::UserCode};

/// Counts the events of one session that its handlers of outgoing events have yet to deal with.
#[derive(Debug)]
pub struct OutgoingWatch {
    max: usize,
    waiting: AtomicUsize,
    missed: AtomicU64,
}

impl OutgoingWatch {
    /// At most this many may wait.
    pub fn new(max: usize) -> Self {
        Self { max, waiting: AtomicUsize::new(0), missed: AtomicU64::new(0) }
    }

    /// One more has been sent. Whether it may be shown; otherwise it counts as missed.
    pub(crate) fn admit(&self) -> bool {
        if self.waiting.load(Ordering::Acquire) < self.max {
            self.waiting.fetch_add(1, Ordering::AcqRel);
            return true;
        }
        if self.missed.fetch_add(1, Ordering::AcqRel) == 0 {
            log::warn!("handlers of outgoing events fall behind: they are not shown all");
        }
        false
    }

    fn done(&self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    fn is_idle(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }
}

impl Drop for OutgoingWatch {
    fn drop(&mut self) {
        match self.missed.load(Ordering::Acquire) {
            0 => {}
            missed => log::warn!("handlers of outgoing events were not shown {missed} of them"),
        }
    }
}

impl Session {
    /// What the courier needs to tell of the packets of this socket, if anybody wants to hear of them.
    pub(super) fn watch(&mut self, socket: &ConnectedSocket) -> Option<Arc<OutgoingWatch>> {
        let max = self.config.max_watched_events;
        socket
            .handlers
            .watches_outgoing()
            .then(|| self.watch.get_or_insert_with(|| Arc::new(OutgoingWatch::new(max))).clone())
    }

    pub(super) fn is_watching(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| !watch.is_idle())
    }

    fn watched(&self, link: &SocketLink) -> Option<&ConnectedSocket> {
        let current = || self.connected(link.namespace.name.as_str());
        let socket = self.leaving.get(&link.id).or_else(current)?;
        (socket.link.id == link.id).then_some(socket)
    }

    fn watched_event_done(&mut self, ctx: &mut Context<Self>) {
        if let Some(watch) = &self.watch {
            watch.done();
        }
        self.stop_if_done(ctx);
    }
}

impl Handler<PacketSent> for Session {
    type Result = ();

    fn handle(&mut self, msg: PacketSent, ctx: &mut Self::Context) {
        let call = || {
            let ConnectedSocket { link, handlers, .. } = self.watched(&msg.socket)?.clone();
            Some(handlers.sent(link, event(&msg.packet)?))
        };
        // Apart from the handlers of what the client sends: these must not hold those back.
        let Some(mut handler) = shielded(UserCode::Outgoing.into(), &self.scope, call) else {
            return self.watched_event_done(ctx);
        };
        if (&mut handler).now_or_never().is_some() {
            return self.watched_event_done(ctx);
        }
        let handler = handler.into_actor(self);
        ctx.spawn(handler.map(|_, session: &mut Self, ctx| session.watched_event_done(ctx)));
    }
}

/// Name and arguments of an event that was encoded.
fn event(packet: &Encoded) -> Option<Payload> {
    let limits = Limits {
        max_attachments: usize::MAX,
        max_namespace_len: usize::MAX,
        max_event_len: usize::MAX,
        max_packet_bytes: usize::MAX,
        max_json_depth: usize::MAX,
    };
    let (text, attachments) = packet.frames().split_first()?;
    let text = ByteString::try_from(text.payload()).ok()?;
    let engine::Packet::Message(text) = engine::Packet::decode(text).ok()? else { return None };
    let mut decoder = Decoder::new(limits);
    let mut decoded = decoder.text(text);
    for attachment in attachments {
        decoded = decoder.binary(attachment.websocket().slice_ref(attachment.payload()));
    }
    decoded
        .inspect_err(|error| log::debug!("an outgoing event is not shown: {error}"))
        .ok()?
        .map(|packet| packet.payload)
}

#[cfg(test)]
mod tests {
    use socketio_protocol::socket::{Binary, encode_event};

    use super::*;

    #[test]
    fn an_event_is_read_back_as_it_was_sent() {
        let data = Binary::from(vec![1, 2]);
        let packet = encode_event("/admin", Some(7), "e", &("text", &data)).unwrap();
        let payload = event(&packet).unwrap();
        assert_eq!(payload.event(), "e");
        assert_eq!(payload.event_args::<(String, Binary)>().unwrap(), ("text".to_owned(), data));
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let watch = OutgoingWatch::new(2);
        assert_eq!([watch.admit(), watch.admit(), watch.admit()], [true, true, false]);
        watch.done();
        assert!(watch.admit());
        assert!(!watch.is_idle());
        assert_eq!(watch.missed.load(Ordering::Relaxed), 1);
    }
}
