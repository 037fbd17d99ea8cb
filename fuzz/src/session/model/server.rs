//! What the server does with a packet of Socket.IO, its handlers included, and what comes of that.

use socketio_protocol::socket::{Packet, PacketKind};

use super::{
    Model, Question, Socket, State,
    lines::{ack_line, json, text},
};
use crate::session::{MAX_BAD_ACKS, MAX_NAMESPACES, MAX_ROOM_LEN, MAX_ROOMS, big};

impl Model {
    pub(super) fn packet(&mut self, packet: &Packet, several: bool) {
        let namespace = &*packet.namespace;
        let state = self.sockets.get(namespace).map(|socket| &socket.state);
        let is_connected = state.is_some_and(|state| *state != State::Connecting);
        match packet.kind {
            PacketKind::Connect if state.is_some() => self.closed = true,
            PacketKind::Connect if self.sockets.len() >= MAX_NAMESPACES => {
                self.line(namespace, "refused: Too many namespaces".into());
            }
            PacketKind::Connect => {
                self.sockets.insert(namespace.to_owned(), Socket::default());
            }
            PacketKind::ConnectError => {}
            _ if !is_connected => self.closed = true,
            PacketKind::Disconnect => {
                self.sockets.remove(namespace);
                self.forget_questions(namespace);
                self.relaxed |= several;
            }
            PacketKind::Ack => {
                self.ack(namespace, packet.id.unwrap_or_default());
                self.relaxed |= several;
            }
            PacketKind::Event => self.handle(packet),
        }
    }

    fn ack(&mut self, namespace: &str, id: u64) {
        match self.asked.remove(&(namespace.to_owned(), id)) {
            Some(ack) => {
                self.event(namespace, "answer", &["true"]);
                self.ack_empty(namespace, ack);
            }
            // It may be one that the client has not seen.
            None if !self.asking.is_empty() => self.given_up = true,
            None => {
                self.bad_acks += 1;
                self.closed = self.bad_acks > MAX_BAD_ACKS;
            }
        }
    }

    /// What the handlers of the server do.
    fn handle(&mut self, packet: &Packet) {
        let (namespace, id) = (&*packet.namespace, packet.id);
        let Some(socket) = self.sockets.get_mut(namespace) else { return };
        if socket.state == State::Leaving {
            // It is emitted, and comes too late.
            return;
        }
        let args = packet.payload.args();
        let room = || args.ack_args::<String>().ok();
        match &*packet.payload.event() {
            "echo" => {
                self.line(namespace, format!("event echo {}", text(&args)));
                id.into_iter().for_each(|id| self.line(namespace, ack_line(id, &args)));
            }
            "ask" => {
                self.line(namespace, "asks".into());
                let namespace = namespace.to_owned();
                self.asking.push(Question { namespace, ack: id, stale: false });
            }
            name @ ("join" | "leave") => match room() {
                Some(room) => {
                    if name == "leave" {
                        socket.rooms.remove(&room);
                    } else if room.len() <= MAX_ROOM_LEN && socket.rooms.len() < MAX_ROOMS {
                        socket.rooms.insert(room.clone());
                    }
                    if socket.rooms.contains(&room) {
                        self.event(namespace, "in", &[&json(&room)]);
                    }
                    self.ack_empty(namespace, id);
                }
                None => {
                    let Some(id) = id else { return };
                    self.failed.insert((namespace.to_owned(), id));
                    self.line(namespace, format!("ack {id} failed"));
                }
            },
            "big" => {
                self.event(namespace, "big", &[&json(&big())]);
                self.ack_empty(namespace, id);
            }
            "bye" => {
                socket.state = State::Leaving;
                self.forget_questions(namespace);
                self.line(namespace, "disconnected".into());
            }
            "close" => {
                // The others are told, too, if there is time.
                let all: Vec<_> = self.sockets.keys().cloned().collect();
                all.iter().for_each(|namespace| self.line(namespace, "disconnected".into()));
                self.closed = true;
            }
            _ => {}
        }
    }

    fn line(&mut self, namespace: &str, line: String) {
        self.due.push((namespace.to_owned(), line));
    }

    pub(super) fn event(&mut self, namespace: &str, name: &str, args: &[&str]) {
        self.line(namespace, format!("event {name} [{}]", args.join(",")));
    }

    fn ack_empty(&mut self, namespace: &str, id: Option<u64>) {
        id.into_iter().for_each(|id| self.line(namespace, format!("ack {id} []")));
    }
}
