//! What the decoders are compared with: the same rules written down a second time, for a reader instead of for speed.

pub(crate) mod base64;
pub(crate) mod json;
pub(crate) mod packet;
pub(crate) mod websocket;
