//! A client in the process of the server: bytes in, bytes out, no network. Time stands still unless nothing else is left to do.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use actix_web::{
    App,
    body::{BoxBody, MessageBody},
    dev::{Payload, Service, ServiceResponse},
    error::PayloadError,
    http::{Method, StatusCode},
    test::{TestRequest, init_service},
    web::ServiceConfig,
};
use bytes::Bytes;
use futures_util::{Stream, future::LocalBoxFuture};
use tokio::time::sleep;

/// The smallest step of the clock: when it is over, everything else had come to rest.
const TICK: Duration = Duration::from_millis(1);

/// Longer than any time that a server under test gives its clients.
const FOREVER: Duration = Duration::from_secs(600);

/// An application with a server, as actix-web would call it.
#[derive(Clone)]
pub(crate) struct Edge {
    path: &'static str,
    serve: Rc<dyn Fn(TestRequest, Uplink) -> LocalBoxFuture<'static, ServiceResponse>>,
}

impl Edge {
    pub(crate) async fn new(path: &'static str, mount: impl FnOnce(&mut ServiceConfig)) -> Self {
        let service = Rc::new(init_service(App::new().configure(mount)).await);
        let serve = move |request: TestRequest, body: Uplink| {
            let service = service.clone();
            let payload: Pin<Box<dyn Stream<Item = _>>> = Box::pin(body);
            let (request, _) = request.to_request().replace_payload(Payload::Stream { payload });
            let answer = async move { service.call(request).await.expect("an answer") };
            Box::pin(answer) as LocalBoxFuture<'static, ServiceResponse>
        };
        Self { path, serve: Rc::new(serve) }
    }

    /// Opens a WebSocket, for a session that there is or for a new one. `None` if it is refused.
    pub(crate) async fn open_websocket(&self, sid: Option<&str>) -> Option<WebSocket> {
        let request = TestRequest::with_uri(&self.uri("websocket", sid))
            .insert_header(("connection", "Upgrade"))
            .insert_header(("upgrade", "websocket"))
            .insert_header(("sec-websocket-version", "13"))
            .insert_header(("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="));
        let uplink = Uplink::default();
        let response = (self.serve)(request, uplink.clone()).await;
        let opened = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let body = Some(Box::pin(response.into_body()));
        opened.then_some(WebSocket { uplink, body, came: Vec::new() })
    }

    /// Sends a request of a polling client. The answer comes when it comes.
    pub(crate) fn request(
        &self,
        method: Method,
        sid: Option<&str>,
        body: Option<&[u8]>,
    ) -> LocalBoxFuture<'static, (StatusCode, Bytes)> {
        let request = TestRequest::with_uri(&self.uri("polling", sid)).method(method);
        let uplink = Uplink::default();
        uplink.send(body.unwrap_or_default());
        uplink.end();
        let answer = (self.serve)(request, uplink);
        Box::pin(async move {
            let response = answer.await;
            let status = response.status();
            let body = actix_web::body::to_bytes(response.into_body()).await;
            (status, body.unwrap_or_default())
        })
    }

    fn uri(&self, transport: &str, sid: Option<&str>) -> String {
        let sid = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
        format!("{}?EIO=4&transport={transport}{sid}", self.path)
    }
}

/// The client's end of a WebSocket; dropped, it breaks.
pub(crate) struct WebSocket {
    uplink: Uplink,
    /// Gone when it has ended.
    body: Option<Pin<Box<BoxBody>>>,
    /// What the server has written, and nobody has looked at.
    came: Vec<u8>,
}

impl WebSocket {
    /// These bytes are the next that the server reads, in one piece.
    pub(crate) fn send(&self, bytes: &[u8]) {
        self.uplink.send(bytes);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.body.is_some()
    }

    /// Lets the server write what it has to write now.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) {
        while let Some(body) = &mut self.body {
            match body.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(bytes))) => self.came.extend_from_slice(&bytes),
                Poll::Ready(_) => self.body = None,
                Poll::Pending => break,
            }
        }
    }

    /// The frames that have come.
    pub(crate) fn take(&mut self) -> Vec<ServerFrame> {
        frames(&std::mem::take(&mut self.came))
    }

    /// What the server sends until everything has come to rest.
    pub(crate) async fn read(&mut self) -> Vec<ServerFrame> {
        let mut over = pin!(settle());
        poll_fn(|cx| {
            self.poll_read(cx);
            over.as_mut().poll(cx)
        })
        .await;
        self.take()
    }

    /// The client has gone: what the server sends until it ends, which it has to.
    pub(crate) async fn leave(&mut self) -> Vec<ServerFrame> {
        self.uplink.end();
        let mut over = pin!(sleep(FOREVER));
        poll_fn(|cx| {
            self.poll_read(cx);
            if self.is_open() { over.as_mut().poll(cx) } else { Poll::Ready(()) }
        })
        .await;
        assert!(!self.is_open(), "a WebSocket whose client has gone has to end");
        self.take()
    }
}

/// Waits until everything has come to rest.
pub(crate) async fn settle() {
    sleep(TICK).await;
}

/// What a client sends, as the server reads it: piece by piece, and whatever the server does between two of them is done.
#[derive(Clone, Default)]
struct Uplink(Rc<RefCell<Sent>>);

#[derive(Default)]
struct Sent {
    pieces: VecDeque<Bytes>,
    /// The last one was read just now.
    rests: bool,
    ended: bool,
    reader: Option<Waker>,
}

impl Uplink {
    fn send(&self, bytes: &[u8]) {
        let mut sent = self.0.borrow_mut();
        sent.pieces.push_back(Bytes::copy_from_slice(bytes));
        sent.reader.take().into_iter().for_each(Waker::wake);
    }

    fn end(&self) {
        let mut sent = self.0.borrow_mut();
        sent.ended = true;
        sent.reader.take().into_iter().for_each(Waker::wake);
    }
}

impl Stream for Uplink {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut sent = self.0.borrow_mut();
        if std::mem::take(&mut sent.rests) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match sent.pieces.pop_front() {
            Some(bytes) => {
                sent.rests = true;
                Poll::Ready(Some(Ok(bytes)))
            }
            None if sent.ended => Poll::Ready(None),
            None => {
                sent.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// A frame that the server has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerFrame {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>),
}

/// Whole frames: a server sends them without mask and without fragments, with lengths in their shortest form.
fn frames(mut bytes: &[u8]) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (size, length) = match bytes {
            [_, length @ 0..=125, ..] => (2, usize::from(*length)),
            [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => panic!("no header of a server's frame: {bytes:?}"),
        };
        assert!(size == 2 || length > 125, "a length in too many bytes");
        let payload = bytes.get(size..size + length).expect("a whole frame").to_vec();
        frames.push(match bytes[0] {
            0x81 => ServerFrame::Text(String::from_utf8(payload).expect("text is UTF-8")),
            0x82 => ServerFrame::Binary(payload),
            0x8a => ServerFrame::Pong(payload),
            0x88 => ServerFrame::Close(match payload[..] {
                [] => None,
                [high, low] => Some(u16::from_be_bytes([high, low])),
                _ => panic!("a close frame with a reason: {payload:?}"),
            }),
            first => panic!("a server sends no frame that begins with {first:#x}"),
        });
        bytes = &bytes[size + length..];
    }
    frames
}
