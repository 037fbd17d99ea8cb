//! A polling client.

use std::net::SocketAddr;

use super::{Exchange, Response, TestServer, between, get, send};

/// A session over polling.
pub(crate) struct Polling {
    pub(crate) addr: SocketAddr,
    pub(crate) sid: String,
    /// Id of the socket in `/`, once it is connected.
    pub(crate) id: String,
}

impl Polling {
    /// A session without sockets.
    pub(crate) async fn open(server: &TestServer) -> Self {
        let addr = server.addr;
        let open = get(addr, "/socket.io/?EIO=4&transport=polling").await;
        let sid = open.text().split('"').nth(3).unwrap().to_owned();
        Self { addr, sid, id: String::new() }
    }

    /// A session with a socket in `/`.
    pub(crate) async fn connect(server: &TestServer) -> Self {
        let mut client = Self::open(server).await;
        assert_eq!(client.post("40").await.parts(), (200, "ok"));
        let mut reply = String::new();
        while reply.is_empty() {
            for packet in client.poll().await.text().split('\x1e') {
                match packet {
                    // Where the interval is short.
                    "2" => drop(client.post("3").await),
                    _ => reply.push_str(packet),
                }
            }
        }
        client.id = between(&reply, r#"40{"sid":""#, r#""}"#).to_owned();
        client
    }

    pub(crate) fn path(&self) -> String {
        format!("/socket.io/?EIO=4&transport=polling&sid={}", self.sid)
    }

    pub(crate) async fn poll(&self) -> Response {
        get(self.addr, &self.path()).await
    }

    pub(crate) async fn start_poll(&self) -> Exchange {
        send(self.addr, "GET", &self.path(), "", b"").await
    }

    pub(crate) async fn post(&self, body: impl AsRef<[u8]>) -> Response {
        self.start_post(body).await.response().await
    }

    pub(crate) async fn start_post(&self, body: impl AsRef<[u8]>) -> Exchange {
        let body = body.as_ref();
        let headers =
            format!("content-type: text/plain;charset=UTF-8\r\ncontent-length: {}\r\n", body.len());
        send(self.addr, "POST", &self.path(), &headers, body).await
    }

    /// A round trip: what the server had for this client before is what comes before its answer, which is nothing.
    pub(crate) async fn fence(&self) {
        assert_eq!(self.post(r#"42999["echo"]"#).await.parts(), (200, "ok"));
        assert_eq!(self.poll().await.text(), "43999[]");
    }
}
