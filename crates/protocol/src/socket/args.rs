//! Typed arguments: from the JSON array of an event or an ack to a Rust type.
//!
//! Called by [`Payload`]. The array itself is cut up by this module, its elements are parsed by
//! serde_json straight into the type.

use serde::Deserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, SeqAccess, Visitor};

use super::json::split_value;
use super::payload::TOKEN;
use super::{Payload, binary};

/// Why arguments do not fit a type. Arguments count from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArgsError {
    /// There are fewer arguments than needed.
    #[error("argument {argument} is missing")]
    Missing {
        /// Which one.
        argument: usize,
    },
    /// An argument is of another type.
    #[error("argument {argument}: {source}")]
    Invalid {
        /// Which one.
        argument: usize,
        /// What serde says; its position is inside of this argument.
        source: serde_json::Error,
    },
    /// The data of a connect is of another type.
    #[error("auth: {0}")]
    Auth(#[source] serde_json::Error),
    /// A type has an objection of its own.
    #[error("{0}")]
    Custom(String),
}

impl de::Error for ArgsError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        ArgsError::Custom(message.to_string())
    }
}

/// Reads the arguments that `rest` begins with; it ends with the bracket of their array. `whole`
/// makes the payload that stands for all of them.
pub(super) fn read<T: DeserializeOwned>(
    rest: &str,
    payload: &Payload,
    whole: fn(&Payload) -> Payload,
) -> Result<T, ArgsError> {
    let _source = binary::Source::install(payload.attachments());
    T::deserialize(Args { rest, payload, whole })
}

/// Reads the data of a connect.
pub(super) fn read_auth<T: DeserializeOwned>(json: &str) -> Result<T, ArgsError> {
    T::deserialize(Auth { json }).map_err(|error| match error {
        ArgsError::Invalid { source, .. } => ArgsError::Auth(source),
        other => other,
    })
}

fn invalid(argument: usize) -> impl FnOnce(serde_json::Error) -> ArgsError {
    move |source| ArgsError::Invalid { argument, source }
}

/// Whether no argument is left in `rest`.
fn is_end(rest: &str) -> bool {
    matches!(rest.trim_ascii_start().as_bytes().first(), None | Some(b']'))
}

/// Forwards methods of a deserializer to serde_json on the text that `$text` takes from `self`.
macro_rules! forward {
    ($text:ident: $($method:ident($($arg:ident: $ty:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $ty,)* visitor: V) -> Result<V::Value, ArgsError> {
            let text = self.$text()?;
            serde_json::Deserializer::from_str(text).$method($($arg,)* visitor).map_err(invalid(1))
        }
    )*};
}

/// What is one value for every deserializer here.
macro_rules! forward_values {
    ($text:ident) => {
        forward! { $text:
            deserialize_any() deserialize_bool() deserialize_char() deserialize_str()
            deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
            deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32()
            deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64()
            deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_seq()
            deserialize_map() deserialize_identifier()
            deserialize_struct(name: &'static str, fields: &'static [&'static str])
            deserialize_enum(name: &'static str, variants: &'static [&'static str])
        }

        fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
            visitor.visit_unit()
        }

        fn deserialize_unit_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            visitor: V,
        ) -> Result<V::Value, ArgsError> {
            visitor.visit_unit()
        }

        fn deserialize_ignored_any<V: Visitor<'de>>(
            self,
            visitor: V,
        ) -> Result<V::Value, ArgsError> {
            visitor.visit_unit()
        }
    };
}

/// The list of arguments: a tuple or tuple struct takes several, anything else the first.
struct Args<'a> {
    rest: &'a str,
    payload: &'a Payload,
    whole: fn(&Payload) -> Payload,
}

impl<'a> Args<'a> {
    /// The text from the first argument on; a parser stops behind the value it is asked for.
    fn first(&self) -> Result<&'a str, ArgsError> {
        if is_end(self.rest) { Err(ArgsError::Missing { argument: 1 }) } else { Ok(self.rest) }
    }
}

impl<'de> Deserializer<'de> for Args<'de> {
    type Error = ArgsError;

    forward_values!(first);

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        if is_end(self.rest) {
            return visitor.visit_none();
        }
        let mut json = serde_json::Deserializer::from_str(self.rest);
        json.deserialize_option(visitor).map_err(invalid(1))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        visitor.visit_seq(Elements { rest: self.rest, taken: 0 })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        if name == TOKEN {
            binary::put_whole((self.whole)(self.payload));
            return visitor.visit_unit();
        }
        if is_serde_json_marker(name) {
            let mut json = serde_json::Deserializer::from_str(self.first()?);
            return json.deserialize_newtype_struct(name, visitor).map_err(invalid(1));
        }
        visitor.visit_newtype_struct(self)
    }
}

/// The data of a connect, which may be absent.
struct Auth<'a> {
    json: &'a str,
}

impl<'a> Auth<'a> {
    fn text(&self) -> Result<&'a str, ArgsError> {
        Ok(if self.json.is_empty() { "{}" } else { self.json })
    }
}

impl<'de> Deserializer<'de> for Auth<'de> {
    type Error = ArgsError;

    forward_values!(text);
    forward! { text:
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        if self.json.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        if is_serde_json_marker(name) {
            let mut json = serde_json::Deserializer::from_str(self.text()?);
            return json.deserialize_newtype_struct(name, visitor).map_err(invalid(1));
        }
        visitor.visit_newtype_struct(self)
    }
}

/// `RawValue` is a newtype only by name: serde_json must see that name itself.
fn is_serde_json_marker(name: &str) -> bool {
    name.starts_with("$serde_json::")
}

/// Arguments one by one, as elements of a tuple.
struct Elements<'a> {
    rest: &'a str,
    taken: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ArgsError;

    /// Never ends: a tuple asks for as many as it has, and each of its types decides whether it can
    /// be missing.
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ArgsError> {
        self.taken += 1;
        if is_end(self.rest) {
            return seed.deserialize(Missing { argument: self.taken }).map(Some);
        }
        let (value, rest) = split_value(self.rest);
        self.rest = rest;
        let mut json = serde_json::Deserializer::from_str(value);
        seed.deserialize(&mut json).map(Some).map_err(invalid(self.taken))
    }
}

/// An argument that is not there: nothing to an `Option`, an error to others.
struct Missing {
    argument: usize,
}

impl<'de> Deserializer<'de> for Missing {
    type Error = ArgsError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ArgsError> {
        Err(ArgsError::Missing { argument: self.argument })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ArgsError> {
        if name == TOKEN || is_serde_json_marker(name) {
            return self.deserialize_any(visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ArgsError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier
    }
}
