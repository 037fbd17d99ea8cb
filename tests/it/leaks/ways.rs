//! How clients live and end.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::support::{Client, Moment, Over, Step};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(10);
/// A machine that has stood still for so long, and perhaps more than once, may have cost a client its connection.
const LATE: Duration = Duration::from_millis(300);
/// A client that does not read for so long does so until too much waits for it, unless the machine is very busy.
const DEAF: Duration = Duration::from_millis(300);

/// How a client ends, or is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Leaves its namespace, then closes.
    Leave,
    Close,
    Reset,
    HalfClose,
    /// `disconnect(false)`
    Kicked,
    /// `disconnect(true)`
    Ended,
    /// Answers no ping.
    Silent,
    Nonsense,
    /// Does not read.
    Flooded,
    /// Does not answer a question.
    Asked,
    AskedAsMember,
    /// While a handler of its event waits.
    Working,
    /// While middleware waits.
    InMiddleware,
    Refused,
    /// Joins no namespace.
    NeverJoins,
    /// Its upgrade breaks off, and it polls on.
    UpgradeBreaks(Step),
    /// Its upgrade breaks off with the last step.
    UpgradeEnds,
}

impl Way {
    pub(super) const ALL: [Self; 19] = [
        Self::Leave,
        Self::Close,
        Self::Reset,
        Self::HalfClose,
        Self::Kicked,
        Self::Ended,
        Self::Silent,
        Self::Nonsense,
        Self::Flooded,
        Self::Asked,
        Self::AskedAsMember,
        Self::Working,
        Self::InMiddleware,
        Self::Refused,
        Self::NeverJoins,
        Self::UpgradeBreaks(Step::Opened),
        Self::UpgradeBreaks(Step::Asked),
        Self::UpgradeBreaks(Step::Answered),
        Self::UpgradeEnds,
    ];

    /// Which ways begin with polling alone.
    fn upgrades(self) -> bool {
        matches!(self, Self::UpgradeBreaks(_) | Self::UpgradeEnds)
    }
}

#[derive(Debug, Clone, Copy)]
enum Transport {
    WebSocket,
    Polling,
    Upgraded,
}

/// From the handshake to the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    n: usize,
    transport: Transport,
    way: Way,
}

impl Life {
    /// All combinations, in turn.
    pub(super) fn nth(n: usize) -> Self {
        let way = Way::ALL[n / 3 % Way::ALL.len()];
        let transport = match n % 3 {
            _ if way.upgrades() => Transport::Polling,
            0 => Transport::WebSocket,
            1 => Transport::Polling,
            _ => Transport::Upgraded,
        };
        Self { n, transport, way }
    }

    pub(super) async fn live(self, addr: SocketAddr) {
        for last in [false, false, true] {
            let (born, moment) = (Instant::now(), Moment::now());
            match actix_rt::time::timeout(PATIENCE, self.try_live(addr)).await {
                Ok(Ok(())) => return,
                // The server believes that it was silent: another one lives in its place.
                _ if !last && moment.stood_still() > LATE => {}
                Ok(Err(error)) => panic!("{self:?}, {:?} old: {error}", born.elapsed()),
                Err(_) => panic!("{self:?} does not end"),
            }
        }
    }

    async fn try_live(self, addr: SocketAddr) -> io::Result<()> {
        let over = match self.transport {
            Transport::WebSocket => Over::WebSocket,
            Transport::Polling | Transport::Upgraded => Over::Polling,
        };
        let mut client = Client::open(addr, over, PATIENCE).await?;
        match self.way {
            Way::NeverJoins => return Ok(()),
            Way::InMiddleware => {
                client.send(r#"40{"wait":true}"#).await?;
                // By the time of an answer, the middleware has begun.
                client.send("40/b,").await?;
                client.expect("40").await?;
                return client.start_poll().await;
            }
            Way::Refused => {
                client.send(r#"40{"refuse":true}"#).await?;
                client.expect("44").await?;
                return client.close().await;
            }
            _ => drop(client.join().await?),
        }
        if let Transport::Upgraded = self.transport {
            upgrade(&mut client, addr).await?;
        }
        self.join_others(&mut client).await?;
        self.end(client, addr).await
    }

    /// Some are in other namespaces as well.
    async fn join_others(self, client: &mut Client) -> io::Result<()> {
        let other = match self.n % 4 {
            0 => "/b".to_owned(),
            1 => format!("/d/{}", self.n % 100),
            _ => return Ok(()),
        };
        client.send(&format!("40{other},")).await?;
        client.expect(&format!("40{other},{{")).await.map(drop)
    }

    async fn end(self, mut client: Client, addr: SocketAddr) -> io::Result<()> {
        match self.way {
            Way::Leave => {
                client.send("41").await?;
                client.close().await
            }
            Way::Close => client.close().await,
            Way::Reset => client.start_poll().await,
            Way::HalfClose => client.half_close().await,
            Way::Kicked => {
                client.send(r#"42["kick",false]"#).await?;
                client.expect("41").await?;
                client.close().await
            }
            Way::Ended => ends(client, r#"42["kick",true]"#).await,
            Way::Silent => {
                client.alive = false;
                client.end().await
            }
            Way::Nonsense => ends(client, "4x").await,
            Way::Flooded => flooded(client).await,
            Way::Asked => goes(client, r#"42["ask"]"#).await,
            Way::AskedAsMember => goes(client, r#"42["ask all"]"#).await,
            Way::Working => goes(client, r#"42["work"]"#).await,
            Way::UpgradeBreaks(step) => {
                client.start_poll().await?;
                drop(client.probe(addr, step).await?);
                fence(&mut client).await?;
                client.close().await
            }
            Way::UpgradeEnds => upgrade(&mut client, addr).await,
            Way::NeverJoins | Way::InMiddleware | Way::Refused => unreachable!(),
        }
    }
}

/// The server ends it after this packet.
async fn ends(mut client: Client, packet: &str) -> io::Result<()> {
    // Some bytes of the answer may be missing.
    let _ = client.send(packet).await;
    client.end().await
}

/// Does not read for a while, until the server has ended it.
async fn flooded(mut client: Client) -> io::Result<()> {
    let flood = format!(r#"42["flood","{}"]"#, "x".repeat(16 << 10));
    loop {
        client.send(&flood).await?;
        actix_rt::time::sleep(DEAF).await;
        loop {
            match client.packet().await {
                Ok(packet) if packet.ends_with(r#"["all"]"#) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(error),
                Err(_) => return Ok(()),
            }
        }
    }
}

/// Sends this, and goes with the first that comes of it.
async fn goes(mut client: Client, packet: &str) -> io::Result<()> {
    client.send(packet).await?;
    client.expect("42").await?;
    client.start_poll().await
}

async fn fence(client: &mut Client) -> io::Result<()> {
    client.send(r#"427["echo"]"#).await?;
    client.expect("437[]").await.map(drop)
}

async fn upgrade(client: &mut Client, addr: SocketAddr) -> io::Result<()> {
    client.start_poll().await?;
    let line = client.probe(addr, Step::Answered).await?;
    client.end_poll().await?;
    client.switch(line).await
}
