//! Responses to requests whose body nobody wants.
//!
//! A body that is dropped is read by the HTTP server all the same, to its end: in chunks, that is without end. One that is still there
//! when the response has been sent ends the connection instead.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev, web,
};
use bytes::Bytes;

/// This response, behind which the connection ends unless the body of the request has arrived as a whole.
pub(super) fn unread(response: HttpResponse, payload: web::Payload) -> HttpResponse {
    match payload.into_inner() {
        dev::Payload::None => response,
        payload => response.map_body(|_, body| BoxBody::new(Unread { body, _payload: payload })),
    }
}

struct Unread {
    body: BoxBody,
    _payload: dev::Payload,
}

impl MessageBody for Unread {
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
