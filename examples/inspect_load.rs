//! What the inspector costs a server with 10,000 connections in 1,000 rooms: times of acknowledgements under traffic, without and with
//! somebody who looks, in turns; and how long a look takes.
//!
//! `cargo run --release -p actix-socketio --features inspect --example inspect_load`. Clients are a process of their own. `CONNECTIONS`,
//! `SECONDS` of each turn and `TURNS` come from the environment; each process needs as many file descriptors as there are connections.

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use actix_socketio::{Args, Payload, Socket, SocketIo, TopologyLimits, tune};
use actix_web::{App, HttpServer, web};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{interval, sleep, timeout},
};

const ROOMS: usize = 1000;
/// Clients that ask and measure, each so often.
const ASKING: usize = 200;
const ASK_EVERY: Duration = Duration::from_millis(200);
/// Time between two broadcasts, each to the next room.
const PUBLISH_EVERY: Duration = Duration::from_millis(2);

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn from_env<T: std::str::FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    match env::args().nth(1) {
        Some(addr) => clients(addr.parse()?).await,
        None => server().await,
    }
}

// ---- the server ----

async fn server() -> Result<(), Failure> {
    let io = SocketIo::new();
    io.of("/")
        .on("echo", async |args: Payload| args)
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("pub", async |socket: Socket, Args(room): Args<String>| {
            socket.to(room).emit("msg", &1)
        });
    let inspector = io.inspector();
    let server = HttpServer::new(move || {
        App::new()
            .configure(|cfg| io.mount(cfg))
            .configure(|cfg| inspector.mount(cfg, "/inspect"))
            .route("/looks", web::get().to(looks))
    });
    let server = tune(server).workers(from_env("WORKERS", 1)).bind(("127.0.0.1", 0))?;
    let addr = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    let child =
        Command::new(env::current_exe()?).arg(addr.to_string()).stdout(Stdio::piped()).spawn()?;
    actix_web::rt::task::spawn_blocking(move || report(child)).await?
}

fn report(mut child: std::process::Child) -> Result<(), Failure> {
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).lines().map_while(Result::ok).for_each(|line| println!("{line}"));
    }
    child.wait()?.success().then_some(()).ok_or_else(|| "the clients have failed".into())
}

/// How long looks take inside of the server.
async fn looks(io: SocketIo) -> String {
    let all = usize::MAX;
    let whole = TopologyLimits { namespaces: all, rooms: all, members: all, ..Default::default() };
    let mut text = String::new();
    for (name, limits) in [
        ("totals", TopologyLimits::totals()),
        ("default", TopologyLimits::default()),
        ("all rooms and members", whole),
        ("unlimited", TopologyLimits::unlimited()),
    ] {
        let mut times = Vec::new();
        let mut bytes = 0;
        for _ in 0..5 {
            let began = Instant::now();
            let topology = io.topology_with(limits).await;
            times.push(began.elapsed());
            bytes = serde_json::to_vec(&topology).map_or(0, |json| json.len());
            sleep(Duration::from_millis(50)).await;
        }
        times.sort();
        text += &format!(
            "  {name}: {:.2?} ({:.2?} to {:.2?}), {bytes} bytes of JSON\n",
            times[2], times[0], times[4]
        );
    }
    text
}

// ---- the clients ----

struct Seen {
    /// Times of acknowledgements, in microseconds.
    acks: std::sync::Mutex<Vec<u64>>,
    frames: AtomicU64,
}

async fn clients(addr: SocketAddr) -> Result<(), Failure> {
    let total = from_env("CONNECTIONS", 10_000_usize);
    let seen = Arc::new(Seen { acks: Default::default(), frames: AtomicU64::new(0) });
    let began = Instant::now();
    let mut idle = Vec::new();
    for number in 0..total {
        let stream = connect(addr, number).await?;
        match number {
            0 => drop(actix_web::rt::spawn(publish(stream, seen.clone()))),
            1..=ASKING => drop(actix_web::rt::spawn(ask(stream, seen.clone()))),
            _ => idle.push(actix_web::rt::spawn(read(stream, seen.clone()))),
        }
    }
    println!("{total} connections in {ROOMS} rooms after {:.1?}", began.elapsed());
    let turn = Duration::from_secs(from_env("SECONDS", 10));
    println!("looks under this traffic:\n{}", get(addr, "/looks").await?.1);
    for _ in 0..from_env("TURNS", 3) {
        measure("nobody looks", &seen, turn).await;
        let looking = actix_web::rt::spawn(look(addr));
        measure("one looks   ", &seen, turn).await;
        looking.abort();
    }
    Ok(())
}

/// Seconds of processor time that the server, which has started this process, has used; from Linux, in steps of 10 ms.
fn cpu_of_server() -> f64 {
    let path = format!("/proc/{}/stat", std::os::unix::process::parent_id());
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

async fn measure(name: &str, seen: &Seen, turn: Duration) {
    let take = || seen.acks.lock().map(|mut acks| std::mem::take(&mut *acks)).unwrap_or_default();
    drop(take());
    let (before, cpu) = (seen.frames.load(Relaxed), cpu_of_server());
    sleep(turn).await;
    let cpu = 100.0 * (cpu_of_server() - cpu) / turn.as_secs_f64();
    let (mut acks, frames) = (take(), seen.frames.load(Relaxed) - before);
    acks.sort_unstable();
    let at = |part: f64| {
        acks.get((acks.len() as f64 * part) as usize).map_or(0.0, |us| *us as f64 / 1e3)
    };
    println!(
        "{name}: {} acks, p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms; {:.0} deliveries/s; server at {cpu:.1} % of a core",
        acks.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        frames as f64 / turn.as_secs_f64(),
    );
}

/// What a page and a Prometheus ask for.
async fn look(addr: SocketAddr) {
    let mut every = interval(Duration::from_secs(1));
    for round in 0_u64.. {
        every.tick().await;
        let began = Instant::now();
        let Ok((bytes, _)) = get(addr, "/inspect/topology.json").await else { return };
        if round == 2 {
            println!("  topology.json: {bytes} bytes after {:.2?}", began.elapsed());
        }
        if round % 5 == 0 {
            drop(get(addr, "/inspect/metrics").await);
        }
    }
}

async fn get(addr: SocketAddr, path: &str) -> Result<(usize, String), Failure> {
    let mut stream = TcpStream::connect(addr).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await??;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok((body.len(), body.to_owned()))
}

/// A WebSocket with a socket in `/`, in one of the rooms.
async fn connect(addr: SocketAddr, number: usize) -> Result<TcpStream, Failure> {
    let socket = TcpSocket::new_v4()?;
    // Ports of one address are fewer than there may be connections.
    socket.bind(SocketAddr::from(([127, 0, 0, 2 + (number / 20_000) as u8], 0)))?;
    let mut stream = socket.connect(addr).await?;
    stream.set_nodelay(true)?;
    let request = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    wait_for(&mut stream, "pingInterval").await?;
    stream.write_all(&frame("40")).await?;
    wait_for(&mut stream, "40{").await?;
    stream.write_all(&frame(&format!(r#"421["join","room {}"]"#, number % ROOMS))).await?;
    wait_for(&mut stream, "431[]").await?;
    Ok(stream)
}

/// A masked text, of at most 125 bytes; the mask is zero.
fn frame(text: &str) -> Vec<u8> {
    [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], text.as_bytes()].concat()
}

async fn wait_for(stream: &mut TcpStream, text: &str) -> Result<(), Failure> {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(text) {
        if timeout(Duration::from_secs(20), stream.read_buf(&mut seen)).await?? == 0 {
            return Err(format!("no {text}").into());
        }
    }
    Ok(())
}

/// Reads what has come, answers pings, and says whether an acknowledgement was among it.
async fn take(stream: &mut TcpStream, seen: &Seen) -> std::io::Result<bool> {
    let mut buffer = [0; 4096];
    let length = stream.read(&mut buffer).await?;
    if length == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    // Frames are short and come whole: nothing else is sent to these clients.
    let (mut rest, mut acked) = (&buffer[..length], false);
    while let [_, size, tail @ ..] = rest {
        let (text, tail) = tail.split_at(usize::from(*size).min(tail.len()));
        match text {
            b"2" => stream.write_all(&frame("3")).await?,
            [b'4', b'3', ..] => acked = true,
            _ => drop(seen.frames.fetch_add(1, Relaxed)),
        }
        rest = tail;
    }
    Ok(acked)
}

async fn read(mut stream: TcpStream, seen: Arc<Seen>) {
    while take(&mut stream, &seen).await.is_ok() {}
    eprintln!("a connection has ended");
}

async fn ask(mut stream: TcpStream, seen: Arc<Seen>) {
    let mut every = interval(ASK_EVERY);
    loop {
        every.tick().await;
        let began = Instant::now();
        if stream.write_all(&frame(r#"421["echo",1]"#)).await.is_err() {
            return;
        }
        while let Ok(false) = take(&mut stream, &seen).await {}
        if let Ok(mut acks) = seen.acks.lock() {
            acks.push(began.elapsed().as_micros() as u64);
        }
    }
}

async fn publish(mut stream: TcpStream, seen: Arc<Seen>) {
    let mut every = interval(PUBLISH_EVERY);
    for number in 0_usize.. {
        every.tick().await;
        let event = format!(r#"42["pub","room {}"]"#, number % ROOMS);
        if stream.write_all(&frame(&event)).await.is_err() {
            return;
        }
        // It is in a room as well.
        while let Ok(Ok(_)) = timeout(Duration::ZERO, take(&mut stream, &seen)).await {}
    }
}
