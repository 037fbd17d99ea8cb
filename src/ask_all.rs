//! The answers of an audience, to be awaited.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_socketio_actors::{collector, id::SocketId};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::error::Error;

/// What one client has answered.
///
/// ```
/// # use actix_socketio::{ClientAnswer, Error, SocketIo};
/// # async fn vote(io: SocketIo) -> Result<(), Error> {
/// let (mut yes, mut absent) = (0, Vec::new());
/// for ClientAnswer { socket, answer, .. } in io.to("jury").ask_all::<bool>("vote", &"guilty?").await? {
///     match answer {
///         Ok(vote) => yes += usize::from(vote),
///         Err(_) => absent.push(socket),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientAnswer<T> {
    /// The client's socket.
    pub socket: SocketId,
    /// Its answer; an error when it has not answered in time, has disconnected, or has answered with another type.
    pub answer: Result<T, Error>,
}

/// The answers of all clients of an audience, of each who answered and who did not, to be awaited: from
/// [`Audience::ask_all`](crate::Audience::ask_all).
///
/// ```
/// # use actix_socketio::{AnswerEach, Error, SocketIo};
/// # async fn vote(io: SocketIo) -> Result<(), Error> {
/// let votes: AnswerEach<bool> = io.to("jury").ask_all("vote", &"guilty?"); // is sent now
/// let missing = votes.await?.iter().filter(|vote| vote.answer.is_err()).count();
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "the answers come when this is awaited"]
pub struct AnswerEach<T> {
    /// An error is given once.
    sent: Result<oneshot::Receiver<collector::Collected>, Option<Error>>,
    of: PhantomData<fn() -> T>,
}

impl<T> AnswerEach<T> {
    pub(crate) fn new(sent: Result<oneshot::Receiver<collector::Collected>, Error>) -> Self {
        Self { sent: sent.map_err(Some), of: PhantomData }
    }
}

impl<T: DeserializeOwned> Future for AnswerEach<T> {
    type Output = Result<Vec<ClientAnswer<T>>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answers = match &mut self.sent {
            Ok(answers) => match ready!(answers.poll_unpin(cx)) {
                Ok(collected) => collected.map_err(Error::from),
                Err(_) => Err(Error::namespace_gone()),
            },
            Err(error) => Err(error.take().unwrap_or_else(Error::namespace_gone)),
        };
        let read = |(socket, answer): (SocketId, Result<socketio_protocol::socket::Payload, _>)| {
            let answer = answer.map_err(Error::from).and_then(|payload| Ok(payload.ack_args()?));
            ClientAnswer { socket, answer }
        };
        Poll::Ready(answers.map(|answers| answers.into_iter().map(read).collect()))
    }
}

/// The answers of all clients of an audience, to be awaited: from [`Audience::ask`](crate::Audience::ask).
///
/// ```
/// # use actix_socketio::{Answers, Error, SocketIo};
/// # async fn vote(io: SocketIo) -> Result<(), Error> {
/// let votes: Answers<bool> = io.to("jury").ask("vote", &"guilty?"); // is sent now
/// let guilty = votes.await?.into_iter().all(|vote| vote);
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "the answers come when this is awaited"]
pub struct Answers<T>(AnswerEach<T>);

impl<T> Answers<T> {
    pub(crate) fn new(sent: Result<oneshot::Receiver<collector::Collected>, Error>) -> Self {
        Self(AnswerEach::new(sent))
    }
}

impl<T: DeserializeOwned> Future for Answers<T> {
    type Output = Result<Vec<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answers = ready!(self.0.poll_unpin(cx));
        Poll::Ready(answers.and_then(|all| all.into_iter().map(|client| client.answer).collect()))
    }
}
