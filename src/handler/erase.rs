//! Forgets the types of a handler, so that a route table can hold it: extraction, the call, and the acknowledgement afterwards.

use std::{
    any::TypeId,
    cell::Cell,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
};

use actix_socketio_actors::{error::ConnectError, shield::Guest};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::Serialize;

use super::{Handler, IntoConnectResult, IntoEventResult, Refusal};
use crate::{
    error::{Error, EventError},
    extract::{ConnectContext, EventContext, Needs},
};

/// A handler without its types. An error says why it was not called. Whichever of our actors is the last to have it drops it, so it is a
/// [`Guest`].
pub(crate) struct Erased<C, R = ()> {
    call: Arc<Call<C, R>>,
    declare: fn(&mut Needs),
}

type Call<C, R> = dyn Fn(&C) -> Called<R> + Send + Sync;

/// What comes of an event that an actor of the application handles: it may fail although it was called.
pub(crate) type Outcome = Result<(), EventError>;

/// A handler of events.
#[derive(Clone)]
pub(crate) enum EventHandler {
    Function(Erased<EventContext>),
    Actor(Erased<EventContext, Outcome>),
}

impl EventHandler {
    /// What it needs from outside.
    pub(super) fn needs(&self) -> fn(&mut Needs) {
        match self {
            Self::Function(handler) => handler.needs(),
            Self::Actor(handler) => handler.needs(),
        }
    }
}

/// What comes of calling a handler.
pub(crate) type Called<R> = Result<LocalBoxFuture<'static, R>, Error>;

impl<C, R> Erased<C, R> {
    /// Of a handler of type `H`.
    fn of<A, H: Handler<C, A>>(call: impl Fn(&C) -> Called<R> + Send + Sync + 'static) -> Self {
        Self { call: Arc::new(call), declare: H::declare }
    }

    /// Extracts the parameters and calls the function.
    pub(crate) fn call(&self, cx: &C) -> Called<R> {
        (self.call)(cx)
    }

    /// What it needs from outside.
    pub(super) fn needs(&self) -> fn(&mut Needs) {
        self.declare
    }
}

impl<C, R> Clone for Erased<C, R> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), declare: self.declare }
    }
}

/// An event handler: what it returns answers the acknowledgement, unless it has taken that over. If it panics, the client is told so.
pub(crate) fn event<A, H>(handler: H) -> EventHandler
where
    H: Handler<EventContext, A>,
    H::Output: Serialize + 'static,
{
    let says_nothing = TypeId::of::<H::Output>() == TypeId::of::<()>();
    let handler = Guest::new(handler);
    EventHandler::Function(Erased::of::<A, H>(move |cx: &EventContext| {
        let future = H::clone(&handler).call(cx)?;
        let answer = cx.answer_by_return();
        Ok(Box::pin(async move {
            let Some(answer) = answer else { return drop(future.await) };
            let is_answered = Cell::new(false);
            let answering = async {
                let output = future.await;
                answer.returned(&output, says_nothing);
                is_answered.set(true);
            };
            if let Err(panic) = AssertUnwindSafe(answering).catch_unwind().await {
                if !is_answered.get() {
                    answer.panicked();
                }
                resume_unwind(panic);
            }
        }))
    }))
}

/// An actor of the application, which is called by a message.
pub(crate) fn actor(
    call: impl Fn(&EventContext) -> Called<Outcome> + Send + Sync + 'static,
) -> EventHandler {
    EventHandler::Actor(Erased { call: Arc::new(call), declare: |_| {} })
}

/// A handler that returns nothing.
pub(crate) fn plain<C: 'static, A, H>(handler: H) -> Erased<C>
where
    H: Handler<C, A, Output = ()>,
{
    let handler = Guest::new(handler);
    Erased::of::<A, H>(move |cx: &C| Ok(Box::pin(H::clone(&handler).call(cx)?)))
}

/// Connection middleware.
pub(crate) fn middleware<A, H>(handler: H) -> Erased<ConnectContext, Result<(), ConnectError>>
where
    H: Handler<ConnectContext, A>,
    H::Output: IntoConnectResult,
{
    let handler = Guest::new(handler);
    Erased::of::<A, H>(move |cx: &ConnectContext| {
        let future = H::clone(&handler).call(cx)?;
        Ok(future.map(IntoConnectResult::into_connect_result).boxed_local())
    })
}

/// Packet middleware.
pub(crate) fn guard<A, H>(handler: H) -> Erased<EventContext, Result<(), Refusal>>
where
    H: Handler<EventContext, A>,
    H::Output: IntoEventResult,
{
    let handler = Guest::new(handler);
    Erased::of::<A, H>(move |cx: &EventContext| {
        let future = H::clone(&handler).call(cx)?;
        Ok(future.map(IntoEventResult::into_event_result).boxed_local())
    })
}
