//! A connection that may break at any byte: that is an error here, which the test judges, where [`Exchange`](super::Exchange) panics.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};

use actix_rt::time::timeout;
use bytes::{Buf, BytesMut};
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// See the module. Dropped, it is reset: thousands of connections leave no `TIME_WAIT` behind.
pub(crate) struct Line {
    stream: TcpStream,
    buffer: BytesMut,
    /// Longest wait for anything.
    patience: Duration,
}

/// A frame of a WebSocket: its first byte and its payload.
pub(crate) type Frame = (u8, Vec<u8>);

impl Line {
    pub(crate) async fn connect(addr: SocketAddr, patience: Duration) -> io::Result<Self> {
        let stream = timeout(patience, TcpStream::connect(addr)).await??;
        stream.set_nodelay(true)?;
        reset_when_dropped(&stream)?;
        Ok(Self { stream, buffer: BytesMut::new(), patience })
    }

    /// The system keeps so many bytes at most of what is not read here; by default, megabytes.
    pub(super) fn keep(&self, bytes: usize) -> io::Result<()> {
        SockRef::from(&self.stream).set_recv_buffer_size(bytes)
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        timeout(self.patience, self.stream.write_all(bytes)).await?
    }

    /// The next response: status and body. Of a switch to WebSocket, frames follow.
    pub(crate) async fn response(&mut self) -> io::Result<(u16, String)> {
        let head = loop {
            match self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(end) => break text(&self.buffer.split_to(end + 4))?,
                None => self.read().await?,
            }
        };
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        let body = text(&self.take(length).await?)?;
        Ok((status.ok_or(ErrorKind::InvalidData)?, body))
    }

    /// The next frame of a server, which neither masks nor fragments.
    pub(crate) async fn frame(&mut self) -> io::Result<Frame> {
        let mut head = self.take(2).await?;
        let (first, short) = (head.get_u8(), head.get_u8());
        let length = match short {
            126 => self.take(2).await?.get_u16().into(),
            127 => self.take(8).await?.get_u64(),
            length => length.into(),
        };
        let length = usize::try_from(length).map_err(|_| ErrorKind::InvalidData)?;
        Ok((first, self.take(length).await?.to_vec()))
    }

    /// Ends what is written, and reads until the server has ended, too.
    pub(crate) async fn half_close(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        self.end().await
    }

    /// Reads until the server has ended.
    pub(crate) async fn end(mut self) -> io::Result<()> {
        loop {
            self.buffer.clear();
            match self.read().await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::TimedOut => return Err(error),
                Err(_) => return Ok(()),
            }
        }
    }

    async fn take(&mut self, count: usize) -> io::Result<BytesMut> {
        while self.buffer.len() < count {
            self.read().await?;
        }
        Ok(self.buffer.split_to(count))
    }

    async fn read(&mut self) -> io::Result<()> {
        match timeout(self.patience, self.stream.read_buf(&mut self.buffer)).await?? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Nothing waits for the other side when this connection is dropped, and nothing of it is left.
pub(crate) fn reset_when_dropped(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

fn text(bytes: &[u8]) -> io::Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| ErrorKind::InvalidData.into())
}
