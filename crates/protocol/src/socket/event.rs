//! Names of events: the first element of an event's payload.
//!
//! Called by the decoder, the encoder and [`Payload`](super::Payload).

use std::borrow::Cow;

use super::DecodeError;
use super::json::split_value;

/// Names that clients and servers give to events of their own.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Whether no packet may carry this name.
pub(super) fn is_reserved(event: &str) -> bool {
    RESERVED.contains(&event)
}

/// The raw name and what follows it up to the end of the array, from a valid array in JSON. Both are
/// empty when the text is no array.
pub(super) fn split_name(array: &str) -> (&str, &str) {
    let (name, rest) = split_value(array.strip_prefix('[').unwrap_or_default());
    (name.trim_ascii(), rest)
}

/// The name that stands in an event's array, without quotes and escapes.
///
/// `None` when the element is neither a string nor a number, and when the string holds half of a
/// surrogate pair: it has no UTF-8 form, and a name must not change on its way.
pub(super) fn name(array: &str) -> Option<Cow<'_, str>> {
    let (raw, _) = split_name(array);
    match raw.as_bytes().first()? {
        b'"' if raw.contains('\\') => serde_json::from_str(raw).ok().map(Cow::Owned),
        b'"' => raw.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed),
        b'-' | b'0'..=b'9' => Some(number(raw)),
        _ => None,
    }
}

/// A number as JavaScript would print it, since that is the name a handler of it has: `1.0` is `1`.
fn number(raw: &str) -> Cow<'_, str> {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    let plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && raw != "-0" {
        return Cow::Borrowed(raw);
    }
    match raw.parse::<f64>() {
        Ok(0.0) => Cow::Borrowed("0"),
        Ok(value) if value.is_infinite() => {
            Cow::Borrowed(if value > 0.0 { "Infinity" } else { "-Infinity" })
        }
        Ok(value) if (1e-6..1e21).contains(&value.abs()) => Cow::Owned(value.to_string()),
        // Rust writes 1e21 and 1e-7 where JavaScript writes 1e+21 and 1e-7.
        Ok(value) => Cow::Owned(format!("{value:e}").replace('e', "e+").replace("+-", "-")),
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Refuses an event whose payload has no name, a reserved one or one of more than `max` bytes.
pub(super) fn check(array: &str, max: usize) -> Result<(), DecodeError> {
    let name = name(array).ok_or(DecodeError::EventName)?;
    if name.len() > max {
        return Err(DecodeError::EventNameTooLong { max });
    }
    if is_reserved(&name) {
        return Err(DecodeError::ReservedEvent);
    }
    Ok(())
}
