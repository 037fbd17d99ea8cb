//! HTTP long polling: a GET waits for what the outbox has, a POST brings packets. One of each at a time.

use std::{
    future::poll_fn,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_rt::time::timeout;
use actix_socketio_actors::{
    config::{Config, TransportKind},
    error::DisconnectReason,
    id::TransportId,
    session::messages::{OutboxDrained, PayloadReceived, TransportClosed},
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

use super::{Connection, Edge, service::refuse, unread::unread};

pub(super) async fn serve(
    edge: &Edge,
    request: &HttpRequest,
    payload: web::Payload,
    connection: Option<Arc<Connection>>,
) -> HttpResponse {
    let Some(connection) = connection else {
        let connection = match edge.open(request, TransportKind::Polling).await {
            Ok(connection) => connection,
            Err(refusal) => return refuse(edge, request, &refusal, false),
        };
        let mut response = poll(edge, request, &connection).await;
        let cookie = edge.shared.edge.cookie.as_ref();
        if let Some(cookie) = cookie.and_then(|cookie| cookie.header(connection.session.sid)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        if let Some(edit) = &edge.shared.edge.hooks.initial_headers {
            edge.call("initial_headers", || edit(response.headers_mut(), request));
        }
        return response;
    };
    match *request.method() {
        Method::GET => poll(edge, request, &connection).await,
        Method::POST => receive(edge, request, payload, &connection).await,
        _ => unread(HttpResponse::InternalServerError().finish(), payload),
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

    /// The request has come to its end.
    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for EndsWell<'_> {
    fn drop(&mut self) {
        if !self.done {
            fail(self.connection);
        }
    }
}

/// A client that breaks off its request while this runs has broken off its session.
pub(super) async fn watch<T>(connection: &Connection, future: impl Future<Output = T>) -> T {
    let watched = EndsWell::watch(connection);
    let output = future.await;
    watched.done();
    output
}

fn fail(connection: &Connection) {
    end(connection, DisconnectReason::TransportError);
}

/// Ends polling, and the session with it, unless it has moved on to another transport.
fn end(connection: &Connection, reason: DisconnectReason) {
    let closed = TransportClosed { transport: TransportId::FIRST, reason };
    connection.session.addr.do_send(closed);
}

async fn poll(edge: &Edge, request: &HttpRequest, connection: &Connection) -> HttpResponse {
    let Some(_held) = connection.get.hold() else {
        fail(connection);
        return HttpResponse::BadRequest().finish();
    };
    let outbox = &connection.session.outbox;
    let max_bytes = edge.shared.config.max_payload;
    let payload = poll_fn(|cx| outbox.poll_payload(TransportId::FIRST, max_bytes, cx));
    let body = watch(connection, payload).await;
    if outbox.is_drained() {
        connection.session.addr.do_send(OutboxDrained);
    }
    let body = body.unwrap_or_else(|| encode_payload([&Frame::noop()]));
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/plain; charset=UTF-8")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    match edge.shared.edge.compression.and_then(|c| c.apply(request, &body)) {
        Some((encoding, body)) => {
            response.insert_header((header::CONTENT_ENCODING, encoding)).body(body)
        }
        None => response.body(body),
    }
}

async fn receive(
    edge: &Edge,
    request: &HttpRequest,
    mut payload: web::Payload,
    connection: &Connection,
) -> HttpResponse {
    let Some(_held) = connection.post.hold() else {
        fail(connection);
        return unread(HttpResponse::BadRequest().finish(), payload);
    };
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value == "application/octet-stream") {
        fail(connection);
        return unread(HttpResponse::BadRequest().force_close().finish(), payload);
    }
    if is_encoded(request) {
        fail(connection);
        return HttpResponse::UnsupportedMediaType().force_close().finish();
    }
    let watched = EndsWell::watch(connection);
    let mut response = match read_body(request, &mut payload, &edge.shared.config).await {
        Ok(body) => {
            let response = process(edge, body, connection).await;
            watched.done();
            return response;
        }
        Err(BodyError::TooLarge) => {
            watched.done();
            HttpResponse::PayloadTooLarge()
        }
        Err(BodyError::TooSlow) => HttpResponse::RequestTimeout(),
        Err(BodyError::BrokenOff) => HttpResponse::BadRequest(),
    };
    unread(response.force_close().finish(), payload)
}

/// No body is decoded: it could become any size.
fn is_encoded(request: &HttpRequest) -> bool {
    let plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    request.headers().get_all(header::CONTENT_ENCODING).any(|value| !plain(value))
}

/// How long the body of a request that is refused is read, so that the client comes to read the answer.
const DISCARD: Duration = Duration::from_millis(500);

/// Why a body is not taken.
enum BodyError {
    /// The session survives this.
    TooLarge,
    /// The client has gone.
    BrokenOff,
    /// The client sends too slowly.
    TooSlow,
}

async fn read_body(
    request: &HttpRequest,
    payload: &mut web::Payload,
    config: &Config,
) -> Result<Bytes, BodyError> {
    let limit = config.max_payload;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    let announced = announced.and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    let begun = Instant::now();
    let (mut body, mut size) = (BytesMut::new(), 0);
    loop {
        let time = if announced > limit { DISCARD } else { time_for(size, config) };
        let left = time.saturating_sub(begun.elapsed());
        match timeout(left, payload.next()).await {
            Ok(Some(chunk)) => {
                let chunk = chunk.map_err(|_| BodyError::BrokenOff)?;
                size += chunk.len();
                if size.max(announced) <= limit {
                    body.extend_from_slice(&chunk);
                } else if size > 2 * limit {
                    return Err(BodyError::TooLarge);
                }
                // A client that is still sending would not see an answer, so some more is read, and thrown away.
            }
            Ok(None) | Err(_) if size.max(announced) > limit => return Err(BodyError::TooLarge),
            Ok(None) => return Ok(body.freeze()),
            Err(_) => return Err(BodyError::TooSlow),
        }
    }
}

/// How long a body may take of which so much has arrived: the rate earns it more, up to when its session would end for want of a pong.
fn time_for(size: usize, config: &Config) -> Duration {
    let earned =
        Duration::from_secs(u64::try_from(size / config.min_body_rate).unwrap_or(u64::MAX));
    let longest = (config.ping_interval + config.ping_timeout).max(config.body_timeout);
    config.body_timeout.saturating_add(earned).min(longest)
}

async fn process(edge: &Edge, body: Bytes, connection: &Connection) -> HttpResponse {
    let session = &connection.session;
    let Ok(packets) = decode_payload(body, edge.shared.config.max_packets_per_payload) else {
        end(connection, DisconnectReason::ParseError);
        return HttpResponse::BadRequest().finish();
    };
    let (done, processed) = oneshot::channel();
    session.addr.do_send(PayloadReceived { packets, done });
    // Answered only when the session takes more: that holds a client back that sends faster than its handlers work. An error means
    // that the session has ended, which the client learns from its poll.
    if processed.await.is_ok() {
        poll_fn(|cx| session.gate.poll_open(TransportKind::Polling, cx)).await;
    }
    HttpResponse::Ok()
        .content_type("text/html")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .body("ok")
}
