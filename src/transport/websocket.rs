//! WebSocket through `actix-web-actors`: an actor that hands messages to the session, and a response body that empties the outbox.
//!
//! The actor freezes while its peer does not read, so it holds no state that matters. Frames leave the outbox encoded; the actor
//! itself writes only control frames and the answer to a probe. This is the only file that knows `actix-web-actors`.

use std::{
    cell::Cell,
    io::ErrorKind,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Handler, StreamHandler, fut::wrap_future,
};
use actix_http::ws::{Codec, Item, ProtocolError};
use actix_rt::time::{Sleep, sleep};
use actix_socketio_actors::{
    config::TransportKind,
    error::DisconnectReason,
    id::TransportId,
    outbox::Drained,
    session::{
        SessionLink,
        messages::{
            FrameReceived, InboundFrame, TransportClosed, TransportCommand, TransportStarted,
            UpgradeRequested,
        },
    },
    topology::{
        TARGET,
        messages::{Describe, TransportReport},
    },
};
use actix_web::{HttpRequest, HttpResponse, error::PayloadError, http::header, web};
use actix_web_actors::ws::{self, CloseCode, CloseReason, WebsocketContext};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::Stream;
use socketio_protocol::engine::{FrameGuard, FrameLimits, Violation, close_frame};

use super::{
    Connection, Edge,
    handshake::{self, BadHandshake},
    pings::Pings,
    refusal::Refusal,
    service::refuse,
    unread::unread,
};

/// Time that the client has to answer a close frame.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(1);

pub(super) async fn serve(
    edge: &Edge,
    request: &HttpRequest,
    payload: web::Payload,
    connection: Option<Arc<Connection>>,
) -> HttpResponse {
    let checked = handshake::check(request).and_then(|protocol| {
        let protocols = protocol.as_slice();
        // It knows less than `check`, so it does not refuse.
        ws::handshake_with_protocols(request, protocols).map_err(|_| BadHandshake::Key)
    });
    let mut response = match checked {
        Ok(response) => response,
        Err(bad) => {
            return unread(refuse(edge, request, &Refusal::BadHandshake(bad), true), payload);
        }
    };
    let (id, upgrades, connection) = match connection {
        Some(connection) => (connection.next_transport(), true, connection),
        None => match edge.open(request, TransportKind::WebSocket).await {
            Ok(connection) => (TransportId::FIRST, false, connection),
            Err(refusal) => return unread(refuse(edge, request, &refusal, true), payload),
        },
    };
    let initial_headers = edge.shared.edge.hooks.initial_headers.as_ref().filter(|_| !upgrades);
    let session = connection.session.clone();
    let config = &edge.shared.config;
    let pings = Pings::new(config.max_ws_pings);
    let transport = WebSocketTransport::new(id, session.clone(), upgrades, pings);
    let (close_sent, ending) = (transport.close_sent.clone(), transport.ending.clone());
    let limits =
        FrameLimits { max_message: config.max_payload, max_fragments: config.max_ws_fragments };
    let inbound = Inbound {
        payload,
        session: session.clone(),
        id,
        guard: FrameGuard::new(limits),
        violation: transport.violation.clone(),
    };
    // The guard has judged the size already.
    let codec = Codec::new().max_size(config.max_payload);
    let frames = Box::pin(WebsocketContext::with_codec(transport, inbound, codec));
    let mut response =
        response.streaming(Outbound { frames, session, id, close_sent, ending, linger: None });
    // `streaming` has guessed one.
    response.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(edit) = initial_headers {
        edge.call("initial_headers", || edit(response.headers_mut(), request));
    }
    response
}

/// The body of the request: stops while the session has enough to do, and for good at the first violation of a limit.
struct Inbound {
    payload: web::Payload,
    session: SessionLink,
    id: TransportId,
    guard: FrameGuard,
    violation: Rc<Cell<Option<Violation>>>,
}

impl Stream for Inbound {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.violation.get().is_some() {
            // What preceded it is still decoded; then the actor finds the violation.
            return Poll::Ready(None);
        }
        // Until it has taken over, a candidate only probes.
        if self.session.outbox.is_reader(self.id) {
            ready!(self.session.gate.poll_open(TransportKind::WebSocket, cx));
        }
        // A connection that breaks is a connection that ends.
        let Some(Ok(mut bytes)) = ready!(Pin::new(&mut self.payload).poll_next(cx)) else {
            return Poll::Ready(None);
        };
        if let Err((good, violation)) = self.guard.feed(&bytes) {
            self.violation.set(Some(violation));
            bytes.truncate(good);
        }
        Poll::Ready(Some(Ok(bytes)))
    }
}

/// The body of the response: what the actor writes, and what the outbox has.
struct Outbound<S> {
    frames: Pin<Box<S>>,
    session: SessionLink,
    id: TransportId,
    close_sent: Rc<Cell<bool>>,
    ending: Rc<Cell<Option<Ending>>>,
    /// Runs once the outbox has ended.
    linger: Option<Pin<Box<Sleep>>>,
}

impl<S: Stream<Item = Result<Bytes, actix_web::Error>>> Stream for Outbound<S> {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Polling this also runs the actor.
        if let Poll::Ready(written) = self.frames.as_mut().poll_next(cx) {
            return Poll::Ready(written);
        }
        if let Some(linger) = &mut self.linger {
            return linger.as_mut().poll(cx).map(|()| None);
        }
        match self.session.outbox.poll_websocket(self.id, cx) {
            Poll::Ready(Drained::Bytes(bytes)) => Poll::Ready(Some(Ok(bytes))),
            Poll::Ready(Drained::Close(code)) => {
                let (code, wait) = match self.ending.get() {
                    // The client's turn is over.
                    Some(Ending { code }) => (code.map(u16::from), Duration::ZERO),
                    None => (code, CLOSE_HANDSHAKE),
                };
                self.linger = Some(Box::pin(sleep(wait)));
                self.close_sent.set(true);
                Poll::Ready(Some(Ok(close_frame(code, ""))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S> Drop for Outbound<S> {
    fn drop(&mut self) {
        let answered = self.close_sent.get() && self.ending.get().is_some();
        self.session.outbox.websocket_ended(self.id, answered);
    }
}

/// How a connection ends that the client has ended.
#[derive(Debug, Clone, Copy)]
struct Ending {
    /// For the close frame.
    code: Option<CloseCode>,
}

/// See the module.
#[derive(Debug)]
struct WebSocketTransport {
    id: TransportId,
    session: SessionLink,
    /// It asks to take over from polling.
    upgrades: bool,
    /// The limit that the client has broken, if it has.
    violation: Rc<Cell<Option<Violation>>>,
    /// The fragments of a message so far, and whether it is text.
    fragments: Option<(bool, BytesMut)>,
    close_sent: Rc<Cell<bool>>,
    /// Present once the client has closed or broken the protocol.
    ending: Rc<Cell<Option<Ending>>>,
    pings: Pings,
    reason: DisconnectReason,
}

impl WebSocketTransport {
    fn new(id: TransportId, session: SessionLink, upgrades: bool, pings: Pings) -> Self {
        Self {
            id,
            session,
            upgrades,
            violation: Rc::default(),
            fragments: None,
            close_sent: Rc::default(),
            ending: Rc::default(),
            pings,
            reason: DisconnectReason::TransportClose,
        }
    }

    /// Where it is in the tree. It does not know its courier, which is that of its session and, after an upgrade, of another thread.
    fn place(&self) -> String {
        format!(
            "server > courier > session {} > websocket {}",
            self.session.connection.0, self.id.0
        )
    }

    fn origin(&self) -> &'static str {
        if self.upgrades { "asks to replace polling" } else { "opened the connection" }
    }

    fn received(&self, frame: InboundFrame) {
        self.session.gate.enter();
        self.session.addr.do_send(FrameReceived { transport: self.id, frame });
    }

    fn text(&mut self, text: BytesMut, ctx: &mut WebsocketContext<Self>) {
        match ByteString::try_from(text) {
            Ok(text) => self.received(InboundFrame::Text(text)),
            Err(_) => self.fail(CloseCode::Invalid, ctx),
        }
    }

    fn fragment(&mut self, item: Item, ctx: &mut WebsocketContext<Self>) {
        let (last, data) = match item {
            Item::FirstText(data) => {
                self.fragments = Some((true, BytesMut::new()));
                (false, data)
            }
            Item::FirstBinary(data) => {
                self.fragments = Some((false, BytesMut::new()));
                (false, data)
            }
            Item::Continue(data) => (false, data),
            Item::Last(data) => (true, data),
        };
        let Some((is_text, mut message)) = self.fragments.take() else {
            return self.fail(CloseCode::Protocol, ctx);
        };
        message.extend_from_slice(&data);
        match (last, is_text) {
            (false, _) => self.fragments = Some((is_text, message)),
            (true, true) => self.text(message, ctx),
            (true, false) => self.received(InboundFrame::Binary(message.freeze())),
        }
    }

    /// There is no session, or not for this transport.
    fn close(&self, ctx: &mut WebsocketContext<Self>) {
        self.close_sent.set(true);
        ctx.close(None);
        ctx.run_later(CLOSE_HANDSHAKE, |_, ctx| ctx.stop());
    }

    /// The client has broken the protocol.
    fn fail(&mut self, code: CloseCode, ctx: &mut WebsocketContext<Self>) {
        self.reason = DisconnectReason::TransportError;
        self.end(Some(code), ctx);
    }

    /// Answers to the messages so far go out first, in some time: the session is told behind those messages, closes the outbox, and
    /// that ends with this code.
    fn end(&self, code: Option<CloseCode>, ctx: &mut WebsocketContext<Self>) {
        if self.close_sent.get() {
            self.ending.set(Some(Ending { code }));
            ctx.stop();
        } else if self.session.outbox.is_reader(self.id) {
            self.ending.set(Some(Ending { code }));
            self.tell_closed();
            // Meanwhile, nothing more is read.
            ctx.wait(wrap_future::<_, Self>(sleep(CLOSE_HANDSHAKE)).map(|(), _, ctx| ctx.stop()));
        } else {
            ctx.close(code.map(|code| CloseReason { code, description: None }));
            ctx.stop();
        }
    }

    fn tell_closed(&self) {
        let closed = TransportClosed { transport: self.id, reason: self.reason };
        self.session.addr.do_send(closed);
    }
}

impl Actor for WebSocketTransport {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if !self.session.addr.connected() {
            return self.close(ctx);
        }
        let describe = ctx.address().downgrade().recipient();
        self.session.addr.do_send(TransportStarted { transport: self.id, describe });
        log::debug!(target: TARGET, "started {}: {}", self.place(), self.origin());
        if self.upgrades {
            let commands = ctx.address().recipient();
            self.session.addr.do_send(UpgradeRequested { transport: self.id, commands });
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        log::debug!(target: TARGET, "stopped {}: {}", self.place(), self.reason);
        self.tell_closed();
    }
}

impl StreamHandler<Result<ws::Message, ProtocolError>> for WebSocketTransport {
    fn handle(&mut self, item: Result<ws::Message, ProtocolError>, ctx: &mut Self::Context) {
        match item {
            Ok(ws::Message::Text(text)) => self.received(InboundFrame::Text(text)),
            Ok(ws::Message::Binary(data)) => self.received(InboundFrame::Binary(data)),
            Ok(ws::Message::Continuation(item)) => self.fragment(item, ctx),
            Ok(ws::Message::Ping(data)) => match self.pings.admit(Instant::now()) {
                true => ctx.pong(&data),
                false => self.fail(CloseCode::Policy, ctx),
            },
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => self.end(reason.map(|reason| reason.code), ctx),
            // The connection's own errors end it in `Inbound`; of the decoder's, this is text that is not UTF-8.
            Err(ProtocolError::Io(error)) if error.kind() == ErrorKind::Other => {
                self.fail(CloseCode::Invalid, ctx);
            }
            Err(_) => self.fail(CloseCode::Protocol, ctx),
        }
    }

    /// The client's bytes have ended, or are looked at no more.
    fn finished(&mut self, ctx: &mut Self::Context) {
        match self.violation.get() {
            Some(violation) => self.fail(CloseCode::from(violation.close_code()), ctx),
            None => ctx.stop(),
        }
    }
}

impl Handler<TransportCommand> for WebSocketTransport {
    type Result = ();

    fn handle(&mut self, msg: TransportCommand, ctx: &mut Self::Context) {
        match msg {
            TransportCommand::AnswerProbe => ctx.text("3probe"),
            TransportCommand::Close => self.close(ctx),
        }
    }
}

impl Handler<Describe<TransportReport>> for WebSocketTransport {
    type Result = ();

    fn handle(&mut self, msg: Describe<TransportReport>, _: &mut Self::Context) {
        let unfinished = self.fragments.as_ref().map_or(0, |(_, data)| data.len());
        msg.answer(|_| TransportReport { upgrades: self.upgrades, unfinished });
    }
}
