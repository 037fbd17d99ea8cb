//! TLS through actix-web. The clients here speak plainly to a relay, which speaks TLS to the server.

use std::{net::SocketAddr, sync::Arc};

use actix_socketio::SocketIo;
use actix_web::{App, HttpServer};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::{poll_at, telling, websocket_at};
use crate::support::{DEADLINE, Polling, TestServer, Ws, echoing};

/// A certificate for `localhost` that signs itself, with its key.
fn certificate() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    (made.cert.der().clone(), key)
}

/// A server that speaks TLS, under the address of the relay in front of it.
async fn encrypted(io: &SocketIo) -> TestServer {
    let (certificate, key) = certificate();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let io = io.clone();
    let server = HttpServer::new(move || App::new().configure(|cfg| io.mount(cfg)));
    let server = actix_socketio::tune(server)
        .workers(1)
        .shutdown_timeout(0)
        .disable_signals()
        // For a machine that stands still.
        .tls_handshake_timeout(DEADLINE)
        .bind_rustls_0_23(("127.0.0.1", 0), config)
        .unwrap();
    let addr = server.addrs()[0];
    let mut server = TestServer::running(addr, server.run());
    server.addr = relay(addr, certificate).await;
    server
}

/// Takes connections there, and passes them on in TLS.
async fn relay(to: SocketAddr, certificate: CertificateDer<'static>) -> SocketAddr {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    actix_rt::spawn(async move {
        while let Ok((mut plain, _)) = listener.accept().await {
            let connector = connector.clone();
            actix_rt::spawn(async move {
                let stream = TcpStream::connect(to).await.unwrap();
                let name = ServerName::try_from("localhost").unwrap();
                let mut encrypted = connector.connect(name, stream).await.unwrap();
                // Ends with an error when either side just goes.
                drop(tokio::io::copy_bidirectional(&mut plain, &mut encrypted).await);
            });
        }
    });
    addr
}

#[actix_rt::test]
async fn both_transports_and_the_upgrade_work_over_tls() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = encrypted(&io).await;
    poll_at(&server, "/socket.io/").await;
    websocket_at(&server, "/socket.io/").await;
    let client = Polling::connect(&server).await;
    let upgrade = format!("/socket.io/?EIO=4&transport=websocket&sid={}", client.sid);
    let (response, mut ws) = Ws::request(server.addr, &upgrade).await;
    assert_eq!(response.status, 101);
    ws.ask("2probe", "3probe").await;
    assert_eq!(client.poll().await.parts(), (200, "6"));
    ws.text("5").await;
    ws.fence().await;
    // More than one record of TLS.
    let text = "x".repeat(100_000);
    ws.ask(&format!(r#"421["echo","{text}"]"#), &format!(r#"431["{text}"]"#)).await;
}

#[actix_rt::test]
async fn a_handshake_over_tls_is_secure_and_another_is_not() {
    let io = SocketIo::new();
    telling(&io);
    let server = encrypted(&io).await;
    Ws::connect(&server).await.ask(r#"421["secure"]"#, "431[true]").await;
    let client = Polling::connect(&server).await;
    client.post(r#"421["secure"]"#).await;
    assert_eq!(client.poll().await.text(), "431[true]");
    let io = SocketIo::new();
    telling(&io);
    let server = TestServer::start(&io);
    Ws::connect(&server).await.ask(r#"421["secure"]"#, "431[false]").await;
}
