//! What a refused request is told: the official codes and texts.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
};

use super::{handshake::BadHandshake, hooks::ConnectionError};

/// Why a request is refused, with what was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownTransport(String),
    UnknownSid(String),
    BadHandshakeMethod(String),
    BadRequest(&'static str),
    BadHandshake(BadHandshake),
    /// With the text that the application gave.
    Forbidden(String),
    UnsupportedProtocolVersion(String),
    /// The origin of a page that may open no session.
    ForeignOrigin(String),
    /// There is no room for another session now.
    Unavailable(&'static str),
}

/// When a client may try again that was refused for want of room, in seconds.
const RETRY_AFTER: u8 = 5;

impl Refusal {
    fn code_and_message(&self) -> (u8, &str) {
        match self {
            Self::UnknownTransport(_) => (0, "Transport unknown"),
            Self::UnknownSid(_) => (1, "Session ID unknown"),
            Self::BadHandshakeMethod(_) => (2, "Bad handshake method"),
            Self::BadRequest(_) | Self::BadHandshake(_) | Self::Unavailable(_) => {
                (3, "Bad request")
            }
            Self::ForeignOrigin(_) => (4, "Forbidden"),
            Self::Forbidden(message) if message.is_empty() => (4, "Forbidden"),
            Self::Forbidden(message) => (4, message),
            Self::UnsupportedProtocolVersion(_) => (5, "Unsupported protocol version"),
        }
    }

    /// As the application hears of it.
    pub(super) fn to_error(&self) -> ConnectionError {
        let (code, message) = self.code_and_message();
        let context = match self {
            Self::UnknownTransport(at_fault)
            | Self::UnknownSid(at_fault)
            | Self::BadHandshakeMethod(at_fault)
            | Self::Forbidden(at_fault)
            | Self::ForeignOrigin(at_fault)
            | Self::UnsupportedProtocolVersion(at_fault) => at_fault.clone(),
            Self::BadRequest(name) | Self::Unavailable(name) => (*name).to_owned(),
            Self::BadHandshake(bad) => bad.text().to_owned(),
        };
        let message = if code == 4 { "Forbidden" } else { message };
        ConnectionError { code, message: message.to_owned(), context }
    }

    /// The answer to an ordinary request.
    pub(super) fn response(&self) -> HttpResponse {
        if let Self::Unavailable(_) = self {
            return unavailable().finish();
        }
        let (code, message) = self.code_and_message();
        let status = match self {
            Self::Forbidden(_) | Self::ForeignOrigin(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        // The message may be the application's, so it is escaped.
        let message = serde_json::Value::from(message);
        HttpResponseBuilder::new(status)
            .content_type(ContentType::json())
            .body(format!(r#"{{"code":{code},"message":{message}}}"#))
    }

    /// The answer to a request for a WebSocket: plain text, and the connection ends.
    pub(super) fn upgrade_response(&self) -> HttpResponse {
        if let Self::Unavailable(_) = self {
            return unavailable().force_close().finish();
        }
        let (mut response, text) = match self {
            Self::BadHandshake(bad) => (bad.response(), bad.text()),
            _ => (HttpResponse::BadRequest(), self.code_and_message().1),
        };
        response.force_close().content_type("text/html").body(text.to_owned())
    }
}

/// Load balancers and clients know what to do with this one.
fn unavailable() -> HttpResponseBuilder {
    let mut response = HttpResponse::ServiceUnavailable();
    response.insert_header((header::RETRY_AFTER, RETRY_AFTER.to_string()));
    response
}
