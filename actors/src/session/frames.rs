//! What arrives: Engine.IO packets, and the Socket.IO packets inside them, each handed to the part of the session that deals with it.

use actix::{AsyncContext, Context, Handler};
use bytes::Bytes;
use bytestring::ByteString;
use socketio_protocol::{
    engine,
    socket::{DecodeError, Packet, PacketKind},
};

use super::{
    Session,
    messages::{FrameReceived, InboundFrame, PayloadReceived},
};
use crate::{
    dispatch::{EngineConnection, EngineMessage},
    error::DisconnectReason,
    gate::MAX_LENT,
    outbox::PushOutcome,
    running::UserCode,
};

impl Handler<FrameReceived> for Session {
    type Result = ();

    fn handle(&mut self, msg: FrameReceived, ctx: &mut Self::Context) {
        if self.candidate.as_ref().is_some_and(|c| c.transport == msg.transport) {
            self.candidate_frame(&msg.frame, ctx);
        } else if msg.transport == self.transport.0 {
            match msg.frame {
                InboundFrame::Text(text) => match engine::Packet::decode(text) {
                    Ok(packet) => self.engine_packet(packet, ctx),
                    Err(_) => self.close(DisconnectReason::ParseError, ctx),
                },
                InboundFrame::Binary(data) => {
                    self.engine_packet(engine::Packet::Binary(data), ctx);
                }
            }
        }
        self.gate.leave();
    }
}

impl Handler<PayloadReceived> for Session {
    type Result = ();

    fn handle(&mut self, msg: PayloadReceived, ctx: &mut Self::Context) {
        for packet in msg.packets {
            self.engine_packet(packet, ctx);
        }
        // The edge may have given up waiting.
        let _ = msg.done.send(());
    }
}

impl Session {
    fn engine_packet(&mut self, packet: engine::Packet, ctx: &mut Context<Self>) {
        if self.closing {
            return;
        }
        match packet {
            engine::Packet::Pong(_) => return self.pong_received(ctx),
            engine::Packet::Message(text) => self.message(text, ctx),
            engine::Packet::Binary(data) => self.attachment(data, ctx),
            engine::Packet::Close => self.close(DisconnectReason::TransportClose, ctx),
            // A client of this protocol version does not ping: "invalid heartbeat direction".
            engine::Packet::Ping(_) => self.close(DisconnectReason::TransportError, ctx),
            // Meaningless here; the official server ignores them.
            engine::Packet::Open(_) | engine::Packet::Upgrade | engine::Packet::Noop => {}
        }
        if !self.closing {
            self.sign_of_life(ctx);
        }
    }

    fn message(&mut self, text: ByteString, ctx: &mut Context<Self>) {
        if self.engine.is_some() {
            return self.engine_message(EngineMessage::Text(text), ctx);
        }
        let decoded = self.decoder.text(text);
        self.decoded(decoded, ctx);
    }

    fn attachment(&mut self, data: Bytes, ctx: &mut Context<Self>) {
        if self.engine.is_some() {
            return self.engine_message(EngineMessage::Binary(data), ctx);
        }
        let decoded = self.decoder.binary(data);
        self.decoded(decoded, ctx);
    }

    fn engine_message(&mut self, message: EngineMessage, ctx: &mut Context<Self>) {
        let Some(handler) = self.engine.clone() else { return };
        let outbox = self.outbox.clone();
        let connection = EngineConnection { outbox, session: ctx.address() };
        self.run_handler(
            UserCode::Message.into(),
            || Some(handler.message(connection, message)),
            ctx,
        );
    }

    fn decoded(&mut self, decoded: Result<Option<Packet>, DecodeError>, ctx: &mut Context<Self>) {
        self.await_attachment(ctx);
        self.hold_inbound();
        match decoded {
            Ok(Some(packet)) => self.socket_packet(packet, ctx),
            Ok(None) => {}
            Err(error) => {
                log::debug!("closing a connection: {error}");
                self.close(DisconnectReason::ForcedClose, ctx);
            }
        }
    }

    fn socket_packet(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        if packet.kind == PacketKind::Ack {
            // Never waits: handlers may be waiting for it.
            return self.ack_received(packet, ctx);
        }
        if self.backlog.is_empty() && self.admits(packet.kind, ctx) {
            return self.handle_packet(packet, ctx);
        }
        // It counts at the gate, so that a client that sends on and on is read no more.
        self.gate.enter();
        self.backlog_bytes += byte_len(&packet);
        self.backlog.push_back(packet);
        self.hold_inbound();
    }

    /// Whether the next packet is handled now. Those that are no events only wait for their turn.
    fn admits(&mut self, kind: PacketKind, ctx: &mut Context<Self>) -> bool {
        kind != PacketKind::Event || (!self.too_many_handlers() && self.keeps_pace(ctx))
    }

    /// A handler that asks the client does not count: the answer may be behind further events.
    fn too_many_handlers(&self) -> bool {
        let asking = self.pending_acks.len().min(MAX_LENT);
        self.running_handlers >= self.config.max_inflight_events.saturating_add(asking)
    }

    /// Deals with packets that waited, in their order, as far as the limits allow.
    pub(super) fn handle_backlog(&mut self, ctx: &mut Context<Self>) {
        while let Some(kind) = self.backlog.front().map(|packet| packet.kind)
            && self.admits(kind, ctx)
            && let Some(packet) = self.backlog.pop_front()
        {
            self.gate.leave();
            self.backlog_bytes -= byte_len(&packet);
            self.hold_inbound();
            self.handle_packet(packet, ctx);
        }
    }

    /// Tells the memory budget what is here of packets that are not whole or that wait.
    pub(super) fn hold_inbound(&self) {
        self.outbox.hold_inbound(self.decoder.pending_bytes() + self.backlog_bytes);
    }

    fn handle_packet(&mut self, packet: Packet, ctx: &mut Context<Self>) {
        match packet.kind {
            PacketKind::Connect => self.connect_requested(packet, ctx),
            PacketKind::Event => self.event_received(packet, ctx),
            PacketKind::Disconnect => self.disconnect_requested(&packet, ctx),
            // Only a server sends refusals; the official server ignores them on a socket.
            PacketKind::ConnectError | PacketKind::Ack => {}
        }
    }

    /// Sends an engine packet, or a packet that concerns no socket yet.
    pub(super) fn push_engine(&mut self, frame: engine::Frame, ctx: &mut Context<Self>) {
        if self.outbox.push(&[frame]) == PushOutcome::Overflow {
            self.origin.courier.tally.slow_consumer();
            log::warn!("session {}: slow consumer, closing it", self.origin.context.0);
            self.close(DisconnectReason::TransportError, ctx);
        }
    }
}

fn byte_len(packet: &Packet) -> usize {
    let attachments = packet.payload.attachments().iter();
    packet.payload.json().len() + attachments.map(Bytes::len).sum::<usize>()
}
