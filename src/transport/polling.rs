//! HTTP long polling: a GET waits for what the outbox has, a POST brings packets. One of each at a time.

use std::{future::poll_fn, sync::Arc};

use actix_socketio_actors::{
    error::DisconnectReason,
    id::TransportId,
    session::{
        TransportKind,
        messages::{CloseSession, OutboxDrained, PayloadReceived},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, HeaderValue},
    },
    web,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use socketio_protocol::engine::{Frame, decode_payload, encode_payload};
use tokio::sync::oneshot;

use super::{Connection, Edge};

pub(super) async fn serve(
    edge: &Edge,
    request: &HttpRequest,
    payload: web::Payload,
    connection: Option<Arc<Connection>>,
) -> HttpResponse {
    let Some(connection) = connection else {
        return poll(edge, &edge.open(request, TransportKind::Polling)).await;
    };
    match *request.method() {
        Method::GET => poll(edge, &connection).await,
        Method::POST => receive(edge, request, payload, &connection).await,
        _ => HttpResponse::InternalServerError().finish(),
    }
}

/// Closes the session when a request ends half-way: its client has gone.
struct EndsWell<'a> {
    connection: &'a Connection,
    done: bool,
}

impl<'a> EndsWell<'a> {
    fn watch(connection: &'a Connection) -> Self {
        Self { connection, done: false }
    }
}

impl Drop for EndsWell<'_> {
    fn drop(&mut self) {
        if !self.done {
            fail(self.connection);
        }
    }
}

fn fail(connection: &Connection) {
    let reason = DisconnectReason::TransportError;
    connection.session.addr.do_send(CloseSession { reason });
}

async fn poll(edge: &Edge, connection: &Connection) -> HttpResponse {
    let Some(_held) = connection.get.hold() else {
        fail(connection);
        return HttpResponse::BadRequest().finish();
    };
    let mut watched = EndsWell::watch(connection);
    let outbox = &connection.session.outbox;
    let max_bytes = edge.shared.config.max_payload;
    let body = poll_fn(|cx| outbox.poll_payload(TransportId::FIRST, max_bytes, cx)).await;
    watched.done = true;
    if outbox.is_drained() {
        connection.session.addr.do_send(OutboxDrained);
    }
    let body = body.unwrap_or_else(|| encode_payload([&Frame::noop()]));
    HttpResponse::Ok()
        .content_type("text/plain; charset=UTF-8")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body(body)
}

async fn receive(
    edge: &Edge,
    request: &HttpRequest,
    payload: web::Payload,
    connection: &Connection,
) -> HttpResponse {
    let Some(_held) = connection.post.hold() else {
        fail(connection);
        return HttpResponse::BadRequest().finish();
    };
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value == "application/octet-stream") {
        fail(connection);
        return HttpResponse::BadRequest().force_close().finish();
    }
    let mut watched = EndsWell::watch(connection);
    let response = match read_body(request, payload, edge.shared.config.max_payload).await {
        Ok(body) => process(edge, body, connection).await,
        Err(response) => response,
    };
    watched.done = true;
    response
}

/// The whole body, unless it is too large (the session survives that) or breaks off.
async fn read_body(
    request: &HttpRequest,
    mut payload: web::Payload,
    limit: usize,
) -> Result<Bytes, HttpResponse> {
    let too_large = || HttpResponse::PayloadTooLarge().force_close().finish();
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if announced.and_then(|v| v.parse().ok()).is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| HttpResponse::BadRequest().force_close().finish())?;
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

async fn process(edge: &Edge, body: Bytes, connection: &Connection) -> HttpResponse {
    let session = &connection.session;
    let Ok(packets) = decode_payload(body, edge.shared.config.max_packets_per_payload) else {
        session.addr.do_send(CloseSession { reason: DisconnectReason::ParseError });
        return HttpResponse::BadRequest().finish();
    };
    let (done, processed) = oneshot::channel();
    session.addr.do_send(PayloadReceived { packets, done });
    // Answered only when the session takes more: that holds a client back that sends faster than its handlers work. An error means
    // that the session has ended, which the client learns from its poll.
    if processed.await.is_ok() {
        poll_fn(|cx| session.gate.poll_open(cx)).await;
    }
    HttpResponse::Ok().content_type("text/html").body("ok")
}
