//! What a client tells of a round: `client` writes it, `checker` reads it.

/// A message that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    /// In the other namespace.
    pub(super) other: bool,
    pub(super) context: usize,
    pub(super) number: usize,
    /// The message that has caused this one, if any has.
    pub(super) cause: Option<(usize, usize)>,
}

/// What a client has to say about a round.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) seen: Vec<Seen>,
    /// Events of its own that it has sent, and the acknowledgements that it got.
    pub(super) ups: usize,
    pub(super) acks: Vec<usize>,
    pub(super) reactions: usize,
    pub(super) upgrades: usize,
    pub(super) failed_upgrades: usize,
    pub(super) problems: Vec<String>,
}
