//! The time between the requests of a connection is bounded, and nothing else is.

use std::{
    convert::Infallible,
    fs,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_socketio::{EngineMessage, EngineSocket, SocketIo};
use actix_web::{HttpResponse, body::SizedStream, web};
use bytes::Bytes;
use futures_util::stream;
use tokio::{io::AsyncWriteExt, sync::Notify};

use crate::support::{Exchange, TestServer, given_time, masked, within};

const LIMIT: Duration = Duration::from_millis(500);

/// A head that does not end.
const HALF: &[u8] = b"GET /done HTTP/1.1\r\nx: ";

const UPGRADE: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\n\
    connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// As often as this it is more than the kernel keeps for a client that does not read.
static CHUNK: [u8; 1 << 16] = [b'x'; 1 << 16];
const CHUNKS: usize = 512;

struct Server {
    server: TestServer,
    /// Lets the response of `/slow` go.
    go: Arc<Notify>,
}

impl Server {
    /// With this limit.
    fn start(limit: Duration) -> Self {
        let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
        let engine = SocketIo::builder().build_engine(echo).unwrap();
        let go = Arc::new(Notify::new());
        let slow = go.clone();
        let server = TestServer::with_head_timeout(limit, move |cfg| {
            let slow = slow.clone();
            let wait = move || {
                let slow = slow.clone();
                async move {
                    slow.notified().await;
                    "slow"
                }
            };
            cfg.configure(|cfg| engine.mount(cfg))
                .route("/done", web::get().to(async || "done"))
                .route("/slow", web::get().to(wait))
                .route("/large", web::get().to(async || large()));
        });
        Self { server, go }
    }

    /// A connection that has had its first request and response.
    async fn after_a_request(&self) -> Exchange {
        let mut exchange = Exchange::begin(self.server.addr, &request("/done")).await;
        assert_eq!(body(&mut exchange, 4).await, b"done");
        exchange
    }

    /// The time is up for every connection that is idle now.
    async fn time_is_up(&self) {
        let mut witness = self.after_a_request().await;
        write(&mut witness, HALF).await;
        expect_end(&mut witness).await;
    }
}

/// In chunks, so that the server waits for the client before it has them all.
fn large() -> HttpResponse {
    let chunks = (0..CHUNKS).map(|_| Ok::<_, Infallible>(Bytes::from_static(&CHUNK)));
    let length = CHUNK.len() * CHUNKS;
    HttpResponse::Ok().body(SizedStream::new(length as u64, stream::iter(chunks)))
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").into_bytes()
}

async fn write(exchange: &mut Exchange, bytes: &[u8]) {
    within("room for bytes", exchange.stream.write_all(bytes)).await.unwrap();
}

/// The body of the next response.
async fn body(exchange: &mut Exchange, length: usize) -> Vec<u8> {
    assert_eq!(exchange.head().await.status, 200);
    bytes(exchange, length).await
}

async fn bytes(exchange: &mut Exchange, length: usize) -> Vec<u8> {
    while exchange.buffer.len() < length {
        assert_ne!(exchange.read().await, 0, "the connection has ended");
    }
    exchange.buffer.split_to(length).into()
}

async fn expect_end(exchange: &mut Exchange) {
    assert_eq!(exchange.read().await, 0, "{}", exchange.buffer.escape_ascii());
}

#[actix_rt::test]
async fn a_second_head_that_does_not_end_ends_the_connection() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut exchange = server.after_a_request().await;
        write(&mut exchange, HALF).await;
        expect_end(&mut exchange).await;
    })
    .await;
}

#[actix_rt::test]
async fn a_body_that_nobody_reads_and_that_does_not_end_ends_the_connection() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let post = b"POST /none HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffff\r\nx";
        let mut exchange = Exchange::begin(server.server.addr, post).await;
        assert_eq!(exchange.head().await.status, 404);
        expect_end(&mut exchange).await;
    })
    .await;
}

#[actix_rt::test]
async fn requests_in_time_go_on() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut exchange = server.after_a_request().await;
        let start = Instant::now();
        while start.elapsed() < 3 * limit {
            write(&mut exchange, &request("/done")).await;
            assert_eq!(body(&mut exchange, 4).await, b"done");
        }
    })
    .await;
}

#[actix_rt::test]
async fn a_request_that_takes_long_goes_on() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut slow = server.after_a_request().await;
        write(&mut slow, &request("/slow")).await;
        server.time_is_up().await;
        server.go.notify_one();
        assert_eq!(body(&mut slow, 4).await, b"slow");
    })
    .await;
}

#[actix_rt::test]
async fn a_long_poll_goes_on() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut poll = server.after_a_request().await;
        write(&mut poll, &request("/socket.io/?EIO=4&transport=polling")).await;
        let open = poll.head().await;
        let length = open.header("content-length").unwrap().parse().unwrap();
        let open = String::from_utf8(bytes(&mut poll, length).await).unwrap();
        let path =
            format!("/socket.io/?EIO=4&transport=polling&sid={}", open.split('"').nth(3).unwrap());
        write(&mut poll, &request(&path)).await;
        server.time_is_up().await;
        let mut post = Exchange::begin(
            server.server.addr,
            format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n4hi").as_bytes(),
        )
        .await;
        assert_eq!(body(&mut post, 2).await, b"ok");
        assert_eq!(body(&mut poll, 3).await, b"4hi");
    })
    .await;
}

#[actix_rt::test]
async fn a_response_that_is_read_slowly_is_sent_to_its_end() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut large = server.after_a_request().await;
        write(&mut large, &request("/large")).await;
        assert_eq!(large.head().await.status, 200);
        server.time_is_up().await;
        server.time_is_up().await;
        let length = CHUNK.len() * CHUNKS;
        assert!(bytes(&mut large, length).await.iter().all(|byte| *byte == b'x'));
    })
    .await;
}

#[actix_rt::test]
async fn a_websocket_goes_on_and_has_one_descriptor() {
    given_time(LIMIT, async |limit| {
        let server = Server::start(limit);
        let mut ws = server.after_a_request().await;
        let client = ws.stream.local_addr().unwrap();
        assert_eq!(descriptors(server.server.addr, client), 2);
        write(&mut ws, UPGRADE).await;
        assert_eq!(ws.head().await.status, 101);
        let open = bytes(&mut ws, 2).await;
        bytes(&mut ws, usize::from(open[1])).await;
        assert_eq!(descriptors(server.server.addr, client), 1);
        server.time_is_up().await;
        write(&mut ws, &masked(0x81, b"4hi")).await;
        assert_eq!(bytes(&mut ws, 5).await, b"\x81\x034hi");
    })
    .await;
}

/// How many descriptors of this process are the server's end of this connection.
fn descriptors(server: SocketAddr, client: SocketAddr) -> usize {
    let [local, remote] = [server, client].map(|addr| format!(":{:04X}", addr.port()));
    let table = fs::read_to_string("/proc/self/net/tcp").unwrap();
    let columns = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let inode = columns
        .filter(|columns| columns[1].ends_with(&local) && columns[2].ends_with(&remote))
        .map(|columns| format!("socket:[{}]", columns[9]))
        .next()
        .unwrap();
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
        .filter(|target| target.to_str() == Some(&inode))
        .count()
}
