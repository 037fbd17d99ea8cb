//! What else can be registered for the events of a namespace: catch-alls, middleware, error handlers; and how handlers are removed.

use actix_socketio_actors::escaped::Escaped;
use serde::Serialize;

use super::{Handler, IntoEventResult, erase};
use crate::{
    extract::{ErrorContext, EventContext, OutgoingContext},
    namespace::Namespace,
};

impl Namespace {
    /// Handles the first such event of each client, `socket.once(event, …)` in JavaScript. The first one counts, even if its arguments
    /// do not fit; one that middleware stops does not.
    ///
    /// ```
    /// # use actix_socketio::{Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").once("ready", async |socket: Socket| socket.emit("go", &()));
    /// ```
    pub fn once<A, H>(&self, event: &str, handler: H) -> &Self
    where
        H: Handler<EventContext, A>,
        H::Output: Serialize + 'static,
    {
        warn_of_reserved(event);
        self.routes().add_once(event, erase::event(handler));
        self
    }

    /// Removes the handlers of an event, `socket.removeAllListeners(event)` in JavaScript, for clients that connect from now on: those
    /// that are connected keep what there was.
    ///
    /// ```
    /// # let io = actix_socketio::SocketIo::new();
    /// io.of("/").on("beta", async || "soon").off("beta");
    /// ```
    pub fn off(&self, event: &str) -> &Self {
        self.routes().remove_event(event);
        self
    }

    /// Removes the handlers of all events, those of [`on_fallback`](Self::on_fallback) included, for clients that connect from now on.
    /// Middleware and what is called for connections, catch-alls and errors stays.
    ///
    /// ```
    /// # use actix_socketio::SocketIo;
    /// # let io = SocketIo::new();
    /// io.of("/").on("beta", async || "soon").on_fallback(async || "what?").off_all();
    /// ```
    pub fn off_all(&self) -> &Self {
        self.routes().remove_events();
        self
    }

    /// Is called for every event, before everything else, even if middleware stops it or nobody handles it: `socket.onAny(…)` in
    /// JavaScript.
    ///
    /// ```
    /// # use actix_socketio::{EventName, Payload, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_any(async |EventName(name): EventName, args: Payload| println!("{name} {}", args.json()));
    /// ```
    pub fn on_any<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<EventContext, A, Output = ()>,
    {
        self.routes().add_any(erase::plain(handler));
        self
    }

    /// Is shown every event that is sent to a client, once per client, whether it goes to the client alone or to many:
    /// `socket.onAnyOutgoing(…)` in JavaScript. It comes a moment after the event was queued, and cannot change it. Without such handlers,
    /// this costs nothing; with them, each event is decoded again.
    ///
    /// Whatever such a handler emits to the same client is shown to it again. When handlers fall behind by more than
    /// [`max_watched_events`](crate::Builder::max_watched_events), they are not shown all.
    ///
    /// ```
    /// # use actix_socketio::{EventName, Payload, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_any_outgoing(async |to: Socket, EventName(name): EventName, args: Payload| {
    ///     println!("{name} {} to {}", args.json(), to.id());
    /// });
    /// ```
    pub fn on_any_outgoing<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<OutgoingContext, A, Output = ()>,
    {
        self.routes().add_outgoing(erase::plain(handler));
        self
    }

    /// Handles the events that have no handler of their own. It answers as other handlers do. (In JavaScript, compare in `onAny`.)
    ///
    /// ```
    /// # use actix_socketio::{EventName, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_fallback(async |EventName(name): EventName| format!("there is no {name}"));
    /// ```
    pub fn on_fallback<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<EventContext, A>,
        H::Output: Serialize + 'static,
    {
        self.routes().add_fallback(erase::event(handler));
        self
    }

    /// Decides whether an event reaches its handlers, `socket.use(…)` in JavaScript. In the order written; the first refusal stops the
    /// event. [Error handlers](Self::on_error) hear of it, and the acknowledgement is `{"error": "<the refusal's text>"}` (in JavaScript,
    /// none is sent and the client waits).
    ///
    /// While middleware waits for something, later events of the client may overtake this one.
    ///
    /// ```
    /// # use actix_socketio::{EventName, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").before_event(async |socket: Socket, EventName(name): EventName| match name.starts_with("admin:") {
    ///     true => Err("unauthorized event"),
    ///     false => Ok(()),
    /// });
    /// ```
    pub fn before_event<A, H>(&self, middleware: H) -> &Self
    where
        H: Handler<EventContext, A>,
        H::Output: IntoEventResult,
    {
        self.routes().add_guard(erase::guard(middleware));
        self
    }

    /// Hears of events that middleware stopped, `socket.on("error", …)` in JavaScript; of handlers that were not called since a parameter
    /// could not be extracted; of handlers that panicked; and of actors that did not [answer](Self::forward). The event is `connect` or `disconnect` for handlers of those. Without an
    /// error handler, all this is logged as a warning.
    ///
    /// ```
    /// # use actix_socketio::{EventError, EventName, Socket, SocketIo};
    /// # let io = SocketIo::new();
    /// io.of("/").on_error(async |socket: Socket, EventName(event): EventName, error: EventError| {
    ///     if error.is_refused() {
    ///         socket.disconnect(false);
    ///     }
    ///     eprintln!("{event}: {error}");
    /// });
    /// ```
    pub fn on_error<A, H>(&self, handler: H) -> &Self
    where
        H: Handler<ErrorContext, A, Output = ()>,
    {
        self.routes().add_error(erase::plain(handler));
        self
    }
}

/// Nobody can send an event with a reserved name, so its handler would never be called.
pub(crate) fn warn_of_reserved(event: &str) {
    if let Some(instead) = instead_of(event) {
        log::warn!("no client can send the event {}: {instead}", Escaped(event));
    }
}

/// What is probably meant by a reserved name.
fn instead_of(event: &str) -> Option<&'static str> {
    Some(match event {
        "connect" => "`on_connect` is called when a client connects",
        "disconnect" => "`on_disconnect` is called when a client has disconnected",
        "disconnecting" => "`on_disconnecting` is called when a client disconnects",
        "connect_error" => "`before_connect` is where clients are refused",
        "newListener" | "removeListener" => "handlers are registered per namespace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use socketio_protocol::socket::encode_event;

    use super::*;

    #[test]
    fn the_names_that_are_warned_of_are_those_that_cannot_be_sent() {
        for event in ["connect", "connection", "connect_error", "disconnect", "disconnecting"] {
            let reserved = encode_event("/", None, event, &()).is_err();
            assert_eq!(instead_of(event).is_some(), reserved, "{event}");
        }
        for event in ["newListener", "removeListener"] {
            assert!(instead_of(event).is_some(), "{event}");
        }
        assert!(instead_of("disconnect").is_some_and(|text| text.contains("`on_disconnect`")));
    }
}
