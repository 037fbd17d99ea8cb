//! What can end or refuse: reasons of disconnection and errors of an ask. Users read them through the root crate.

use std::fmt;

/// Why a socket was disconnected. `Display` gives the official text, as `reason` in JavaScript.
///
/// ```
/// # use actix_socketio_actors::error::DisconnectReason;
/// let reason = DisconnectReason::ClientNamespaceDisconnect; // the client has called `socket.disconnect()`
/// assert_eq!(reason.as_str(), "client namespace disconnect");
/// assert_eq!(reason.to_string(), reason.as_str());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// `transport error`: the transport failed or was misused.
    TransportError,
    /// `transport close`: the client closed its connection.
    TransportClose,
    /// `forced close`: the server closed the connection, for instance after a packet that cannot be decoded.
    ForcedClose,
    /// `ping timeout`: no pong arrived in time.
    PingTimeout,
    /// `parse error`: an Engine.IO packet could not be decoded.
    ParseError,
    /// `server shutting down`.
    ServerShuttingDown,
    /// `forced server close`: the server closed the whole connection, for instance by `disconnect(true)`.
    ForcedServerClose,
    /// `client namespace disconnect`: the client left the namespace.
    ClientNamespaceDisconnect,
    /// `server namespace disconnect`: the server disconnected the socket.
    ServerNamespaceDisconnect,
}

impl DisconnectReason {
    /// The official text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TransportError => "transport error",
            Self::TransportClose => "transport close",
            Self::ForcedClose => "forced close",
            Self::PingTimeout => "ping timeout",
            Self::ParseError => "parse error",
            Self::ServerShuttingDown => "server shutting down",
            Self::ForcedServerClose => "forced server close",
            Self::ClientNamespaceDisconnect => "client namespace disconnect",
            Self::ServerNamespaceDisconnect => "server namespace disconnect",
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an acknowledgement did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AckError {
    /// The deadline passed.
    #[error("operation has timed out")]
    Timeout,
    /// The socket disconnected first.
    #[error("socket has been disconnected")]
    Disconnected,
}

/// Why a client is refused by a namespace: becomes the `connect_error` of the client.
///
/// ```
/// # use actix_socketio_actors::error::ConnectError;
/// let error = ConnectError::new("not authorized").with_data(serde_json::json!({ "code": 401 }));
/// // socket.on("connect_error", (error) => …)
/// assert_eq!(error.message, "not authorized");
/// assert_eq!(error.data.unwrap()["code"], 401);
/// assert_eq!(ConnectError::from("full"), ConnectError::new("full"));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// `message` of the client's error.
    pub message: String,
    /// `data` of the client's error.
    pub data: Option<serde_json::Value>,
}

impl ConnectError {
    /// A refusal without data.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }

    /// Adds `data` of the client's error.
    #[must_use]
    pub fn with_data(self, data: impl Into<serde_json::Value>) -> Self {
        Self { data: Some(data.into()), ..self }
    }
}

impl From<&str> for ConnectError {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<String> for ConnectError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}
