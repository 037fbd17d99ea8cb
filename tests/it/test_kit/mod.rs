//! The test kit for users, which has no network: what each part promises, and that its assertions can fail.

mod broadcasts;
mod clients;
mod silence;
mod waits;

use std::panic::AssertUnwindSafe;

use actix_socketio::{SocketIo, test_util::TestClient};
use futures_util::FutureExt;

async fn connect(io: &SocketIo, namespace: &str) -> TestClient {
    TestClient::connect(io, namespace).await.unwrap()
}

/// The message with which this panics, as it must.
async fn panic_of(future: impl Future) -> String {
    let Err(panic) = AssertUnwindSafe(future).catch_unwind().await else {
        panic!("nothing panicked")
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => (*other.downcast::<&str>().unwrap()).to_owned(),
    }
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}
