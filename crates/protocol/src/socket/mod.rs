//! Socket.IO v5: packets with binary attachments, to and from Engine.IO messages.
//!
//! A session feeds what its client sends to a [`Decoder`] and gets [`Packet`]s; whoever emits calls
//! the `encode_…` functions and gets frames. It does not know namespaces that exist, acks that are
//! pending or the time a packet may take.

mod args;
mod binary;
mod decode;
mod encode;
mod error;
mod event;
mod header;
mod json;
mod packet;
mod payload;
mod placeholder;
mod spread;
mod value;

pub use args::ArgsError;
pub use binary::Binary;
pub use decode::{Decoder, Limits};
pub use encode::{
    Encoded, MAX_ATTACHMENTS, encode_ack, encode_connect, encode_connect_error, encode_disconnect,
    encode_event, serialize_args,
};
pub use error::{DecodeError, EncodeError};
pub(crate) use json::push_json;
pub use packet::{Packet, PacketKind};
pub use payload::Payload;
pub use value::Value;
