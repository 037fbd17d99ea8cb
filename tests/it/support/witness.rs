//! A client that wants nothing but to be served: it sees whether others get what they should while something is done to the server.

use std::{net::SocketAddr, thread, time::Duration};

use actix_rt::time::timeout;
use tokio::sync::oneshot::{self, Receiver, Sender, error::TryRecvError};

use super::{TestServer, Ws, ran, within};

/// From one echo to the next.
const PACE: Duration = Duration::from_millis(20);

/// Longest time that an echo may take while the machine runs. Without optimisation, that is not the server's alone.
const BOUND: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 200 });

/// Asks for an echo every 20 ms, over a connection and on a thread of its own.
pub(crate) struct Witness {
    /// Dropped to end it.
    stop: Sender<()>,
    served: Receiver<Served>,
}

/// How a witness was served.
#[derive(Debug, Default)]
pub(crate) struct Served {
    pub(crate) echoes: usize,
    /// Pings of the server, which were answered.
    pub(crate) pings: usize,
    pub(crate) slowest: Duration,
}

impl Witness {
    /// One that is connected; the default namespace has to [echo](super::echoing).
    pub(crate) async fn of(server: &TestServer) -> Self {
        let addr = server.addr;
        let (connected, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let (report, served) = oneshot::channel();
        thread::spawn(move || {
            let watched =
                actix_rt::Runtime::new().unwrap().block_on(watch(addr, connected, stopped));
            // The test may be over.
            drop(report.send(watched));
        });
        within("a witness", ready).await.expect("the witness was not connected");
        Self { stop, served }
    }

    /// It is still connected, gets one more echo, has missed none, and none took long.
    pub(crate) async fn assert_served(self) -> Served {
        drop(self.stop);
        let served = within("the witness", self.served).await.expect("the witness was not served");
        println!("{served:?}");
        assert!(served.slowest <= BOUND, "{served:?}");
        served
    }
}

async fn watch(addr: SocketAddr, connected: Sender<()>, mut stopped: Receiver<()>) -> Served {
    let mut ws = Ws::connect_at(addr).await;
    connected.send(()).expect("the test is over");
    let mut served = Served::default();
    loop {
        let last = stopped.try_recv() == Err(TryRecvError::Closed);
        let asked = ran();
        echo(&mut ws, &mut served).await;
        served.slowest = served.slowest.max(ran() - asked);
        if last {
            return served;
        }
        // The end of the test comes first, if it comes.
        let _ = timeout(PACE, &mut stopped).await;
    }
}

async fn echo(ws: &mut Ws, served: &mut Served) {
    let n = served.echoes;
    ws.text(&format!(r#"42{n}["echo",{n}]"#)).await;
    loop {
        match &*ws.next_text().await {
            "2" => {
                served.pings += 1;
                ws.text("3").await;
            }
            text => break assert_eq!(text, format!("43{n}[{n}]")),
        }
    }
    served.echoes += 1;
}
