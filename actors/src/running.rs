//! Which code of the application runs on a thread right now, for whoever wonders why the thread does not go on.
//!
//! Sessions write it before each turn of a handler and after it, with some relaxed stores; the watchdog reads it from its own thread.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::escaped::Escaped;

/// Words for the name of an event. What is longer is cut off.
const WORDS: usize = 4;
const BYTES: usize = WORDS * 8;

/// The kinds of code that a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserCode {
    Middleware,
    Connect,
    Event,
    Outgoing,
    Disconnect,
    Rule,
    /// Of Engine.IO alone.
    Message,
}

impl UserCode {
    const ALL: [Self; 7] = [
        Self::Middleware,
        Self::Connect,
        Self::Event,
        Self::Outgoing,
        Self::Disconnect,
        Self::Rule,
        Self::Message,
    ];
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Middleware => "connect middleware",
            Self::Connect => "connect handler",
            Self::Event => "event handler",
            Self::Outgoing => "handler of outgoing events",
            Self::Disconnect => "disconnect handler",
            Self::Rule => "rule for namespaces",
            Self::Message => "message handler",
        })
    }
}

/// Some code of the application: what it is and, of a handler of events, the beginning of their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    code: UserCode,
    length: u8,
    name: [u64; WORDS],
}

impl From<UserCode> for Label {
    fn from(code: UserCode) -> Self {
        Self { code, length: 0, name: [0; WORDS] }
    }
}

impl Label {
    /// A handler of this event.
    pub(crate) fn event(name: &str) -> Self {
        let fits = (0..=name.len().min(BYTES)).rev().find(|at| name.is_char_boundary(*at));
        let length = fits.unwrap_or_default();
        let mut bytes = [0; BYTES];
        bytes[..length].copy_from_slice(&name.as_bytes()[..length]);
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[8 * at..8 * at + 8]);
            u64::from_le_bytes(word)
        };
        let words = std::array::from_fn(word);
        Self { code: UserCode::Event, length: length as u8, name: words }
    }

    pub(crate) fn code(self) -> UserCode {
        self.code
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)?;
        if self.length == 0 {
            return Ok(());
        }
        let bytes: Vec<_> = self.name.iter().flat_map(|word| word.to_le_bytes()).collect();
        let name = String::from_utf8_lossy(&bytes[..usize::from(self.length).min(BYTES)]);
        write!(f, " of {}", Escaped(&name))
    }
}

/// What runs on one thread. Only that thread writes it.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// Zero when nothing runs; else the place of the code in `ALL`, from one on, and the length of the name in the second byte.
    head: AtomicU64,
    name: [AtomicU64; WORDS],
}

/// While this lives, the code runs.
pub(crate) struct Turn<'a>(&'a Running);

impl Running {
    pub(crate) fn begin(&self, label: &Label) -> Turn<'_> {
        let words = usize::from(label.length).div_ceil(8);
        for (to, from) in self.name.iter().zip(label.name).take(words) {
            to.store(from, Ordering::Relaxed);
        }
        let head = (label.code as u64 + 1) | u64::from(label.length) << 8;
        self.head.store(head, Ordering::Release);
        Turn(self)
    }

    /// What runs; from a thread that goes on meanwhile, it may be what runs next with what ran before.
    pub(crate) fn now(&self) -> Option<Label> {
        let [place, length, ..] = self.head.load(Ordering::Acquire).to_le_bytes();
        let code = *UserCode::ALL.get(usize::from(place.checked_sub(1)?))?;
        let words = usize::from(length).div_ceil(8);
        let mut name = [0; WORDS];
        for (to, from) in name.iter_mut().zip(&self.name).take(words) {
            *to = from.load(Ordering::Relaxed);
        }
        Some(Label { code, length, name })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.head.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_known_while_it_runs() {
        let running = Running::default();
        assert_eq!(running.now(), None);
        for (place, code) in UserCode::ALL.into_iter().enumerate() {
            assert_eq!(code as usize, place);
            let _turn = running.begin(&code.into());
            assert_eq!(running.now(), Some(code.into()));
        }
        let turn = running.begin(&Label::event("say"));
        assert_eq!(running.now().unwrap().to_string(), r#"event handler of "say""#);
        drop(turn);
        assert_eq!(running.now(), None);
    }

    #[test]
    fn a_name_that_is_too_long_is_cut_off_between_characters() {
        let running = Running::default();
        let name = "a".to_owned() + &"é".repeat(20);
        let _turn = running.begin(&Label::event(&name));
        let expected = format!("event handler of \"a{}\"", "é".repeat(15));
        assert_eq!(running.now().unwrap().to_string(), expected);
    }

    #[test]
    fn a_name_of_a_client_is_escaped() {
        let label = Label::event("a\nb");
        assert_eq!(label.to_string(), format!("event handler of {}", Escaped("a\nb")));
        assert!(!label.to_string().contains('\n'));
    }
}
