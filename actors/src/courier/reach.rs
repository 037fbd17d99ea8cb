//! The couriers that a namespace or a room reaches its members through, and the one way in which it pushes to them.

use std::collections::HashMap;

use super::messages::{Deliver, FenceReleased};
use crate::{
    collector::messages::BroadcastPushed,
    id::{CourierId, NamespaceId},
    operation::{Broadcast, CourierLink},
    supervision::{Point, fault_point},
};

/// Couriers with the number of members that each serves.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    couriers: HashMap<CourierId, (CourierLink, usize)>,
}

impl Reach {
    /// The couriers of these members, each named once for each member.
    pub(crate) fn of<'a>(members: impl Iterator<Item = &'a CourierLink>) -> Self {
        let mut reach = Self::default();
        members.for_each(|courier| reach.add(courier));
        reach
    }

    /// One more member lives at this courier.
    pub(crate) fn add(&mut self, courier: &CourierLink) {
        self.couriers.entry(courier.id).or_insert_with(|| (courier.clone(), 0)).1 += 1;
    }

    /// One member less lives at this courier.
    pub(crate) fn remove(&mut self, courier: CourierId) {
        if let Some((_, members)) = self.couriers.get_mut(&courier) {
            *members -= 1;
            if *members == 0 {
                self.couriers.remove(&courier);
            }
        }
    }

    /// All of them.
    pub(crate) fn couriers(&self) -> impl Iterator<Item = &CourierLink> {
        self.couriers.values().map(|(courier, _)| courier)
    }

    /// Pushes a broadcast to all couriers in this turn: one order for all members.
    pub(crate) fn deliver(&self, namespace: NamespaceId, broadcast: Broadcast) {
        let Broadcast { mut issuer, audience, parcel, .. } = broadcast;
        let message = |fence: Option<FenceReleased>| Deliver {
            namespace,
            audience: audience.clone(),
            parcel: parcel.clone(),
            fence,
        };
        if let Some(collector) = parcel.collector() {
            collector.do_send(BroadcastPushed { couriers: self.couriers.len() });
        }
        let origin = issuer.origin.courier.id;
        for (courier, _) in self.couriers.values().filter(|(courier, _)| courier.id != origin) {
            courier.addr.do_send(message(None));
        }
        fault_point(Point::Push);
        // The origin is told last: told earlier, it could reach another thread's socket directly before this broadcast does.
        // Without members there, the issuer is dropped, which tells it.
        if let Some((courier, _)) = self.couriers.get(&origin) {
            courier.addr.do_send(message(Some(issuer.take_fence())));
        }
    }
}
