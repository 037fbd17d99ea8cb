//! What has come for each namespace: frames become packets, packets are sorted by what a test asks for. `connection` hands frames in and
//! looks for what is awaited. No waiting here.

use std::{
    collections::{HashMap, VecDeque},
    fmt::{self, Write},
};

use actix_socketio_actors::{dispatch::EngineMessage, id::SocketId};
use bytestring::ByteString;
use socketio_protocol::socket::{Decoder, Limits, Packet, PacketKind};

use crate::{ConnectError, Payload};

/// Most that a report shows of what has come.
const SHOWN: usize = 20;

/// Most characters that a report shows of one packet.
const SHOWN_CHARS: usize = 200;

/// Why a client is no longer connected, in its own view. `Display` gives the official text, as `reason` in JavaScript.
///
/// ```
/// # use actix_socketio::test_util::ClientDisconnect;
/// assert_eq!(ClientDisconnect::IoServerDisconnect.to_string(), "io server disconnect");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientDisconnect {
    /// `io server disconnect`: the server has disconnected the socket.
    IoServerDisconnect,
    /// `transport close`: the connection has ended. Why, only the server's handlers know.
    TransportClose,
}

impl ClientDisconnect {
    /// The official text.
    ///
    /// ```
    /// # use actix_socketio::test_util::ClientDisconnect;
    /// assert_eq!(ClientDisconnect::TransportClose.as_str(), "transport close");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IoServerDisconnect => "io server disconnect",
            Self::TransportClose => "transport close",
        }
    }
}

impl fmt::Display for ClientDisconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The inboxes of one connection.
#[derive(Debug)]
pub(super) struct Inboxes {
    decoder: Decoder,
    by_namespace: HashMap<ByteString, Inbox>,
}

/// One namespace.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// To the request to connect.
    pub(super) answer: Option<Result<SocketId, ConnectError>>,
    /// Events that the test has not taken yet.
    pub(super) events: VecDeque<Packet>,
    /// Answers that the test has not taken yet.
    pub(super) acks: HashMap<u64, Payload>,
    pub(super) disconnected: Option<ClientDisconnect>,
    /// The test knows that it is disconnected.
    pub(super) knows_end: bool,
    /// All that has come, for reports.
    history: Vec<String>,
}

impl Inboxes {
    pub(super) fn new() -> Self {
        // What a server sends has no limits.
        let limits = Limits {
            max_attachments: usize::MAX,
            max_namespace_len: usize::MAX,
            max_event_len: usize::MAX,
            max_packet_bytes: usize::MAX,
            max_json_depth: 128,
        };
        Self { decoder: Decoder::new(limits), by_namespace: HashMap::new() }
    }

    pub(super) fn of(&mut self, namespace: &str) -> &mut Inbox {
        self.by_namespace.entry(namespace.into()).or_default()
    }

    /// The client asks for a namespace: what it knows of it is of the past.
    pub(super) fn start(&mut self, namespace: &str) {
        self.by_namespace.insert(namespace.into(), Inbox::default());
    }

    /// # Errors
    ///
    /// The frame is none that a server may send.
    pub(super) fn add(&mut self, frame: EngineMessage) -> Result<(), String> {
        let decoded = match &frame {
            EngineMessage::Binary(data) => self.decoder.binary(data.clone()),
            EngineMessage::Text(text) => match text.strip_prefix('4') {
                Some(packet) => self.decoder.text(text.slice_ref(packet)),
                // Concerns the connection alone.
                None => return Ok(()),
            },
        };
        match decoded {
            Ok(Some(packet)) => {
                let namespace = packet.namespace.clone();
                self.by_namespace.entry(namespace).or_default().add(packet);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(format!("the server has sent {frame:?}: {error}")),
        }
    }

    /// The connection has ended.
    pub(super) fn end(&mut self) {
        for inbox in self.by_namespace.values_mut() {
            inbox.disconnected.get_or_insert(ClientDisconnect::TransportClose);
        }
    }
}

impl Inbox {
    fn add(&mut self, packet: Packet) {
        self.history.push(describe(&packet));
        match packet.kind {
            PacketKind::Connect => self.answer = Some(Ok(id(&packet.payload))),
            PacketKind::ConnectError => self.answer = Some(Err(refusal(&packet.payload))),
            PacketKind::Disconnect => {
                self.disconnected.get_or_insert(ClientDisconnect::IoServerDisconnect);
            }
            PacketKind::Event => self.events.push_back(packet),
            PacketKind::Ack => {
                self.acks.insert(packet.id.unwrap_or_default(), packet.payload);
            }
        }
    }

    /// What has come so far, for whoever looks at a test that fails.
    pub(super) fn report(&self) -> String {
        let mut report = String::from("  what has come so far:");
        if self.history.is_empty() {
            report += " nothing";
        }
        let left_out = self.history.len().saturating_sub(SHOWN);
        if left_out > 0 {
            let _ = write!(report, "\n    ({left_out} more)");
        }
        for line in &self.history[left_out..] {
            let _ = write!(report, "\n    {line}");
        }
        if !self.events.is_empty() {
            let _ = write!(report, "\n  the last {} events are not taken yet", self.events.len());
        }
        if let Some(reason) = self.disconnected {
            let _ = write!(report, "\n  disconnected: {reason}");
        }
        report
    }
}

/// For a report.
pub(super) fn describe(packet: &Packet) -> String {
    let payload = &packet.payload;
    let (what, data) = match packet.kind {
        PacketKind::Event => {
            let what = if packet.id.is_some() { "ask" } else { "event" };
            (format!("{what} {:?} ", payload.event()), payload.args())
        }
        PacketKind::Ack => (format!("ack {} ", packet.id.unwrap_or_default()), payload.clone()),
        PacketKind::Connect => ("connect ".into(), payload.clone()),
        PacketKind::ConnectError => ("connect error ".into(), payload.clone()),
        PacketKind::Disconnect => ("disconnect".into(), payload.clone()),
    };
    let mut text: String = data.json().chars().take(SHOWN_CHARS).collect();
    if text.len() < data.json().len() {
        text += "…";
    }
    if !data.attachments().is_empty() {
        let _ = write!(text, " with {} attachments", data.attachments().len());
    }
    what + &text
}

fn id(granted: &Payload) -> SocketId {
    let granted: serde_json::Value = granted.auth().unwrap_or_default();
    match granted["sid"].as_str().and_then(SocketId::parse) {
        Some(id) => id,
        None => panic!("the server has sent no id of a socket: {granted}"),
    }
}

fn refusal(refused: &Payload) -> ConnectError {
    let refused: serde_json::Value = refused.auth().unwrap_or_default();
    let error = ConnectError::new(refused["message"].as_str().unwrap_or_default());
    match refused.get("data") {
        Some(data) => error.with_data(data.clone()),
        None => error,
    }
}
