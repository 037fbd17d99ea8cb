//! The broker as a process that is told to stop: what its clients and load balancers see, what it logs, how it exits.
//!
//! 300 clients in every run; `DRAIN_CLIENTS=5000` by hand, see `docs/testing.md`.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longest wait for anything, the connecting of 5,000 others on a busy machine included.
const DEADLINE: Duration = Duration::from_secs(120);

/// A broker, which is killed when the test fails.
struct Broker {
    child: Child,
    log: Receiver<String>,
    address: String,
}

impl Broker {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_actix-socketio-broker"))
            .args(["--port", "0", "--workers", "2"])
            .args(options)
            .env("RUST_LOG", "warn,actix_socketio=info,actix_socketio_broker=info")
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        // Read all the time: a broker whose log nobody reads stands still.
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (line, log) = channel();
        thread::spawn(move || {
            stderr.lines().map_while(Result::ok).try_for_each(|it| line.send(it))
        });
        let mut broker = Self { child, log, address: String::new() };
        let listening = broker.logged("listening on http://");
        broker.address = listening.rsplit('/').next().unwrap().trim().to_owned();
        broker
    }

    /// The next line of the log that holds this text.
    fn logged(&mut self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(DEADLINE);
            let line = line.unwrap_or_else(|end| panic!("no {text:?} in the log: {end}"));
            if line.contains(text) {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// The exit code.
    fn exit(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < DEADLINE, "the broker goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It has ended, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn within<F: Future>(what: &str, future: F) -> F::Output {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}"))
}

/// The status of a GET on a connection of its own, and what the body holds.
async fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    within(path, stream.read_to_string(&mut response)).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

/// A client over WebSocket.
struct Client(TcpStream);

impl Client {
    /// With a socket in this namespace.
    async fn connect(address: &str, namespace: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("the handshake", stream.read_u8()).await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", head.escape_ascii());
        let mut client = Self(stream);
        assert!(client.next().await.unwrap().starts_with('0'));
        client.send(0x81, &format!("40{namespace}")).await;
        assert!(client.next().await.unwrap().starts_with("40"));
        client
    }

    /// A frame with a short payload and the mask 0.
    async fn send(&mut self, first: u8, payload: &str) {
        let mut frame = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        frame.extend(payload.as_bytes());
        // The server may have closed.
        let _ = self.0.write_all(&frame).await;
    }

    /// The next text but pings; `None` at the close. Both are answered.
    async fn next(&mut self) -> Option<String> {
        loop {
            match self.next_frame().await {
                Some(ping) if ping == "2" => self.send(0x81, "3").await,
                other => return other,
            }
        }
    }

    async fn next_frame(&mut self) -> Option<String> {
        let first = within("a frame", self.0.read_u8()).await.unwrap();
        let mut len = usize::from(self.0.read_u8().await.unwrap());
        if len == 126 {
            len = usize::from(self.0.read_u16().await.unwrap());
        }
        let mut payload = vec![0; len];
        self.0.read_exact(&mut payload).await.unwrap();
        if first == 0x88 {
            self.send(0x88, "").await;
            return None;
        }
        Some(String::from_utf8(payload).unwrap())
    }

    /// Asks again and again until the close. Returns how many answers came, each in its turn.
    async fn ask_until_the_close(mut self) -> u64 {
        for n in 0.. {
            self.send(0x81, &format!(r#"42/chat,{n}["ping-server",{n}]"#)).await;
            loop {
                match self.next().await {
                    None => return n,
                    Some(text) if text == format!("43/chat,{n}[{}]", n + 1) => break,
                    Some(text) => assert!(text.starts_with(r#"42/chat,["presence""#), "{text}"),
                }
            }
        }
        unreachable!()
    }
}

#[tokio::test]
async fn sigterm_drains_the_clients_one_after_another_and_ends_with_exit_code_0() {
    const BUSY: usize = 20;
    let idle = std::env::var("DRAIN_CLIENTS").map_or(300, |n| n.parse::<usize>().unwrap()) - BUSY;
    let over = if idle > 1000 { 5 } else { 2 };
    // On a machine that stands still for a while, everybody has time to go.
    let deadline = over + 60;
    let options = ["--drain-over", &over.to_string(), "--drain-deadline", &deadline.to_string()];
    let mut broker = Broker::start(&options);
    let address = broker.address.clone();
    let mut clients = Vec::new();
    for _ in 0..idle {
        let mut client = Client::connect(&address, "").await;
        clients.push(tokio::spawn(async move {
            assert_eq!(client.next().await, None);
            0
        }));
    }
    for _ in 0..BUSY {
        let client = Client::connect(&address, r#"/chat,{"name":"busy"}"#).await;
        clients.push(tokio::spawn(client.ask_until_the_close()));
    }
    assert_eq!(get(&address, "/ready").await, (200, "ready\n".to_owned()));
    assert_eq!(get(&address, "/health").await, (200, "healthy\n".to_owned()));
    broker.signal("TERM");
    let told = Instant::now();
    let connections = idle + BUSY;
    broker.logged(&format!("SIGTERM: draining {connections} connections"));
    assert_eq!(get(&address, "/ready").await, (503, "not ready\n".to_owned()));
    assert_eq!(get(&address, "/health").await, (200, "healthy\n".to_owned()));
    let polling = "/socket.io/?EIO=4&transport=polling";
    assert_eq!(get(&address, polling).await, (503, String::new()));
    let mut answers = 0;
    for client in clients {
        answers += within("a close", client).await.unwrap();
    }
    assert!(answers > BUSY as u64, "no traffic: {answers} answers");
    let report = broker.logged("drained ");
    let (exit, took) = (broker.exit(), told.elapsed());
    println!("exit after {took:.1?}, {answers} answers; {report}");
    let expected = format!("{connections} clean, 0 unanswered, 0 left, 0 forced");
    assert!(report.contains(&expected), "{report}");
    assert_eq!(exit, Some(0));
    assert!(took >= Duration::from_secs(over), "not spread: {took:?}");
    assert!(took < Duration::from_secs(deadline), "it has waited for nobody: {took:?}");
}

#[tokio::test]
async fn clients_that_are_cut_off_make_the_exit_code_3() {
    let mut broker = Broker::start(&["--drain-over", "0", "--drain-deadline", "0.3"]);
    let (status, open) = get(&broker.address, "/socket.io/?EIO=4&transport=polling").await;
    assert_eq!(status, 200);
    let sid = open.split('"').nth(3).unwrap();
    let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    // It connects, and comes for nothing more.
    let mut stream = TcpStream::connect(&broker.address).await.unwrap();
    let post = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n40");
    stream.write_all(post.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    within("the answer", stream.read_exact(&mut head)).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    broker.signal("INT");
    broker.logged("SIGINT: draining 1 connections");
    let report = broker.logged("drained 1 connections");
    assert!(report.contains("0 clean, 0 unanswered, 0 left, 1 forced; 1 packets"), "{report}");
    assert_eq!(broker.exit(), Some(3));
}

#[tokio::test]
async fn a_second_signal_stops_it_at_once_with_exit_code_4() {
    let mut broker = Broker::start(&["--drain-over", "600"]);
    let mut clients = Vec::new();
    for _ in 0..2 {
        clients.push(Client::connect(&broker.address, "").await);
    }
    broker.signal("TERM");
    broker.logged("SIGTERM: draining 2 connections");
    broker.signal("INT");
    broker.logged("SIGINT again: stopping");
    assert_eq!(broker.exit(), Some(4));
}

#[test]
fn a_deadline_before_the_last_turn_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_actix-socketio-broker"))
        .args(["--port", "0", "--drain-over", "5", "--drain-deadline", "4"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--drain-deadline is earlier than --drain-over"), "{said}");
}
