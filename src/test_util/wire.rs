//! Both directions of one connection, as messages of Engine.IO: a WebSocket in bytes, masked and framed as clients do, or requests of a
//! client that polls.
//!
//! `connection` sends and takes messages. Here, frames are taken as fast as they come, and pings answered: a client that keeps up.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    rc::Rc,
    task::{Context, Poll},
};

use actix_http::ws::{OpCode, Parser};
use actix_socketio_actors::dispatch::EngineMessage;
use actix_web::{
    HttpResponse,
    body::{self, BoxBody, MessageBody},
    error::PayloadError,
    http::{Method, StatusCode},
};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::{stream, task::AtomicWaker};
use socketio_protocol::engine::{Frame, Packet, decode_payload, encode_payload};
use tokio::sync::{Notify, mpsc};

use crate::{ConnectError, Transport, transport::memory::MemoryEdge};

/// The headers with which a client asks for a WebSocket.
const UPGRADE: [(&str, &str); 4] = [
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// What a client sends.
#[derive(Debug)]
enum Outgoing {
    Message(EngineMessage),
    /// The connection ends in good order.
    Close,
}

/// The client's end. When it is dropped, the connection breaks.
#[derive(Debug)]
pub(super) struct Wire {
    outgoing: mpsc::UnboundedSender<Outgoing>,
    pub(super) incoming: Rc<Incoming>,
}

/// What has come.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Not looked at yet.
    pub(super) frames: RefCell<VecDeque<EngineMessage>>,
    /// The connection has ended.
    pub(super) ended: Cell<bool>,
    /// One of the above has changed.
    pub(super) changed: Notify,
    answers_pings: Cell<bool>,
    reads: Cell<bool>,
    /// Woken when it reads again.
    reader: AtomicWaker,
}

impl Wire {
    pub(super) async fn open(edge: MemoryEdge, transport: Transport) -> Result<Self, ConnectError> {
        match transport {
            Transport::WebSocket => open_websocket(&edge).await,
            Transport::Polling => open_polling(edge).await,
        }
    }

    fn new() -> (Self, mpsc::UnboundedReceiver<Outgoing>) {
        let (outgoing, sent) = mpsc::unbounded_channel();
        let incoming = Rc::new(Incoming {
            frames: RefCell::default(),
            ended: Cell::new(false),
            changed: Notify::new(),
            answers_pings: Cell::new(true),
            reads: Cell::new(true),
            reader: AtomicWaker::new(),
        });
        (Self { outgoing, incoming }, sent)
    }

    /// What is sent after the end is lost, as on any wire.
    pub(super) fn send(&self, message: EngineMessage) {
        let _ = self.outgoing.send(Outgoing::Message(message));
    }

    pub(super) fn close(&self) {
        let _ = self.outgoing.send(Outgoing::Close);
    }

    pub(super) fn stop_answering_pings(&self) {
        self.incoming.answers_pings.set(false);
    }

    pub(super) fn set_reading(&self, reads: bool) {
        self.incoming.reads.set(reads);
        self.incoming.reader.wake();
    }
}

impl Incoming {
    fn poll_reads(&self, cx: &Context<'_>) -> Poll<()> {
        self.reader.register(cx.waker());
        if self.reads.get() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// A message has come; a ping is answered at once.
    fn received(&self, message: EngineMessage, answers: &mpsc::WeakUnboundedSender<Outgoing>) {
        let is_ping = matches!(&message, EngineMessage::Text(text) if text == "2");
        if is_ping && self.answers_pings.get() {
            let pong = EngineMessage::Text(ByteString::from_static("3"));
            if let Some(answers) = answers.upgrade() {
                let _ = answers.send(Outgoing::Message(pong));
            }
            return;
        }
        self.frames.borrow_mut().push_back(message);
        self.changed.notify_waiters();
    }

    fn end(&self) {
        self.ended.set(true);
        self.changed.notify_waiters();
    }
}

async fn open_websocket(edge: &MemoryEdge) -> Result<Wire, ConnectError> {
    let (wire, mut sent) = Wire::new();
    let mut closed = false;
    let bytes = stream::poll_fn(move |cx| {
        if closed {
            return Poll::Ready(None);
        }
        sent.poll_recv(cx).map(|next| {
            let next = next?;
            closed = matches!(next, Outgoing::Close);
            Some(Ok(masked(&next)))
        })
    });
    let query = [("EIO", "4"), ("transport", "websocket")];
    let response = edge.request(Method::GET, &query, &UPGRADE, bytes).await;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refused(response).await);
    }
    let reading =
        read_websocket(response.into_body(), wire.incoming.clone(), wire.outgoing.downgrade());
    actix_rt::spawn(reading);
    Ok(wire)
}

/// A frame as a client has to send it.
fn masked(outgoing: &Outgoing) -> Bytes {
    let mut frame = BytesMut::new();
    let (opcode, payload): (_, &[u8]) = match outgoing {
        Outgoing::Message(EngineMessage::Text(text)) => (OpCode::Text, text.as_bytes()),
        Outgoing::Message(EngineMessage::Binary(data)) => (OpCode::Binary, data),
        Outgoing::Close => (OpCode::Close, &[]),
    };
    Parser::write_message(&mut frame, payload, opcode, true, true);
    frame.freeze()
}

async fn read_websocket(
    body: BoxBody,
    incoming: Rc<Incoming>,
    answers: mpsc::WeakUnboundedSender<Outgoing>,
) {
    let mut body = Box::pin(body);
    let mut bytes = BytesMut::new();
    loop {
        let next = poll_fn(|cx| match incoming.poll_reads(cx) {
            Poll::Ready(()) => body.as_mut().poll_next(cx),
            Poll::Pending => Poll::Pending,
        });
        let Some(Ok(chunk)) = next.await else { break };
        bytes.extend_from_slice(&chunk);
        while let Ok(Some((_, opcode, payload))) = Parser::parse(&mut bytes, false, usize::MAX) {
            let payload = payload.unwrap_or_default().freeze();
            match (opcode, answers.upgrade()) {
                (OpCode::Text, _) => {
                    let text = ByteString::try_from(payload).unwrap_or_default();
                    incoming.received(EngineMessage::Text(text), &answers);
                }
                (OpCode::Binary, _) => incoming.received(EngineMessage::Binary(payload), &answers),
                (OpCode::Close, Some(answers)) => drop(answers.send(Outgoing::Close)),
                _ => {}
            }
        }
    }
    incoming.end();
}

/// A client that polls: its requests, one after the other in each direction.
struct Polling {
    edge: MemoryEdge,
    sid: String,
}

async fn open_polling(edge: MemoryEdge) -> Result<Wire, ConnectError> {
    let (wire, sent) = Wire::new();
    let query = [("EIO", "4"), ("transport", "polling")];
    let response = edge.request(Method::GET, &query, &[], stream::empty()).await;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    let packets = packets(response).await;
    let Some(Packet::Open(open)) = packets.first() else {
        return Err(ConnectError::new("the answer to the handshake is no open packet"));
    };
    let open: serde_json::Value = serde_json::from_str(open).unwrap_or_default();
    let polling = Rc::new(Polling { edge, sid: open["sid"].as_str().unwrap_or_default().into() });
    let (incoming, answers) = (wire.incoming.clone(), wire.outgoing.downgrade());
    packets.into_iter().for_each(|packet| incoming.received(message(packet), &answers));
    let polls = actix_rt::spawn(poll(polling.clone(), incoming, answers));
    actix_rt::spawn(async move {
        post(&polling, sent).await;
        polls.abort();
    });
    Ok(wire)
}

impl Polling {
    async fn request(&self, method: Method, body: Option<Bytes>) -> HttpResponse {
        let query = [("EIO", "4"), ("transport", "polling"), ("sid", &*self.sid)];
        let body = stream::iter(body.map(Ok::<_, PayloadError>));
        self.edge.request(method, &query, &[], body).await
    }
}

async fn poll(
    polling: Rc<Polling>,
    incoming: Rc<Incoming>,
    answers: mpsc::WeakUnboundedSender<Outgoing>,
) {
    loop {
        poll_fn(|cx| incoming.poll_reads(cx)).await;
        let response = polling.request(Method::GET, None).await;
        if !response.status().is_success() {
            break;
        }
        let packets = packets(response).await;
        let closes = packets.contains(&Packet::Close);
        packets.into_iter().for_each(|packet| incoming.received(message(packet), &answers));
        if closes {
            break;
        }
    }
    incoming.end();
}

async fn post(polling: &Polling, mut sent: mpsc::UnboundedReceiver<Outgoing>) {
    while let Some(next) = sent.recv().await {
        let frame = match next {
            Outgoing::Message(EngineMessage::Text(text)) => Frame::text(&text),
            Outgoing::Message(EngineMessage::Binary(data)) => Frame::binary(&data),
            Outgoing::Close => Frame::close(),
        };
        polling.request(Method::POST, Some(encode_payload([&frame]))).await;
    }
}

async fn packets(response: HttpResponse) -> Vec<Packet> {
    let body = body::to_bytes(response.into_body()).await.unwrap_or_default();
    decode_payload(body, usize::MAX).unwrap_or_default()
}

/// As a WebSocket would have brought it.
fn message(packet: Packet) -> EngineMessage {
    EngineMessage::Text(match packet {
        Packet::Binary(data) => return EngineMessage::Binary(data),
        Packet::Open(text) => format!("0{text}").into(),
        Packet::Close => ByteString::from_static("1"),
        Packet::Ping(text) => format!("2{text}").into(),
        Packet::Pong(text) => format!("3{text}").into(),
        Packet::Message(text) => format!("4{text}").into(),
        Packet::Upgrade => ByteString::from_static("5"),
        Packet::Noop => ByteString::from_static("6"),
    })
}

/// The answer to a handshake that was refused: its text, and as data its status, with what else it says.
async fn refused(response: HttpResponse) -> ConnectError {
    let status = response.status().as_u16();
    let body = body::to_bytes(response.into_body()).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(said) if said["message"].is_string() => {
            let message = said["message"].as_str().unwrap_or_default().to_owned();
            let data = serde_json::json!({ "status": status, "code": said["code"] });
            ConnectError::new(message).with_data(data)
        }
        _ => ConnectError::new(text).with_data(serde_json::json!({ "status": status })),
    }
}
