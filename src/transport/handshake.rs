//! The headers with which a client asks for a WebSocket, as the npm package `ws` judges them. `websocket` calls it; whether the client
//! may have a WebSocket at all is for `service` to say.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        Method,
        header::{self, HeaderName},
    },
};

/// What is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadHandshake {
    Method,
    Key,
    Version,
    Protocol,
}

impl BadHandshake {
    /// What the client is told.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Method => "Invalid HTTP method",
            Self::Key => "Missing or invalid Sec-WebSocket-Key header",
            Self::Version => "Missing or invalid Sec-WebSocket-Version header",
            Self::Protocol => "Invalid Sec-WebSocket-Protocol header",
        }
    }

    /// The answer, but for its text.
    pub(super) fn response(self) -> HttpResponseBuilder {
        match self {
            Self::Method => HttpResponse::MethodNotAllowed(),
            Self::Version => {
                let mut response = HttpResponse::BadRequest();
                response.insert_header((header::SEC_WEBSOCKET_VERSION, "13, 8"));
                response
            }
            Self::Key | Self::Protocol => HttpResponse::BadRequest(),
        }
    }
}

/// The subprotocol to be used: the first one that the client names, if it names any. Some clients end a connection for which none of
/// theirs was chosen.
pub(super) fn check(request: &HttpRequest) -> Result<Option<&str>, BadHandshake> {
    let text = |name: HeaderName| request.headers().get(name).map(|v| v.to_str().unwrap_or(""));
    if request.method() != Method::GET {
        return Err(BadHandshake::Method);
    }
    let only_one = request.headers().get_all(header::SEC_WEBSOCKET_KEY).count() == 1;
    if !only_one || !text(header::SEC_WEBSOCKET_KEY).is_some_and(is_key) {
        return Err(BadHandshake::Key);
    }
    if !matches!(text(header::SEC_WEBSOCKET_VERSION), Some("13" | "8")) {
        return Err(BadHandshake::Version);
    }
    let Some(protocols) = text(header::SEC_WEBSOCKET_PROTOCOL) else { return Ok(None) };
    if !protocols.split(',').all(|protocol| is_token(protocol.trim())) {
        return Err(BadHandshake::Protocol);
    }
    Ok(protocols.split(',').next().map(str::trim))
}

/// 16 bytes in base64.
fn is_key(text: &str) -> bool {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    text.strip_suffix("==").is_some_and(|rest| rest.len() == 22 && rest.bytes().all(base64))
}

/// A token of HTTP.
pub(super) fn is_token(text: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(token)
}
