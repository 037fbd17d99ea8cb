//! The options that say how much: what a client may send, hold and have waiting. Those that say how long are beside the others.
//!
//! `docs/guarantees.md` has a table of them, which a test compares with the defaults here.

use std::time::Duration;

use actix_socketio_actors::{
    config::{FenceLimits, Limit},
    supervision::RestartLimit,
};

use super::Builder;

impl Builder {
    /// Largest message that a client may send, in bytes, `maxHttpBufferSize` in JavaScript. Default 1,000,000.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use actix_socketio::SocketIo;
    /// let io = SocketIo::builder()
    ///     // what a client may send
    ///     .max_payload(100_000)
    ///     .max_ws_fragments(16)
    ///     .max_packets_per_payload(64)
    ///     .max_attachments(4)
    ///     .max_packet_bytes(200_000)
    ///     .max_namespace_len(64)
    ///     .max_event_len(64)
    ///     .max_json_depth(16)
    ///     .min_body_rate(4096)
    ///     .max_ws_pings(2)
    ///     .max_bad_acks(10)
    ///     .max_unsolicited_pongs(2)
    ///     // what may be under way and wait
    ///     .max_inflight_events(16)
    ///     .max_events_per_second(100)
    ///     .max_watched_events(100)
    ///     .max_forwarded(1000)
    ///     .recipient_capacity(100)
    ///     .outbox_limits(1 << 20, 1000)
    ///     .volatile_limit(1 << 16)
    ///     .fence_limits(1 << 20, 1000)
    ///     // how many there may be
    ///     .memory_budget(64 << 20)
    ///     .max_sessions(5000) // or `Limit::Unlimited`
    ///     .max_sessions_per_ip(100)
    ///     .max_namespaces_per_connection(4)
    ///     .max_dynamic_namespaces(1000)
    ///     .max_rooms_per_socket(50)
    ///     .max_room_len(40)
    ///     // how often an actor may panic
    ///     .restart_limit(3, Duration::from_secs(60))
    ///     .build()?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.config.max_payload = bytes;
        self
    }

    /// Most fragments of one WebSocket message; more close the connection with 1008. Default 1024 (the official server takes 131,072).
    pub fn max_ws_fragments(mut self, fragments: usize) -> Self {
        self.config.max_ws_fragments = fragments;
        self
    }

    /// Most packets in one polling request; more close the session. Default 4096 (JavaScript has no bound).
    pub fn max_packets_per_payload(mut self, packets: usize) -> Self {
        self.config.max_packets_per_payload = packets;
        self
    }

    /// Most events of one connection whose handlers run at once; those that wait for an answer of the client are not counted. As many
    /// again may wait; then reading from the connection stops until a handler has finished. Default 64 (JavaScript has no bound).
    pub fn max_inflight_events(mut self, events: usize) -> Self {
        self.config.max_inflight_events = events;
        self
    }

    /// Most events of one connection that are handled in a second, which begins with its first event. Those beyond it wait, in their
    /// order, for the next second; meanwhile the connection is not read, so TCP holds the client back, over polling that its POST is not
    /// answered. Default [`Limit::Unlimited`](crate::Limit) (JavaScript has no bound). A server of Engine.IO alone cannot have it.
    ///
    /// What the client sends behind them waits as well, answers and pongs included. It is not disconnected for want of a pong that could
    /// not be read: the [`ping_timeout`](Self::ping_timeout) begins anew when the pause is over. So a client that keeps sending more than this,
    /// or has vanished with events waiting, is found later: choose no number below what a client needs in a burst. An answer may be later
    /// than its [`ack_timeout`](Self::ack_timeout).
    pub fn max_events_per_second(mut self, events: impl Into<Limit>) -> Self {
        self.config.max_events_per_second = events.into();
        self
    }

    /// Most events to one connection that may wait for [`on_any_outgoing`](crate::Namespace::on_any_outgoing) handlers; further ones are
    /// sent, but not shown to them. Default 1024 (in JavaScript, such handlers cannot wait).
    pub fn max_watched_events(mut self, events: usize) -> Self {
        self.config.max_watched_events = events;
        self
    }

    /// What may wait for a slow client, in bytes of payload and in packets, before its connection is closed: at least one message of
    /// [`max_payload`](Self::max_payload). Default 4 MiB, or two such messages if that is more, and 16,384 packets (JavaScript has no
    /// bound).
    pub fn outbox_limits(mut self, bytes: usize, packets: usize) -> Self {
        self.outbox = Some((bytes, packets));
        self
    }

    /// What may wait for a WebSocket client, in bytes of payload, before volatile events are no longer queued for it. Default 256 KiB
    /// (the official server drops them while any write is under way).
    pub fn volatile_limit(mut self, bytes: usize) -> Self {
        self.config.outbox.volatile_bytes = bytes;
        self
    }

    /// What may wait in one context behind what is under way through a namespace or a room, in bytes of payload and in operations: emits,
    /// broadcasts, joins and so on. Beyond it, the first of what waits goes, and its order may be broken; no message is lost, and the log
    /// says so. Default 64 MiB and 1,048,576 operations (JavaScript has one thread, where nothing waits).
    ///
    /// A connection is a context, and so is a handle of the server that is used outside of handlers.
    pub fn fence_limits(mut self, bytes: usize, operations: usize) -> Self {
        self.config.fence = FenceLimits { bytes, operations };
        self
    }

    /// Most namespaces that one connection may be in, or ask for, at once; more are refused with `Too many namespaces`. Default 32
    /// (JavaScript has no bound).
    pub fn max_namespaces_per_connection(mut self, namespaces: usize) -> Self {
        self.config.max_namespaces_per_connection = namespaces;
        self
    }

    /// Most namespaces that exist because clients have asked for them (see [`SocketIo::of_pattern`](crate::SocketIo::of_pattern)); beyond it, clients are refused with
    /// `Invalid namespace`. Default 10,000 (JavaScript has no bound).
    pub fn max_dynamic_namespaces(mut self, namespaces: usize) -> Self {
        self.config.max_dynamic_namespaces = namespaces;
        self
    }

    /// Most attachments of one packet; more close the connection. Default 10, as `maxAttachments` of the parser in JavaScript; 99 at most.
    /// Official clients accept 10, whatever the server does.
    pub fn max_attachments(mut self, attachments: usize) -> Self {
        self.config.packets.max_attachments = attachments;
        self
    }

    /// Most bytes of one packet, its text and its attachments together: at least [`max_payload`](Self::max_payload). More close the
    /// connection. Default: `max_payload` for the text and for each attachment, 11,000,000 (JavaScript has no other bound).
    pub fn max_packet_bytes(mut self, bytes: usize) -> Self {
        self.max_packet_bytes = Some(bytes);
        self
    }

    /// Longest namespace that a client may name, in bytes, slash included; a longer one closes the connection and is not sent back.
    /// Default 256 (JavaScript has no bound).
    pub fn max_namespace_len(mut self, bytes: usize) -> Self {
        self.config.packets.max_namespace_len = bytes;
        self
    }

    /// Longest name of an event that a client may send, in bytes; a longer one closes the connection. Default 256 (JavaScript has no
    /// bound).
    pub fn max_event_len(mut self, bytes: usize) -> Self {
        self.config.packets.max_event_len = bytes;
        self
    }

    /// Deepest nesting of what a client may send, the list of arguments being the first level; deeper ones close the connection before
    /// anything is built of them. Default 128, which is the most, as typed arguments can be no deeper (JavaScript has no bound).
    pub fn max_json_depth(mut self, levels: usize) -> Self {
        self.config.packets.max_json_depth = levels;
        self
    }

    /// Messages that may wait for the actor behind a [`Recipient`](actix::Recipient) before `try_send` is refused; see
    /// [`message`](crate::message#what-is-promised). Default 16, as for any actor (in JavaScript there is none).
    pub fn recipient_capacity(mut self, messages: usize) -> Self {
        // actix does not count further than half of the bits.
        self.config.recipient_capacity = messages.min(usize::MAX >> 3);
        self
    }

    /// Most events that may lie with one actor, waiting in its mailbox or being handled, per call of
    /// [`forward`](crate::Namespace::forward); further ones are answered with `{"error": "handler overloaded"}`. And most facts of
    /// [`Lifecycle`](crate::Lifecycle) that may wait for one; it is not told further ones. Default 16,384 (JavaScript has no actors).
    pub fn max_forwarded(mut self, messages: usize) -> Self {
        self.config.max_forwarded = messages;
        self
    }

    /// Most acknowledgements in a minute that nobody waits for; more close the connection. Those that come after their time-out are late,
    /// and are not counted. Default 100 (JavaScript ignores them all).
    pub fn max_bad_acks(mut self, acks: usize) -> Self {
        self.config.max_bad_acks = acks;
        self
    }

    /// Most pongs between two pings that answer none; more close the connection. They are no sign of life. Default 10 (the official server
    /// takes each for an answer).
    pub fn max_unsolicited_pongs(mut self, pongs: usize) -> Self {
        self.config.max_unsolicited_pongs = pongs;
        self
    }

    /// The rate at which the body of a polling request earns more time, in bytes a second: each second's worth that has arrived is a second
    /// more than [`body_timeout`](Self::body_timeout). Default 1024 (JavaScript leaves it to the HTTP server).
    pub fn min_body_rate(mut self, bytes: usize) -> Self {
        self.config.min_body_rate = bytes;
        self
    }

    /// Most pings that a WebSocket client may send in a second, on average over ten; more close it with 1008. All others are answered.
    /// Default 20 (JavaScript has no bound). These are pings of WebSocket, which official clients do not send.
    pub fn max_ws_pings(mut self, pings: usize) -> Self {
        self.config.max_ws_pings = pings;
        self
    }

    /// Most sessions at once; further handshakes are answered with 503 and `Retry-After`. [`Limit::Unlimited`](crate::Limit) is none.
    /// Default 100,000 (JavaScript has no bound).
    pub fn max_sessions(mut self, sessions: impl Into<Limit>) -> Self {
        self.config.max_sessions = sessions.into();
        self
    }

    /// Most sessions at once from one address; further handshakes are answered as for [`max_sessions`](Self::max_sessions). Default
    /// [`Limit::Unlimited`](crate::Limit) (JavaScript has no bound).
    ///
    /// The address is that of the TCP connection. Behind a proxy all clients have the address of the proxy, so there it is for the proxy
    /// to count them: headers such as `X-Forwarded-For` are not looked at, as any client can send them. An IPv6 address counts with all
    /// others of its /64 network, within which a host may choose; an IPv4 address that is written as one of IPv6 is one of IPv4. Clients
    /// of a Unix socket have no address and are not counted. Many people may share an address: an office, a mobile network.
    pub fn max_sessions_per_ip(mut self, sessions: impl Into<Limit>) -> Self {
        self.config.max_sessions_per_ip = sessions.into();
        self
    }

    /// Most rooms of one socket besides its own; it joins no further ones, which the log says. Default 10,000 (JavaScript has no bound).
    pub fn max_rooms_per_socket(mut self, rooms: usize) -> Self {
        self.config.max_rooms_per_socket = rooms;
        self
    }

    /// Longest name of a room, in bytes: nobody joins one with a longer name, which the log says. Default 256 (JavaScript has no bound).
    pub fn max_room_len(mut self, bytes: usize) -> Self {
        self.config.max_room_len = bytes;
        self
    }

    /// Most times that a supervisor, a room or a courier goes on after a panic of its own, in so much time. One that panics more often has
    /// failed, and what that costs [the guarantees](https://github.com/actix-socketio/actix-socketio/blob/main/docs/guarantees.md#failures)
    /// say. Default 5 in 10 s (JavaScript has no actors). Handlers are not meant: what panics there costs an event.
    pub fn restart_limit(mut self, restarts: usize, within: Duration) -> Self {
        self.config.restart_limit = RestartLimit { restarts, within };
        self
    }

    /// Bytes that may wait for all clients together, a broadcast counting once for each, that wait for handlers, and that packets hold whose
    /// attachments are still due. From 80 % on, handshakes are answered with 503 and `Retry-After`, and
    /// connections that have joined no namespace after 10 s are closed; from 95 % on, connections that take nothing
    /// are closed, those that hold most first, and when it stays spent, others too. No broadcast ever waits.
    /// [`Limit::Unlimited`](crate::Limit) is none. Default 1 GiB (JavaScript has no bound).
    /// [`SocketIo::pressure`](crate::SocketIo::pressure) says how much is used.
    pub fn memory_budget(mut self, bytes: impl Into<Limit>) -> Self {
        self.config.memory_budget = bytes.into();
        self
    }
}
