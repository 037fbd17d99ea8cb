//! Keeps the order of each context: while something of a context is under way through supervisors, what the context issues next
//! waits here, unless it cannot overtake.
//!
//! Plain state without mailbox or clock; the courier asks it before it runs an operation and tells it of every release.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::messages::FenceReleased;
use crate::{
    config::FenceLimits,
    id::ContextId,
    operation::Ticket,
    route::{Operation, Route},
};

/// What to do with an operation.
#[derive(Debug)]
pub(super) enum Passage {
    /// Run it now.
    Now(Operation),
    /// It waits behind others of its context.
    Waits,
    /// It waits, and too much does: the first of what waits goes now, in an order that may be broken.
    Forced,
}

/// The fences of all contexts of one courier.
#[derive(Debug)]
pub(super) struct Fences {
    limits: FenceLimits,
    /// Only contexts with something under way.
    contexts: HashMap<ContextId, Fence>,
    last_ticket: Ticket,
}

/// One context.
#[derive(Debug)]
struct Fence {
    under_way: UnderWay,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// How many of those that wait are more than packets to one socket.
    waiting_broadcasts_and_memberships: usize,
}

/// What has set out and has not taken effect everywhere.
#[derive(Debug)]
struct UnderWay {
    /// In the order in which they set out, which is that in which they were issued; with the time.
    tickets: VecDeque<(Ticket, Instant)>,
    /// Route of the last one.
    route: Route,
    /// The mailboxes on the way keep them in order: they go through one namespace, the last ones perhaps on to one of its rooms.
    one_route: bool,
}

#[derive(Debug)]
struct Waiting {
    operation: Operation,
    route: Route,
    /// Operations with a later one do not hold this one up.
    ticket: Ticket,
}

impl Fences {
    pub(super) fn new(limits: FenceLimits) -> Self {
        Self { limits, contexts: HashMap::new(), last_ticket: Ticket::default() }
    }

    /// An operation of a local context wants to go.
    pub(super) fn admit(&mut self, mut operation: Operation, now: Instant) -> Passage {
        let route = operation.route();
        let context = operation.origin().context;
        let ticket = Ticket(self.last_ticket.0 + 1);
        let Some(fence) = self.contexts.get_mut(&context) else {
            if route != Route::Direct {
                self.contexts.insert(context, Fence::new(ticket, route, now));
                operation.set_ticket(ticket);
                self.last_ticket = ticket;
            }
            return Passage::Now(operation);
        };
        self.last_ticket = ticket;
        operation.set_ticket(ticket);
        if fence.lets_overtake_waiting(&route) && fence.under_way.lets_pass(&route) {
            fence.under_way.set_out(ticket, route, now);
            return Passage::Now(operation);
        }
        let full = fence.waiting.len() >= self.limits.operations
            || fence.waiting_bytes + operation.byte_len() > self.limits.bytes;
        fence.push(Waiting { operation, route, ticket });
        if !full {
            return Passage::Waits;
        }
        // Neither a message nor time is given for the order.
        fence.under_way.tickets.clear();
        Passage::Forced
    }

    /// One operation of a context has taken effect.
    pub(super) fn release(&mut self, fence: FenceReleased) {
        if let Some(context) = self.contexts.get_mut(&fence.context) {
            context.under_way.remove(fence.ticket);
        }
    }

    /// The next operation of the context that may go now.
    pub(super) fn next_ready(&mut self, context: ContextId, now: Instant) -> Option<Operation> {
        let fence = self.contexts.get_mut(&context)?;
        let Some(first) = fence.waiting.front() else {
            if fence.under_way.tickets.is_empty() {
                self.contexts.remove(&context);
            }
            return None;
        };
        if !fence.under_way.lets_go(first) {
            return None;
        }
        let Waiting { operation, route, ticket } = fence.pop()?;
        fence.under_way.set_out(ticket, route, now);
        Some(operation)
    }

    /// Contexts that have waited for a supervisor longer than `patience`; they wait no more.
    pub(super) fn give_up(&mut self, now: Instant, patience: Duration) -> Vec<ContextId> {
        let late = |f: &Fence| {
            let oldest = f.under_way.tickets.front();
            oldest.is_some_and(|(_, since)| now.duration_since(*since) > patience)
        };
        let overdue = self.contexts.iter_mut().filter(|(_, fence)| late(fence));
        overdue
            .map(|(context, fence)| {
                fence.under_way.tickets.clear();
                *context
            })
            .collect()
    }

    /// Counts anew what waits in each context, after a panic. Gives those in which something waits for nothing.
    pub(super) fn repair(&mut self) -> Vec<ContextId> {
        self.contexts.values_mut().for_each(Fence::count);
        self.contexts
            .retain(|_, fence| !(fence.waiting.is_empty() && fence.under_way.tickets.is_empty()));
        let held_up = self.contexts.iter().filter(|(_, fence)| {
            fence.waiting.front().is_some_and(|first| fence.under_way.lets_go(first))
        });
        held_up.map(|(context, _)| *context).collect()
    }

    /// How many contexts have something under way.
    pub(super) fn count(&self) -> usize {
        self.contexts.len()
    }

    /// Whether nothing is under way in any context.
    pub(super) fn is_empty(&self) -> bool {
        self.contexts.is_empty()
    }
}

impl Fence {
    fn new(ticket: Ticket, route: Route, now: Instant) -> Self {
        Self {
            under_way: UnderWay {
                tickets: VecDeque::from([(ticket, now)]),
                route,
                one_route: true,
            },
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            waiting_broadcasts_and_memberships: 0,
        }
    }

    /// Nothing overtakes what waits, but for memberships, which no client sees: packets to one socket may go after them.
    fn lets_overtake_waiting(&self, route: &Route) -> bool {
        match route {
            Route::Membership(..) => self.waiting_broadcasts_and_memberships == 0,
            _ => self.waiting.is_empty(),
        }
    }

    fn push(&mut self, waiting: Waiting) {
        self.waiting_bytes += waiting.operation.byte_len();
        self.waiting_broadcasts_and_memberships += usize::from(waiting.route != Route::Direct);
        self.waiting.push_back(waiting);
    }

    fn count(&mut self) {
        let waiting = &self.waiting;
        self.waiting_bytes = waiting.iter().map(|it| it.operation.byte_len()).sum();
        self.waiting_broadcasts_and_memberships =
            waiting.iter().filter(|it| it.route != Route::Direct).count();
    }

    fn pop(&mut self) -> Option<Waiting> {
        let waiting = self.waiting.pop_front()?;
        self.waiting_bytes -= waiting.operation.byte_len();
        self.waiting_broadcasts_and_memberships -= usize::from(waiting.route != Route::Direct);
        Some(waiting)
    }
}

impl UnderWay {
    /// Whether an operation on this route cannot overtake what is under way.
    fn lets_pass(&self, route: &Route) -> bool {
        match route {
            _ if self.tickets.is_empty() => true,
            Route::Direct => false,
            _ => self.one_route && follows(&self.route, route),
        }
    }

    /// Whether an operation that has waited may go.
    fn lets_go(&self, waiting: &Waiting) -> bool {
        match waiting.route {
            Route::Direct => self.tickets.front().is_none_or(|(first, _)| *first > waiting.ticket),
            _ => self.lets_pass(&waiting.route),
        }
    }

    fn set_out(&mut self, ticket: Ticket, route: Route, now: Instant) {
        if route == Route::Direct {
            return;
        }
        let first = self.tickets.is_empty();
        self.one_route = first || (self.one_route && follows(&self.route, &route));
        self.tickets.push_back((ticket, now));
        self.route = route;
    }

    /// Forgets a ticket; most come back in the order in which they set out.
    fn remove(&mut self, ticket: Ticket) {
        if let Some(position) = self.tickets.iter().position(|(t, _)| *t == ticket) {
            self.tickets.remove(position);
        }
    }
}

/// Whether the mailboxes on the way keep the two in order.
fn follows(earlier: &Route, later: &Route) -> bool {
    use Route::{Direct, Membership, Namespace, Room};
    match (earlier, later) {
        // A namespace has done what it does itself, memberships included, before it hands the next on to a room.
        (Namespace(a) | Membership(a), Namespace(b) | Membership(b) | Room(b, _)) => a == b,
        // A mailbox is first in, first out.
        (Room(a, r), Room(b, s)) => a == b && r == s,
        // What has gone on to a room is not done when the namespace does the next.
        (Room(..), Namespace(_) | Membership(_)) | (Direct, _) | (_, Direct) => false,
    }
}
