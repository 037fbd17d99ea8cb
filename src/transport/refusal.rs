//! What a refused request is told: the official codes and texts.

use actix_web::{HttpResponse, http::header::ContentType};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownTransport,
    UnknownSid,
    BadHandshakeMethod,
    BadRequest,
    UnsupportedProtocolVersion,
}

impl Refusal {
    fn code_and_message(self) -> (u8, &'static str) {
        match self {
            Self::UnknownTransport => (0, "Transport unknown"),
            Self::UnknownSid => (1, "Session ID unknown"),
            Self::BadHandshakeMethod => (2, "Bad handshake method"),
            Self::BadRequest => (3, "Bad request"),
            Self::UnsupportedProtocolVersion => (5, "Unsupported protocol version"),
        }
    }

    /// The answer to an ordinary request.
    pub(super) fn response(self) -> HttpResponse {
        let (code, message) = self.code_and_message();
        HttpResponse::BadRequest()
            .content_type(ContentType::json())
            .body(format!(r#"{{"code":{code},"message":"{message}"}}"#))
    }

    /// The answer to a request for a WebSocket: plain text, and the connection ends.
    pub(super) fn upgrade_response(self) -> HttpResponse {
        HttpResponse::BadRequest()
            .force_close()
            .content_type("text/html")
            .body(self.code_and_message().1)
    }
}
