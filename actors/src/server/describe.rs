//! What the root says of itself, who its couriers are, and what works beside its namespaces.

use actix::{Context, Handler};

use super::{
    ServerSupervisor,
    messages::{AdoptCourier, AdoptForwarder, AdoptOutlet},
};
use crate::{
    operation::CourierLink,
    supervision,
    topology::{
        Counters, Listing, TopologyLimits,
        messages::{Describe, ServerReport},
    },
};

impl Handler<AdoptCourier> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AdoptCourier, _: &mut Context<Self>) {
        self.living_couriers();
        if self.couriers.iter().all(|courier| courier.id() != msg.courier.id()) {
            self.couriers.push(msg.courier);
        }
    }
}

impl Handler<AdoptForwarder> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AdoptForwarder, _: &mut Context<Self>) {
        self.forwarders.add(msg.forwarder);
    }
}

impl Handler<AdoptOutlet> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: AdoptOutlet, _: &mut Context<Self>) {
        self.outlets.add(msg.outlet);
    }
}

impl Handler<Describe<ServerReport>> for ServerSupervisor {
    type Result = ();

    fn handle(&mut self, msg: Describe<ServerReport>, ctx: &mut Context<Self>) {
        supervision::attempt(self, "Describe", ctx, |root, _| {
            msg.answer(|limits| root.report(limits));
        });
    }
}

impl ServerSupervisor {
    /// Those that have ended are forgotten. What they have counted is not, so that totals never fall.
    fn living_couriers(&mut self) -> Vec<CourierLink> {
        let (mut living, ended) = (Vec::with_capacity(self.couriers.len()), &mut self.ended);
        self.couriers.retain(|courier| {
            let link = courier.upgrade();
            match &link {
                Some(link) => living.push(link.clone()),
                None => *ended += courier.counters(),
            }
            link.is_some()
        });
        living
    }

    fn report(&mut self, limits: &TopologyLimits) -> ServerReport {
        let couriers = self.living_couriers();
        let mut counters = self.ended;
        let (restarts, lost) = self.supervision.counts();
        counters += Counters { restarts, lost, ..Counters::default() };
        let best = Listing::best(self.namespaces.values(), limits.namespaces, |link| {
            (std::cmp::Reverse(link.totals.sockets()), link.name.clone())
        });
        ServerReport {
            namespaces: best.map(Clone::clone),
            sockets: self.namespaces.values().map(|link| link.totals.sockets()).sum(),
            rooms: self.namespaces.values().map(|link| link.totals.rooms()).sum(),
            couriers,
            forwarders: self.forwarders.list(limits.namespaces),
            outlets: self.outlets.list(limits.namespaces),
            counters,
        }
    }
}
