//! Clients in the process of the server, for tests of your handlers: no port, no sleep, no thread. With the crate's feature `test-util`.
//!
//! ```toml
//! [dev-dependencies]
//! actix-socketio = { version = "0.1", features = ["test-util"] }
//! ```
//!
//! A [`TestClient`] is a client like any other to the server: its requests, frames and packets go the way of every client's. All actors
//! run on the thread of the test, so [`settle`] can tell that none of them has anything left to do, and
//! [`assert_silence`](TestClient::assert_silence) that nothing comes.
//!
//! ```
//! use actix_socketio::{Args, Socket, SocketIo, test_util::TestClient};
//!
//! fn chat() -> SocketIo {
//!     let io = SocketIo::new();
//!     io.of("/").on("say", async |socket: Socket, Args(text): Args<String>| socket.broadcast().emit("said", &text));
//!     io
//! }
//!
//! // #[actix_web::test]
//! async fn what_one_says_the_others_hear() {
//!     let io = chat();
//!     let ann = TestClient::connect(&io, "/").await.unwrap();
//!     let bob = TestClient::connect(&io, "/").await.unwrap();
//!     ann.emit("say", &"hello");
//!     assert_eq!(bob.next::<String>("said").await, "hello");
//!     ann.assert_silence().await;
//! }
//! # actix_web::rt::System::new().block_on(what_one_says_the_others_hear());
//! ```
//!
//! # What a test needs
//!
//! An actix system: `#[actix_web::test]`, `#[actix::test]` or `#[actix_rt::test]`. The server must not be [mounted](SocketIo::mount)
//! before, since that starts it on a thread of its own: connect a client first, or call [`start`]. What is not ours and runs elsewhere,
//! such as a database or a thread, is not waited for by [`settle`].
//!
//! What goes wrong panics, and says what did arrive.

mod builder;
mod client;
mod clock;
mod connection;
mod event;
mod inbox;
mod wire;

pub use self::{
    builder::TestClientBuilder,
    client::TestClient,
    clock::{advance, pause, settle},
    connection::TestConnection,
    event::TestEvent,
    inbox::ClientDisconnect,
};
use crate::{
    io::SocketIo,
    transport::memory::{self, NotHere},
};

/// Starts a server on the thread of the test, which the first client does otherwise. It can be mounted then, for tests of the routes
/// beside it.
///
/// ```
/// use actix_socketio::{SocketIo, test_util::{self, TestClient}};
/// use actix_web::{App, test, web};
///
/// async fn order(io: SocketIo, item: String) -> &'static str {
///     io.emit("ordered", &item);
///     "thank you"
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// test_util::start(&io);
/// let app = App::new().configure(|cfg| io.mount(cfg)).route("/orders", web::post().to(order));
/// let app = test::init_service(app).await;
/// let kitchen = TestClient::connect(&io, "/").await.unwrap();
/// let request = test::TestRequest::post().uri("/orders").set_payload("soup").to_request();
/// assert_eq!(test::call_and_read_body(&app, request).await, "thank you");
/// assert_eq!(kitchen.next::<String>("ordered").await, "soup");
/// # });
/// ```
///
/// # Panics
///
/// Outside of an actix system, and when the server runs already on another thread.
#[track_caller]
pub fn start(io: &SocketIo) {
    here(memory::start_here(io.shared()));
}

/// What cannot be reached is a mistake in the test.
#[track_caller]
fn here<T>(found: Result<T, NotHere>) -> T {
    match found {
        Ok(found) => found,
        Err(NotHere::NoSystem) => {
            panic!("a test client needs an actix system: write `#[actix_web::test]` above the test")
        }
        Err(NotHere::Elsewhere) => panic!(
            "this server runs on another thread, or belongs to another test: make a `SocketIo` for each test, and connect a \
             `TestClient` (or call `test_util::start`) before it is mounted"
        ),
    }
}
