//! The sessions of a server by their id: any worker may get a request for any of them.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use actix_rt::time::Instant;
use actix_socketio_actors::{
    config::{Config, Limit},
    id::{Sid, TransportId},
    session::{SessionLink, SessionObserver, messages::ShutDown},
};

use super::peers::PerAddress;

/// See the module.
#[derive(Debug)]
pub(crate) struct Sessions {
    table: Mutex<Table>,
    limit: Limit,
    /// The server is closed, or is being drained.
    closed: AtomicBool,
}

#[derive(Debug)]
struct Table {
    by_id: HashMap<Sid, Arc<Connection>>,
    per_address: PerAddress,
}

/// A session as the edge knows it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) session: SessionLink,
    opened: Instant,
    /// Where its handshake came from.
    address: Option<IpAddr>,
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

    /// Whether it was opened from this address.
    pub(super) fn is_from(&self, address: Option<IpAddr>) -> bool {
        self.address == address
    }

    /// Whether its client has had so much time, and has joined no namespace. Says so once.
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
    /// Its address has as many as it may have.
    FullForAddress,
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
    pub(crate) fn new(config: &Config) -> Self {
        let per_address = PerAddress::new(config.max_sessions_per_ip);
        Self {
            table: Mutex::new(Table { by_id: HashMap::new(), per_address }),
            limit: config.max_sessions,
            closed: AtomicBool::new(false),
        }
    }

    /// Whether there may be one more, from this address.
    pub(super) fn check_room(&self, address: Option<IpAddr>) -> Result<(), Denied> {
        self.check(&self.lock(), address)
    }

    fn check(&self, table: &Table, address: Option<IpAddr>) -> Result<(), Denied> {
        if !self.limit.allows(table.by_id.len() + 1) {
            return Err(Denied::Full);
        }
        table.per_address.has_room(address).then_some(()).ok_or(Denied::FullForAddress)
    }

    /// Opens a session under this id.
    pub(super) fn open(
        &self,
        sid: Sid,
        address: Option<IpAddr>,
        open: impl FnOnce() -> SessionLink,
    ) -> Result<Arc<Connection>, Denied> {
        let mut table = self.lock();
        self.check(&table, address)?;
        let Table { by_id, per_address } = &mut *table;
        let Entry::Vacant(place) = by_id.entry(sid) else { return Err(Denied::Taken) };
        let connection = Arc::new(Connection {
            session: open(),
            opened: Instant::now(),
            address,
            next_transport: AtomicU32::new(TransportId::FIRST.0),
            get: Slot::default(),
            post: Slot::default(),
        });
        let connection = place.insert(connection).clone();
        per_address.add(address);
        if self.is_closed() {
            // It was being opened while the server was closed; a drain does not know of it.
            connection.session.addr.do_send(ShutDown);
        }
        Ok(connection)
    }

    pub(super) fn find(&self, sid: &str) -> Option<Arc<Connection>> {
        self.lock().by_id.get(&Sid::parse(sid)?).cloned()
    }

    /// Closes all, and takes no more.
    pub(crate) fn shut_down(&self) {
        self.closed.store(true, Ordering::Release);
        for connection in self.lock().by_id.values() {
            connection.session.addr.do_send(ShutDown);
        }
    }

    /// Takes no more; those that there are, to be closed one by one.
    pub(crate) fn begin_drain(&self) -> Vec<Arc<Connection>> {
        let table = self.lock();
        self.closed.store(true, Ordering::Release);
        table.by_id.values().cloned().collect()
    }

    /// Whether no more sessions are taken.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Looks at each.
    pub(super) fn for_each(&self, look: impl FnMut(&Arc<Connection>)) {
        self.lock().by_id.values().for_each(look);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().by_id.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionObserver for Sessions {
    fn closed(&self, sid: Sid) {
        let Table { by_id, per_address } = &mut *self.lock();
        if let Some(connection) = by_id.remove(&sid) {
            per_address.remove(connection.address);
        }
    }
}
