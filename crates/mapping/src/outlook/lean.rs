//! Records as JSON without their empty properties.

use serde::Serialize;
use serde::ser::{Error as _, Impossible, SerializeMap, Serializer};
use serde_json::{Error, Map, Value};

/// A record as JSON, without the properties that hold nothing: no text, no list, no record. That is what they hold where they
/// are missing, too. Those in `other` stay: what it means where they are missing is not known.
pub(super) fn to_json(record: &impl Serialize, other: &Map<String, Value>) -> String {
    let mut lean = Lean { json: b"{".to_vec(), other, is_first: true };
    // INVARIANT: records are maps from names to what JSON can say.
    if record.serialize(&mut lean).is_err() {
        return String::new();
    }
    lean.json.push(b'}');
    String::from_utf8(lean.json).unwrap_or_default()
}

struct Lean<'o> {
    json: Vec<u8>,
    other: &'o Map<String, Value>,
    is_first: bool,
}

impl SerializeMap for &mut Lean<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        if !std::mem::replace(&mut self.is_first, false) {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.json.push(b':');
        serde_json::to_writer(&mut self.json, value)
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), Error> {
        let (begin, was_first) = (self.json.len(), self.is_first);
        self.serialize_key(key)?;
        let end_of_key = self.json.len();
        self.serialize_value(value)?;
        let is_empty = matches!(self.json.get(end_of_key..), Some(b":\"\"" | b":[]" | b":{}" | b":null"));
        if is_empty && !self.is_other(begin, end_of_key) {
            self.json.truncate(begin);
            self.is_first = was_first;
        }
        Ok(())
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

impl Lean<'_> {
    /// Whether the key that was written there is one of those that we do not know.
    fn is_other(&self, begin: usize, end: usize) -> bool {
        if self.other.is_empty() {
            return false;
        }
        let key = self.json.get(begin..end).unwrap_or_default();
        let key = key.strip_prefix(b",").unwrap_or(key);
        serde_json::from_slice::<String>(key).is_ok_and(|key| self.other.contains_key(&key))
    }
}

/// What a record is not.
macro_rules! refuse {
    ($($name:ident($($argument:ty),*) -> $compound:ty;)*) => {$(
        fn $name(self, $(_: $argument),*) -> Result<$compound, Error> {
            Err(no_record())
        }
    )*};
}

fn no_record() -> Error {
    Error::custom("a record is a map")
}

type No = Impossible<(), Error>;

impl<'l, 'o> Serializer for &'l mut Lean<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = Self;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Error> {
        Err(no_record())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        _: &str,
        _: &T,
    ) -> Result<(), Error> {
        Err(no_record())
    }

    refuse! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }
}
