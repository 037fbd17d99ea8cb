//! Asking a client: an event that it has to acknowledge.

use std::{
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_socketio_actors::{
    error::AckError,
    id::AckId,
    operation::{AckReply, AckWaiter, Emit, Origin, SocketLink},
};
use futures_util::FutureExt;
use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::{Payload, encode_event};
use tokio::sync::oneshot;

use crate::{error::Error, event::Event};

/// An ask with a deadline, from [`Socket::timeout`](crate::Socket::timeout).
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio::{Ask, Error, Socket};
/// # async fn confirm(socket: Socket) -> Result<bool, Error> {
/// let patient: Ask = socket.timeout(Duration::from_secs(60));
/// patient.ask("confirm", &"Delete it?").await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until `ask` is called"]
pub struct Ask<'a> {
    socket: &'a Arc<SocketLink>,
    origin: Arc<Origin>,
    timeout: Duration,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(socket: &'a Arc<SocketLink>, origin: Arc<Origin>, timeout: Duration) -> Self {
        Self { socket, origin, timeout }
    }

    /// Sends the event. It is sent at once, before the answer is awaited.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::{Error, Socket};
    /// # async fn position(socket: Socket) -> Result<(), Error> {
    /// let (x, y): (f64, f64) = socket.timeout(Duration::from_secs(2)).ask("where are you", &()).await?;
    /// # Ok(()) }
    /// ```
    pub fn ask<T: DeserializeOwned>(
        self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Answer<T> {
        Answer { sent: self.send(event, args).map_err(Some), of: PhantomData }
    }

    /// Sends a typed event, like [`Socket::ask_event`](crate::Socket::ask_event).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::{Error, Event, Socket};
    /// #[derive(serde::Serialize, Event)]
    /// #[event(name = "confirm", ack = bool)]
    /// struct Confirm(String);
    ///
    /// async fn delete(socket: &Socket) -> Result<bool, Error> {
    ///     let question = Confirm("Delete it?".into());
    ///     socket.timeout(Duration::from_secs(30)).ask_event(&question).await
    /// }
    /// ```
    pub fn ask_event<E>(self, event: &E) -> Answer<E::Ack>
    where
        E: Event<Ack: DeserializeOwned> + Serialize,
    {
        self.ask(E::NAME, event)
    }

    fn send(
        self,
        event: &str,
        args: &(impl Serialize + ?Sized),
    ) -> Result<oneshot::Receiver<Result<Payload, AckError>>, Error> {
        let id = AckId::next();
        let packet = encode_event(self.socket.namespace.name.as_str(), Some(id.0), event, args)?;
        let (reply, answer) = oneshot::channel();
        let ack = Some(AckWaiter { id, reply: AckReply::One(reply), timeout: self.timeout });
        let (origin, socket) = (self.origin, self.socket.clone());
        let courier = origin.courier.addr.clone();
        courier.do_send(Emit { origin, socket, packet, volatile: false, ack });
        Ok(answer)
    }
}

/// The answer of a client, to be awaited.
///
/// ```
/// # use actix_socketio::{Answer, Error, Socket};
/// # async fn name(socket: Socket) -> Result<(), Error> {
/// let name: Answer<String> = socket.ask("name", &()); // is sent now
/// socket.emit("wait", &());
/// println!("it is {}", name.await?);
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// The client does not answer in time or disconnects, the answer does not have the type `T`, or the event could not be sent.
#[derive(Debug)]
#[must_use = "the answer comes when this is awaited"]
pub struct Answer<T> {
    /// An error is given once.
    sent: Result<oneshot::Receiver<Result<Payload, AckError>>, Option<Error>>,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for Answer<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.sent {
            // Whoever holds the sender answers before dropping it, unless its thread has ended.
            Ok(answer) => ready!(answer.poll_unpin(cx)).unwrap_or(Err(AckError::Disconnected)),
            Err(error) => {
                return Poll::Ready(Err(error.take().unwrap_or(AckError::Disconnected.into())));
            }
        };
        Poll::Ready(answer.map_err(Error::from).and_then(|payload| Ok(payload.ack_args()?)))
    }
}
