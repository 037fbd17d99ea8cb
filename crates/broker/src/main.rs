//! The standalone broker: a Socket.IO server with a demo page, started by one command.
//!
//! It is an ordinary user of the public API. `demo` holds what clients can do, `people` who is there, `page` the files of the demo page.

mod demo;
mod page;
mod people;

use std::{io, net::IpAddr, process::ExitCode};

use actix_socketio::{HeadTimeout, SocketIo, tune};
use actix_web::{App, HttpServer, middleware::Logger};
use clap::Parser;

/// A Socket.IO broker on actix-web.
#[derive(Debug, Parser)]
#[command(version, about)]
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
    /// Worker threads; the number of cores when it is not given.
    #[arg(long, env = "SOCKETIO_WORKERS", value_parser = clap::value_parser!(u16).range(1..))]
    workers: Option<u16>,
}

#[actix_web::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("info,actix_server=warn"),
    )
    .init();
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let Options { host, port, path, workers } = options;
    let io = SocketIo::builder().path(&path).build().map_err(|error| error.to_string())?;
    demo::serve(&io);
    let server = HttpServer::new(move || {
        App::new()
            .wrap(access_log())
            .configure(|cfg| io.mount(cfg))
            .configure(|cfg| page::mount(cfg, &path))
            .wrap(HeadTimeout::default())
    });
    let mut server = tune(server).on_connect(HeadTimeout::on_connect).shutdown_timeout(5);
    if let Some(workers) = workers {
        server = server.workers(workers.into());
    }
    let server = server.bind((host, port)).map_err(|error| cannot_listen(host, port, &error))?;
    for address in server.addrs() {
        log::info!("listening on http://{address}");
    }
    server.run().await.map_err(|error| error.to_string())
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
