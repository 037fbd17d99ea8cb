//! A real server on loopback.

use std::{net::SocketAddr, time::Duration};

use actix_socketio::{HeadTimeout, SocketIo, on_connect};
use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::Condition,
    web::ServiceConfig,
};

use super::{DEADLINE, panics, ran};

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
        Self::run(workers, None, mount)
    }

    /// With a limit to the time between the requests of a connection.
    pub(crate) fn with_head_timeout<F>(limit: Duration, mount: F) -> Self
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        Self::run(1, Some(limit), mount)
    }

    fn run<F>(workers: usize, head_timeout: Option<Duration>, mount: F) -> Self
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let limit = head_timeout.map(HeadTimeout::new);
        let limited = limit.is_some();
        let server = HttpServer::new(move || {
            let limit = Condition::new(limited, limit.clone().unwrap_or_default());
            App::new().configure(mount.clone()).wrap(limit)
        });
        let server = actix_socketio::tune(server)
            .on_connect(if limited { HeadTimeout::on_connect } else { on_connect })
            .workers(workers)
            .shutdown_timeout(0)
            .disable_signals()
            // Of the head of a request and between two, for a machine that stands still.
            .client_request_timeout(DEADLINE)
            .keep_alive(DEADLINE)
            .bind(("127.0.0.1", 0))
            .unwrap();
        let addr = server.addrs()[0];
        Self::running(addr, server.run())
    }

    /// One that listens there.
    pub(crate) fn running(addr: SocketAddr, server: Server) -> Self {
        panics::watch();
        // The time that is measured begins.
        ran();
        let handle = server.handle();
        actix_rt::spawn(server);
        Self { addr, handle }
    }
}

impl TestServer {
    /// Stops it, workers and all, and waits until it has.
    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
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
