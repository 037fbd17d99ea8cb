//! The client: does a step with whichever transport it has, and gathers what comes. It answers nothing by itself.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::http::{Method, StatusCode};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use socketio_protocol::{
    engine::{Frame, Packet, decode_payload, encode_payload},
    socket::{self, Decoder, PacketKind},
};
use tokio::time::sleep;

use super::{LIMITS, MAX_PAYLOAD, OUTBOX_BYTES, OUTBOX_PACKETS, script::Step};
use crate::{
    packet::WIDE,
    wire::{Edge, ServerFrame, WebSocket},
};

type Answer = LocalBoxFuture<'static, (StatusCode, Bytes)>;

/// One connection.
pub(super) struct Client {
    edge: Edge,
    sid: String,
    /// Present once there is one that is more than a candidate.
    websocket: Option<WebSocket>,
    candidate: Option<WebSocket>,
    /// The candidate has got its answer.
    probed: bool,
    /// The poll that waits.
    get: Option<Answer>,
    post: Option<Answer>,
    reads: bool,
    over: bool,
    decoder: Decoder,
    /// What has come since the last look.
    came: Vec<socket::Packet>,
    /// Questions that are left: their namespaces and ids.
    asked: VecDeque<(String, u64)>,
}

impl Client {
    pub(super) async fn open(edge: &Edge, polls: bool) -> Self {
        let (websocket, open) = if polls {
            let (status, body) = edge.request(Method::GET, None, None).await;
            assert_eq!(status, StatusCode::OK, "the session before this one has ended");
            (None, decode_payload(body, 1).expect("a payload").remove(0))
        } else {
            let opened = edge.open_websocket(None).await;
            let mut websocket = opened.expect("the session before this one has ended");
            let came = websocket.read().await;
            let [ServerFrame::Text(open)] = &came[..] else { panic!("{came:?}, no open packet") };
            let open = Packet::decode(open.as_str().into()).expect("a packet");
            (Some(websocket), open)
        };
        let Packet::Open(open) = open else { panic!("{open:?} is no open packet") };
        let open: serde_json::Value = serde_json::from_str(&open).expect("JSON");
        Self {
            edge: edge.clone(),
            sid: open["sid"].as_str().expect("an id").to_owned(),
            websocket,
            candidate: None,
            probed: false,
            get: None,
            post: None,
            reads: true,
            over: false,
            decoder: Decoder::new(WIDE),
            came: Vec::new(),
            asked: VecDeque::new(),
        }
    }

    /// Whether the server has ended the connection.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    pub(super) fn reads(&self) -> bool {
        self.reads
    }

    /// Answers the first question that is left, and says in which namespace and to which id.
    pub(super) fn answer(&mut self) -> Option<(String, u64)> {
        let (namespace, id) = self.asked.pop_front()?;
        self.send(answer_text(&namespace, id).as_bytes(), false);
        Some((namespace, id))
    }

    /// The same in another namespace; the question is left.
    pub(super) fn answer_elsewhere(&mut self) -> Option<(String, u64)> {
        let (namespace, id) = self.asked.front()?;
        let namespace = if namespace == "/" { "/a" } else { "/" };
        let id = *id;
        self.send(answer_text(namespace, id).as_bytes(), false);
        Some((namespace.to_owned(), id))
    }

    pub(super) async fn act(&mut self, step: &Step<'_>) {
        match step {
            Step::Text(text) => self.send(text.as_bytes(), false),
            Step::Binary(data) => self.send(data, true),
            Step::OpenCandidate if self.candidate.is_none() => {
                self.probed = false;
                self.candidate = self.edge.open_websocket(Some(&self.sid)).await;
            }
            Step::CandidateText(text) => self.send_over_candidate(text),
            Step::Pause => self.reads = false,
            Step::Resume => self.reads = true,
            Step::OpenCandidate | Step::Broadcast | Step::Wait(_) => {}
            Step::Answer | Step::AnswerElsewhere => {}
        }
    }

    fn send(&mut self, data: &[u8], binary: bool) {
        if let Some(websocket) = &self.websocket {
            return websocket.send(&masked(data, binary));
        }
        let body = body(data, binary);
        self.post = Some(self.edge.request(Method::POST, Some(&self.sid), Some(&body)));
    }

    fn send_over_candidate(&mut self, text: &str) {
        let Some(candidate) = &self.candidate else { return };
        candidate.send(&masked(text.as_bytes(), false));
        if self.probed && text == "5" {
            self.websocket = self.candidate.take();
        }
    }

    /// What comes in this time, and until everything has come to rest.
    pub(super) async fn receive(&mut self, time: Duration) -> Vec<socket::Packet> {
        let mut over = pin!(sleep(time));
        poll_fn(|cx| {
            self.poll(cx);
            over.as_mut().poll(cx)
        })
        .await;
        if self.reads && !self.over {
            assert!(self.post.is_none(), "a POST is answered");
            assert!(!self.decoder.is_waiting(), "attachments follow their packet");
        }
        std::mem::take(&mut self.came)
    }

    fn poll(&mut self, cx: &mut Context<'_>) {
        if let Some(post) = &mut self.post
            && let Poll::Ready((status, _)) = post.as_mut().poll(cx)
        {
            self.post = None;
            // Polls tell whether the session goes on.
            let known = [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE];
            assert!(known.contains(&status), "{status} for a POST");
        }
        if let Some(candidate) = &mut self.candidate {
            candidate.poll_read(cx);
            let came = candidate.take();
            self.probed |= came.contains(&ServerFrame::Text("3probe".into()));
            if !candidate.is_open() || came.iter().any(|it| matches!(it, ServerFrame::Close(_))) {
                self.candidate = None;
            }
        }
        if let Some(websocket) = &mut self.websocket
            && self.reads
        {
            websocket.poll_read(cx);
            let came = websocket.take();
            self.over |= !websocket.is_open();
            came.into_iter().for_each(|frame| self.frame(frame));
        }
        self.poll_get(cx);
    }

    fn poll_get(&mut self, cx: &mut Context<'_>) {
        let (mut bytes, mut packets) = (0, 0);
        loop {
            if self.get.is_none() && self.websocket.is_none() && self.reads && !self.over {
                self.get = Some(self.edge.request(Method::GET, Some(&self.sid), None));
            }
            let Some(get) = &mut self.get else { return };
            let Poll::Ready((status, body)) = get.as_mut().poll(cx) else { return };
            self.get = None;
            if status != StatusCode::OK {
                self.over = true;
                return;
            }
            let payload = decode_payload(body.clone(), usize::MAX).expect("a payload");
            assert!(body.len() <= MAX_PAYLOAD || payload.len() == 1, "{} bytes", body.len());
            // One packet may be larger than all that may wait.
            (bytes, packets) = (bytes + body.len(), packets + payload.len());
            let largest = 2 * LIMITS.max_packet_bytes;
            assert!(
                bytes <= OUTBOX_BYTES * 4 / 3 + OUTBOX_PACKETS + largest,
                "{bytes} bytes waited"
            );
            assert!(packets <= OUTBOX_PACKETS + 2 * LIMITS.max_attachments, "{packets} waited");
            payload.into_iter().for_each(|packet| self.packet(packet));
        }
    }

    fn frame(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Text(text) => {
                self.packet(Packet::decode(text.into()).expect("a packet of Engine.IO"));
            }
            ServerFrame::Binary(data) => self.packet(Packet::Binary(data.into())),
            ServerFrame::Close(_) => self.over = true,
            ServerFrame::Pong(_) => panic!("a pong without a ping"),
        }
    }

    fn packet(&mut self, packet: Packet) {
        let decoded = match packet {
            Packet::Message(text) => self.decoder.text(text),
            Packet::Binary(data) => self.decoder.binary(data),
            Packet::Close => return self.over = true,
            Packet::Ping(text) if text.is_empty() => return,
            Packet::Noop => return,
            other => panic!("{other:?} from a server"),
        };
        let Some(packet) = decoded.expect("a packet of Socket.IO") else { return };
        if let (PacketKind::Event, Some(id)) = (packet.kind, packet.id) {
            self.asked.push_back((packet.namespace.to_string(), id));
        }
        self.came.push(packet);
    }

    /// It breaks off, whatever goes on.
    pub(super) async fn leave(mut self) {
        self.reads = true;
        self.receive(Duration::from_millis(1)).await;
        // A poll that is broken off ends its session.
        self.get = None;
        for websocket in self.websocket.iter_mut().chain(&mut self.candidate) {
            websocket.leave().await;
        }
    }
}

/// The answer that a client gives to a question.
pub(super) fn answer_text(namespace: &str, id: u64) -> String {
    let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
    format!("43{namespace}{id}[]")
}

/// The body of a POST with one message.
pub(super) fn body(data: &[u8], binary: bool) -> Bytes {
    match binary {
        true => encode_payload([&Frame::binary(data)]),
        false => Bytes::copy_from_slice(data),
    }
}

/// A frame of a client. Its mask changes nothing.
fn masked(data: &[u8], binary: bool) -> Vec<u8> {
    let mut frame = vec![if binary { 0x82 } else { 0x81 }];
    match u8::try_from(data.len()) {
        Ok(len @ ..=125) => frame.push(0x80 | len),
        _ => {
            let len = u16::try_from(data.len()).expect("a short message");
            frame.push(0x80 | 126);
            frame.extend(len.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(data);
    frame
}
