//! Options that cannot work: the error names the option when the server is built, not when a client comes.

use std::time::Duration;

use actix_socketio::{Builder, Cors, SameSite, SessionCookie, SocketIo};

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
    for name in ["io", "__Host-sid", "a.b~c!#$%&'*+^`|"] {
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
