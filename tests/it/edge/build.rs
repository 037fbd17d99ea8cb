//! Options that cannot work: the error names the option when the server is built, not when a client comes.

use std::time::Duration;

use actix_socketio::{Builder, Cors, SameSite, SessionCookie, SocketIo, Transport};
#[cfg(feature = "client")]
use actix_socketio::{EngineMessage, EngineSocket};

/// The option that stands in the way of building.
fn refused(options: impl FnOnce(Builder) -> Builder) -> Option<String> {
    let error = options(SocketIo::builder()).build().err()?.to_string();
    let (option, _) = error.strip_prefix("option `").unwrap().split_once("`: ").unwrap();
    Some(option.to_owned())
}

#[test]
fn a_server_without_transports_is_refused() {
    assert_eq!(refused(|builder| builder.transports(&[])).as_deref(), Some("transports"));
}

fn refused_cookie(cookie: SessionCookie) -> bool {
    match refused(|builder| builder.cookie(cookie)) {
        Some(option) => option == "cookie",
        None => false,
    }
}

#[test]
fn a_cookie_that_would_begin_another_field_is_refused() {
    let cookie = SessionCookie::default;
    for name in ["", "a=1", "a;b", "a b", "a,b", "\"a\"", "a\r\nX: y", "é", "a\0"] {
        assert!(refused_cookie(SessionCookie::new(name)), "{name:?}");
    }
    for text in ["/; Secure", "/\r\nX: y", "/\0", "/é"] {
        assert!(refused_cookie(cookie().path(text)), "{text:?}");
        assert!(refused_cookie(cookie().domain(text)), "{text:?}");
    }
    for name in ["io", "__Sec-sid", "a.b~c!#$%&'*+^`|"] {
        assert!(!refused_cookie(SessionCookie::new(name)), "{name:?}");
    }
}

/// The official server finds out at the first request.
#[test]
fn a_domain_or_path_that_is_none_is_refused() {
    let cookie = SessionCookie::default;
    let domains = ["exa mple.com", "a,b", "-a.example", "a..example", "a.example:80", "a/b"];
    let accepted: Vec<_> =
        domains.into_iter().filter(|text| !refused_cookie(cookie().domain(*text))).collect();
    assert_eq!(accepted, Vec::<&str>::new());
    for domain in ["example.com", ".example.com", "localhost", "127.0.0.1"] {
        assert!(!refused_cookie(cookie().domain(domain)), "{domain}");
    }
    assert!(refused_cookie(cookie().path("/<")));
}

#[test]
fn a_cookie_for_every_site_has_to_be_secure() {
    let cookie = || SessionCookie::default().same_site(SameSite::None);
    assert!(refused_cookie(cookie()));
    assert!(!refused_cookie(cookie().secure(true)));
}

#[test]
fn a_cookie_whose_name_promises_something_has_to_keep_it() {
    for name in ["__Secure-sid", "__Host-sid", "__host-sid"] {
        assert!(refused_cookie(SessionCookie::new(name)), "{name}");
        assert!(!refused_cookie(SessionCookie::new(name).secure(true)), "{name}");
    }
    let host = || SessionCookie::new("__Host-sid").secure(true);
    assert!(refused_cookie(host().path("/socket.io/")));
    assert!(refused_cookie(host().domain("a.example")));
    let secure = SessionCookie::new("__Secure-sid").secure(true);
    assert!(!refused_cookie(secure.path("/socket.io/").domain("a.example")));
}

/// The cookie comes with a polling handshake.
#[test]
fn a_cookie_without_polling_is_refused() {
    let only = |transport| refused(|b| b.transports(&[transport]).cookie(SessionCookie::default()));
    assert_eq!(only(Transport::WebSocket).as_deref(), Some("cookie"));
    assert_eq!(only(Transport::Polling), None);
}

#[test]
fn an_upgrade_that_is_asked_for_needs_both_transports() {
    let only = |transport, allow| refused(|b| b.allow_upgrades(allow).transports(&[transport]));
    for transport in [Transport::Polling, Transport::WebSocket] {
        assert_eq!(only(transport, true).as_deref(), Some("allow_upgrades"));
        assert_eq!(only(transport, false), None);
        assert_eq!(refused(|b| b.transports(&[transport])), None);
    }
    assert_eq!(refused(|b| b.allow_upgrades(true)), None);
}

#[test]
fn an_outbox_that_cannot_hold_the_largest_message_is_refused() {
    let limits = |payload, outbox| refused(|b| b.outbox_limits(outbox, 10).max_payload(payload));
    assert_eq!(limits(1000, 999).as_deref(), Some("outbox_limits"));
    assert_eq!(limits(1000, 1000), None);
    assert_eq!(refused(|b| b.outbox_limits(999_999, 1)).as_deref(), Some("outbox_limits"));
    // What nobody has set follows.
    assert_eq!(refused(|b| b.max_payload(50_000_000)), None);
}

#[cfg(feature = "client")]
#[test]
fn a_server_of_engine_io_alone_cannot_be_asked_for_the_client() {
    let build = |builder: Builder| {
        let engine = builder.build_engine(async |_: EngineSocket, _: EngineMessage| {});
        engine.map(drop).map_err(|error| error.to_string())
    };
    let error = "option `serve_client`: a server of Engine.IO alone has no client";
    assert_eq!(build(SocketIo::builder().serve_client(true)), Err(error.to_owned()));
    assert_eq!(build(SocketIo::builder().serve_client(false)), Ok(()));
    assert_eq!(build(SocketIo::builder()), Ok(()));
    assert_eq!(refused(|b| b.serve_client(true)), None);
}

#[test]
fn a_path_that_browsers_would_write_otherwise_is_refused() {
    for path in ["", "a", "/a b", "/é", "/a?b", "/a#b", "/%61", "/a/../b", "/./a", "/..", "/{a}"] {
        assert_eq!(refused(|b| b.path(path)).as_deref(), Some("path"), "{path}");
    }
    for path in ["/", "/a", "/a/", "/a.b/..c/d..", "/..."] {
        assert_eq!(refused(|b| b.path(path)), None, "{path}");
    }
}

#[test]
fn an_origin_that_no_browser_sends_is_refused() {
    let refused = |origin: &str| refused(|b| b.cors(Cors::origins(["https://a", origin])));
    let wrong = [
        "",
        "*",
        "a.example",
        "https://",
        "https://a.example/",
        "https://A.example",
        "https://a.example:443",
        "http://a.example:80",
        "https://*.example",
        "https://u@a.example",
        "://a",
    ];
    for origin in wrong {
        assert_eq!(refused(origin).as_deref(), Some("cors"), "{origin}");
    }
    let right = [
        "https://a.example",
        "http://a.example:443",
        "http://localhost:3000",
        "http://[::1]:3000",
        "https://xn--bcher-kva.example",
        "capacitor://localhost",
        "file://",
        "null",
    ];
    for origin in right {
        assert_eq!(refused(origin), None, "{origin}");
    }
}

#[test]
fn cross_origin_options_that_are_no_headers_are_refused() {
    let refused = |cors: Cors| refused(|builder| builder.cors(cors)).as_deref() == Some("cors");
    assert!(refused(Cors::any().methods(["GET\r\nX: y"])));
    assert!(refused(Cors::any().allowed_headers(["x-a", "x\n"])));
    assert!(refused(Cors::any().exposed_headers(["x\0"])));
    assert!(!refused(Cors::any().methods(["GET"]).allowed_headers(["x-a"]).exposed_headers(["*"])));
}

#[test]
fn any_origin_with_credentials_is_refused() {
    let any = |credentials| refused(|b| b.cors(Cors::any().credentials(credentials)));
    assert_eq!(any(true).as_deref(), Some("cors"));
    assert_eq!(any(false), None);
    assert_eq!(refused(|b| b.cors(Cors::origins(["https://a"]).credentials(true))), None);
}

#[test]
fn a_limit_of_zero_is_refused() {
    assert_eq!(refused(|b| b.max_ws_fragments(0)).as_deref(), Some("max_ws_fragments"));
    let packets = refused(|b| b.max_packets_per_payload(0));
    assert_eq!(packets.as_deref(), Some("max_packets_per_payload"));
    assert_eq!(refused(|b| b.body_timeout(Duration::ZERO)).as_deref(), Some("body_timeout"));
    assert_eq!(refused(|b| b.http_compression(Some(0))), None);
}

#[test]
fn the_message_says_what_is_wrong() {
    let error = SocketIo::builder().transports(&[]).build().unwrap_err();
    assert_eq!(error.to_string(), "option `transports`: must not be empty");
}
