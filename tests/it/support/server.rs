//! A real server on loopback.

use std::net::SocketAddr;

use actix_socketio::SocketIo;
use actix_web::{App, HttpServer, dev::ServerHandle, web::ServiceConfig};

use super::panics;

/// A running server. When it is dropped it stops, and nothing in it may have panicked.
pub(crate) struct TestServer {
    pub(crate) addr: SocketAddr,
    handle: ServerHandle,
}

impl TestServer {
    /// On one worker thread, which makes most tests simpler to think about.
    pub(crate) fn start(io: &SocketIo) -> Self {
        Self::with_workers(io, 1)
    }

    pub(crate) fn with_workers(io: &SocketIo, workers: usize) -> Self {
        let io = io.clone();
        Self::mounting(workers, move |cfg| io.mount(cfg))
    }

    /// With anything in its application.
    pub(crate) fn mounting<F>(workers: usize, mount: F) -> Self
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        panics::watch();
        let server = HttpServer::new(move || App::new().configure(mount.clone()));
        let server = actix_socketio::tune(server)
            .workers(workers)
            .shutdown_timeout(0)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let addr = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_rt::spawn(server);
        Self { addr, handle }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if !std::thread::panicking() {
            assert_eq!(panics::count(), 0, "something panicked in the server");
        }
    }
}
