//! Keeps the order of each context: while something of a context is under way through supervisors, what the context issues next
//! waits here, unless it takes the same path.
//!
//! Plain state without mailbox or clock; the courier asks it before it runs an operation and tells it of every release.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    config::OutboxLimits,
    id::ContextId,
    operation::{Operation, Route},
};

/// What to do with an operation.
#[derive(Debug)]
pub(super) enum Admission {
    /// Run it now.
    Run(Operation),
    /// It waits behind others of its context.
    Waits,
    /// Too much waits in its context: it is dropped.
    Refused(Operation),
}

/// The fences of all contexts of one courier.
#[derive(Debug)]
pub(super) struct Fences {
    limits: OutboxLimits,
    /// Only contexts with something under way.
    contexts: HashMap<ContextId, Fence>,
}

#[derive(Debug)]
struct Fence {
    under_way: u32,
    /// Path of what is under way; of several, that of the last.
    route: Route,
    waiting: VecDeque<Operation>,
    waiting_bytes: usize,
    /// When the last of what is under way set out.
    since: Instant,
}

impl Fences {
    pub(super) fn new(limits: OutboxLimits) -> Self {
        Self { limits, contexts: HashMap::new() }
    }

    /// An operation of a local context wants to go.
    pub(super) fn admit(&mut self, operation: Operation, now: Instant) -> Admission {
        let route = operation.route();
        let context = operation.origin().context;
        let Some(fence) = self.contexts.get_mut(&context) else {
            if route != Route::Direct {
                self.contexts.insert(context, Fence::new(route, now));
            }
            return Admission::Run(operation);
        };
        if fence.waiting.is_empty() && fence.lets_pass(&route) {
            fence.set_out(route, now);
            return Admission::Run(operation);
        }
        if fence.waiting.len() >= self.limits.packets
            || fence.waiting_bytes + operation.byte_len() > self.limits.bytes
        {
            return Admission::Refused(operation);
        }
        fence.waiting_bytes += operation.byte_len();
        fence.waiting.push_back(operation);
        Admission::Waits
    }

    /// One operation of the context has taken effect.
    pub(super) fn release(&mut self, context: ContextId) {
        if let Some(fence) = self.contexts.get_mut(&context) {
            fence.under_way = fence.under_way.saturating_sub(1);
        }
    }

    /// The next operation of the context that may go now.
    pub(super) fn next_ready(&mut self, context: ContextId, now: Instant) -> Option<Operation> {
        let fence = self.contexts.get_mut(&context)?;
        let route = fence.waiting.front().map(Operation::route);
        match route {
            Some(route) if fence.under_way == 0 || fence.lets_pass(&route) => {
                fence.set_out(route, now);
                let operation = fence.waiting.pop_front()?;
                fence.waiting_bytes -= operation.byte_len();
                Some(operation)
            }
            Some(_) => None,
            None => {
                if fence.under_way == 0 {
                    self.contexts.remove(&context);
                }
                None
            }
        }
    }

    /// Contexts that have waited for a supervisor longer than `patience`; they wait no more.
    pub(super) fn give_up(&mut self, now: Instant, patience: Duration) -> Vec<ContextId> {
        let late = |f: &Fence| f.under_way > 0 && now.duration_since(f.since) > patience;
        let overdue: Vec<_> =
            self.contexts.iter().filter(|(_, f)| late(f)).map(|(context, _)| *context).collect();
        for context in &overdue {
            if let Some(fence) = self.contexts.get_mut(context) {
                fence.under_way = 0;
            }
        }
        overdue
    }

    /// Contexts with something under way or waiting.
    #[cfg(test)]
    pub(super) fn contexts(&self) -> usize {
        self.contexts.len()
    }
}

impl Fence {
    fn new(route: Route, now: Instant) -> Self {
        Self { under_way: 1, route, waiting: VecDeque::new(), waiting_bytes: 0, since: now }
    }

    /// Whether an operation on this path cannot overtake what is under way.
    fn lets_pass(&self, route: &Route) -> bool {
        if *route == self.route {
            return true;
        }
        // A namespace has dealt with what it does itself before it hands the next on to a room.
        matches!((&self.route, route), (Route::Namespace(a), Route::Room(b, _)) if a == b)
    }

    fn set_out(&mut self, route: Route, now: Instant) {
        if route != Route::Direct {
            self.under_way += 1;
            self.route = route;
            self.since = now;
        }
    }
}
