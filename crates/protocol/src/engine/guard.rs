//! Watches the bytes of a WebSocket as they arrive: sizes are judged by the header, before anything is buffered, and text is judged as
//! soon as it stops being UTF-8.
//!
//! The transport feeds it what it reads, before the WebSocket decoder that does the rest (masks, opcodes, control frames). It changes
//! nothing and keeps no payload.

use std::str;

/// Most bytes of a frame header: two, a length of eight, a mask of four.
const HEADER: usize = 14;

/// Most bytes of a control frame, in any WebSocket.
const MAX_CONTROL: u64 = 125;

/// What a client may send.
#[derive(Debug, Clone, Copy)]
pub struct FrameLimits {
    /// Largest message, in bytes, whether it comes in one frame or in fragments.
    pub max_message: usize,
    /// Most fragments of one message.
    pub max_fragments: usize,
}

/// Why reading has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// A frame announces more than the message may have.
    #[error("the message is too large")]
    TooLarge,
    /// A message has too many fragments.
    #[error("the message has too many fragments")]
    TooManyFragments,
    /// A control frame announces more than any may have. The decoder would wait for all of it.
    #[error("the control frame is too long")]
    ControlTooLong,
    /// A text message is not UTF-8.
    #[error("the text is not UTF-8")]
    NotUtf8,
}

impl Violation {
    /// The WebSocket close code.
    pub fn close_code(self) -> u16 {
        match self {
            Self::TooLarge => 1009,
            Self::TooManyFragments => 1008,
            Self::ControlTooLong => 1002,
            Self::NotUtf8 => 1007,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct FrameGuard {
    limits: FrameLimits,
    header: [u8; HEADER],
    /// Bytes of the header that have arrived.
    header_len: usize,
    frame: Option<FramePart>,
    message: Message,
    /// What it has found: nothing of what follows counts.
    violation: Option<Violation>,
}

/// A frame whose header is complete.
#[derive(Debug, Clone, Copy)]
struct FramePart {
    data: bool,
    last: bool,
    mask: [u8; 4],
    /// Payload bytes that have arrived, to know where in the mask the next one is.
    arrived: usize,
    remaining: usize,
}

/// The message that the frames so far are part of.
#[derive(Debug, Default)]
struct Message {
    bytes: usize,
    fragments: usize,
    text: bool,
    /// The beginning of a character whose rest has not arrived.
    carry: Vec<u8>,
}

impl FrameGuard {
    /// A guard for one connection.
    pub fn new(limits: FrameLimits) -> Self {
        Self {
            limits,
            header: [0; HEADER],
            header_len: 0,
            frame: None,
            message: Message::default(),
            violation: None,
        }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    ///
    /// What is wrong, and how many of the bytes precede the frame or the part of it that is: those may still be decoded. After that, the
    /// same with whatever follows, of which nothing may be decoded.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), (usize, Violation)> {
        if let Some(violation) = self.violation {
            return Err((0, violation));
        }
        let looked = self.look(bytes);
        self.violation = looked.err().map(|(_, violation)| violation);
        looked
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), (usize, Violation)> {
        let mut at = 0;
        let mut frame_start = 0;
        while at < bytes.len() {
            match &mut self.frame {
                None => {
                    self.header[self.header_len] = bytes[at];
                    self.header_len += 1;
                    at += 1;
                    self.read_header().map_err(|violation| (frame_start, violation))?;
                }
                Some(frame) => {
                    let part = frame.remaining.min(bytes.len() - at);
                    let whole = frame.arrived == 0 && part == frame.remaining;
                    let payload = &bytes[at..at + part];
                    if frame.data {
                        let checked = self.message.check(payload, frame, whole);
                        checked.map_err(|violation| (frame_start, violation))?;
                    }
                    frame.arrived += part;
                    frame.remaining -= part;
                    at += part;
                }
            }
            if self.frame.is_some_and(|frame| frame.remaining == 0) {
                self.end_frame();
                frame_start = at;
            }
        }
        Ok(())
    }

    /// Begins the frame once its header is complete.
    fn read_header(&mut self) -> Result<(), Violation> {
        let header = &self.header[..self.header_len];
        let [first, second, rest @ ..] = header else { return Ok(()) };
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_len = if second & 0x80 == 0 { 0 } else { 4 };
        if rest.len() < extended {
            return Ok(());
        }
        let length = match extended {
            0 => u64::from(second & 0x7f),
            _ => rest[..extended].iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)),
        };
        let (opcode, last) = (first & 0x0f, first & 0x80 != 0);
        let data = opcode < 8;
        if !data && length > MAX_CONTROL {
            return Err(Violation::ControlTooLong);
        }
        if data && rest.len() == extended {
            // Judged here, once, before the mask has arrived.
            self.message.announce(opcode, last, length, self.limits)?;
        }
        if rest.len() < extended + mask_len {
            return Ok(());
        }
        let mut mask = [0; 4];
        mask[..mask_len].copy_from_slice(&rest[extended..extended + mask_len]);
        let remaining = usize::try_from(length).map_err(|_| Violation::TooLarge)?;
        self.frame = Some(FramePart { data, last, mask, arrived: 0, remaining });
        self.header_len = 0;
        Ok(())
    }

    fn end_frame(&mut self) {
        if let Some(FramePart { data: true, last: true, .. }) = self.frame.take() {
            self.message = Message::default();
        }
    }
}

impl Message {
    /// A frame of this length is about to come.
    fn announce(
        &mut self,
        opcode: u8,
        last: bool,
        length: u64,
        limits: FrameLimits,
    ) -> Result<(), Violation> {
        if opcode != 0 {
            // A new message within another one is for the decoder to refuse.
            *self = Self { text: opcode == 1, ..Self::default() };
        }
        let left = limits.max_message.saturating_sub(self.bytes);
        let length = usize::try_from(length).ok().filter(|length| *length <= left);
        self.bytes += length.ok_or(Violation::TooLarge)?;
        if !(opcode != 0 && last) {
            self.fragments += 1;
            if self.fragments > limits.max_fragments {
                return Err(Violation::TooManyFragments);
            }
        }
        Ok(())
    }

    /// Text that is complete is left to the decoder; text that is not is judged as far as it has come.
    fn check(
        &mut self,
        masked: &[u8],
        frame: &FramePart,
        whole_frame: bool,
    ) -> Result<(), Violation> {
        let single = self.fragments == 0;
        if !self.text || (single && whole_frame) {
            return Ok(());
        }
        let mut text = std::mem::take(&mut self.carry);
        let key = |i: usize| frame.mask[(frame.arrived + i) % 4];
        text.extend(masked.iter().enumerate().map(|(i, byte)| byte ^ key(i)));
        let end = frame.last && masked.len() == frame.remaining;
        match str::from_utf8(&text) {
            Ok(_) => Ok(()),
            Err(error) if error.error_len().is_none() && !end => {
                self.carry = text.split_off(error.valid_up_to());
                Ok(())
            }
            Err(_) => Err(Violation::NotUtf8),
        }
    }
}
