//! `Namespace::forward`: what happens in a namespace becomes messages to actors of the application.
//!
//! Facts are passed on by the forwarder of a subscription (`facts`). Nothing of the application's runs here: it is reached through its
//! mailbox.

mod facts;

use actix::{Message, Recipient};

pub use self::facts::Lifecycle;
pub(crate) use self::facts::Subscription;
use crate::namespace::Namespace;

/// A message that [`Namespace::forward`] sends: [`Lifecycle`], and no other.
///
/// ```
/// use actix::Recipient;
/// use actix_socketio::{Forward, Namespace, SocketIo};
///
/// fn forward_both<M: Forward>(namespaces: [Namespace; 2], to: Recipient<M>) {
///     for namespace in namespaces {
///         namespace.forward(to.clone());
///     }
/// }
/// # let _ = forward_both::<actix_socketio::Lifecycle>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no message that a namespace forwards",
    label = "not `Lifecycle`"
)]
pub trait Forward: Message<Result: Send> + Send + sealed::Sealed {}

mod sealed {
    use actix::{Message, Recipient};

    use crate::namespace::Namespace;

    #[doc(hidden)]
    #[allow(unnameable_types, reason = "it seals a trait")]
    pub trait Sealed: Message<Result: Send> + Send + Sized {
        fn forward(recipient: Recipient<Self>, from: &Namespace);
    }
}

impl Namespace {
    /// Hands what happens here to an actor of the application, from now on; see [`Lifecycle`].
    pub fn forward<M: Forward>(&self, recipient: Recipient<M>) -> &Self {
        M::forward(recipient, self);
        self
    }
}
