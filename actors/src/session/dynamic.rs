//! Namespaces that do not exist yet: the rules of the server are asked, which is user code, and what they have made is asked for again.

use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use futures_util::FutureExt;

use super::{Session, connect::SocketState, events::shielded};
use crate::{dispatch::NamespaceRequest, id::NamespaceName, running::UserCode, server::Presence};

impl Session {
    pub(super) fn not_found(&mut self, name: NamespaceName, ctx: &mut Context<Self>) {
        let Some(SocketState::Connecting { auth, found }) = self.sockets.get(&name) else { return };
        // Found and gone: it was removed meanwhile.
        if found.is_some() {
            return self.refuse_unknown(&name, ctx);
        }
        let (auth, handshake) = (auth.clone(), self.handshake.clone());
        let request = NamespaceRequest { name: name.clone(), auth, handshake };
        let namespaces = self.namespaces.clone();
        let call = move || namespaces.find(request);
        let Some(mut asked) = shielded(UserCode::Rule.into(), &self.scope, call) else {
            return self.refuse_unknown(&name, ctx);
        };
        if let Some(found) = (&mut asked).now_or_never() {
            return self.found(name, found.flatten(), ctx);
        }
        self.handler_started();
        ctx.spawn(asked.into_actor(self).map(|presence, session, ctx| {
            session.found(name, presence.flatten(), ctx);
            session.handler_finished(ctx);
        }));
    }

    fn found(&mut self, name: NamespaceName, answer: Option<Presence>, ctx: &mut Context<Self>) {
        if self.closing {
            return;
        }
        match (self.sockets.get_mut(&name), answer) {
            (Some(SocketState::Connecting { found, .. }), Some(presence)) => {
                *found = Some(presence);
                self.ask_for(name, ctx);
            }
            (Some(SocketState::Connecting { .. }), None) => self.refuse_unknown(&name, ctx),
            (Some(SocketState::Connected(_)) | None, _) => {}
        }
    }
}
