//! Response bodies that keep something for as long as the response is being sent. Who keeps what is up to the caller.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

struct Keeping<T> {
    body: BoxBody,
    _kept: T,
}

/// This body, with which `kept` is dropped.
pub(crate) fn keeping<T: Unpin + 'static>(body: BoxBody, kept: T) -> BoxBody {
    BoxBody::new(Keeping { body, _kept: kept })
}

impl<T: Unpin> MessageBody for Keeping<T> {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
