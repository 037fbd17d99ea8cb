//! Who gets a broadcast: built by chaining, then emitted to.

use std::sync::Arc;

use actix_socketio_actors::{
    id::SocketId,
    operation::{AudienceSpec, Broadcast, Issuer, NamespaceLink, Origin},
};
use serde::Serialize;
use socketio_protocol::socket::encode_event;

use crate::error::Error;

/// An audience inside one namespace, `BroadcastOperator` in JavaScript: the union of its rooms, or everyone, without the exceptions.
/// Each socket gets a broadcast once.
#[derive(Debug, Clone)]
#[must_use = "an audience gets nothing until `emit` is called"]
pub struct Audience {
    /// Missing until the server is mounted: then nobody is there.
    target: Option<(Arc<Origin>, Arc<NamespaceLink>)>,
    spec: AudienceSpec,
}

impl Audience {
    pub(crate) fn new(
        origin: Option<Arc<Origin>>,
        namespace: Option<Arc<NamespaceLink>>,
        except_socket: Option<SocketId>,
    ) -> Self {
        let spec = AudienceSpec { except_socket, ..AudienceSpec::default() };
        Self { target: origin.zip(namespace), spec }
    }

    /// The members of this room too.
    pub fn to(mut self, room: impl Into<String>) -> Self {
        self.spec.rooms.push(room.into().into());
        self
    }

    /// Without the members of this room.
    pub fn except(mut self, room: impl Into<String>) -> Self {
        self.spec.except.push(room.into().into());
        self
    }

    /// Sends an event. It never waits: what cannot be sent is logged.
    pub fn emit(self, event: &str, args: &(impl Serialize + ?Sized)) {
        if let Err(error) = self.try_emit(event, args) {
            log::error!("not emitted: {error}");
        }
    }

    /// Sends an event. A tuple (or array of fixed size) becomes several arguments, `()` none,
    /// anything else one.
    ///
    /// # Errors
    ///
    /// The arguments cannot be serialised, or the event name is reserved.
    pub fn try_emit(self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        let Some((origin, namespace)) = self.target else { return Ok(()) };
        let packet = encode_event(namespace.name.as_str(), None, event, args)?;
        let courier = origin.courier.addr.clone();
        courier.do_send(Broadcast {
            issuer: Issuer::new(origin),
            namespace,
            audience: Arc::new(self.spec),
            packet,
        });
        Ok(())
    }
}
