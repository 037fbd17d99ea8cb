//! The sessions of a server by their id: any worker may get a request for any of them.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use actix_rt::time::Instant;
use actix_socketio_actors::{
    config::Limit,
    id::{Sid, TransportId},
    session::{SessionLink, SessionObserver, messages::ShutDown},
};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: Mutex<HashMap<Sid, Arc<Connection>>>,
    /// The server is closed, or is being drained.
    closed: AtomicBool,
}

/// A session as the edge knows it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) session: SessionLink,
    opened: Instant,
    next_transport: AtomicU32,
    /// A poll waits.
    pub(super) get: Slot,
    /// A POST is being read.
    pub(super) post: Slot,
}

impl Connection {
    /// The id for one more transport of this session.
    pub(super) fn next_transport(&self) -> TransportId {
        TransportId(self.next_transport.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Whether its client has had so much time, and has joined no namespace. It will join none after this has said so.
    pub(super) fn gives_up_joining(&self, time: Duration) -> bool {
        let joining = &self.session.joining;
        joining.load(Ordering::Acquire)
            && self.opened.elapsed() >= time
            && joining.swap(false, Ordering::AcqRel)
    }
}

/// Why a session is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// Another one has its id.
    Taken,
    /// There are as many as there may be.
    Full,
}

/// Room for one request at a time.
#[derive(Debug, Default)]
pub(super) struct Slot(AtomicBool);

/// Holds a slot until it is dropped.
#[derive(Debug)]
pub(super) struct Held<'a>(&'a Slot);

impl Slot {
    /// `None` while another request holds it.
    pub(super) fn hold(&self) -> Option<Held<'_>> {
        (!self.0.swap(true, Ordering::AcqRel)).then_some(Held(self))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}

impl Sessions {
    /// Opens a session under this id.
    pub(super) fn open(
        &self,
        sid: Sid,
        max: Limit,
        open: impl FnOnce() -> SessionLink,
    ) -> Result<Arc<Connection>, Denied> {
        let mut sessions = self.lock();
        if !max.allows(sessions.len() + 1) {
            return Err(Denied::Full);
        }
        let Entry::Vacant(place) = sessions.entry(sid) else { return Err(Denied::Taken) };
        let connection = Arc::new(Connection {
            session: open(),
            opened: Instant::now(),
            next_transport: AtomicU32::new(TransportId::FIRST.0),
            get: Slot::default(),
            post: Slot::default(),
        });
        let connection = place.insert(connection).clone();
        if self.is_closed() {
            // It was being opened while the server was closed; a drain does not know of it.
            connection.session.addr.do_send(ShutDown);
        }
        Ok(connection)
    }

    pub(super) fn find(&self, sid: &str) -> Option<Arc<Connection>> {
        self.lock().get(&Sid::parse(sid)?).cloned()
    }

    /// Closes all, and takes no more.
    pub(crate) fn shut_down(&self) {
        self.closed.store(true, Ordering::Release);
        for connection in self.lock().values() {
            connection.session.addr.do_send(ShutDown);
        }
    }

    /// Takes no more; those that there are, to be closed one by one.
    pub(crate) fn begin_drain(&self) -> Vec<Arc<Connection>> {
        let sessions = self.lock();
        self.closed.store(true, Ordering::Release);
        sessions.values().cloned().collect()
    }

    /// Whether no more sessions are taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Looks at each.
    pub(super) fn for_each(&self, look: impl FnMut(&Arc<Connection>)) {
        self.lock().values().for_each(look);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sid, Arc<Connection>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionObserver for Sessions {
    fn closed(&self, sid: Sid) {
        self.lock().remove(&sid);
    }
}
