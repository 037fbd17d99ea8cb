//! The connection of a client: a WebSocket, or polls and posts until it is upgraded. Whatever arrives goes into one channel, in the
//! order of arrival; nothing here knows Socket.IO.

use std::{
    any::Any,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use bytes::BytesMut;
use futures_util::FutureExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::tcp::{OwnedReadHalf, OwnedWriteHalf},
    sync::mpsc::UnboundedSender,
    task::JoinHandle,
};

use super::plan::Attempt;
use crate::support::{Exchange, Message, Polling, Ws, masked, within};

/// What a client hears of.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(String),
    Binary(Vec<u8>),
    /// The connection has ended, or never should have: the reason.
    Ended(String),
    /// What receives it has panicked.
    Panicked(Box<dyn Any + Send>),
    /// Not from the server: the round is over.
    Over,
}

type Sender = UnboundedSender<Incoming>;

pub(super) enum Link {
    WebSocket {
        writer: OwnedWriteHalf,
        reader: JoinHandle<()>,
    },
    Polling {
        addr: SocketAddr,
        sid: String,
        posts: Option<Exchange>,
        poller: Option<JoinHandle<()>>,
        pause: Arc<AtomicBool>,
    },
}

impl Link {
    pub(super) fn websocket(ws: Ws, to: &Sender) -> Self {
        let (stream, buffer) = ws.into_parts();
        let (reading, writer) = stream.into_split();
        Self::WebSocket { writer, reader: spawn(read(reading, buffer, to.clone()), to) }
    }

    pub(super) fn polling(client: &Polling, to: &Sender) -> Self {
        let (addr, sid, pause) = (client.addr, client.sid.clone(), Arc::default());
        let poller = Some(spawn(poll(addr, client.path(), to.clone(), Arc::clone(&pause)), to));
        Self::Polling { addr, sid, posts: None, poller, pause }
    }

    /// Sends these packets.
    pub(super) async fn send(&mut self, packets: &[String]) {
        match self {
            Self::WebSocket { writer, .. } => {
                let frames: Vec<_> =
                    packets.iter().flat_map(|packet| masked(0x81, packet.as_bytes())).collect();
                // If the connection has ended, the reader says so.
                let _ = within("room for frames", writer.write_all(&frames)).await;
            }
            Self::Polling { addr, sid, posts, .. } => {
                let body = packets.join("\x1e");
                let request = format!(
                    "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nhost: {addr}\r\n\
                     content-type: text/plain;charset=UTF-8\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len(),
                );
                let response = next(posts, *addr, &request).await;
                assert_eq!(response.parts(), (200, "ok"));
            }
        }
    }

    /// Tries to upgrade; whether it has come off.
    pub(super) async fn upgrade(&mut self, attempt: Attempt, to: &Sender) -> bool {
        let Self::Polling { addr, sid, poller, pause, .. } = self else { return false };
        let (addr, path) = (*addr, format!("EIO=4&transport=websocket&sid={sid}"));
        if attempt == Attempt::HalfRequest {
            let half = format!("GET /socket.io/?{path} HTTP/1.1\r\n");
            drop(Exchange::begin(addr, half.as_bytes()).await);
            return false;
        }
        let (response, mut ws) = Ws::request(addr, &format!("/socket.io/?{path}")).await;
        assert_eq!(response.status, 101);
        if attempt == Attempt::Connected {
            return false;
        }
        ws.text("2probe").await;
        // The server refuses while it believes that an earlier attempt goes on.
        let ends = attempt == Attempt::ProbeSent
            || ws.next().await != Message::Text("3probe".to_owned())
            || attempt == Attempt::ProbeAnswered;
        if ends {
            return false;
        }
        pause.store(true, Ordering::SeqCst);
        if let Some(poller) = poller.take() {
            within("the last poll", poller).await.unwrap();
        }
        pause.store(false, Ordering::SeqCst);
        match attempt {
            Attempt::Succeeds => {
                ws.text("5").await;
                *self = Self::websocket(ws, to);
                return true;
            }
            Attempt::Nonsense => ws.text("4nonsense").await,
            _ => {}
        }
        let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        *poller = Some(spawn(poll(addr, path, to.clone(), pause.clone()), to));
        false
    }

    /// Ends the connection: without a word, where a server can notice that at once.
    pub(super) async fn end(mut self) {
        if let Self::Polling { .. } = self {
            self.send(&["1".to_owned()]).await;
        }
        match self {
            Self::WebSocket { reader, .. } => reader.abort(),
            Self::Polling { poller, .. } => poller.into_iter().for_each(|poller| poller.abort()),
        }
    }
}

/// Runs what receives for a client, which hears of its panic.
fn spawn(receiving: impl Future<Output = ()> + 'static, to: &Sender) -> JoinHandle<()> {
    let to = to.clone();
    actix_rt::spawn(async move {
        if let Err(panic) = AssertUnwindSafe(receiving).catch_unwind().await {
            let _ = to.send(Incoming::Panicked(panic));
        }
    })
}

/// The response to a request over a connection that is kept alive.
async fn next(
    connection: &mut Option<Exchange>,
    addr: SocketAddr,
    request: &str,
) -> crate::support::Response {
    let mut exchange = match connection.take() {
        Some(mut exchange) => {
            exchange.write(request.as_bytes()).await;
            exchange
        }
        None => Exchange::begin(addr, request.as_bytes()).await,
    };
    let response = exchange.next_response().await;
    *connection = Some(exchange);
    response
}

/// Polls until it is told to pause, or the session ends.
async fn poll(addr: SocketAddr, path: String, to: Sender, pause: Arc<AtomicBool>) {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\n\r\n");
    let mut connection = None;
    while !pause.load(Ordering::SeqCst) {
        let response = next(&mut connection, addr, &request).await;
        if response.status != 200 {
            let _ = to.send(Incoming::Ended(format!("a poll gave {:?}", response.parts())));
            return;
        }
        for packet in response.text().split('\x1e') {
            let packet = match packet.strip_prefix('b') {
                Some(base64) => Incoming::Binary(STANDARD.decode(base64).unwrap()),
                None => Incoming::Text(packet.to_owned()),
            };
            let _ = to.send(packet);
        }
    }
}

/// Reads frames until the connection ends.
async fn read(mut stream: OwnedReadHalf, mut buffer: BytesMut, to: Sender) {
    let end = loop {
        while let Some((first, payload)) = frame(&mut buffer) {
            let _ = to.send(match first {
                0x81 => Incoming::Text(String::from_utf8(payload).unwrap()),
                0x82 => Incoming::Binary(payload),
                other => Incoming::Ended(format!("frame {other:#x}: {payload:?}")),
            });
        }
        match stream.read_buf(&mut buffer).await {
            Ok(1..) => {}
            end => break end,
        }
    };
    let _ = to.send(Incoming::Ended(format!("{end:?}")));
}

/// The first frame, once it is whole: its first byte and its payload.
fn frame(buffer: &mut BytesMut) -> Option<(u8, Vec<u8>)> {
    let (head, len) = match *buffer.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(*buffer.get(2..4)?.first_chunk()?))),
        127 => (10, u64::from_be_bytes(*buffer.get(2..10)?.first_chunk()?) as usize),
        len => (2, usize::from(len)),
    };
    if buffer.len() < head + len {
        return None;
    }
    let frame = buffer.split_to(head + len);
    Some((frame[0], frame[head..].to_vec()))
}
