//! HTTP requests as bytes, each on a connection of its own.

use std::net::{IpAddr, SocketAddr};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::within;

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case, in the order received.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Status and body, for comparison.
    pub(crate) fn parts(&self) -> (u16, &str) {
        (self.status, self.text())
    }
}

/// A request that was sent. Dropped, it is aborted.
pub(crate) struct Exchange {
    pub(crate) stream: TcpStream,
    pub(crate) buffer: BytesMut,
}

impl Exchange {
    /// Opens a connection and writes these bytes.
    pub(crate) async fn begin(addr: SocketAddr, bytes: &[u8]) -> Self {
        Self::on(within("a connection", TcpStream::connect(addr)).await.unwrap(), bytes).await
    }

    /// The same from an address of our own.
    pub(crate) async fn begin_from(local: IpAddr, addr: SocketAddr, bytes: &[u8]) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((local, 0).into()).unwrap();
        Self::on(within("a connection", socket.connect(addr)).await.unwrap(), bytes).await
    }

    async fn on(stream: TcpStream, bytes: &[u8]) -> Self {
        stream.set_nodelay(true).unwrap();
        let mut exchange = Self { stream, buffer: BytesMut::new() };
        exchange.write(bytes).await;
        exchange
    }

    /// Writes one more request.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        within("room for a request", self.stream.write_all(bytes)).await.unwrap();
    }

    /// The response, once it is there.
    pub(crate) async fn response(mut self) -> Response {
        self.next_response().await
    }

    /// The response to the first request that is not yet answered.
    pub(crate) async fn next_response(&mut self) -> Response {
        let mut response = self.head().await;
        let length = response.header("content-length").map_or(0, |n| n.parse().unwrap());
        while self.buffer.len() < length {
            assert_ne!(self.read().await, 0, "the body broke off");
        }
        response.body = self.buffer.split_to(length).into();
        response
    }

    /// The response up to its body.
    pub(crate) async fn head(&mut self) -> Response {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                return parse_head(str::from_utf8(&self.buffer.split_to(end + 4)).unwrap());
            }
            assert_ne!(self.read().await, 0, "no response");
        }
    }

    /// Reads more; 0 at the end of the connection.
    pub(crate) async fn read(&mut self) -> usize {
        within("bytes from the server", self.stream.read_buf(&mut self.buffer)).await.unwrap_or(0)
    }
}

fn parse_head(head: &str) -> Response {
    let (status_line, headers) = head.split_once("\r\n").unwrap();
    let status = status_line.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
    let header = |line: &str| {
        line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
    };
    Response { status, headers: headers.split("\r\n").filter_map(header).collect(), body: vec![] }
}

/// A request with a body, for `path` with its query; `headers` are whole lines.
pub(crate) async fn send(
    addr: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Exchange {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {addr}\r\n{headers}\r\n");
    Exchange::begin(addr, &[head.as_bytes(), body].concat()).await
}

/// A GET and its response.
pub(crate) async fn get(addr: SocketAddr, path: &str) -> Response {
    send(addr, "GET", path, "", b"").await.response().await
}
