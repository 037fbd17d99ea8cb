//! The one error of the public API.

use actix_socketio_actors::error::AckError;
use socketio_protocol::socket::{ArgsError, EncodeError};

/// Why something could not be sent, was not answered, or does not have the expected type.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(transparent)]
    Ack(#[from] AckError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Args(#[from] ArgsError),
    #[error("parameters of the namespace: {0}")]
    Params(#[from] serde::de::value::Error),
    #[error("the server is gone")]
    ServerGone,
    #[error("the namespace is gone")]
    NamespaceGone,
}

impl Error {
    pub(crate) fn server_gone() -> Self {
        Self(Kind::ServerGone)
    }

    pub(crate) fn namespace_gone() -> Self {
        Self(Kind::NamespaceGone)
    }

    /// The client did not answer in time.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0, Kind::Ack(AckError::Timeout))
    }

    /// The client disconnected before it answered.
    pub fn is_disconnected(&self) -> bool {
        matches!(self.0, Kind::Ack(AckError::Disconnected))
    }

    /// What was to be sent cannot be: it cannot be serialised, or the event name is reserved.
    pub fn is_encode(&self) -> bool {
        matches!(self.0, Kind::Encode(_))
    }

    /// What arrived does not have the expected type.
    pub fn is_type_mismatch(&self) -> bool {
        matches!(self.0, Kind::Args(_) | Kind::Params(_))
    }
}

impl From<serde::de::value::Error> for Error {
    fn from(error: serde::de::value::Error) -> Self {
        Self(error.into())
    }
}

impl From<AckError> for Error {
    fn from(error: AckError) -> Self {
        Self(error.into())
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self(error.into())
    }
}

impl From<ArgsError> for Error {
    fn from(error: ArgsError) -> Self {
        Self(error.into())
    }
}
