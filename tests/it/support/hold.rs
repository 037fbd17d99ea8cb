//! A thread of the supervisors that does not run.

use std::sync::{Arc, Mutex, mpsc};

use actix_socketio::SocketIo;

use super::within;

/// The handlers of a namespace are dropped with it, by the thread of the supervisors: this is one that holds the thread until it may go.
struct Holder {
    held: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

impl Drop for Holder {
    fn drop(&mut self) {
        // The test may have failed.
        let _ = self.held.send(());
        let _ = self.go.recv();
    }
}

/// Holds the thread of the supervisors until the sender is dropped.
pub(crate) async fn hold(io: &SocketIo) -> mpsc::Sender<()> {
    let ((held, is_held), (go, may_go)) = (mpsc::channel(), mpsc::channel());
    let holder = Arc::new(Mutex::new(Holder { held, go: may_go }));
    io.of("/held").on("x", async move || drop(holder));
    io.remove_namespace("/held");
    within("the thread", async {
        while is_held.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    go
}
