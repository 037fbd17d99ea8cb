//! Placeholders: the objects `{"_placeholder":true,"num":N}` that stand for attachments.
//!
//! Called by the decoder once per packet with attachments, on JSON that is known to be valid. It
//! builds no values, so strings that no Rust string can hold do not matter.

use super::json::string_end;

/// Keys of a placeholder.
pub(super) const MARK: &str = "_placeholder";
pub(super) const NUM: &str = "num";

/// An object or an array that has begun. An array is an object of which no key is looked at.
#[derive(Default)]
struct Level {
    object: bool,
    marked: bool,
    num: Option<u64>,
}

/// Whether every placeholder in `json` names an attachment below `count`.
///
/// As in JavaScript, an object is a placeholder when its `_placeholder` is `true`, the last of
/// several equal keys counts, and other keys do not matter.
pub(super) fn all_within(json: &str, count: usize) -> bool {
    let bytes = json.as_bytes();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'[' => levels.push(Level::default()),
            b'{' => levels.push(Level { object: true, ..Level::default() }),
            b']' | b'}' => match levels.pop() {
                Some(level) if !level.is_within(count) => return false,
                _ => {}
            },
            b'"' => {
                at = string_end(bytes, at);
                let value = json[at..].trim_ascii_start().strip_prefix(':');
                if let (Some(value), Some(level)) = (value, levels.last_mut()) {
                    level.set(&json[start..at], value.trim_ascii_start());
                }
            }
            _ => {}
        }
    }
    true
}

impl Level {
    /// Notes a key; `value` is the text from its value on.
    fn set(&mut self, key: &str, value: &str) {
        if !self.object {
            return;
        }
        if is_key(key, MARK) {
            self.marked = value.starts_with("true");
        } else if is_key(key, NUM) {
            let end = value.find(|c: char| matches!(c, ',' | '}') || c.is_ascii_whitespace());
            self.num = value[..end.unwrap_or(value.len())].parse().ok();
        }
    }

    fn is_within(&self, count: usize) -> bool {
        !self.marked || self.num.is_some_and(|num| num < count as u64)
    }
}

/// Whether a string in JSON, quotes included, is this key, however it is escaped.
fn is_key(raw: &str, key: &str) -> bool {
    if raw.contains('\\') {
        return serde_json::from_str::<String>(raw).is_ok_and(|text| text == key);
    }
    raw.len() == key.len() + 2 && &raw[1..=key.len()] == key
}
