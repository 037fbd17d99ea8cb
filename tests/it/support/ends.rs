//! A namespace that echoes, and says how its sockets end.

use actix_socketio::{DisconnectReason, Namespace, Payload, Socket};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::within;

/// The ends of sockets, in their order.
pub(crate) struct Ends(UnboundedReceiver<(String, &'static str)>);

/// Adds `echo`, which acknowledges with its own arguments, and `back`, which emits them.
pub(crate) fn echoing(namespace: &Namespace) -> Ends {
    let (sender, receiver) = unbounded_channel();
    namespace
        .on("echo", async |args: Payload| args)
        .on("back", async |socket: Socket, args: Payload| socket.emit("back", &args))
        .on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
            // The test may be over.
            drop(sender.send((socket.id().to_string(), reason.as_str())));
        });
    Ends(receiver)
}

impl Ends {
    /// Why this socket was disconnected, as soon as it is.
    pub(crate) async fn reason(&mut self, id: &str) -> &'static str {
        within(format_args!("the end of {id}"), async {
            loop {
                let (ended, reason) = self.0.recv().await.expect("the server is gone");
                if ended == id {
                    return reason;
                }
            }
        })
        .await
    }

    /// How the sockets end that are next to, in any order: each id with its reason, by id.
    pub(crate) async fn next(&mut self, count: usize) -> Vec<(String, &'static str)> {
        let mut ends = Vec::new();
        while ends.len() < count {
            let end = within(format_args!("{count} ends"), self.0.recv()).await;
            ends.push(end.expect("the server is gone"));
        }
        ends.sort();
        ends
    }

    /// What has ended so far and was not asked for.
    pub(crate) fn so_far(&mut self) -> Vec<(String, &'static str)> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}
