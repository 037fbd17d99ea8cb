//! The encoders: from what is to be sent to frames, once for all receivers.
//!
//! Called by whoever emits, answers or refuses. An event takes one buffer: its arguments are
//! serialised behind a gap, and what stands in front of them, the WebSocket header included, is
//! written into the gap from right to left, when its length is known.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::json::push_json;
use super::spread::{self, Shape};
use super::{EncodeError, Payload, binary, event};
use crate::engine::{Frame, MAX_HEADER};

/// Most attachments of a packet: official clients refuse more.
pub const MAX_ATTACHMENTS: usize = 10;

/// Room for arguments before a buffer has to grow.
const TYPICAL_ARGS: usize = 128;

/// A Socket.IO packet encoded once: a text frame and the attachments that belong behind it. A clone
/// shares the bytes.
#[derive(Debug, Clone)]
pub struct Encoded(Frames);

#[derive(Debug, Clone)]
enum Frames {
    One(Frame),
    Many(Arc<[Frame]>),
}

impl Encoded {
    /// The frames in the order in which they must be sent, with nothing in between.
    pub fn frames(&self) -> &[Frame] {
        match &self.0 {
            Frames::One(frame) => std::slice::from_ref(frame),
            Frames::Many(frames) => frames,
        }
    }

    /// Bytes of all frames on a WebSocket, headers included.
    pub fn byte_len(&self) -> usize {
        self.frames().iter().map(|frame| frame.websocket().len()).sum()
    }

    /// Whether this is an event: not an ack, nor anything about namespaces.
    pub fn is_event(&self) -> bool {
        let text = self.frames().first().map(Frame::payload);
        text.is_some_and(|text| text.starts_with(b"42") || text.starts_with(b"45"))
    }

    fn text(text: &str) -> Encoded {
        Encoded(Frames::One(Frame::text(text)))
    }
}

/// Encodes an event. `namespace` is `/` or begins with it and holds no comma; `id` asks for an ack.
///
/// A tuple or tuple struct is several arguments, and so is what serde takes for one, like an array
/// of fixed size; `()` and unit structs are none; anything else is one argument, a JSON null
/// included. Newtype structs are what they hold. Inside of arguments, [`Binary`](super::Binary) is an attachment.
///
/// # Errors
///
/// [`EncodeError`] when the name is reserved, when the arguments cannot be serialised and when they
/// hold more than [`MAX_ATTACHMENTS`] binary values.
pub fn encode_event<T: Serialize + ?Sized>(
    namespace: &str,
    id: Option<u64>,
    event: &str,
    args: &T,
) -> Result<Encoded, EncodeError> {
    if event::is_reserved(event) {
        return Err(EncodeError::ReservedEvent { event: event.to_owned() });
    }
    Head { namespace, id, event: Some(quoted(event)) }
        .encode(args)
        .map_err(|fault| fault.explain(format!("event {event:?}")))
}

/// Serialises the arguments of an event by the rules of [`encode_event`], for somebody who encodes the event later, when its
/// namespace is known.
///
/// # Errors
///
/// Those of [`encode_event`], which then has none.
pub fn serialize_args<T: Serialize + ?Sized>(
    event: &str,
    args: &T,
) -> Result<Payload, EncodeError> {
    if event::is_reserved(event) {
        return Err(EncodeError::ReservedEvent { event: event.to_owned() });
    }
    let mut out = vec![b'['];
    let written = write_args(&mut out, args).and_then(|(shape, attachments)| {
        // A list of arguments brings its brackets.
        let from = usize::from(shape == Shape::Array);
        if shape != Shape::Array {
            out.push(b']');
        }
        let json = Bytes::from(out).slice(from..).try_into();
        Ok(Payload::new(
            json.map_err(|error| Fault::Serialize(serde::ser::Error::custom(error)))?,
            attachments,
        ))
    });
    written.map_err(|fault| fault.explain(format!("event {event:?}")))
}

/// Appends the JSON of arguments, with what of them are attachments.
fn write_args<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    args: &T,
) -> Result<(Shape, Vec<Bytes>), Fault> {
    let sink = binary::Sink::install();
    let shape = spread::write(out, args).map_err(Fault::Serialize)?;
    let attachments = sink.finish();
    match attachments.len() {
        count if count > MAX_ATTACHMENTS => Err(Fault::TooManyAttachments(count)),
        _ => Ok((shape, attachments)),
    }
}

/// Encodes the answer to the event with this id, by the rules of [`encode_event`].
///
/// # Errors
///
/// [`EncodeError`] when the arguments cannot be serialised and when they hold more than
/// [`MAX_ATTACHMENTS`] binary values.
pub fn encode_ack<T: Serialize + ?Sized>(
    namespace: &str,
    id: u64,
    args: &T,
) -> Result<Encoded, EncodeError> {
    Head { namespace, id: Some(id), event: None }
        .encode(args)
        .map_err(|fault| fault.explain(format!("ack {id}")))
}

/// Encodes the grant of a namespace: `40{"sid":"…"}`. `sid` is the public id of the socket.
pub fn encode_connect(namespace: &str, sid: &str) -> Encoded {
    let mut text = prefix("40", namespace);
    text.push_str("{\"sid\":");
    push_json(&mut text, sid);
    text.push('}');
    Encoded::text(&text)
}

/// Encodes the refusal of a namespace: `44{"message":"…","data":…}`, without `data` when there is
/// none.
pub fn encode_connect_error(namespace: &str, message: &str, data: Option<&Value>) -> Encoded {
    let mut text = prefix("44", namespace);
    text.push_str("{\"message\":");
    push_json(&mut text, message);
    if let Some(data) = data {
        text.push_str(",\"data\":");
        push_json(&mut text, data);
    }
    text.push('}');
    Encoded::text(&text)
}

/// Encodes that the server ends the socket of a namespace: `41`.
pub fn encode_disconnect(namespace: &str) -> Encoded {
    Encoded::text(&prefix("41", namespace))
}

fn prefix(kind: &str, namespace: &str) -> String {
    let mut text = String::from(kind);
    if namespace != "/" {
        text.push_str(namespace);
        text.push(',');
    }
    text
}

/// The name of an event as it stands between its quotes.
fn quoted(event: &str) -> Cow<'_, str> {
    if event.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        return Cow::Borrowed(event);
    }
    let mut json = String::new();
    push_json(&mut json, event);
    Cow::Owned(json[1..json.len() - 1].to_owned())
}

/// What goes in front of the arguments.
struct Head<'a> {
    namespace: &'a str,
    id: Option<u64>,
    event: Option<Cow<'a, str>>,
}

impl Head<'_> {
    fn encode<T: Serialize + ?Sized>(&self, args: &T) -> Result<Encoded, Fault> {
        let gap = self.max_len();
        let mut out = Vec::with_capacity(gap + TYPICAL_ARGS);
        out.resize(gap, 0);
        let (shape, attachments) = write_args(&mut out, args)?;
        // From here on `args_at` is where the first argument begins, and `out` ends with `]`.
        let args_at = match shape {
            Shape::Array => gap + 1,
            Shape::None | Shape::One => {
                out.push(b']');
                gap
            }
        };
        let payload_at = self.write(&mut out, args_at, attachments.len());
        Ok(join(Frame::in_place(out, payload_at), &attachments))
    }

    /// Bytes that the head takes at most: frame header, `4`, type, `10-`, namespace with comma, id,
    /// `["`, event, `",`.
    fn max_len(&self) -> usize {
        let event = self.event.as_ref().map_or(0, |event| event.len());
        MAX_HEADER + 2 + 3 + self.namespace.len() + 1 + 20 + 2 + event + 2
    }

    /// Writes the head so that it ends at `args_at`. Gives the position where it begins.
    fn write(&self, out: &mut [u8], args_at: usize, attachments: usize) -> usize {
        let no_args = out.len() == args_at + 1;
        let mut head = Backwards { out, at: args_at };
        if let Some(event) = &self.event {
            head.put(if no_args { b"\"" } else { b"\"," });
            head.put(event.as_bytes());
            head.put(b"\"");
        }
        head.put(b"[");
        if let Some(id) = self.id {
            head.put_decimal(id);
        }
        if self.namespace != "/" {
            head.put(b",");
            head.put(self.namespace.as_bytes());
        }
        if attachments > 0 {
            head.put(b"-");
            head.put_decimal(attachments as u64);
        }
        head.put(match (self.event.is_some(), attachments > 0) {
            (true, false) => b"42",
            (true, true) => b"45",
            (false, false) => b"43",
            (false, true) => b"46",
        });
        head.at
    }
}

fn join(text: Frame, attachments: &[Bytes]) -> Encoded {
    if attachments.is_empty() {
        return Encoded(Frames::One(text));
    }
    let binary = attachments.iter().map(|data| Frame::binary(data));
    Encoded(Frames::Many(std::iter::once(text).chain(binary).collect()))
}

/// Writes pieces from right to left.
struct Backwards<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl Backwards<'_> {
    fn put(&mut self, piece: &[u8]) {
        let end = self.at;
        self.at -= piece.len();
        self.out[self.at..end].copy_from_slice(piece);
    }

    fn put_decimal(&mut self, mut value: u64) {
        loop {
            self.put(&[b'0' + (value % 10) as u8]);
            value /= 10;
            if value == 0 {
                return;
            }
        }
    }
}

/// An [`EncodeError`] that does not know its packet yet.
enum Fault {
    Serialize(serde_json::Error),
    TooManyAttachments(usize),
}

impl Fault {
    fn explain(self, packet: String) -> EncodeError {
        match self {
            Fault::Serialize(source) => EncodeError::Serialize { packet, source },
            Fault::TooManyAttachments(count) => {
                EncodeError::TooManyAttachments { packet, count, max: MAX_ATTACHMENTS }
            }
        }
    }
}
