//! Forgets the types of a handler, so that a route table can hold it: extraction, the call, and the acknowledgement afterwards.

use std::sync::Arc;

use actix_socketio_actors::error::ConnectError;
use futures_util::future::{LocalBoxFuture, ready};
use serde::Serialize;

use super::{Handler, IntoConnectResult};
use crate::{
    error::Error,
    extract::{AckSender, ConnectContext, EventContext},
};

/// A handler without its types.
pub(crate) type Erased<C, R = ()> = Arc<dyn Fn(&C) -> LocalBoxFuture<'static, R> + Send + Sync>;

/// An event handler: what it returns answers the acknowledgement, unless it has taken that over.
pub(crate) fn event<A, H>(handler: H) -> Erased<EventContext>
where
    H: Handler<EventContext, A>,
    H::Output: Serialize + 'static,
{
    Arc::new(move |cx| {
        let called = handler.clone().call(cx);
        let ack = cx.take_ack();
        match called {
            Ok(future) => Box::pin(async move {
                let output = future.await;
                if let Some(ack) = ack {
                    ack.send(&output);
                }
            }),
            Err(error) => {
                mismatch(cx, &error, ack);
                Box::pin(ready(()))
            }
        }
    })
}

/// The arguments do not fit the handler. Whoever waits for the acknowledgement must not hang.
fn mismatch(cx: &EventContext, error: &Error, ack: Option<AckSender>) {
    log::warn!("event {:?} does not fit its handler: {error}", cx.event_name());
    if let Some(ack) = ack {
        ack.send(&serde_json::json!({ "error": "invalid arguments" }));
    }
}

/// A handler that returns nothing.
pub(crate) fn plain<C, A, H>(what: &'static str, handler: H) -> Erased<C>
where
    H: Handler<C, A, Output = ()>,
{
    Arc::new(move |cx| match handler.clone().call(cx) {
        Ok(future) => Box::pin(future),
        Err(error) => {
            log::warn!("{what} handler not called: {error}");
            Box::pin(ready(()))
        }
    })
}

/// Connection middleware: a parameter that cannot be extracted refuses the client.
pub(crate) fn middleware<A, H>(handler: H) -> Erased<ConnectContext, Result<(), ConnectError>>
where
    H: Handler<ConnectContext, A>,
    H::Output: IntoConnectResult,
{
    Arc::new(move |cx| match handler.clone().call(cx) {
        Ok(future) => Box::pin(async move { future.await.into_connect_result() }),
        Err(error) => Box::pin(ready(Err(ConnectError::new(error.to_string())))),
    })
}
