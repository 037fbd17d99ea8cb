//! Arguments at the top level: a tuple or tuple struct is several, `()` is none, anything else is one.
//!
//! Called by the encoder. Only this outermost step is ours; values are written by serde_json.

use serde::ser::{Serialize, Serializer};
use serde_json::Error;

/// How what was written has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing was written: there are no arguments.
    None,
    /// One argument, without brackets.
    One,
    /// The arguments with the brackets of an array around them.
    Array,
}

/// Appends the JSON of `args`.
pub(super) fn write<T: Serialize + ?Sized>(out: &mut Vec<u8>, args: &T) -> Result<Shape, Error> {
    let mut shape = Shape::One;
    let mut json = serde_json::Serializer::new(out);
    let sized = size_of_val(args) > 0;
    args.serialize(Args { json: &mut json, shape: &mut shape, sized })?;
    Ok(shape)
}

type Json<'a, 'b> = &'a mut serde_json::Serializer<&'b mut Vec<u8>>;

struct Args<'a, 'b> {
    json: Json<'a, 'b>,
    shape: &'a mut Shape,
    /// serde calls `()` and a JSON value that is null by the same name; only the latter has a size.
    sized: bool,
}

macro_rules! forward {
    ($($method:ident($($arg:ident: $ty:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $($arg: $ty),*) -> Result<$ok, Error> {
            self.json.$method($($arg),*)
        }
    )*};
}

impl<'a, 'b> Serializer for Args<'a, 'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = <Json<'a, 'b> as Serializer>::SerializeSeq;
    type SerializeTuple = <Json<'a, 'b> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <Json<'a, 'b> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <Json<'a, 'b> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <Json<'a, 'b> as Serializer>::SerializeMap;
    type SerializeStruct = <Json<'a, 'b> as Serializer>::SerializeStruct;
    type SerializeStructVariant = <Json<'a, 'b> as Serializer>::SerializeStructVariant;

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, Error> {
        *self.shape = Shape::Array;
        self.json.serialize_tuple(len)
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        *self.shape = Shape::Array;
        self.json.serialize_tuple_struct(name, len)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        if self.sized {
            return self.json.serialize_unit();
        }
        *self.shape = Shape::None;
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        *self.shape = Shape::None;
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.json.serialize_some(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.json.serialize_newtype_variant(name, index, variant, value)
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.json.collect_str(value)
    }

    forward! {
        serialize_bool(value: bool) -> ();
        serialize_i8(value: i8) -> ();
        serialize_i16(value: i16) -> ();
        serialize_i32(value: i32) -> ();
        serialize_i64(value: i64) -> ();
        serialize_i128(value: i128) -> ();
        serialize_u8(value: u8) -> ();
        serialize_u16(value: u16) -> ();
        serialize_u32(value: u32) -> ();
        serialize_u64(value: u64) -> ();
        serialize_u128(value: u128) -> ();
        serialize_f32(value: f32) -> ();
        serialize_f64(value: f64) -> ();
        serialize_char(value: char) -> ();
        serialize_str(value: &str) -> ();
        serialize_bytes(value: &[u8]) -> ();
        serialize_none() -> ();
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str) -> ();
        serialize_seq(len: Option<usize>) -> Self::SerializeSeq;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> Self::SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> Self::SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeStructVariant;
    }
}
