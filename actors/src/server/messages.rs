//! The mailbox of a [`ServerSupervisor`](super::ServerSupervisor).

use std::sync::Arc;

use actix::{Message, Recipient};

use crate::{id::NamespaceName, operation::NamespaceLink, session::messages::Admission};

/// A namespace was defined. From the handle of the server.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct AdoptNamespace {
    /// The namespace.
    pub namespace: Arc<NamespaceLink>,
}

/// A client asks to join a namespace. From its session, which gets [`Admission`] back, from the namespace or, when there is none of
/// that name, from here.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Connect {
    /// The namespace it asks for.
    pub namespace: NamespaceName,
    /// Who asks.
    pub session: Recipient<Admission>,
}
