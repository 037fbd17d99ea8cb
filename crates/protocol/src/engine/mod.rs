//! Engine.IO v4: packets, polling payloads, server frames and the handshake.
//!
//! Called by the transports, which own the bytes. It knows nothing of Socket.IO, of sessions and of
//! timers. It does not decode WebSocket frames: what a client sends arrives here unframed, after a look at the headers (`guard`).

mod frame;
mod guard;
mod handshake;
mod packet;
mod payload;

pub(crate) use frame::MAX_HEADER;
pub use frame::{Frame, close_frame};
pub use guard::{FrameGuard, FrameLimits, Violation};
pub use handshake::Open;
pub use packet::{DecodeError, Packet};
pub use payload::{PayloadError, decode_payload, encode_payload};
