//! Why a packet cannot be decoded or encoded.
//!
//! No error repeats text that a client sent, so all of them may go to a log as they are.

/// Why a unit is no Socket.IO packet. The connection cannot go on after one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is not even a type.
    #[error("empty packet")]
    Empty,
    /// The first character names no type.
    #[error("unknown packet type {0:?}")]
    UnknownType(char),
    /// The number of attachments is missing, zero or no plain decimal number.
    #[error("illegal number of attachments")]
    IllegalAttachments,
    /// More attachments are announced than allowed.
    #[error("more than {max} attachments")]
    TooManyAttachments {
        /// How many were allowed.
        max: usize,
    },
    /// The namespace is longer than allowed.
    #[error("the namespace is longer than {max} bytes")]
    NamespaceTooLong {
        /// How many bytes were allowed.
        max: usize,
    },
    /// The id has more than 16 digits or is above 2^53-1.
    #[error("the ack id is too large")]
    IdTooLarge,
    /// An ack without id.
    #[error("an ack without id")]
    MissingId,
    /// The payload is missing where one must be, present where none may be, or of the wrong type.
    #[error("illegal payload for this type of packet")]
    IllegalPayload,
    /// The payload is not JSON.
    #[error("invalid JSON at byte {column} of the payload")]
    Json {
        /// Position in the payload as far as its line is concerned, counted from 1.
        column: usize,
    },
    /// The JSON is nested too deep.
    #[error("JSON nested deeper than {max}")]
    TooDeep {
        /// How many levels were allowed, the list of arguments being the first.
        max: usize,
    },
    /// The first element of an event is neither a valid string nor a number.
    #[error("an event needs a string or a number as its name")]
    EventName,
    /// The name of the event is longer than allowed.
    #[error("the event name is longer than {max} bytes")]
    EventNameTooLong {
        /// How many bytes were allowed.
        max: usize,
    },
    /// The name of the event has a meaning of its own, like `connect`.
    #[error("reserved event name")]
    ReservedEvent,
    /// A placeholder names no announced attachment.
    #[error("a placeholder without attachment")]
    Placeholder,
    /// Text came while attachments were due.
    #[error("text while waiting for attachments")]
    UnexpectedText,
    /// Binary data came that no packet had announced.
    #[error("binary data without a packet that announced it")]
    UnexpectedBinary,
    /// The packet with its attachments is larger than allowed.
    #[error("the packet is larger than {max} bytes")]
    PacketTooLarge {
        /// How many bytes were allowed.
        max: usize,
    },
}

/// Why a packet cannot be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The event name has a meaning of its own, like `connect`.
    #[error("{event:?} is reserved and cannot be emitted")]
    ReservedEvent {
        /// The name.
        event: String,
    },
    /// The arguments cannot be serialised.
    #[error("cannot serialise the arguments of {packet}: {source}")]
    Serialize {
        /// The packet in words, with the name of the event.
        packet: String,
        /// What serde says.
        source: serde_json::Error,
    },
    /// There are more binary values than clients accept.
    #[error("{packet} has {count} attachments, more than {max}")]
    TooManyAttachments {
        /// The packet in words, with the name of the event.
        packet: String,
        /// How many there are.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
}
