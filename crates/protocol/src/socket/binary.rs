//! Binary values anywhere inside of arguments, and how they find their attachments.
//!
//! serde hands a value no context, so the context of the encoder or of the typed parse that runs is
//! kept in thread-locals, behind guards that put the former one back when they are dropped: after a
//! panic as well, and when a `Serialize` or `Deserialize` runs another encoder or parse inside.

use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::ops::Deref;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Payload;
use super::placeholder::{MARK, NUM};

/// A binary value: what JavaScript calls a `Buffer`, an `ArrayBuffer` or a `Uint8Array`.
///
/// In a packet it travels as an attachment, wherever in the arguments it stands. Serialised or
/// deserialised outside of a packet, it is a base64 string.
///
/// ```
/// # use socketio_protocol::socket::Binary;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct File {
///     name: String,
///     data: Binary, // a Buffer in JavaScript
/// }
///
/// let file = File { name: "a.bin".into(), data: vec![1, 2, 3].into() };
/// assert_eq!(file.data.len(), 3);
/// assert_eq!(serde_json::to_string(&file)?, r#"{"name":"a.bin","data":"AQID"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Binary(pub Bytes);

impl From<Bytes> for Binary {
    fn from(bytes: Bytes) -> Self {
        Binary(bytes)
    }
}

impl From<Vec<u8>> for Binary {
    fn from(bytes: Vec<u8>) -> Self {
        Binary(bytes.into())
    }
}

impl From<&'static [u8]> for Binary {
    fn from(bytes: &'static [u8]) -> Self {
        Binary(Bytes::from_static(bytes))
    }
}

impl Deref for Binary {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Binary {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

thread_local! {
    static SINK: RefCell<Option<Vec<Bytes>>> = const { RefCell::new(None) };
    static SOURCE: RefCell<Option<Context>> = const { RefCell::new(None) };
}

/// What a typed parse may take.
struct Context {
    attachments: Vec<Bytes>,
    /// All arguments, for the moment in which a `Payload` asks for them.
    whole: Option<Payload>,
}

/// While it lives, binary values that are serialised on this thread become attachments.
pub(super) struct Sink {
    former: Option<Vec<Bytes>>,
}

impl Sink {
    pub(super) fn install() -> Self {
        Sink { former: SINK.with(|sink| sink.replace(Some(Vec::new()))) }
    }

    /// Ends it and gives the attachments.
    pub(super) fn finish(mut self) -> Vec<Bytes> {
        let attachments = SINK.with(|sink| sink.replace(self.former.take()));
        // The former sink is back already; this is every packet's path, so it is not done twice.
        mem::forget(self);
        attachments.unwrap_or_default()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        SINK.with(|sink| sink.replace(self.former.take()));
    }
}

/// While it lives, binary values that are deserialised on this thread are attachments of a packet.
pub(super) struct Source {
    former: Option<Context>,
}

impl Source {
    pub(super) fn install(attachments: &[Bytes]) -> Self {
        let context = Context { attachments: attachments.to_vec(), whole: None };
        Source { former: SOURCE.with(|source| source.replace(Some(context))) }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        SOURCE.with(|source| source.replace(self.former.take()));
    }
}

/// Hands the attachments of a payload, whose placeholders count from zero, to the encoder.
pub(super) fn push_all(attachments: &[Bytes]) -> Result<(), &'static str> {
    SINK.with_borrow_mut(|sink| match sink {
        None => Err("a Payload with attachments can only be serialised into a packet"),
        Some(sink) if sink.is_empty() => {
            sink.extend_from_slice(attachments);
            Ok(())
        }
        Some(_) => Err("a Payload with attachments must be the only argument"),
    })
}

/// The attachments of the packet that is being read.
pub(super) fn attachments() -> Vec<Bytes> {
    SOURCE.with_borrow(|source| source.as_ref().map_or_else(Vec::new, |s| s.attachments.clone()))
}

/// One attachment of the packet that is being read.
pub(super) fn attachment(num: usize) -> Option<Bytes> {
    SOURCE.with_borrow(|source| source.as_ref()?.attachments.get(num).cloned())
}

/// Leaves all arguments for the payload that is about to take them.
pub(super) fn put_whole(payload: Payload) {
    SOURCE.with_borrow_mut(|source| {
        if let Some(source) = source {
            source.whole = Some(payload);
        }
    });
}

/// Takes what [`put_whole`] left.
pub(super) fn take_whole() -> Option<Payload> {
    SOURCE.with_borrow_mut(|source| source.as_mut()?.whole.take())
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let num = SINK.with_borrow_mut(|sink| {
            let sink = sink.as_mut()?;
            sink.push(self.0.clone());
            Some(sink.len() - 1)
        });
        let Some(num) = num else { return serializer.serialize_str(&STANDARD.encode(&self.0)) };
        let mut placeholder = serializer.serialize_struct("Placeholder", 2)?;
        placeholder.serialize_field(MARK, &true)?;
        placeholder.serialize_field(NUM, &num)?;
        placeholder.end()
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if SOURCE.with_borrow(Option::is_some) {
            deserializer.deserialize_map(PlaceholderVisitor)
        } else {
            deserializer.deserialize_str(Base64Visitor)
        }
    }
}

struct PlaceholderVisitor;

impl<'de> Visitor<'de> for PlaceholderVisitor {
    type Value = Binary;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("binary data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Binary, A::Error> {
        let (mut marked, mut num) = (false, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                MARK => marked = map.next_value()?,
                NUM => num = Some(map.next_value()?),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        let num: usize = match num {
            Some(num) if marked => num,
            _ => return Err(A::Error::custom("expected binary data, found an object")),
        };
        attachment(num).map(Binary).ok_or_else(|| A::Error::custom("there is no such attachment"))
    }
}

struct Base64Visitor;

impl Visitor<'_> for Base64Visitor {
    type Value = Binary;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a base64 string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Binary, E> {
        STANDARD.decode(text).map(Binary::from).map_err(|_| E::custom("invalid base64"))
    }
}
