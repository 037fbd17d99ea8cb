//! What a session says of itself, and which transports it has.

use actix::{Context, Handler};

use super::{Session, messages::TransportStarted};
use crate::{
    id::TransportId,
    topology::messages::{Describe, SessionReport, TransportLink},
};

impl Session {
    /// Where it is in the tree. The session id is a secret, so it goes by the number of its context.
    pub(super) fn place(&self) -> String {
        let (courier, connection) = (self.origin.courier.id.0, self.origin.context.0);
        format!("server > courier {courier} > session {connection}")
    }

    /// A transport has ended.
    pub(super) fn forget_transport(&mut self, transport: TransportId) {
        self.transports.retain(|link| link.id != transport);
    }
}

impl Handler<TransportStarted> for Session {
    type Result = ();

    fn handle(&mut self, msg: TransportStarted, _: &mut Context<Self>) {
        let TransportStarted { transport: id, describe: addr } = msg;
        self.transports.push(TransportLink { id, addr });
    }
}

impl Handler<Describe<SessionReport>> for Session {
    type Result = ();

    fn handle(&mut self, msg: Describe<SessionReport>, _: &mut Context<Self>) {
        msg.answer(|_| SessionReport {
            transport: self.transport.1,
            running_handlers: self.running_handlers,
            waiting_events: self.backlog.len(),
            pending_acks: self.pending_acks.len(),
            transports: self.transports.clone(),
        });
    }
}
