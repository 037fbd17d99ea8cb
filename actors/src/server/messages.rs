//! The mailbox of a [`ServerSupervisor`](super::ServerSupervisor).

use std::sync::Arc;

use actix::{Message, Recipient, WeakAddr};

use crate::{
    forwarder::Forwarder,
    id::NamespaceName,
    operation::{NamespaceLink, WeakCourierLink},
    session::messages::Admission,
    supervision::Mail,
    topology::messages::OutletAddr,
};

/// A namespace was defined. From the handle of the server.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AdoptNamespace {
    /// The namespace.
    pub namespace: Arc<NamespaceLink>,
}

impl Mail for AdoptNamespace {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A worker thread has a courier now. From the handle of the server, on that thread.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AdoptCourier {
    /// The courier, which ends with its thread.
    pub courier: WeakCourierLink,
}

impl Mail for AdoptCourier {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// An actor of the application is told what happens from now on. From the handle of the server, which starts what tells it.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct AdoptForwarder {
    /// What tells it. It ends with that actor, or with the last namespace that has news for it.
    pub forwarder: WeakAddr<Forwarder>,
}

impl Mail for AdoptForwarder {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// Somebody has got a recipient. From the handle of the server, which starts the actor behind it.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub struct AdoptOutlet {
    /// The actor behind it, which ends with its last address.
    pub outlet: OutletAddr,
}

impl Mail for AdoptOutlet {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A namespace is to be no more: its sockets are disconnected. From the handle of the server, which knows it no more.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct RemoveNamespace {
    /// The namespace.
    pub namespace: Arc<NamespaceLink>,
}

impl Mail for RemoveNamespace {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// The last one has left a namespace that ends with its last socket. From whoever was the last to hold a
/// [`Presence`](super::Presence); the namespace ends unless somebody is on the way in again.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct NamespaceEmptied {
    /// The namespace.
    pub namespace: Arc<NamespaceLink>,
}

impl Mail for NamespaceEmptied {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }
}

/// A client asks to join a namespace. From its session, which gets [`Admission`] back, from the namespace or, when there is none of
/// that name, from here.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Connect {
    /// The namespace it asks for.
    pub namespace: NamespaceName,
    /// Who asks.
    pub session: Recipient<Admission>,
}

/// The client waits for an answer.
impl Mail for Connect {
    fn fact(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn give_up(self) {
        self.session.do_send(Admission::Failed { name: self.namespace });
    }
}
