//! What connection middleware does to a socket that is not connected yet, kept until it is: events for its client, and rooms to join.
//!
//! Handles of the socket put it here, from any thread; the session takes it when the middleware has decided.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwapOption;
use socketio_protocol::socket::Encoded;

use crate::id::RoomName;

/// Most that is kept for one socket; what is beyond it is lost.
const MAX_KEPT: usize = 1024;

/// See the module.
#[derive(Debug)]
pub struct Early {
    /// Spares whoever comes later the look at what is kept.
    open: AtomicBool,
    /// `None` once it was taken.
    kept: ArcSwapOption<Kept>,
}

/// What was kept, in the order in which it was done.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Events for the client.
    pub packets: Vec<Encoded>,
    /// Rooms to join.
    pub rooms: Vec<RoomName>,
}

impl Default for Early {
    fn default() -> Self {
        Self { open: AtomicBool::new(true), kept: ArcSwapOption::from_pointee(Kept::default()) }
    }
}

impl Early {
    /// Keeps an event; `false` when the socket is past that, so that the event can be sent.
    pub fn keep_packet(&self, packet: &Encoded) -> bool {
        self.keep(|kept| kept.packets.push(packet.clone()))
    }

    /// Keeps a room to join; `false` when the socket is past that.
    pub fn keep_room(&self, room: &RoomName) -> bool {
        self.keep(|kept| {
            kept.rooms.retain(|kept| kept != room);
            kept.rooms.push(room.clone());
        })
    }

    /// Does not join a room after all; `false` when the socket is past that.
    pub fn drop_room(&self, room: &RoomName) -> bool {
        self.keep(|kept| kept.rooms.retain(|kept| kept != room))
    }

    fn keep(&self, change: impl Fn(&mut Kept)) -> bool {
        if !self.open.load(Ordering::Acquire) {
            return false;
        }
        let changed = |kept: &Option<Arc<Kept>>| {
            let mut kept = Kept::clone(kept.as_ref()?);
            change(&mut kept);
            kept.packets.truncate(MAX_KEPT);
            kept.rooms.truncate(MAX_KEPT);
            Some(Arc::new(kept))
        };
        self.kept.rcu(changed).is_some()
    }

    /// Takes what was kept; nothing is kept from now on.
    pub(crate) fn take(&self) -> Kept {
        self.open.store(false, Ordering::Release);
        self.kept.swap(None).map(Arc::unwrap_or_clone).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use socketio_protocol::socket::encode_event;

    use super::*;

    #[test]
    fn what_is_done_early_is_kept_until_it_is_taken() {
        let early = Early::default();
        let packet = encode_event("/", None, "a", &()).unwrap();
        let room = |name: &str| RoomName::from(name.to_owned());
        assert!(early.keep_packet(&packet));
        for name in ["x", "y", "x", "z"] {
            assert!(early.keep_room(&room(name)));
        }
        assert!(early.drop_room(&room("z")));
        let kept = early.take();
        assert_eq!((kept.packets.len(), kept.rooms), (1, vec![room("y"), room("x")]));
        assert!(!early.keep_packet(&packet) && !early.keep_room(&room("x")));
        assert!(early.take().rooms.is_empty());
    }
}
