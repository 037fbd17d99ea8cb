//! A TCP proxy on loopback that does to each connection what its plan says, in each direction.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use actix_rt::time::sleep;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use super::chance::Chance;
use crate::support::reset_when_dropped;

/// What happens to a direction once so many bytes have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing passes for a time, then all of it.
    Stall(Duration),
    /// Both sides are reset.
    Reset,
    /// This direction ends, the other one goes on.
    HalfClose,
    /// Both directions end: the rest is cut off.
    Truncate,
    /// The next request is sent once more, at the same time, on a connection of its own.
    Duplicate,
}

/// A direction of a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lane {
    /// Latency of each piece.
    pub(super) delay: Option<Duration>,
    /// Every byte is written by itself.
    pub(super) bytewise: bool,
    /// After so many bytes.
    pub(super) fault: Option<(usize, Fault)>,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plan {
    pub(super) up: Lane,
    pub(super) down: Lane,
}

/// How often each thing was done.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) delays: AtomicUsize,
    pub(super) bytewise: AtomicUsize,
    pub(super) stalls: AtomicUsize,
    pub(super) resets: AtomicUsize,
    pub(super) half_closes: AtomicUsize,
    pub(super) truncations: AtomicUsize,
    pub(super) duplicates: AtomicUsize,
}

impl Faults {
    pub(super) fn total(&self) -> usize {
        let Self { delays, bytewise, stalls, resets, half_closes, truncations, duplicates } = self;
        [delays, bytewise, stalls, resets, half_closes, truncations, duplicates]
            .iter()
            .map(|count| count.load(Relaxed))
            .sum()
    }

    fn count(&self, fault: Fault) {
        let count = match fault {
            Fault::Stall(_) => &self.stalls,
            Fault::Reset => &self.resets,
            Fault::HalfClose => &self.half_closes,
            Fault::Truncate => &self.truncations,
            Fault::Duplicate => &self.duplicates,
        };
        count.fetch_add(1, Relaxed);
    }
}

/// See the module. Dropped, it takes no more connections.
pub(super) struct Proxy {
    pub(super) addr: SocketAddr,
    accepting: actix_rt::task::JoinHandle<()>,
    plans: Arc<Mutex<Vec<Plan>>>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// Each connection gets the next plan that is made here.
    pub(super) async fn start(
        server: SocketAddr,
        faults: Arc<Faults>,
        mut chance: Chance,
        plan: fn(&mut Chance) -> Plan,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let addr = listener.local_addr()?;
        let plans = Arc::<Mutex<Vec<Plan>>>::default();
        let made = plans.clone();
        let accepting = actix_rt::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let plan = plan(&mut chance);
                made.lock().unwrap().push(plan);
                actix_rt::spawn(carry(client, server, plan, faults.clone()));
            }
        });
        Ok(Self { addr, accepting, plans })
    }

    /// What was planned for its connections so far.
    pub(super) fn plans(&self) -> Vec<Plan> {
        self.plans.lock().unwrap().clone()
    }
}

/// One connection, until both directions have ended or one has ended it all.
async fn carry(client: TcpStream, server: SocketAddr, plan: Plan, faults: Arc<Faults>) {
    let Ok(upstream) = TcpStream::connect(server).await else { return };
    for stream in [&client, &upstream] {
        // The client may have gone already.
        let _ = (stream.set_nodelay(true), reset_when_dropped(stream));
    }
    let (client_read, client_write) = split(client);
    let (server_read, server_write) = split(upstream);
    let (over, mut is_over) = watch::channel(false);
    let pump = |from, to, lane| Pump { from, to, lane, passed: 0, server, faults: faults.clone() };
    let up = pump(client_read, server_write, plan.up).run(&over);
    let down = pump(server_read, client_write, plan.down).run(&over);
    tokio::select! {
        _ = futures_util::future::join(up, down) => {}
        _ = is_over.wait_for(|over| *over) => {}
    }
}

struct Pump {
    from: ReadHalf<TcpStream>,
    to: WriteHalf<TcpStream>,
    lane: Lane,
    passed: usize,
    server: SocketAddr,
    faults: Arc<Faults>,
}

impl Pump {
    async fn run(mut self, over: &watch::Sender<bool>) {
        let Ok(goes_on) = self.pump().await else {
            over.send_replace(true);
            return;
        };
        if goes_on {
            let _ = self.to.shutdown().await;
        } else {
            over.send_replace(true);
        }
    }

    /// Whether the other direction goes on when this one has ended.
    async fn pump(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let count = self.from.read(&mut buffer).await?;
            if count == 0 {
                return Ok(true);
            }
            if self.passed == 0 {
                self.faults.delays.fetch_add(usize::from(self.lane.delay.is_some()), Relaxed);
                self.faults.bytewise.fetch_add(usize::from(self.lane.bytewise), Relaxed);
            }
            sleep(self.lane.delay.unwrap_or_default()).await;
            let mut rest = &buffer[..count];
            if let Some((at, fault)) = self.lane.fault
                && at < self.passed + if fault == Fault::Duplicate { 1 } else { count }
            {
                self.lane.fault = None;
                self.faults.count(fault);
                let (before, after) = rest.split_at(at.saturating_sub(self.passed));
                rest = after;
                self.write(before).await?;
                match fault {
                    Fault::Stall(time) => sleep(time).await,
                    Fault::Duplicate => self.duplicate(after),
                    Fault::HalfClose => {
                        self.to.shutdown().await?;
                        // What still comes goes nowhere.
                        while self.from.read(&mut buffer).await? > 0 {}
                        return Ok(true);
                    }
                    Fault::Truncate => {
                        self.to.shutdown().await?;
                        return Ok(false);
                    }
                    Fault::Reset => return Ok(false),
                }
            }
            self.write(rest).await?;
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.passed += bytes.len();
        if !self.lane.bytewise {
            return self.to.write_all(bytes).await;
        }
        for byte in bytes {
            self.to.write_all(&[*byte]).await?;
            actix_rt::task::yield_now().await;
        }
        Ok(())
    }

    /// The answer is thrown away.
    fn duplicate(&self, request: &[u8]) {
        let (server, request) = (self.server, request.to_vec());
        actix_rt::spawn(async move {
            let mut stream = TcpStream::connect(server).await?;
            stream.write_all(&request).await?;
            // One more poll than the client has: it ends with the session, or with what it gets.
            let mut answer = [0; 1024];
            stream.read(&mut answer).await
        });
    }
}
