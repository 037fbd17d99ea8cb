//! Compression of responses, as `Accept-Encoding` wants it: those to polls, and the client files.

use std::io::{self, Write};

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
        let chosen = preferred(request, &["gzip", "deflate"])?;
        let compressed = if chosen == "gzip" { gzip(body) } else { deflate(body) };
        // Writing to memory does not fail.
        compressed.ok().map(|body| (HeaderValue::from_static(chosen), body))
    }
}

/// The content in the gzip format.
pub(super) fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

/// The content in the zlib format, which HTTP calls `deflate`.
pub(super) fn deflate(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

/// Of those that we know, the best first, the one that the client weighs most; of equals, one that it names before one that it means by
/// `*`, and then the one that it names first.
pub(super) fn preferred(request: &HttpRequest, known: &[&'static str]) -> Option<&'static str> {
    let lines = request.headers().get_all(header::ACCEPT_ENCODING);
    let items: Vec<_> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            (name, weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0)))
        })
        .collect();
    let rate = |encoding: &'static str| {
        let find = |name: &str| items.iter().position(|item| item.0.eq_ignore_ascii_case(name));
        let named = find(encoding);
        let at = named.or_else(|| find("*"))?;
        let weight = items[at].1;
        (weight > 0.0).then_some((weight, named.is_some(), std::cmp::Reverse(at), encoding))
    };
    let better = |a: &(f32, bool, std::cmp::Reverse<usize>, &str),
                  b: &(f32, bool, std::cmp::Reverse<usize>, &str)| {
        a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
    };
    // The last of equals wins in `max_by`.
    known.iter().rev().copied().filter_map(rate).max_by(better).map(|best| best.3)
}
