//! Any JSON with binary values anywhere in it: what `serde_json::Value` is for JSON alone.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;

use super::Binary;
use super::binary::attachment;
use super::placeholder::{MARK, NUM};

/// Any argument: JSON in which binary values may stand anywhere. For whoever sends on what is not known beforehand; where the shape
/// is known, a type of one's own with [`Binary`] in it says more.
///
/// ```
/// # use socketio_protocol::socket::{Binary, Value};
/// /// How many bytes of binary data an argument holds.
/// fn size(value: &Value) -> usize {
///     match value {
///         Value::Binary(bytes) => bytes.len(),
///         Value::Array(values) => values.iter().map(size).sum(),
///         Value::Object(entries) => entries.iter().map(|(_, value)| size(value)).sum(),
///         _ => 0,
///     }
/// }
///
/// let file = Value::Object(vec![("data".into(), Value::Binary(Binary::from(vec![1, 2, 3])))]);
/// assert_eq!(size(&Value::Array(vec![file, Value::Bool(true)])), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`; also what `undefined` becomes on its way.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// A list.
    Array(Vec<Value>),
    /// An object, in the order in which it came.
    Object(Vec<(String, Value)>),
    /// A `Buffer`, an `ArrayBuffer` or a `Uint8Array`.
    Binary(Binary),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => value.serialize(serializer),
            Value::String(value) => serializer.serialize_str(value),
            Value::Array(values) => serializer.collect_seq(values),
            Value::Object(entries) => {
                serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
            }
            Value::Binary(value) => value.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(match placeholder(&entries) {
            Some(binary) => Value::Binary(binary),
            None => Value::Object(entries),
        })
    }
}

/// The attachment that an object stands for, while a packet with attachments is being read.
fn placeholder(entries: &[(String, Value)]) -> Option<Binary> {
    let field = |name| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    match (field(MARK)?, field(NUM)?) {
        (Value::Bool(true), Value::Number(num)) => {
            attachment(usize::try_from(num.as_u64()?).ok()?).map(Binary)
        }
        _ => None,
    }
}
