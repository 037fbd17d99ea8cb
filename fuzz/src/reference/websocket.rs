//! What a client sends over a WebSocket to a server of Engine.IO, by RFC 6455 and our limits, frame by frame.
//!
//! It has all bytes at once. The server sees them come in pieces, and where a frame breaks several rules, it depends on the pieces which
//! of them the server meets first: then each of their codes is right.

use std::collections::BTreeSet;

/// What the server under test is configured with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) max_message: usize,
    pub(crate) max_fragments: usize,
    /// Pongs that answer no ping.
    pub(crate) max_pongs: usize,
}

const PROTOCOL: Option<u16> = Some(1002);
const NOT_UTF8: Option<u16> = Some(1007);
const TOO_MANY: Option<u16> = Some(1008);
const TOO_LARGE: Option<u16> = Some(1009);

/// One message, as the server sends it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Echo {
    Text(String),
    Binary(Vec<u8>),
}

/// What has to come back.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) echoes: Vec<Echo>,
    /// Payloads of pongs.
    pub(crate) pongs: Vec<Vec<u8>>,
    /// How many of the pongs precede the end of the session; the others may come.
    pub(crate) due_pongs: usize,
    /// The codes of close frames of which one has to come, `None` being a frame without code. If there are none, the connection stays.
    pub(crate) closes: BTreeSet<Option<u16>>,
}

/// Reads everything that a client has sent.
pub(crate) fn read(input: &[u8], limits: Limits) -> Expected {
    let mut reader = Reader { limits, expected: Expected::default(), message: None, pongs: 0 };
    let mut rest = input;
    while let Some(behind) = reader.frame(rest) {
        rest = behind;
    }
    let Reader { mut expected, .. } = reader;
    if expected.closes.is_empty() {
        expected.due_pongs = expected.pongs.len();
    }
    expected
}

struct Reader {
    limits: Limits,
    expected: Expected,
    /// A message whose last fragment has not come.
    message: Option<Message>,
    pongs: usize,
}

struct Message {
    text: bool,
    data: Vec<u8>,
    fragments: usize,
}

struct Header {
    last: bool,
    opcode: u8,
    /// Bytes of the header, its mask included.
    size: usize,
    length: u64,
}

/// The header, or the bytes of it that are there.
fn header(bytes: &[u8]) -> Result<Header, &[u8]> {
    let [first, second, rest @ ..] = bytes else { return Err(bytes) };
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let length = rest.get(..extended).ok_or(bytes)?;
    let length = length.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte));
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    Ok(Header {
        last: first & 0x80 != 0,
        opcode: first & 0x0f,
        size: 2 + extended + mask,
        length: if extended == 0 { u64::from(second & 0x7f) } else { length },
    })
}

impl Reader {
    /// Reads one frame; `None` when nothing more is read.
    fn frame<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut closes = BTreeSet::new();
        if let [first, second, ..] = bytes {
            let unknown = matches!(first & 0x0f, 3..=7 | 11..=15);
            if first & 0x70 != 0 || second & 0x80 == 0 || unknown {
                closes.insert(PROTOCOL);
            }
        }
        let header = match header(bytes) {
            Ok(header) => header,
            Err(_) => return self.end(closes),
        };
        let is_wrong = !closes.is_empty();
        let control = header.opcode >= 8;
        closes.extend(if control { control_fault(&header) } else { self.data_fault(&header) });
        if is_wrong && !control {
            // The text of a frame that must not be may be judged before the frame is.
            closes.insert(NOT_UTF8);
        }
        if !closes.is_empty() {
            return self.end(closes);
        }
        let length = header.length as usize;
        let behind_header = bytes.get(header.size..).unwrap_or_default();
        let payload = &behind_header[..length.min(behind_header.len())];
        let mask = bytes.get(header.size - 4..header.size).unwrap_or(&[0; 4]);
        let payload: Vec<u8> =
            payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m).collect();
        let complete = behind_header.len() >= length && bytes.len() >= header.size;
        match (control, complete) {
            (true, false) => return None,
            (true, true) => self.control(&header, payload)?,
            (false, _) => self.data(&header, payload, complete)?,
        }
        Some(&behind_header[length..])
    }

    fn end<T>(&mut self, closes: BTreeSet<Option<u16>>) -> Option<T> {
        if self.expected.closes.is_empty() {
            self.expected.due_pongs = self.expected.pongs.len();
        }
        self.expected.closes.extend(closes);
        None
    }

    fn fault<T>(&mut self, code: Option<u16>) -> Option<T> {
        self.end(BTreeSet::from([code]))
    }

    /// What is wrong with the length of a data frame, or with there being one more.
    fn data_fault(&self, header: &Header) -> Option<Option<u16>> {
        let message = self.message.as_ref().filter(|_| header.opcode == 0);
        let (bytes, fragments) = message.map_or((0, 0), |m| (m.data.len(), m.fragments));
        let single = header.opcode != 0 && header.last;
        if header.length > (self.limits.max_message - bytes) as u64 {
            Some(TOO_LARGE)
        } else if !single && fragments == self.limits.max_fragments {
            Some(TOO_MANY)
        } else {
            None
        }
    }

    fn control(&mut self, header: &Header, payload: Vec<u8>) -> Option<()> {
        if !header.last {
            return self.fault(PROTOCOL);
        }
        match header.opcode {
            8 => {
                let close = self.close_code(&payload);
                return self.fault(close);
            }
            9 => self.expected.pongs.push(payload),
            _ => {}
        }
        Some(())
    }

    /// The code that answers a close frame: its own.
    fn close_code(&self, payload: &[u8]) -> Option<u16> {
        let [high, low, reason @ ..] = payload else {
            return if payload.is_empty() { None } else { PROTOCOL };
        };
        let code = u16::from_be_bytes([*high, *low]);
        let known = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        if known && std::str::from_utf8(reason).is_ok() { Some(code) } else { PROTOCOL }
    }

    fn data(&mut self, header: &Header, payload: Vec<u8>, complete: bool) -> Option<()> {
        let starts = header.opcode != 0;
        let misplaced = starts == self.message.is_some();
        let mut message = match self.message.take().filter(|_| !starts) {
            Some(message) => message,
            None => Message { text: header.opcode == 1, data: Vec::new(), fragments: 0 },
        };
        message.data.extend(payload);
        message.fragments += 1;
        let ends = complete && header.last;
        let wrong_text = message.text && !is_utf8(&message.data, ends);
        if misplaced {
            // Known when the frame is complete; its text is judged before.
            let mut closes = BTreeSet::new();
            closes.extend(complete.then_some(PROTOCOL));
            closes.extend(wrong_text.then_some(NOT_UTF8));
            return self.end(closes);
        }
        if wrong_text {
            return self.fault(NOT_UTF8);
        }
        if !complete {
            return None;
        }
        if !header.last {
            self.message = Some(message);
        } else if message.text {
            self.text(String::from_utf8(message.data).expect("text is UTF-8"));
        } else {
            self.echo(Echo::Binary(message.data));
        }
        Some(())
    }

    /// A packet of Engine.IO. What ends the session ends it in good order: a WebSocket that goes on meanwhile may still be answered.
    fn text(&mut self, text: String) {
        match text.chars().next() {
            Some('4') => self.echo(Echo::Text(text)),
            Some('0' | '5' | '6') => {}
            Some('3') => {
                self.pongs += 1;
                if self.pongs > self.limits.max_pongs {
                    let _: Option<()> = self.fault(None);
                }
            }
            _ => {
                let _: Option<()> = self.fault(None);
            }
        }
    }

    fn echo(&mut self, echo: Echo) {
        if self.expected.closes.is_empty() {
            self.expected.echoes.push(echo);
        }
    }
}

fn control_fault(header: &Header) -> Option<Option<u16>> {
    (header.length > 125).then_some(PROTOCOL)
}

/// Whether it is, or may become so with what follows.
fn is_utf8(data: &[u8], ends: bool) -> bool {
    match std::str::from_utf8(data) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && !ends,
    }
}
