//! A WebSocket client without a library: frames are bytes, so tests can send wrong ones and see the ones they get.

use std::{io, net::SocketAddr};

use bytes::BytesMut;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{Exchange, Response, TestServer, between, send, within};

/// What asks for a WebSocket, with a key like those of RFC 6455.
pub(crate) const UPGRADE: &str = "connection: Upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    /// With the code, which may be missing.
    Close(Option<u16>),
}

/// A connection after its handshake.
pub(crate) struct Ws {
    exchange: Exchange,
    pub(crate) sid: String,
    /// Id of the socket in `/`, once it is connected.
    pub(crate) id: String,
}

/// A frame as a client has to send it: `first` is its first byte, `0x81` for a whole text.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..=125 => frame.push(0x80 | len as u8),
        len @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ MASK[i % 4]));
    frame
}

impl Ws {
    /// Asks for a WebSocket; the connection is one only if the status is 101.
    pub(crate) async fn request(addr: SocketAddr, path: &str) -> (Response, Self) {
        Self::request_with(addr, path, "").await
    }

    /// With further headers, which are whole lines.
    pub(crate) async fn request_with(
        addr: SocketAddr,
        path: &str,
        headers: &str,
    ) -> (Response, Self) {
        let headers = format!("{UPGRADE}{headers}");
        let mut exchange = send(addr, "GET", path, &headers, b"").await;
        let response = exchange.head().await;
        (response, Self { exchange, sid: String::new(), id: String::new() })
    }

    /// A session without sockets.
    pub(crate) async fn open(server: &TestServer) -> Self {
        Self::open_at(server.addr).await
    }

    async fn open_at(addr: SocketAddr) -> Self {
        let path = "/socket.io/?EIO=4&transport=websocket";
        let (response, mut ws) = Self::request(addr, path).await;
        assert_eq!(response.status, 101);
        ws.sid = ws.next_text().await.split('"').nth(3).unwrap().to_owned();
        ws
    }

    /// A session with a socket in `/`.
    pub(crate) async fn connect(server: &TestServer) -> Self {
        Self::connect_at(server.addr).await
    }

    /// As [`connect`](Self::connect), for a thread of its own.
    pub(crate) async fn connect_at(addr: SocketAddr) -> Self {
        let mut ws = Self::open_at(addr).await;
        ws.text("40").await;
        let reply = loop {
            match ws.next_text().await {
                // Where the interval is short.
                ping if ping == "2" => ws.text("3").await,
                reply => break reply,
            }
        };
        ws.id = between(&reply, r#"40{"sid":""#, r#""}"#).to_owned();
        ws
    }

    /// Gets a socket in one more namespace.
    pub(crate) async fn ask_for_namespace(&mut self, name: &str) {
        self.text(&format!("40{name},")).await;
        between(&self.next_text().await, &format!(r#"40{name},{{"sid":""#), r#""}"#);
    }

    /// Writes bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.unwrap();
    }

    /// Writes bytes to a server that may have closed.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        within("room for bytes", self.exchange.stream.write_all(bytes)).await
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.send(&masked(0x81, text.as_bytes())).await;
    }

    /// Sends a text to a server that may have closed.
    pub(crate) async fn try_text(&mut self, text: &str) {
        let frame = masked(0x81, text.as_bytes());
        drop(within("room for bytes", self.exchange.stream.write_all(&frame)).await);
    }

    pub(crate) async fn binary(&mut self, data: &[u8]) {
        self.send(&masked(0x82, data)).await;
    }

    /// The next bytes of the server.
    pub(crate) async fn bytes(&mut self, count: usize) -> Vec<u8> {
        while self.exchange.buffer.len() < count {
            assert_ne!(self.exchange.read().await, 0, "the connection has ended");
        }
        self.exchange.buffer.split_to(count).into()
    }

    /// The next bytes of the server are these.
    pub(crate) async fn expect_bytes(&mut self, expected: &[u8]) {
        let got = self.bytes(expected.len()).await;
        assert_eq!(got.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    /// The next frame of the server. Servers neither mask nor, here, fragment.
    pub(crate) async fn next(&mut self) -> Message {
        let [first, short] = self.bytes(2).await[..] else { unreachable!() };
        let len = match short {
            126 => usize::from(u16::from_be_bytes(self.bytes(2).await.try_into().unwrap())),
            127 => u64::from_be_bytes(self.bytes(8).await.try_into().unwrap()) as usize,
            len => usize::from(len),
        };
        let payload = self.bytes(len).await;
        match first {
            0x81 => Message::Text(String::from_utf8(payload).unwrap()),
            0x82 => Message::Binary(payload),
            0x8a => Message::Pong(payload),
            0x88 => {
                assert!(payload.len() <= 2, "more than a code: {payload:?}");
                Message::Close(payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code)))
            }
            other => panic!("unexpected frame {other:#x} with {payload:?}"),
        }
    }

    pub(crate) async fn next_text(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => text,
            other => panic!("not a text: {other:?}"),
        }
    }

    /// The next frame is this text.
    pub(crate) async fn expect(&mut self, text: &str) {
        assert_eq!(self.next().await, Message::Text(text.to_owned()));
    }

    /// The next frames are these texts.
    pub(crate) async fn expect_all<const N: usize>(&mut self, texts: [&str; N]) {
        for text in texts {
            self.expect(text).await;
        }
    }

    /// Sends an event and waits for its ack, which must be the next frame.
    pub(crate) async fn ask(&mut self, packet: &str, ack: &str) {
        self.text(packet).await;
        self.expect(ack).await;
    }

    /// A round trip: nothing else may have been under way to this client.
    pub(crate) async fn fence(&mut self) {
        self.ask(r#"42999["echo"]"#, "43999[]").await;
    }

    /// The server closes: the next frame is a close frame with this code. It is answered, and then the connection ends.
    pub(crate) async fn expect_close(&mut self, code: Option<u16>) {
        assert_eq!(self.next().await, Message::Close(code));
        self.answer_close().await;
    }

    /// Answers a close frame, which ends the connection.
    pub(crate) async fn answer_close(&mut self) {
        // The server may have closed already.
        let _ = self.exchange.stream.write_all(&masked(0x88, b"")).await;
        self.expect_end().await;
    }

    /// The connection ends without another byte.
    pub(crate) async fn expect_end(&mut self) {
        self.exchange.read().await;
        let rest = self.exchange.buffer.escape_ascii().to_string();
        assert_eq!(rest, "", "bytes where the connection should end");
    }

    /// The connection, with what was read of it and not yet asked for.
    pub(crate) fn into_parts(self) -> (TcpStream, BytesMut) {
        (self.exchange.stream, self.exchange.buffer)
    }

    /// Reads whatever still comes, up to the end of the connection.
    pub(crate) async fn drain(&mut self) {
        while self.exchange.read().await > 0 {
            self.exchange.buffer.clear();
        }
    }
}
