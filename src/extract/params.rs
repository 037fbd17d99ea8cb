//! `Params<T>`: the parameters of the namespace's name, typed.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Visitor,
        value::{Error as Mismatch, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{AboutSocket, FromContext};
use crate::error::Error;

/// The parameters of a namespace that was made from a [pattern](crate::SocketIo::of_pattern), as they stand in its name. A struct or map
/// takes them by name, a tuple in their order, and anything else is the only one.
///
/// ```
/// # use actix_socketio::{Params, SocketIo};
/// #[derive(serde::Deserialize)]
/// struct Place { org: u32, room: String }
///
/// # let io = SocketIo::new();
/// io.of_pattern("/org/{org}/{room}")?.on_connect(async |Params(place): Params<Place>| {
///     println!("somebody is in {} of {}", place.room, place.org);
/// });
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, C: AboutSocket> FromContext<C> for Params<T> {
    fn from_context(cx: &C) -> Result<Self, Error> {
        Ok(Self(T::deserialize(All(cx.socket().params()))?))
    }
}

/// All parameters, names with values.
#[derive(Clone, Copy)]
struct All<'de>(&'de [(String, String)]);

/// The value of one.
#[derive(Clone, Copy)]
struct One<'de>(&'de str);

impl<'de> All<'de> {
    fn only(self) -> Result<One<'de>, Mismatch> {
        match self.0 {
            [(_, value)] => Ok(One(value)),
            all => Err(Mismatch::custom(format_args!("one is expected, there are {}", all.len()))),
        }
    }
}

impl<'de> IntoDeserializer<'de, Mismatch> for One<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A scalar is the only parameter.
macro_rules! only {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.only()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for All<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), One(value)));
        visitor.visit_map(MapDeserializer::new(pairs))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().map(|(_, value)| One(value))))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.only()?.deserialize_enum(name, variants, visitor)
    }

    only! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_option
    }

    forward_to_deserialize_any! { bytes byte_buf unit_struct map struct identifier ignored_any }
}

/// A value that is no text is written as in Rust.
macro_rules! parse {
    ($($method:ident: $visit:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            let illegal = |error| Mismatch::custom(format_args!("{:?}: {error}", self.0));
            visitor.$visit(self.0.parse().map_err(illegal)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for One<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    parse! {
        deserialize_bool: visit_bool,
        deserialize_i8: visit_i8, deserialize_i16: visit_i16, deserialize_i32: visit_i32,
        deserialize_i64: visit_i64, deserialize_i128: visit_i128,
        deserialize_u8: visit_u8, deserialize_u16: visit_u16, deserialize_u32: visit_u32,
        deserialize_u64: visit_u64, deserialize_u128: visit_u128,
        deserialize_f32: visit_f32, deserialize_f64: visit_f64,
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    fn read<T: DeserializeOwned>(params: &[(&str, &str)]) -> Result<T, String> {
        let params: Vec<_> = params.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        T::deserialize(All(&params)).map_err(|error| error.to_string())
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Chat,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Place {
        kind: Kind,
        org: u32,
        name: Option<String>,
    }

    const BOTH: &[(&str, &str)] = &[("org", "7"), ("kind", "chat")];

    #[test]
    fn a_struct_or_map_takes_parameters_by_name() {
        assert_eq!(read(BOTH), Ok(Place { kind: Kind::Chat, org: 7, name: None }));
        let map =
            BTreeMap::from([("org".to_owned(), "7".to_owned()), ("kind".into(), "chat".into())]);
        assert_eq!(read(BOTH), Ok(map));
    }

    #[test]
    fn a_tuple_takes_them_in_their_order() {
        assert_eq!(read(BOTH), Ok((7_u8, Kind::Chat)));
        assert_eq!(read(BOTH), Ok(vec!["7".to_owned(), "chat".to_owned()]));
        assert!(read::<(u8, String, String)>(BOTH).is_err());
    }

    #[test]
    fn anything_else_is_the_only_one() {
        assert_eq!(read(&[("org", "-7")]), Ok(-7_i64));
        assert_eq!(read(&[("name", "50%25")]), Ok("50%25".to_owned()));
        assert_eq!(read(&[("kind", "chat")]), Ok(Kind::Chat));
        assert_eq!(read(&[("org", "7")]), Ok(Some(7_u8)));
        assert_eq!(read::<u8>(BOTH), Err("one is expected, there are 2".to_owned()));
        assert_eq!(read(&[]), Ok(()));
    }

    #[test]
    fn a_value_that_does_not_fit_is_named() {
        let error = "\"300\": number too large to fit in target type".to_owned();
        assert_eq!(read::<u8>(&[("org", "300")]), Err(error));
    }
}
