//! What the server has to send, as far as a client can tell beforehand.
//!
//! What belongs to one namespace comes in its order. Of a session that ends, anything that was still under way may be missing. The model
//! gives up, and only what holds at any time is looked at, when time matters: deadlines, and a client that does not read.

mod lines;
mod server;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use bytes::Bytes;
use socketio_protocol::{
    engine,
    socket::{Decoder, Packet, PacketKind},
};

use self::lines::{Line, json};
use super::{
    FIRST_DEADLINE, LIMITS, MAX_PACKETS_PER_PAYLOAD, MAX_PAYLOAD, MAX_PONGS, big,
    client::{answer_text, body},
    script::Step,
};
use crate::payload;

/// So much may wait for a client that does not read, in any case.
const SURELY_WAITS: usize = 4;

/// See the module.
pub(super) struct Model {
    polls: bool,
    candidate: Candidate,
    sockets: HashMap<String, Socket>,
    decoder: Decoder,
    bad_acks: usize,
    pongs: usize,
    /// Questions that the client has seen, with the acknowledgement that it waits for meanwhile.
    asked: HashMap<(String, u64), Option<u64>>,
    /// Those that it has not seen.
    asking: Vec<Question>,
    /// Events that were not taken, and want an answer.
    failed: HashSet<(String, u64)>,
    /// What is to come.
    due: Vec<Line>,
    /// Not all that is due has to come, and not in this order.
    relaxed: bool,
    closed: bool,
    given_up: bool,
    time: Duration,
}

struct Question {
    namespace: String,
    ack: Option<u64>,
    /// Its socket is gone.
    stale: bool,
}

#[derive(PartialEq, Eq)]
enum Candidate {
    None,
    Open,
    Probed,
}

#[derive(Default)]
struct Socket {
    state: State,
    rooms: HashSet<String>,
}

#[derive(Default, PartialEq, Eq)]
enum State {
    /// Answered when everything has come to rest.
    #[default]
    Connecting,
    Connected,
    /// The server has disconnected it, which counts when everything has come to rest.
    Leaving,
}

impl Model {
    pub(super) fn new(polls: bool) -> Self {
        Self {
            polls,
            candidate: Candidate::None,
            sockets: HashMap::new(),
            decoder: Decoder::new(LIMITS),
            bad_acks: 0,
            pongs: 0,
            asked: HashMap::new(),
            asking: Vec::new(),
            failed: HashSet::new(),
            due: Vec::new(),
            relaxed: false,
            closed: false,
            given_up: false,
            time: Duration::ZERO,
        }
    }

    /// Whether only what holds at any time is still looked at.
    pub(super) fn has_given_up(&self) -> bool {
        self.given_up
    }

    /// A step was done; `came` is what came of it, and `over` whether the connection has ended.
    pub(super) fn take(&mut self, step: &Step<'_>, reads: bool, came: &[Packet], over: bool) {
        self.step(step);
        self.settle();
        self.given_up |= !reads && (!self.polls || self.closed || self.due.len() > SURELY_WAITS);
        if self.given_up {
            return;
        }
        for packet in came {
            self.came(packet);
        }
        if reads {
            let complete = self.due.is_empty() || self.relaxed || self.closed;
            assert!(complete, "{:?} has not come, after {step:?}", self.due);
            assert_eq!(over, self.closed, "whether the session is over, after {step:?}");
            self.due.clear();
            self.asking.clear();
            self.relaxed = false;
        }
    }

    /// The client has answered in this namespace, with this id, if there was a question.
    pub(super) fn answered(&mut self, answer: Option<(String, u64)>) {
        if let Some((namespace, id)) = answer {
            self.sent(answer_text(&namespace, id).as_bytes(), false);
        }
    }

    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Text(text) => self.sent(text.as_bytes(), false),
            Step::Binary(data) => self.sent(data, true),
            Step::OpenCandidate if self.polls && self.candidate == Candidate::None => {
                self.candidate = Candidate::Open;
            }
            Step::CandidateText(text) => {
                self.candidate = match (&self.candidate, *text) {
                    (Candidate::Open, "2probe") => Candidate::Probed,
                    (Candidate::Probed, "5") => {
                        self.polls = false;
                        Candidate::None
                    }
                    _ => Candidate::None,
                };
            }
            Step::Broadcast if self.sockets.contains_key("/") => {
                self.event("/", "all", &[&json(&big())]);
            }
            Step::Wait(time) => {
                self.time += *time;
                // The steps themselves take milliseconds.
                self.given_up |= self.time + Duration::from_secs(2) > FIRST_DEADLINE;
            }
            Step::OpenCandidate | Step::Broadcast | Step::Pause | Step::Resume => {}
            // See `answered`.
            Step::Answer | Step::AnswerElsewhere => {}
        }
    }

    fn sent(&mut self, data: &[u8], binary: bool) {
        if !self.polls {
            return self.message(data, binary);
        }
        let body = body(data, binary);
        if body.len() > MAX_PAYLOAD {
            return;
        }
        match payload::reference(&body, MAX_PACKETS_PER_PAYLOAD) {
            None => self.closed = true,
            Some(packets) => {
                let several = packets.len() > 1;
                for packet in packets {
                    self.engine_packet(packet, several);
                }
                self.relaxed |= several && self.closed;
            }
        }
    }

    fn message(&mut self, data: &[u8], binary: bool) {
        if data.len() > MAX_PAYLOAD {
            self.closed = true;
            return;
        }
        let data = Bytes::copy_from_slice(data);
        let packet = match binary {
            true => Ok(engine::Packet::Binary(data)),
            false => engine::Packet::decode(data.try_into().expect("a text")),
        };
        match packet {
            Ok(packet) => self.engine_packet(packet, false),
            Err(_) => self.closed = true,
        }
    }

    /// `several` came at once: what one of them begins is not done when the next is looked at.
    fn engine_packet(&mut self, packet: engine::Packet, several: bool) {
        if self.closed {
            return;
        }
        let decoded = match packet {
            engine::Packet::Message(text) => self.decoder.text(text),
            engine::Packet::Binary(data) => self.decoder.binary(data),
            engine::Packet::Close | engine::Packet::Ping(_) => return self.closed = true,
            engine::Packet::Pong(_) => {
                self.pongs += 1;
                return self.closed = self.pongs > MAX_PONGS;
            }
            engine::Packet::Open(_) | engine::Packet::Upgrade | engine::Packet::Noop => return,
        };
        match decoded {
            Ok(None) => {}
            Ok(Some(packet)) => self.packet(&packet, several),
            Err(_) => self.closed = true,
        }
    }

    /// Everything has come to rest.
    fn settle(&mut self) {
        let mut lines = Vec::new();
        self.sockets.retain(|namespace, socket| {
            let answer = match socket.state {
                State::Connected => return true,
                State::Leaving => return false,
                State::Connecting => match &**namespace {
                    "/" | "/a" => "connected",
                    "/no" => "refused: no",
                    _ => "refused: Invalid namespace",
                },
            };
            socket.state = State::Connected;
            lines.push((namespace.clone(), answer.to_owned()));
            answer == "connected"
        });
        self.due.extend(lines);
    }

    /// Nobody waits for their answers any more.
    fn forget_questions(&mut self, namespace: &str) {
        self.asked.retain(|(of, _), _| of != namespace);
        let of_it = self.asking.iter_mut().filter(|question| question.namespace == namespace);
        of_it.for_each(|question| question.stale = true);
    }

    /// Takes off what has come: in the order of its namespace, unless anything goes.
    fn came(&mut self, packet: &Packet) {
        let namespace = &*packet.namespace;
        let line = lines::describe(packet, &self.failed);
        let is_next = |(of, due): &Line| of == namespace && (!self.relaxed || *due == line);
        let next = self.due.iter().position(is_next);
        let next = next.map(|at| self.due.remove(at));
        assert_eq!(next, Some((namespace.to_owned(), line)), "what is due and what has come");
        if let (PacketKind::Event, Some(id)) = (packet.kind, packet.id) {
            let at = self.asking.iter().position(|question| question.namespace == namespace);
            let question = self.asking.remove(at.expect("a question"));
            if !question.stale {
                self.asked.insert((question.namespace, id), question.ack);
            }
        }
    }
}
