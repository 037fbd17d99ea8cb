//! Compression of polling responses.

use std::io::Write;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
};
use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

/// When polling responses are compressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpCompression {
    /// Smaller bodies are sent as they are, in bytes.
    pub(crate) threshold: usize,
}

impl HttpCompression {
    /// The body, compressed in the way that the client prefers of those that we know. `None` when it is to be sent as it is.
    pub(super) fn apply(
        self,
        request: &HttpRequest,
        body: &Bytes,
    ) -> Option<(HeaderValue, Vec<u8>)> {
        if body.len() < self.threshold {
            return None;
        }
        let accepted = request.headers().get(header::ACCEPT_ENCODING)?.to_str().ok()?;
        let accepts = |name: &str| {
            accepted.split(',').any(|item| {
                let mut parts = item.split(';').map(str::trim);
                let named =
                    parts.next().is_some_and(|encoding| encoding.eq_ignore_ascii_case(name));
                named
                    && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        };
        // `deflate` is the zlib format.
        let compressed = if accepts("gzip") {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish()).map(|body| ("gzip", body))
        } else if accepts("deflate") {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish()).map(|body| ("deflate", body))
        } else {
            return None;
        };
        // Writing to memory does not fail.
        compressed.ok().map(|(name, body)| (HeaderValue::from_static(name), body))
    }
}
