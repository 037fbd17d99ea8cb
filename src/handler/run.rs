//! Runs the handlers of a socket for its session: several of them side by side, each shielded, and what goes wrong reaches the error
//! handlers.
//!
//! An event with one function as its handler and nothing else in its way goes straight to it; `run_event` is for all others.

use std::{
    cell::{Cell, OnceCell},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use actix_socketio_actors::{
    dispatch::{Handlers, IncomingEvent},
    error::{ConnectError, DisconnectReason},
    escaped::{Escaped, OneLine},
    id::RoomName,
    operation::SocketLink,
    shield::{self, Guest},
};
use futures_util::future::{LocalBoxFuture, join, join_all, ready};
use socketio_protocol::socket::Payload;

use super::{
    erase::{Erased, EventHandler, Outcome},
    routes::{Found, SocketRoutes, Table},
};
use crate::{
    error::{Error, EventError},
    extract::{
        AboutSocket, ConnectContext, DisconnectContext, ErrorContext, EventContext, OutgoingContext,
    },
    socket::Socket,
};

impl Handlers for SocketRoutes {
    fn before_connect(
        self: Arc<Self>,
        socket: Arc<SocketLink>,
    ) -> LocalBoxFuture<'static, Result<(), ConnectError>> {
        if self.table.middleware.is_empty() {
            return Box::pin(ready(Ok(())));
        }
        let cx = ConnectContext::new(self.table.socket(socket));
        Box::pin(async move {
            for ask in &self.table.middleware {
                ask.call(&cx).map_err(refusal)?.await?;
            }
            Ok(())
        })
    }

    fn connected(self: Arc<Self>, socket: Arc<SocketLink>) -> LocalBoxFuture<'static, ()> {
        let cx = ConnectContext::new(self.table.socket(socket));
        Box::pin(async move { self.table.run_all(&self.table.connect, &cx).await })
    }

    fn event(self: Arc<Self>, event: IncomingEvent) -> Option<LocalBoxFuture<'static, ()>> {
        if self.table.is_direct() {
            match self.table.find(&event.payload.event()) {
                Found::None => return None,
                Found::One(handler) => return Some(self.table.run_one(handler, event)),
                Found::Others => {}
            }
        }
        Some(Box::pin(self.run_event(event)))
    }

    fn watches_outgoing(&self) -> bool {
        !self.table.outgoing.is_empty()
    }

    fn sent(
        self: Arc<Self>,
        socket: Arc<SocketLink>,
        payload: Payload,
    ) -> LocalBoxFuture<'static, ()> {
        let cx = OutgoingContext::new(self.table.socket(socket), payload);
        Box::pin(async move { self.table.run_all(&self.table.outgoing, &cx).await })
    }

    fn disconnected(
        self: Arc<Self>,
        socket: Arc<SocketLink>,
        reason: DisconnectReason,
        rooms: Vec<RoomName>,
    ) -> LocalBoxFuture<'static, ()> {
        let cx = DisconnectContext::new(self.table.socket(socket), reason, rooms);
        Box::pin(async move {
            self.table.run_all(&self.table.disconnecting, &cx).await;
            self.table.run_all(&self.table.disconnect, &cx).await;
        })
    }
}

impl SocketRoutes {
    /// The long way of an event: the catch-all handlers, then the middleware, then its own handlers.
    async fn run_event(self: Arc<Self>, event: IncomingEvent) {
        let IncomingEvent { socket, payload, ack } = event;
        let cx = EventContext::of_several(self.table.socket(socket), payload, ack);
        join(self.table.run_all(&self.table.any, &cx), self.run_own(&cx)).await;
    }

    async fn run_own(&self, cx: &EventContext) {
        if let Err(error) = self.ask_guards(cx).await {
            cx.answer_failure(&error);
            return self.table.report(cx, error).await;
        }
        let handlers = self.take(&cx.event_name());
        let (running, failure) = (Cell::new(handlers.len()), OnceCell::new());
        join_all(handlers.iter().map(|handler| async {
            let error = run_shielded(handler, cx).await.err();
            if let Some(error) = &error {
                failure.get_or_init(|| error.clone());
            }
            running.set(running.get() - 1);
            // Only now is it known that no other handler answers.
            if running.get() == 0 {
                cx.settle(failure.get());
            }
            if let Some(error) = error {
                self.table.report(cx, error).await;
            }
        }))
        .await;
    }

    /// Asks the packet middleware, in order; the first refusal wins, and a panic is one.
    async fn ask_guards(&self, cx: &EventContext) -> Result<(), EventError> {
        for guard in &self.table.guards {
            shielded(guard, cx).await?.map_err(EventError::refused)?;
        }
        Ok(())
    }
}

impl Table {
    fn socket(&self, link: Arc<SocketLink>) -> Socket {
        Socket::new(link, self.io.clone())
    }

    /// The short way of an event. The session shields what it runs, once whoever waits for the acknowledgement has been answered.
    fn run_one(
        &self,
        handler: &Erased<EventContext>,
        event: IncomingEvent,
    ) -> LocalBoxFuture<'static, ()> {
        let IncomingEvent { socket, payload, ack } = event;
        let cx = EventContext::of_one(self.socket(socket), payload, ack);
        let called = catch_unwind(AssertUnwindSafe(|| handler.call(&cx)));
        let called = called.unwrap_or_else(|panic| {
            if let Some(answer) = cx.answer_by_return() {
                answer.panicked();
            }
            resume_unwind(panic)
        });
        called.unwrap_or_else(|error| {
            let error = EventError::not_called(error);
            cx.answer_failure(&error);
            log_error(&cx, &error, false);
            Box::pin(ready(()))
        })
    }

    /// Starts all handlers in order; the whole is done when each is. One that fails costs the others nothing.
    async fn run_all<C: AboutSocket>(&self, handlers: &[Erased<C>], cx: &C) {
        join_all(handlers.iter().map(|handler| self.run(handler, cx))).await;
    }

    async fn run<C: AboutSocket>(&self, handler: &Erased<C>, cx: &C) {
        if let Err(error) = shielded(handler, cx).await {
            self.report(cx, error).await;
        }
    }

    /// Tells the error handlers.
    async fn report<C: AboutSocket>(&self, cx: &C, error: EventError) {
        log_error(cx, &error, !self.errors.is_empty());
        let cx = ErrorContext::new(cx.socket().clone(), cx.happening().into_owned(), error);
        let told = self.errors.iter().map(|handler| async {
            if let Err(error) = shielded(handler, &cx).await {
                log::error!("the error handler failed: {}", OneLine(error));
            }
        });
        join_all(told).await;
    }
}

async fn run_shielded(handler: &EventHandler, cx: &EventContext) -> Outcome {
    match handler {
        EventHandler::Function(handler) => shielded(handler, cx).await,
        EventHandler::Actor(handler) => shielded(handler, cx).await?,
    }
}

/// Calls a handler, and lets no panic through.
async fn shielded<C: AboutSocket, R>(handler: &Erased<C, R>, cx: &C) -> Result<R, EventError> {
    let called = shield::shielded(|| handler.call(cx));
    cx.handler_called(!matches!(called, Ok(Err(_))));
    let outcome = match called {
        Ok(Ok(future)) => Guest::new(future).await,
        Ok(Err(error)) => return Err(EventError::not_called(error)),
        Err(panic) => Err(panic),
    };
    outcome.map_err(|panic| {
        cx.socket().count_panic();
        EventError::panicked(panic)
    })
}

/// Why middleware that cannot be called refuses the client.
fn refusal(error: Error) -> ConnectError {
    if error.is_type_mismatch() {
        return ConnectError::new(error.to_string());
    }
    log::error!("connection middleware not called: {}", OneLine(error));
    ConnectError::new("Internal server error")
}

/// What nobody hears of is worth a warning; a panic always is an error.
fn log_error(cx: &impl AboutSocket, error: &EventError, heard: bool) {
    let level = match heard {
        _ if error.is_panic() => log::Level::Error,
        true => log::Level::Debug,
        false => log::Level::Warn,
    };
    let (happening, socket) = (cx.happening(), cx.socket().id());
    log::log!(level, "{} of socket {socket}: {}", Escaped(&happening), OneLine(error));
}
