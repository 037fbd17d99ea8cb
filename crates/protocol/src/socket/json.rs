//! What is asked of JSON text without building values: depth, validity, boundaries, placeholders.
//!
//! Called by the decoder before a payload is accepted, and to cut accepted arrays into arguments.
//! Every scan is a loop over bytes: no input makes it recurse, and no index is inside a character,
//! since all that is looked for is ASCII.

use serde::Serialize;
use serde::de::IgnoredAny;

use super::DecodeError;

/// What may surround a JSON value.
pub(super) const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Refuses text that is not exactly one JSON value of bounded depth.
///
/// Strings may hold halves of surrogate pairs, as they may in JavaScript; only a typed parse of that
/// very string fails.
pub(super) fn validate(text: &str, max_depth: usize) -> Result<(), DecodeError> {
    if is_deeper(text, max_depth) {
        return Err(DecodeError::TooDeep { max: max_depth });
    }
    match serde_json::from_str(text) {
        Ok(IgnoredAny) => Ok(()),
        Err(error) => Err(DecodeError::Json { column: error.column() }),
    }
}

/// Needs no valid JSON: what it says about other text does not matter, as that is refused anyway.
fn is_deeper(text: &str, max: usize) -> bool {
    let bytes = text.as_bytes();
    // Too few bytes to open that many levels and to close them.
    if bytes.len() / 2 <= max {
        return false;
    }
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(bytes, at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return true;
        }
    }
    false
}

/// Position behind the quote that ends a string, `at` being behind the one that opens it.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => break,
            b'\\' => at += 1,
            _ => {}
        }
    }
    at.min(bytes.len())
}

/// Cuts the first value off the inside of a valid array: `1,2]` gives `1` and `2]`, `2]` gives `2`
/// and `]`. White space may surround the value.
pub(super) fn split_value(inside: &str) -> (&str, &str) {
    let bytes = inside.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b',' if depth == 0 => return (&inside[..at], &inside[at + 1..]),
            b']' if depth == 0 => break,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    (&inside[..at], &inside[at..])
}

/// Appends a value whose serialisation cannot fail: strings, structs of them, JSON values.
pub(crate) fn push_json<T: Serialize + ?Sized>(text: &mut String, value: &T) {
    let json = serde_json::to_string(value);
    debug_assert!(json.is_ok(), "a value that was said not to fail");
    text.push_str(json.as_deref().unwrap_or("null"));
}
