//! Clients that take part, and clients that do not read.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use actix_rt::{task::JoinHandle, time::sleep};
use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use super::PING;
use crate::support::{Client, Moment, Over, Ws, masked, process::GRACE};

/// Time between two echoes that a healthy client asks for.
const PACE: Duration = Duration::from_millis(100);
/// What the system keeps for a client that does not read. Clients have systems of their own elsewhere; here it is that of the server, which
/// has one bound for all connections of the machine (`tcp_mem`), beyond which it slows all of them down.
const KEPT: usize = 128 << 10;
/// As much of each frame is looked at.
const BEGINNING: usize = 32;

/// What a healthy client has got.
#[derive(Default)]
pub(super) struct Got {
    /// Broadcasts: all of them, in order.
    pub(super) last: u64,
    pub(super) volatile: u64,
    /// When it has asked for an echo, and how long that took.
    pub(super) echoes: Vec<(Instant, Duration)>,
}

/// A client that reads and asks for echoes until it has got the last broadcast, once that is known.
pub(super) struct Healthy {
    frames: Frames,
    got: Got,
    asked: Option<Moment>,
}

impl Healthy {
    pub(super) async fn connect(addr: SocketAddr) -> Self {
        let mut ws = Ws::connect_at(addr).await;
        ws.text(r#"420["join"]"#).await;
        let mut text = ws.next_text().await;
        while text == "2" {
            ws.text("3").await;
            text = ws.next_text().await;
        }
        assert_eq!(text, "430[]");
        let (stream, buffer) = ws.into_parts();
        Self { frames: Frames { stream, buffer, rest: 0 }, got: Got::default(), asked: None }
    }

    pub(super) async fn take_part(mut self, mut last: watch::Receiver<Option<u64>>) -> Got {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.asked.is_some() || *last.borrow() != Some(self.got.last) {
            tokio::select! {
                text = self.frames.next() => self.received(&text.expect("a healthy client is closed")).await,
                _ = pace.tick(), if self.asked.is_none() => self.ask().await,
                _ = last.changed() => {}
            }
        }
        self.got
    }

    async fn ask(&mut self) {
        self.asked = Some(Moment::now());
        self.frames.send(r#"421["echo"]"#).await;
    }

    async fn received(&mut self, text: &str) {
        if let Some(event) = text.strip_prefix(r#"42["n","#) {
            let n: u64 = event.split(',').next().unwrap().parse().unwrap();
            self.got.last += 1;
            assert_eq!(n, self.got.last, "one is missing, or out of order");
        } else if text.starts_with(r#"42["v","#) {
            self.got.volatile += 1;
        } else if text == "2" {
            self.frames.send("3").await;
        } else {
            assert_eq!(text, "431[]");
            let asked = self.asked.take().expect("an echo that was not asked for");
            self.got.echoes.push((asked.at(), asked.took()));
        }
    }
}

/// The texts of a WebSocket, of which the beginning is enough.
struct Frames {
    stream: TcpStream,
    buffer: BytesMut,
    /// Bytes of the last text that are still to be skipped.
    rest: usize,
}

impl Frames {
    /// The beginning of the next text; `None` at the end. Nothing is lost when this is dropped.
    async fn next(&mut self) -> Option<String> {
        loop {
            let skipped = self.rest.min(self.buffer.len());
            self.buffer.advance(skipped);
            self.rest -= skipped;
            if let Some(text) = self.begun() {
                return Some(text);
            }
            self.buffer.reserve(64 << 10);
            let read = self.stream.read_buf(&mut self.buffer).await;
            read.ok().filter(|read| *read > 0)?;
        }
    }

    fn begun(&mut self) -> Option<String> {
        let [0x81, short, more @ ..] = &*self.buffer else {
            assert!(self.buffer.len() < 2 || self.rest > 0, "not a text: {:?}", &self.buffer[..2]);
            return None;
        };
        let (head, length) = match short {
            126 => (4, u64::from(u16::from_be_bytes(*more.first_chunk()?))),
            127 => (10, u64::from_be_bytes(*more.first_chunk()?)),
            short => (2, u64::from(*short)),
        };
        let length = length as usize;
        let beginning = self.buffer.get(head..head + length.min(BEGINNING))?;
        let text = String::from_utf8(beginning.to_vec()).unwrap();
        self.rest = head + length;
        Some(text)
    }

    async fn send(&mut self, text: &str) {
        self.stream.write_all(&masked(0x81, text.as_bytes())).await.unwrap();
    }
}

/// A client that joins the room and takes nothing from then on, but whose connections stay open until this is dropped.
pub(super) struct Slow {
    pub(super) id: String,
    pongs: JoinHandle<Client>,
}

impl Slow {
    pub(super) async fn connect(addr: SocketAddr, over: Over, says_it_is_alive: bool) -> Self {
        let mut client = Client::open(addr, over, GRACE).await.unwrap();
        client.keep(KEPT).unwrap();
        let id = client.join().await.unwrap();
        client.send(r#"42["join"]"#).await.unwrap();
        let pongs = actix_rt::spawn(async move {
            // In time for every ping, seen or not; after the end of the session, in vain.
            while says_it_is_alive && client.send("3").await.is_ok() {
                sleep(PING / 2).await;
            }
            client
        });
        Self { id, pongs }
    }

    /// Lets go of its connections.
    pub(super) async fn end(self) {
        self.pongs.abort();
        drop(self.pongs.await);
    }
}
