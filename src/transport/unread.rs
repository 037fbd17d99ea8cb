//! Responses to requests whose body nobody wants.
//!
//! A body that is dropped is read by the HTTP server all the same, to its end: in chunks, that is without end. One that is still there
//! when the response has been sent ends the connection instead.

use actix_web::{HttpResponse, dev, web};

use crate::kept::keeping;

/// This response, behind which the connection ends unless the body of the request has arrived as a whole.
pub(super) fn unread(response: HttpResponse, payload: web::Payload) -> HttpResponse {
    match payload.into_inner() {
        dev::Payload::None => response,
        payload => response.map_body(|_, body| keeping(body, payload)),
    }
}
