//! Actors that work beside another one, which knows them only to say that they are there: it neither holds them nor is told when they
//! end. The server remembers forwarders and outlets in this way, a namespace its collectors.

use actix::{Actor, Context, Message, WeakAddr, WeakRecipient};

use super::Listing;

/// Fewer than this are not looked through for such as have ended.
const FEW: usize = 32;

/// An address that keeps nothing alive.
pub(crate) trait Ends {
    /// Whether its actor still runs.
    fn goes_on(&self) -> bool;
}

impl<A: Actor<Context = Context<A>>> Ends for WeakAddr<A> {
    fn goes_on(&self) -> bool {
        self.upgrade().is_some_and(|addr| addr.connected())
    }
}

impl<M: Message<Result: Send> + Send> Ends for WeakRecipient<M> {
    fn goes_on(&self) -> bool {
        self.upgrade().is_some_and(|addr| addr.connected())
    }
}

/// See the module. Some of those in it may have ended.
#[derive(Debug)]
pub(crate) struct Remembered<T>(Vec<T>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Ends + Clone> Remembered<T> {
    /// Adds one; at most every second one in it has ended, so this costs a constant for each.
    pub(crate) fn add(&mut self, addr: T) {
        if self.0.len() >= FEW && self.0.len() == self.0.capacity() {
            self.forget_ended();
            self.0.reserve(self.0.len().max(FEW));
        }
        self.0.push(addr);
    }

    /// Those that go on.
    pub(crate) fn list(&mut self, limit: usize) -> Listing<T> {
        self.forget_ended();
        Listing { total: self.0.len(), items: self.0.iter().take(limit).cloned().collect() }
    }

    fn forget_ended(&mut self) {
        self.0.retain(Ends::goes_on);
    }
}
