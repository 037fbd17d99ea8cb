//! A client over any transport whose connections may break: every step says whether it did. It answers pings unless it is told not to.

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use super::{line::Line, masked, websocket::UPGRADE};

/// How a session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    WebSocket,
    Polling,
}

/// A session, seen by its client.
pub(crate) struct Client {
    addr: SocketAddr,
    patience: Duration,
    pub(crate) sid: String,
    /// Whether it answers pings.
    pub(crate) alive: bool,
    wire: Wire,
    /// Packets that have been received and not been looked at.
    packets: VecDeque<String>,
}

enum Wire {
    WebSocket(Line),
    /// Connections that are kept alive: one for polls, one for the rest.
    Polling {
        get: Line,
        post: Line,
        /// A poll is under way.
        polling: bool,
    },
}

impl Client {
    /// Opens a session without sockets. No wait of this client is longer than its patience.
    pub(crate) async fn open(addr: SocketAddr, over: Over, patience: Duration) -> io::Result<Self> {
        let mut line = Line::connect(addr, patience).await?;
        let (open, wire) = match over {
            Over::WebSocket => {
                line.write(&get(addr, "websocket", UPGRADE)).await?;
                expect(line.response().await?.0, 101)?;
                (text(line.frame().await?)?, Wire::WebSocket(line))
            }
            Over::Polling => {
                line.write(&get(addr, "polling", "")).await?;
                let (status, open) = line.response().await?;
                expect(status, 200)?;
                let post = Line::connect(addr, patience).await?;
                (open, Wire::Polling { get: line, post, polling: false })
            }
        };
        let sid = open.split('"').nth(3).ok_or(ErrorKind::InvalidData)?.to_owned();
        Ok(Self { addr, patience, sid, alive: true, wire, packets: VecDeque::new() })
    }

    /// The system keeps so many bytes at most of what is sent to this client and it does not read.
    pub(crate) fn keep(&self, bytes: usize) -> io::Result<()> {
        match &self.wire {
            Wire::WebSocket(line) | Wire::Polling { get: line, .. } => line.keep(bytes),
        }
    }

    /// Joins `/` and gives the id of the socket.
    pub(crate) async fn join(&mut self) -> io::Result<String> {
        self.send("40").await?;
        let answer = self.packet().await?;
        let id = answer.strip_prefix(r#"40{"sid":""#).and_then(|rest| rest.strip_suffix(r#""}"#));
        id.map(str::to_owned).ok_or_else(|| wrong(answer))
    }

    /// Sends one packet; over polling, it is taken when this returns.
    pub(crate) async fn send(&mut self, packet: &str) -> io::Result<()> {
        match &mut self.wire {
            Wire::WebSocket(line) => line.write(&masked(0x81, packet.as_bytes())).await,
            Wire::Polling { post, .. } => {
                let (path, addr, length) = (path("polling", &self.sid), self.addr, packet.len());
                let head =
                    format!("POST {path} HTTP/1.1\r\nhost: {addr}\r\ncontent-length: {length}");
                post.write(format!("{head}\r\n\r\n{packet}").as_bytes()).await?;
                expect(post.response().await?.0, 200)
            }
        }
    }

    /// The next packet of the server, but pings and noops.
    pub(crate) async fn packet(&mut self) -> io::Result<String> {
        loop {
            match self.packets.pop_front() {
                Some(packet) if packet == "2" || packet == "6" => {}
                Some(packet) if packet == "1" => return Err(ErrorKind::ConnectionAborted.into()),
                Some(packet) => return Ok(packet),
                None => self.receive().await?,
            }
        }
    }

    /// A packet that begins like this.
    pub(crate) async fn expect(&mut self, start: &str) -> io::Result<String> {
        let packet = self.packet().await?;
        match packet.starts_with(start) {
            true => Ok(packet),
            false => Err(wrong(format!("{packet:?} is not {start:?} …"))),
        }
    }

    /// Reads until the server has ended the session.
    pub(crate) async fn end(&mut self) -> io::Result<()> {
        loop {
            match self.packet().await {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Begins a poll, unless there is one or there are none over this transport.
    pub(crate) async fn start_poll(&mut self) -> io::Result<()> {
        let Wire::Polling { get: line, polling: polling @ false, .. } = &mut self.wire else {
            return Ok(());
        };
        line.write(&get(self.addr, &format!("polling&sid={}", self.sid), "")).await?;
        *polling = true;
        Ok(())
    }

    async fn receive(&mut self) -> io::Result<()> {
        self.start_poll().await?;
        let payload = match &mut self.wire {
            Wire::WebSocket(line) => text(line.frame().await?)?,
            Wire::Polling { get, polling, .. } => {
                let (status, payload) = get.response().await?;
                *polling = false;
                expect(status, 200)?;
                payload
            }
        };
        let before = self.packets.len();
        self.packets.extend(payload.split('\x1e').map(str::to_owned));
        // At once: what it does next may take longer than the server waits.
        if self.alive && self.packets.range(before..).any(|packet| packet == "2") {
            self.send("3").await?;
        }
        Ok(())
    }

    /// Opens a WebSocket for the polling session, up to this step. While it probes, no poll may be under way but one.
    pub(crate) async fn probe(&mut self, addr: SocketAddr, step: Step) -> io::Result<Line> {
        let mut line = Line::connect(addr, self.patience).await?;
        line.write(&get(addr, &format!("websocket&sid={}", self.sid), UPGRADE)).await?;
        expect(line.response().await?.0, 101)?;
        if step >= Step::Asked {
            line.write(&masked(0x81, b"2probe")).await?;
        }
        if step >= Step::Answered {
            let answer = text(line.frame().await?)?;
            expect(answer == "3probe", true)?;
        }
        Ok(line)
    }

    /// Lets the poll that is under way end.
    pub(crate) async fn end_poll(&mut self) -> io::Result<()> {
        match self.wire {
            Wire::Polling { polling: true, .. } => self.receive().await,
            _ => Ok(()),
        }
    }

    /// Moves to a WebSocket that has been answered.
    pub(crate) async fn switch(&mut self, mut line: Line) -> io::Result<()> {
        line.write(&masked(0x81, b"5")).await?;
        self.wire = Wire::WebSocket(line);
        Ok(())
    }

    /// Ends the session in good order.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        match self.wire {
            Wire::Polling { .. } => self.send("1").await,
            Wire::WebSocket(mut line) => {
                line.write(&masked(0x88, &1000_u16.to_be_bytes())).await?;
                line.end().await
            }
        }
    }

    /// Ends what it writes, and reads to the end.
    pub(crate) async fn half_close(mut self) -> io::Result<()> {
        self.start_poll().await?;
        match self.wire {
            Wire::WebSocket(line) | Wire::Polling { get: line, .. } => line.half_close().await,
        }
    }
}

/// How far an upgrade gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Opened,
    Asked,
    Answered,
}

fn path(transport: &str, sid: &str) -> String {
    format!("/socket.io/?EIO=4&transport={transport}&sid={sid}")
}

fn get(addr: SocketAddr, transport: &str, headers: &str) -> Vec<u8> {
    let path = format!("/socket.io/?EIO=4&transport={transport}");
    format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\n{headers}\r\n").into_bytes()
}

fn expect<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> io::Result<()> {
    match got == expected {
        true => Ok(()),
        false => Err(io::Error::other(format!("{got:?} is not {expected:?}"))),
    }
}

/// A close frame is the end of a session.
fn text((first, payload): (u8, Vec<u8>)) -> io::Result<String> {
    match first {
        0x81 => String::from_utf8(payload).map_err(|_| ErrorKind::InvalidData.into()),
        0x88 => Err(ErrorKind::ConnectionAborted.into()),
        other => Err(wrong(format!("unexpected frame {other:#x}"))),
    }
}

/// What arrives whole, and should not: no broken connection explains it.
fn wrong(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
