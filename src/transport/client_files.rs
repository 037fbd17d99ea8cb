//! The browser client under the server's path, `serveClient` in JavaScript: the files of the npm package, compiled in.
//!
//! `service` asks it before it looks at anything else in a request. It knows no sessions, and knows only what is in `assets/client`.

use std::sync::{LazyLock, OnceLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;

use super::compression::{deflate, gzip, preferred};

/// Compressions in the order in which we like them.
const ENCODINGS: [&str; 3] = ["br", "gzip", "deflate"];

/// The best one takes seconds for some percent.
const BROTLI_QUALITY: i32 = 9;

static FILES: [ClientFile; 8] = [
    script("socket.io.js", include_bytes!("../../assets/client/socket.io.js")),
    script("socket.io.min.js", include_bytes!("../../assets/client/socket.io.min.js")),
    script("socket.io.esm.min.js", include_bytes!("../../assets/client/socket.io.esm.min.js")),
    script(
        "socket.io.msgpack.min.js",
        include_bytes!("../../assets/client/socket.io.msgpack.min.js"),
    ),
    map("socket.io.js.map", include_bytes!("../../assets/client/socket.io.js.map")),
    map("socket.io.min.js.map", include_bytes!("../../assets/client/socket.io.min.js.map")),
    map("socket.io.esm.min.js.map", include_bytes!("../../assets/client/socket.io.esm.min.js.map")),
    map(
        "socket.io.msgpack.min.js.map",
        include_bytes!("../../assets/client/socket.io.msgpack.min.js.map"),
    ),
];

/// The version of the client in quotes, for all files.
static ETAG: LazyLock<String> =
    LazyLock::new(|| format!("\"{}\"", include_str!("../../assets/client/VERSION").trim()));

struct ClientFile {
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
    /// Made when a client first asks for it, one for each of [`ENCODINGS`].
    compressed: [OnceLock<Bytes>; ENCODINGS.len()],
}

const fn script(name: &'static str, content: &'static [u8]) -> ClientFile {
    file(name, "application/javascript; charset=utf-8", content)
}

const fn map(name: &'static str, content: &'static [u8]) -> ClientFile {
    file(name, "application/json; charset=utf-8", content)
}

const fn file(
    name: &'static str,
    content_type: &'static str,
    content: &'static [u8],
) -> ClientFile {
    ClientFile { name, content_type, content, compressed: [const { OnceLock::new() }; 3] }
}

/// The file that this request is for, whatever its method and query; `None` when it is for none.
pub(super) async fn respond(request: &HttpRequest) -> Option<HttpResponse> {
    let name = request.match_info().query("tail");
    let file = FILES.iter().find(|file| file.name == name)?;
    // The router has decoded the path; a name is taken only as it stands.
    request.uri().path().ends_with(name).then_some(())?;
    if is_known_to(request) {
        return Some(HttpResponse::NotModified().finish());
    }
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0")))
        .insert_header((header::ETAG, ETAG.as_str()));
    Some(match file.compressed_for(request).await {
        Some((encoding, body)) => {
            response.insert_header((header::CONTENT_ENCODING, encoding)).body(body)
        }
        None => response.body(Bytes::from_static(file.content)),
    })
}

/// Whether the client has this version. As in the official server, a list of tags or `*` is not looked into.
fn is_known_to(request: &HttpRequest) -> bool {
    let mut tags = request.headers().get_all(header::IF_NONE_MATCH);
    let (Some(tag), None) = (tags.next(), tags.next()) else { return false };
    let tag = tag.as_bytes();
    tag.strip_prefix(b"W/").unwrap_or(tag) == ETAG.as_bytes()
}

impl ClientFile {
    /// The file in the compression that the client likes best, with its name.
    async fn compressed_for(&'static self, request: &HttpRequest) -> Option<(&'static str, Bytes)> {
        let encoding = preferred(request, &ENCODINGS)?;
        let at = ENCODINGS.iter().position(|known| *known == encoding)?;
        let made = match self.compressed[at].get() {
            Some(made) => made,
            // Not on the worker: it has other clients to serve.
            None => web::block(move || self.compressed[at].get_or_init(|| self.compress(encoding)))
                .await
                .ok()?,
        };
        Some((encoding, made.clone()))
    }

    fn compress(&self, encoding: &str) -> Bytes {
        let compressed = match encoding {
            "br" => brotli(self.content),
            "gzip" => gzip(self.content),
            _ => deflate(self.content),
        };
        // Writing to memory does not fail.
        compressed.unwrap_or_default().into()
    }
}

fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        size_hint: content.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &params)?;
    Ok(compressed)
}
