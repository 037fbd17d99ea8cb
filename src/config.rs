//! The builder of a server: every option with its default and its official name.

use std::{sync::Arc, time::Duration};

use actix_socketio_actors::{
    config::{Config, OutboxLimits},
    dispatch::{EngineHandler, EngineMessage},
};

use crate::{
    engine::{self, EngineIo, EngineSocket},
    io::SocketIo,
};

/// Builds a [`SocketIo`]. Options that are not set keep the default of the official server.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    path: String,
    config: Config,
}

/// An option has a value that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("option `{option}`: {problem}")]
pub struct ConfigError {
    option: &'static str,
    problem: &'static str,
}

impl Default for Builder {
    fn default() -> Self {
        Self { path: "/socket.io/".into(), config: Config::default() }
    }
}

impl Builder {
    /// Path under which clients connect, `path` in JavaScript. Default `/socket.io/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Time between two pings, `pingInterval` in JavaScript. Default 25 s.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.config.ping_interval = interval;
        self
    }

    /// Time that a client has to answer a ping, `pingTimeout` in JavaScript. Default 20 s.
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.config.ping_timeout = timeout;
        self
    }

    /// Time that the upgrade from polling to WebSocket may take, `upgradeTimeout` in JavaScript. Default 10 s.
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.config.upgrade_timeout = timeout;
        self
    }

    /// Time in which a new connection has to join its first namespace, `connectTimeout` in JavaScript. Default 45 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout;
        self
    }

    /// Time that a client has to answer an ask that sets none of its own. Default 30 s (JavaScript waits without end).
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.config.ack_timeout = timeout;
        self
    }

    /// Time that the body of a polling request may take to arrive; a slower one is answered with 408, and its session is closed.
    /// Default 10 s (JavaScript leaves it to the HTTP server).
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.config.body_timeout = timeout;
        self
    }

    /// Largest message that a client may send, in bytes, `maxHttpBufferSize` in JavaScript. Default 1,000,000.
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

    /// Most events of one connection whose handlers run at once. As many again may wait; then reading from the connection stops until
    /// a handler has finished. Default 64 (JavaScript has no bound).
    pub fn max_inflight_events(mut self, events: usize) -> Self {
        self.config.max_inflight_events = events;
        self
    }

    /// What may wait for a slow client, in bytes of payload and in packets, before its connection is closed. Default 4 MiB and 16,384
    /// packets (JavaScript has no bound).
    pub fn outbox_limits(mut self, bytes: usize, packets: usize) -> Self {
        self.config.outbox = OutboxLimits { bytes, packets };
        self
    }

    /// Checks the options and makes the server. It starts when it is first mounted.
    ///
    /// # Errors
    ///
    /// An option has a value that cannot work; the error names it.
    pub fn build(self) -> Result<SocketIo, ConfigError> {
        self.build_with(None)
    }

    /// Checks the options and makes a server of Engine.IO alone, as the npm package `engine.io`: `handler` gets each message as it is.
    ///
    /// ```
    /// # use actix_socketio::{EngineMessage, EngineSocket, SocketIo};
    /// let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
    /// let engine = SocketIo::builder().path("/engine.io/").build_engine(echo)?;
    /// # Ok::<(), actix_socketio::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`build`](Self::build).
    pub fn build_engine<F, Fut>(self, handler: F) -> Result<EngineIo, ConfigError>
    where
        F: FnOnce(EngineSocket, EngineMessage) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + 'static,
    {
        Ok(EngineIo::new(self.build_with(Some(engine::erase(handler)))?))
    }

    fn build_with(self, engine: Option<Arc<dyn EngineHandler>>) -> Result<SocketIo, ConfigError> {
        let Self { mut path, config } = self;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
        if !path.starts_with('/') || !path.bytes().all(plain) {
            let problem = "must start with `/` and be a plain path";
            return Err(ConfigError { option: "path", problem });
        }
        if !path.ends_with('/') {
            path.push('/');
        }
        refuse_zeros(&config)?;
        Ok(SocketIo::with_config(path, Arc::new(config), engine))
    }
}

fn refuse_zeros(config: &Config) -> Result<(), ConfigError> {
    let values = [
        ("ping_interval", config.ping_interval.is_zero()),
        ("ping_timeout", config.ping_timeout.is_zero()),
        ("upgrade_timeout", config.upgrade_timeout.is_zero()),
        ("connect_timeout", config.connect_timeout.is_zero()),
        ("ack_timeout", config.ack_timeout.is_zero()),
        ("body_timeout", config.body_timeout.is_zero()),
        ("max_payload", config.max_payload == 0),
        ("max_ws_fragments", config.max_ws_fragments == 0),
        ("max_packets_per_payload", config.max_packets_per_payload == 0),
        ("max_inflight_events", config.max_inflight_events == 0),
        ("outbox_limits", config.outbox.bytes == 0 || config.outbox.packets == 0),
    ];
    match values.iter().find(|(_, zero)| *zero) {
        Some((option, _)) => Err(ConfigError { option, problem: "must not be zero" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_cannot_work_is_named_in_the_error() {
        let error = Builder::default().ping_interval(Duration::ZERO).build().unwrap_err();
        assert_eq!(error.to_string(), "option `ping_interval`: must not be zero");
        let error = Builder::default().path("chat").build().unwrap_err();
        assert_eq!(error.to_string(), "option `path`: must start with `/` and be a plain path");
    }
}
