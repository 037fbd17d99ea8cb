//! What the root says of itself, and who its couriers are.

use actix::{Context, Handler};

use super::{ServerSupervisor, messages::AdoptCourier};
use crate::{
    operation::WeakCourierLink,
    topology::{
        Listing, TopologyLimits,
        messages::{Describe, ServerReport},
    },
};

impl Handler<AdoptCourier> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AdoptCourier, _: &mut Context<Self>) {
        self.couriers.retain(|courier| courier.upgrade().is_some());
        self.couriers.push(msg.courier);
    }
}

impl Handler<Describe<ServerReport>> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<ServerReport>, _: &mut Context<Self>) {
        msg.answer(|limits| self.report(limits));
    }
}

impl ServerSupervisor {
    fn report(&self, limits: &TopologyLimits) -> ServerReport {
        let mut report = ServerReport {
            namespaces: Listing::default(),
            sockets: 0,
            rooms: 0,
            couriers: self.couriers.iter().filter_map(WeakCourierLink::upgrade).collect(),
            restarts: self.restarts,
        };
        for link in self.namespaces.values() {
            report.sockets += link.totals.sockets();
            report.rooms += link.totals.rooms();
        }
        let all = self.namespaces.values();
        let best = Listing::best(all, limits.namespaces, |link| {
            (std::cmp::Reverse(link.totals.sockets()), link.name.clone())
        });
        report.namespaces = best.map(Clone::clone);
        report
    }
}
