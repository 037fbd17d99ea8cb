//! The standalone broker: a Socket.IO server with a demo page, started by one command.
//!
//! It is an ordinary user of the public API. `demo` holds what clients can do, `people` who is there, `page` the files of the demo page,
//! `probes` what load balancers ask, `signals` what ends it, `inspection` who may look at the inspector.

mod demo;
mod inspection;
mod page;
mod people;
mod probes;
mod signals;

use std::{io, net::IpAddr, pin::pin, process::ExitCode, time::Duration};

use actix_socketio::{AllowedOrigins, Cors, Drain, HeadTimeout, SocketIo, tune};
use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::Logger,
};
use clap::Parser;
use futures_util::future::{Either, select};

use self::{inspection::Inspection, signals::Signals};

/// Clients were cut off at the deadline of the drain.
const FORCED: u8 = 3;

/// A second signal ended the broker at once.
const STOPPED: u8 = 4;

/// Seconds that requests which still run after the drain have.
const SHUTDOWN: u64 = 1;

/// A Socket.IO broker on actix-web.
///
/// SIGTERM or SIGINT empties it: `GET /ready` answers 503, new clients are refused, queued messages are delivered, and connections are
/// closed one after another. A second signal stops it at once. Exit codes: 0, all connections were closed cleanly; 1, it could not run; 2,
/// the options are wrong; 3, some connections were cut off at the deadline; 4, a second signal.
#[derive(Debug, Parser)]
#[command(version, about, verbatim_doc_comment)]
struct Options {
    /// Address to listen on.
    #[arg(long, env = "SOCKETIO_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 lets the system choose.
    #[arg(long, env = "SOCKETIO_PORT", default_value_t = 3000)]
    port: u16,
    /// Path under which Socket.IO clients connect.
    #[arg(long, env = "SOCKETIO_PATH", default_value = "/socket.io/")]
    path: String,
    /// Origins of the pages that may connect, such as `https://example.com`, besides those of the broker's own host.
    #[arg(long, env = "SOCKETIO_ALLOW_ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<String>,
    /// Worker threads; the number of cores when it is not given.
    #[arg(long, env = "SOCKETIO_WORKERS", value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
    /// Seconds over which connections are closed when the broker is told to stop.
    #[arg(long, env = "SOCKETIO_DRAIN_OVER", default_value = "5", value_parser = seconds)]
    drain_over: Duration,
    /// Seconds after which the connections that are left are cut off; 3 more than those when it is not given.
    #[arg(long, env = "SOCKETIO_DRAIN_DEADLINE", value_parser = seconds)]
    drain_deadline: Option<Duration>,
    #[command(flatten)]
    inspection: Inspection,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[actix_web::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("info,actix_server=warn"),
    )
    .init();
    match run(options).await {
        Ok(code) => code,
        Err(error) => {
            log::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<ExitCode, String> {
    let Options { host, port, path, allow_origin, workers, drain_over, drain_deadline, inspection } =
        options;
    let drain = drain(drain_over, drain_deadline)?;
    let mut builder = SocketIo::builder()
        .path(&path)
        .allowed_origins(AllowedOrigins::same_host().and(allow_origin.iter().cloned()));
    if !allow_origin.is_empty() {
        builder = builder.cors(Cors::origins(allow_origin));
    }
    let io = builder.build().map_err(|error| error.to_string())?;
    demo::serve(&io);
    let inspector = inspection.inspector(&io, host)?;
    let inspected = inspector.is_some();
    let mounted = io.clone();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(access_log())
            .configure(|cfg| mounted.mount(cfg))
            .configure(probes::mount)
            .configure(|cfg| page::mount(cfg, &path, inspected))
            .configure(|cfg| {
                if let Some(inspector) = &inspector {
                    inspector.mount(cfg, inspection::PATH);
                }
            })
            .wrap(HeadTimeout::default())
    });
    let mut server = tune(server)
        .on_connect(HeadTimeout::on_connect)
        .shutdown_timeout(SHUTDOWN)
        .disable_signals();
    if let Some(workers) = workers {
        server = server.workers(workers.into());
    }
    let server = server.bind((host, port)).map_err(|error| cannot_listen(host, port, &error))?;
    let signals = Signals::listen().map_err(|error| error.to_string())?;
    for address in server.addrs() {
        log::info!("listening on http://{address}");
    }
    let server = server.run();
    let stop = stop_when_told(io, drain, server.handle(), signals);
    until_stopped(server, stop).await
}

fn drain(over: Duration, deadline: Option<Duration>) -> Result<Drain, String> {
    match deadline {
        None => Ok(Drain::over(over)),
        Some(deadline) if deadline < over => {
            Err("--drain-deadline is earlier than --drain-over".to_owned())
        }
        Some(deadline) => Ok(Drain::over(over).deadline(deadline)),
    }
}

/// Runs the server, and says how the broker ends.
async fn until_stopped(
    server: Server,
    stop: impl Future<Output = ExitCode>,
) -> Result<ExitCode, String> {
    match select(server, pin!(stop)).await {
        Either::Left((ended, _)) => ended.map(|()| ExitCode::SUCCESS).map_err(|e| e.to_string()),
        Either::Right((code, server)) => server.await.map(|()| code).map_err(|e| e.to_string()),
    }
}

/// At the first signal, empties the server and stops it; at the second, stops it at once.
async fn stop_when_told(
    io: SocketIo,
    drain: Drain,
    server: ServerHandle,
    mut signals: Signals,
) -> ExitCode {
    let signal = signals.next().await;
    let connections = io.clients_count();
    let drained = io.drain(drain);
    // Whoever reads this line finds the server no longer ready.
    log::info!("{signal}: draining {connections} connections");
    match select(pin!(drained), pin!(signals.next())).await {
        Either::Left((report, _)) => {
            drop(server.stop(true));
            if report.forced == 0 { ExitCode::SUCCESS } else { ExitCode::from(FORCED) }
        }
        Either::Right((signal, _)) => {
            log::warn!("{signal} again: stopping with {} connections", io.clients_count());
            drop(server.stop(false));
            ExitCode::from(STOPPED)
        }
    }
}

/// Requests in the log at debug level: the target can be turned on alone.
fn access_log() -> Logger {
    Logger::new(r#"%a "%r" %s %bB %Dms"#).log_target("access").log_level(log::Level::Debug)
}

fn cannot_listen(host: IpAddr, port: u16, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("cannot listen on {host}:{port}: the port is in use"),
        _ => format!("cannot listen on {host}:{port}: {error}"),
    }
}
