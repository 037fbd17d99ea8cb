//! What the actor behind recipients says of itself: whom it sends to, and how much it has taken.

use actix::{Actor, Context, Handler};
use actix_socketio_actors::{
    escaped::Escaped,
    topology::{
        TARGET,
        messages::{Describe, OutletReport},
    },
};

use super::{Client, Outlet};
use crate::audience::Audience;

/// Whom an outlet stands for, in words; names are escaped.
#[doc(hidden)]
#[allow(unnameable_types, reason = "only outlets have it")]
pub trait Target: Unpin + Send + 'static {
    #[doc(hidden)]
    fn in_words(&self) -> String;
}

impl Target for Audience {
    fn in_words(&self) -> String {
        let namespace = Escaped(self.namespace_name());
        match self.rooms() {
            [] => format!("everyone in {namespace}"),
            [room] => format!("room {} of {namespace}", Escaped(room.as_str())),
            rooms => format!("{} rooms of {namespace}", rooms.len()),
        }
    }
}

impl Target for Client {
    fn in_words(&self) -> String {
        let (id, namespace) = match self {
            Self::Known(socket) => (socket.id(), socket.namespace()),
            Self::Id(audience, id) => (*id, audience.namespace_name()),
        };
        format!("socket {id} of {}", Escaped(namespace))
    }
}

impl<T: Target> Actor for Outlet<T> {
    type Context = Context<Self>;

    fn started(&mut self, _: &mut Self::Context) {
        log::debug!(target: TARGET, "started server > recipient: {}", self.target.in_words());
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        let serves = self.target.in_words();
        log::debug!(target: TARGET, "stopped server > recipient: {serves}: nobody holds it any more");
    }
}

impl<T: Target> Handler<Describe<OutletReport>> for Outlet<T> {
    type Result = ();

    fn handle(&mut self, msg: Describe<OutletReport>, _: &mut Self::Context) {
        let serves = || self.target.in_words();
        msg.answer(|_| OutletReport { serves: serves(), taken: self.taken });
    }
}
