//! How a namespace that is removed, or has failed, sends its sockets away. It goes on for as long as somebody has its address, and reaches nobody.

use actix::{Context, Handler};

use super::{NamespaceSupervisor, messages::CloseNamespace};
use crate::{
    audience::{AudienceSpec, Parcel},
    courier::messages::Deliver,
    operation::CourierLink,
};

impl Handler<CloseNamespace> for NamespaceSupervisor {
    type Result = ();

    fn handle(&mut self, _: CloseNamespace, _: &mut Context<Self>) {
        log::debug!("namespace {:?} is removed", self.name);
        self.closed = true;
        self.evict_all();
    }
}

impl NamespaceSupervisor {
    pub(super) fn evict_all(&self) {
        for courier in self.reach.couriers() {
            self.evict(courier);
        }
    }

    /// A session may have decided to connect a socket just before the namespace was removed, or failed.
    pub(super) fn evict_latecomer(&self, courier: &CourierLink) {
        if self.closed || self.failed.is_some() {
            self.evict(courier);
        }
    }

    /// Disconnects everyone there, after what is queued for them.
    fn evict(&self, courier: &CourierLink) {
        courier.addr.do_send(Deliver {
            namespace: self.id,
            audience: AudienceSpec::default().into(),
            parcel: Parcel::Disconnection { close: false },
            fence: None,
        });
    }
}
