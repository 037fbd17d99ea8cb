//! The data of a packet: JSON text with the attachments that its placeholders name.
//!
//! Made by the decoder, read by handlers through the typed accessors, and serialised again by
//! whoever sends it on. The text is kept as it came; nothing is parsed before a type is asked for.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::ser::{Error as _, SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::args::{self, ArgsError};
use super::{binary, event};

/// Name of the newtype as which a payload asks a deserializer for all arguments.
pub(super) const TOKEN: &str = "$socketio_protocol::Payload";

/// JSON text with the attachments that its placeholders name: an array for events and acks, an
/// object or nothing for a connect, nothing for a disconnect.
///
/// As an argument of an event or an ack it stands for *all* arguments, and sends them on byte for
/// byte: key order, number text and strings that no Rust string can hold included. A payload with
/// attachments must then be the only argument. An event's own payload holds its name as well:
/// take [`args`](Payload::args) first.
///
/// ```
/// # use socketio_protocol::socket::Payload;
/// /// What somebody has sent, for a log.
/// fn describe(args: &Payload) -> String {
///     let bytes: usize = args.attachments().iter().map(|attachment| attachment.len()).sum();
///     format!("{} with {bytes} bytes", args.json()) // ["file",{"_placeholder":true,"num":0}] with 3 bytes
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payload {
    json: ByteString,
    attachments: Vec<Bytes>,
}

impl Payload {
    /// Of text that is known to be valid.
    pub(super) fn new(json: ByteString, attachments: Vec<Bytes>) -> Self {
        Payload { json, attachments }
    }

    pub(super) fn attach(&mut self, data: Bytes) {
        self.attachments.push(data);
    }

    /// The JSON text, a slice of what was received. Empty when there is none.
    pub fn json(&self) -> &ByteString {
        &self.json
    }

    /// The attachments, in the order in which placeholders count them.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }

    /// The same text alone, for whoever wants no more than the name of an event. Nothing is copied.
    pub fn without_attachments(&self) -> Payload {
        Payload::new(self.json.clone(), Vec::new())
    }

    /// Name of an event: its string without escapes, or the decimal text of its number, as
    /// JavaScript prints it. Empty when this is not the payload of an event.
    pub fn event(&self) -> Cow<'_, str> {
        event::name(&self.json).unwrap_or_default()
    }

    /// Arguments of an event. When `T` is a tuple or a tuple struct, its elements are the arguments
    /// in their order; any other `T` is the first one. Arguments that are not asked for are ignored, so `()` takes
    /// none. An argument that is missing is `None` for an `Option`.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] when an argument is missing or does not fit its type.
    pub fn event_args<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        args::read(event::split_name(&self.json).1, self, Payload::args)
    }

    /// Arguments of an ack, by the rules of [`event_args`](Payload::event_args).
    ///
    /// # Errors
    ///
    /// [`ArgsError`] when an argument is missing or does not fit its type.
    pub fn ack_args<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        args::read(self.json.strip_prefix('[').unwrap_or_default(), self, Payload::clone)
    }

    /// What a client sent with its connect. Without anything, an `Option` is `None` and any other
    /// type is read from `{}`. `()` ignores what was sent.
    ///
    /// # Errors
    ///
    /// [`ArgsError`] when it does not fit the type.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, ArgsError> {
        args::read_auth(&self.json)
    }

    /// Arguments of an event without its name: an array, with the same attachments. Copies the text.
    pub fn args(&self) -> Payload {
        let (_, rest) = event::split_name(&self.json);
        let rest = rest.strip_suffix(']').unwrap_or_default();
        Payload { json: format!("[{rest}]").into(), attachments: self.attachments.clone() }
    }
}

/// As a tuple of its elements, with the attachments handed to the encoder that runs.
impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let args: Vec<&RawValue> = serde_json::from_str(&self.json)
            .map_err(|_| S::Error::custom("this Payload is not a list of arguments"))?;
        if !self.attachments.is_empty() {
            binary::push_all(&self.attachments).map_err(S::Error::custom)?;
        }
        let mut tuple = serializer.serialize_tuple(args.len())?;
        for arg in args {
            tuple.serialize_element(arg)?;
        }
        tuple.end()
    }
}

/// From all arguments of a packet, or, inside of an argument, from an array.
impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TOKEN, PayloadVisitor)
    }
}

struct PayloadVisitor;

impl<'de> Visitor<'de> for PayloadVisitor {
    type Value = Payload;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of arguments")
    }

    /// All arguments: our own deserializer has put them where only it can.
    fn visit_unit<E: serde::de::Error>(self) -> Result<Payload, E> {
        binary::take_whole().ok_or_else(|| E::custom("a Payload is read from arguments only"))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Payload, D::Error> {
        let raw = Box::<RawValue>::deserialize(inner)?;
        if !raw.get().starts_with('[') {
            return Err(D::Error::custom("a Payload is a list of arguments"));
        }
        Ok(Payload::new(raw.get().into(), binary::attachments()))
    }
}
