//! What a handler is: an async function or closure whose parameters are extracted from what has happened.
//!
//! `Namespace` registers handlers in the route table; sessions find them there through the traits of the actors crate.

pub(crate) mod erase;
mod register;
mod routes;
mod run;

use actix_socketio_actors::error::ConnectError;

pub(crate) use self::{erase::Outcome, register::warn_of_reserved, routes::RouteTable};
use crate::{
    error::Error,
    extract::{FromContext, Needs},
};

/// An async function or closure of up to eight parameters, each an [extractor](crate::extract) for what has happened (`C`).
///
/// It is called once per happening, on the worker thread of the client's connection, so its future need not be `Send`; the function
/// itself is shared by all workers.
///
/// ```
/// # use actix_socketio::{Args, Auth, EventName, Handler, Namespace, Socket, SocketIo, extract::EventContext};
/// async fn say(socket: Socket, Args(text): Args<String>) {
///     socket.broadcast().emit("said", &text);
/// }
///
/// /// Registers a handler for two events.
/// fn on_both<A>(namespace: &Namespace, handler: impl Handler<EventContext, A, Output = ()>) {
///     namespace.on("say", handler.clone()).on("shout", handler);
/// }
///
/// # let io = SocketIo::new();
/// on_both(&io.of("/"), say);
/// on_both(&io.of("/"), async |EventName(name): EventName| println!("{name}"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this is no handler for `{C}`",
    label = "not an async function whose parameters can all be extracted here",
    note = "a handler is an `async fn` or `async` closure that is `Clone + Send + Sync + 'static`; its parameters are extractors, with their types written out: `Socket`, `Auth<T>`, `SocketIo`, `Namespace`; in handlers of events only, `Args<T>`, `Payload`, `EventName`, `AckSender` and types with `#[derive(Deserialize, Event)]`; in `on_disconnect` only, `DisconnectReason`; in `on_error` only, `EventError`"
)]
pub trait Handler<C, A>: Clone + Send + Sync + 'static {
    /// What it returns.
    type Output;
    /// Its future.
    type Future: Future<Output = Self::Output> + 'static;

    /// Extracts the parameters and calls the function.
    ///
    /// ```
    /// # use actix_socketio::{Error, Handler, extract::{EventContext, Needs}};
    /// async fn call<A, H: Handler<EventContext, A>>(handler: H, cx: &EventContext) -> Result<H::Output, Error> {
    ///     let mut needs = Needs::default();
    ///     H::declare(&mut needs); // what `on` does
    ///     Ok(handler.call(cx)?.await)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A parameter cannot be extracted; the function is not called.
    fn call(self, cx: &C) -> Result<Self::Future, Error>;

    /// Says what its parameters need from outside; called when it is registered.
    fn declare(needs: &mut Needs) {
        let _ = needs;
    }
}

macro_rules! handler {
    ($($T:ident),*) => {
        impl<Func, Fut, Ctx, $($T),*> Handler<Ctx, ($($T,)*)> for Func
        where
            Func: FnOnce($($T),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future + 'static,
            $($T: FromContext<Ctx>),*
        {
            type Output = Fut::Output;
            type Future = Fut;

            fn call(self, cx: &Ctx) -> Result<Fut, Error> {
                let _ = cx;
                Ok(self($($T::from_context(cx)?),*))
            }

            fn declare(needs: &mut Needs) {
                let _ = &needs;
                $($T::declare(needs);)*
            }
        }
    };
}

handler!();
handler!(T1);
handler!(T1, T2);
handler!(T1, T2, T3);
handler!(T1, T2, T3, T4);
handler!(T1, T2, T3, T4, T5);
handler!(T1, T2, T3, T4, T5, T6);
handler!(T1, T2, T3, T4, T5, T6, T7);
handler!(T1, T2, T3, T4, T5, T6, T7, T8);

/// What connection middleware returns: nothing to let every client in, or a `Result` whose error refuses the client.
///
/// ```
/// # use actix_socketio::{ConnectError, IntoConnectResult, SocketIo};
/// # let io = SocketIo::new();
/// enum Door { Open, Closed }
///
/// impl IntoConnectResult for Door {
///     fn into_connect_result(self) -> Result<(), ConnectError> {
///         match self {
///             Door::Open => Ok(()),
///             Door::Closed => Err("closed".into()),
///         }
///     }
/// }
///
/// io.of("/").before_connect(async || Door::Open).before_connect(async || Err::<(), _>("nobody, please"));
/// # let _ = Door::Closed;
/// ```
pub trait IntoConnectResult: 'static {
    /// The decision.
    ///
    /// # Errors
    ///
    /// The client is refused.
    fn into_connect_result(self) -> Result<(), ConnectError>;
}

impl IntoConnectResult for () {
    fn into_connect_result(self) -> Result<(), ConnectError> {
        Ok(())
    }
}

impl<E: Into<ConnectError> + 'static> IntoConnectResult for Result<(), E> {
    fn into_connect_result(self) -> Result<(), ConnectError> {
        self.map_err(Into::into)
    }
}

/// An error of packet middleware, whatever its type.
///
/// ```
/// # use actix_socketio::{Args, Refusal, SocketIo};
/// # let io = SocketIo::new();
/// io.of("/").before_event(async |Args(text): Args<String>| -> Result<(), Refusal> {
///     text.parse::<u32>()?;
///     if text.len() > 3 { Err("too long".into()) } else { Ok(()) }
/// });
/// ```
pub type Refusal = Box<dyn std::error::Error + Send + Sync>;

/// What packet middleware returns: nothing to let every event pass, or a `Result` whose error stops the event. Texts and all errors
/// will do.
///
/// ```
/// # use actix_socketio::{Args, IntoEventResult, Refusal, SocketIo};
/// # let io = SocketIo::new();
/// struct Only(bool);
///
/// impl IntoEventResult for Only {
///     fn into_event_result(self) -> Result<(), Refusal> {
///         if self.0 { Ok(()) } else { Err("not that".into()) }
///     }
/// }
///
/// io.of("/").before_event(async |Args(text): Args<String>| Only(text.len() < 99));
/// ```
pub trait IntoEventResult: 'static {
    /// The decision.
    ///
    /// # Errors
    ///
    /// The event is stopped.
    fn into_event_result(self) -> Result<(), Refusal>;
}

impl IntoEventResult for () {
    fn into_event_result(self) -> Result<(), Refusal> {
        Ok(())
    }
}

impl<E: Into<Refusal> + 'static> IntoEventResult for Result<(), E> {
    fn into_event_result(self) -> Result<(), Refusal> {
        self.map_err(Into::into)
    }
}
