//! Identifiers as newtypes: what names a connection, a socket, a room.
//!
//! Everyone uses them; nobody else makes random ids. Randomness comes from `uuid` (the operating system's generator).

use std::{fmt, sync::atomic};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytestring::ByteString;

/// Characters in a [`SocketId`], and in a [`Sid`] that we make, as in the official server (`@socket.io/sticky` relies on it).
pub const ID_LEN: usize = 20;

/// 120 random bits as 20 characters of `[A-Za-z0-9_-]`.
fn random_id() -> [u8; ID_LEN] {
    // A version 4 UUID has 122 random bits; bytes 6 and 8 hold the fixed ones beside four random bits each.
    let uuid = uuid::Uuid::new_v4().into_bytes();
    let mut raw = [0; 15];
    raw[..6].copy_from_slice(&uuid[..6]);
    raw[6] = uuid[7];
    raw[7..14].copy_from_slice(&uuid[9..]);
    raw[14] = (uuid[6] << 4) | (uuid[8] & 0x0f);
    let mut text = [0; ID_LEN];
    // 15 bytes are exactly 20 characters, so this cannot fail.
    let written = URL_SAFE_NO_PAD.encode_slice(raw, &mut text);
    debug_assert_eq!(written.ok(), Some(ID_LEN));
    text
}

/// Longest [`Sid`], in characters.
const MAX_SID_LEN: usize = 64;

/// Engine.IO session id. It is a bearer secret: whoever knows it can speak for the session, so it is never shown to other clients.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sid {
    len: u8,
    /// Zeros after the text.
    text: [u8; MAX_SID_LEN],
}

/// Public id of a socket (one client in one namespace), `socket.id` in JavaScript. Not derived from the [`Sid`].
///
/// ```
/// # use actix_socketio_actors::id::SocketId;
/// # let id = SocketId::random();
/// let text = id.to_string(); // 20 characters
/// assert_eq!(id.as_str(), text);
/// assert_eq!(SocketId::parse(&text), Some(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId([u8; ID_LEN]);

impl Sid {
    /// A new id that nobody can guess.
    pub fn random() -> Self {
        Self::from_legal(&random_id())
    }

    /// Reads an id from its text; `None` unless it is 20 to 64 characters of `[A-Za-z0-9_-]`. Shorter ones could be guessed.
    pub fn parse(text: &str) -> Option<Self> {
        let is_id = (ID_LEN..=MAX_SID_LEN).contains(&text.len()) && text.bytes().all(is_legal);
        is_id.then(|| Self::from_legal(text.as_bytes()))
    }

    fn from_legal(id: &[u8]) -> Self {
        let mut text = [0; MAX_SID_LEN];
        text[..id.len()].copy_from_slice(id);
        // At most 64.
        Self { len: id.len() as u8, text }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// Whether an id may have this character.
fn is_legal(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
}

impl SocketId {
    /// A new id that nobody can guess.
    pub fn random() -> Self {
        Self(random_id())
    }

    /// Reads an id from its text; `None` unless it has the exact length and alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ID_LEN] = text.as_bytes().try_into().ok()?;
        bytes.into_iter().all(is_legal).then_some(Self(bytes))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

macro_rules! shown_as_text {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

shown_as_text! { Sid, SocketId }

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(ByteString);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<ByteString>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.as_str())
            }
        }
    };
}

name! {
    /// Name of a namespace, such as `/` or `/admin`.
    NamespaceName
}
name! {
    /// Name of a room inside one namespace. The id of a socket is the name of that socket's own room.
    ///
    /// ```
    /// # use actix_socketio_actors::id::RoomName;
    /// let room = RoomName::from("lobby");
    /// assert_eq!(room.as_str(), "lobby");
    /// assert_eq!(format!("{room} {room:?}"), "lobby \"lobby\"");
    /// ```
    RoomName
}

impl From<SocketId> for String {
    fn from(id: SocketId) -> Self {
        id.to_string()
    }
}

impl serde::Serialize for SocketId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for SocketId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not the id of a socket"))
    }
}

impl From<SocketId> for RoomName {
    fn from(id: SocketId) -> Self {
        Self(ByteString::from(id.as_str()))
    }
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident($int:ty, $atomic:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub $int);

        impl $name {
            /// The next one, distinct from all others in this process.
            pub fn next() -> Self {
                static NEXT: $atomic = <$atomic>::new(0);
                Self(NEXT.fetch_add(1, atomic::Ordering::Relaxed))
            }
        }
    };
}

counter! {
    /// A courier, that is, a worker thread.
    CourierId(u32, atomic::AtomicU32)
}
counter! {
    /// A namespace, cheaper to compare than its name.
    NamespaceId(u32, atomic::AtomicU32)
}
counter! {
    /// A context of execution: what is emitted through one context is seen in the order in which it was emitted.
    ContextId(u64, atomic::AtomicU64)
}
counter! {
    /// Names the acknowledgement that a client owes for an event.
    AckId(u64, atomic::AtomicU64)
}

/// One transport of a session; a session that upgrades has had two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TransportId(pub u32);

impl TransportId {
    /// The transport of the handshake.
    pub const FIRST: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_id_has_twenty_legal_characters_and_reads_back() {
        let id = Sid::random();
        assert_eq!(id.as_str().len(), 20);
        assert_eq!(Sid::parse(id.as_str()), Some(id));
    }

    #[test]
    fn all_120_bits_of_an_id_vary() {
        let (mut ones, mut zeros) = ([0u8; 15], [0u8; 15]);
        for _ in 0..200 {
            let raw = URL_SAFE_NO_PAD.decode(SocketId::random().as_str()).unwrap();
            for i in 0..15 {
                ones[i] |= raw[i];
                zeros[i] |= !raw[i];
            }
        }
        assert_eq!((ones, zeros), ([0xff; 15], [0xff; 15]));
    }

    #[test]
    fn an_id_has_20_to_64_characters() {
        for len in [20, 36, 64] {
            let text = "aZ9_-".repeat(13)[..len].to_owned();
            assert_eq!(Sid::parse(&text).unwrap().as_str(), text);
        }
        assert_ne!(Sid::parse(&"a".repeat(20)), Sid::parse(&"a".repeat(21)));
    }

    #[test]
    fn text_of_another_length_or_alphabet_is_no_id() {
        for text in [
            "",
            "short",
            "aaaaaaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaaaaaaa\u{e9}",
            "aaaaaaaaaaaaaaaaaaa/",
        ] {
            assert_eq!(Sid::parse(text), None, "{text}");
            assert_eq!(SocketId::parse(text), None, "{text}");
        }
        assert_eq!(SocketId::parse(&"a".repeat(21)), None);
        assert_eq!(Sid::parse(&"a".repeat(65)), None);
    }
}
