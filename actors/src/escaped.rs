//! Text of clients as it may stand in a log: on one line, without control characters, and short.
//!
//! Every log line and every report that shows a name which a client may have chosen goes through [`Escaped`].

use std::fmt::{self, Write};

/// Most characters of a text that are shown.
const MAX_CHARS: usize = 64;

/// Shows a text in quotes, with everything escaped that could break a line, colour a terminal or turn the direction of writing. What is
/// beyond 64 characters becomes `…`.
///
/// ```
/// # use actix_socketio_actors::escaped::Escaped;
/// assert_eq!(Escaped("lobby").to_string(), "\"lobby\"");
/// assert_eq!(Escaped("a\n\x1b[31m\"").to_string(), r#""a\n\u{1b}[31m\"""#);
/// ```
#[derive(Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut chars = self.0.chars();
        for char in chars.by_ref().take(MAX_CHARS) {
            match char {
                '\'' => f.write_char(char)?,
                _ => char.escape_debug().try_for_each(|char| f.write_char(char))?,
            }
        }
        if !chars.as_str().is_empty() {
            f.write_char('…')?;
        }
        f.write_char('"')
    }
}

/// A text of several sources, such as an error of a handler that repeats what a client has sent, on one line. It is escaped like
/// [`Escaped`], but stands without quotes, and is longer: 1,000 characters at most.
///
/// ```
/// # use actix_socketio_actors::escaped::OneLine;
/// assert_eq!(OneLine("no room called \"a\nb\"").to_string(), r#"no room called "a\nb""#);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OneLine<T>(pub T);

impl<T: fmt::Display> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping { to: f, left: MAX_LINE }, "{}", self.0)
    }
}

/// Most characters of a [`OneLine`].
const MAX_LINE: usize = 1000;

struct Escaping<'a, 'b> {
    to: &'a mut fmt::Formatter<'b>,
    left: usize,
}

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            match self.left {
                0 => return Ok(()),
                1 => self.to.write_char('…')?,
                _ if matches!(char, '\'' | '"' | '\\') => self.to.write_char(char)?,
                _ => char.escape_debug().try_for_each(|char| self.to.write_char(char))?,
            }
            self.left -= 1;
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_the_cursor_or_the_eye_is_left() {
        let nasty = "\r\n\t\0\x07\x1b[2J\u{7f}\u{85}\u{9b}\u{2028}\u{202e}\u{2066}\u{feff}\u{e000}";
        let shown = Escaped(nasty).to_string();
        assert!(shown.chars().all(|char| (' '..='~').contains(&char)), "{shown}");
        assert_eq!(Escaped("it's \"é\" \\").to_string(), r#""it's \"é\" \\""#);
    }

    #[test]
    fn a_line_stays_one_and_ends_somewhere() {
        assert_eq!(OneLine("it's \"a\" \\ b\n\x1b[0m").to_string(), r#"it's "a" \ b\n\u{1b}[0m"#);
        assert_eq!(OneLine("a".repeat(2000)).to_string(), "a".repeat(999) + "…");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let (whole, long) = ("é".repeat(64), "é".repeat(65));
        assert_eq!(Escaped(&whole).to_string(), format!("\"{whole}\""));
        assert_eq!(Escaped(&long).to_string(), format!("\"{whole}…\""));
    }
}
