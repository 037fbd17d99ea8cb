//! The targets of the fuzzer: for each part of the server that reads what a client has sent, a function that hands it any bytes and
//! panics when what becomes of them is not what it should be.
//!
//! Each is compared with a reference that is written for this purpose, slower and plainer (`reference`), besides what has to hold anyway:
//! limits, and that what is encoded is decoded to the same. The binaries in `fuzz_targets` hand them to libFuzzer; `tests/corpus.rs` runs
//! them over the corpus, and over changed copies of it, with the stable compiler.

pub mod binary;
pub mod chance;
pub mod packet;
pub mod payload;
mod reference;
pub mod session;
pub mod websocket;
mod wire;

/// One target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of its binary, and of its folder in the corpus.
    pub name: &'static str,
    /// Panics if anything is wrong.
    pub run: fn(&[u8]),
    /// Longer inputs show nothing new: every limit of the target is far below.
    pub max_len: usize,
}

/// All of them.
pub const TARGETS: [Target; 5] = [
    Target { name: "websocket", run: websocket::run, max_len: 1024 },
    Target { name: "payload", run: payload::run, max_len: 512 },
    Target { name: "packet", run: packet::run, max_len: 512 },
    Target { name: "binary", run: binary::run, max_len: 512 },
    Target { name: "session", run: session::run, max_len: 1024 },
];
