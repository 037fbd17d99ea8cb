//! The lines of an input.
//!
//! | line | |
//! |---|---|
//! | `p` | as the first line: the client polls; otherwise it opens a WebSocket |
//! | `t…` | a text message, or, while the client polls, a POST with this body |
//! | `b…` | a binary message, or a POST with it |
//! | `a` | the client answers the first question that is left |
//! | `A` | it answers it in another namespace |
//! | `w` | a WebSocket that is to take over |
//! | `u…` | a text message over that |
//! | `e` | the server emits something to everyone |
//! | `x`, `y` | the client reads no more, and again |
//! | `s1` to `s9` | so many seconds pass |

use std::time::Duration;

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Answer,
    AnswerElsewhere,
    OpenCandidate,
    CandidateText(&'a str),
    Broadcast,
    Pause,
    Resume,
    Wait(Duration),
}

/// Whether the client begins by polling, and what happens then.
pub(super) fn read(data: &[u8]) -> (bool, Vec<Step<'_>>) {
    let mut lines = data.split(|byte| *byte == b'\n').peekable();
    let polls = lines.next_if_eq(&&b"p"[..]).is_some();
    (polls, lines.filter_map(step).collect())
}

/// Lines that are none are left out.
fn step(line: &[u8]) -> Option<Step<'_>> {
    let (kind, rest) = line.split_first()?;
    let text = || std::str::from_utf8(rest).ok();
    Some(match (kind, rest) {
        (b't', _) => Step::Text(text()?),
        (b'b', _) => Step::Binary(rest),
        (b'a', []) => Step::Answer,
        (b'A', []) => Step::AnswerElsewhere,
        (b'w', []) => Step::OpenCandidate,
        (b'u', _) => Step::CandidateText(text()?),
        (b'e', []) => Step::Broadcast,
        (b'x', []) => Step::Pause,
        (b'y', []) => Step::Resume,
        (b's', [seconds @ b'1'..=b'9']) => Step::Wait(Duration::from_secs((seconds - b'0').into())),
        _ => return None,
    })
}
