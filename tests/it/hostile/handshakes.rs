//! Handshakes, and requests that say they belong to a session.

use std::time::Duration;

use actix_socketio::{AllowedOrigins, SessionCookie, SocketIo};
use socket2::SockRef;

use super::{POLLING, Scene, UNKNOWN_SID, WEBSOCKET, assert_linear, converse, upgrade};
use crate::support::{Exchange, Polling, Response, UPGRADE, get, send};

/// A frame with reserved bits, masked, empty.
const RESERVED: &[u8] = b"\xb1\x80\0\0\0\0";

/// A close frame with the code 1002.
const PROTOCOL_ERROR: &[u8] = b"\x88\x02\x03\xea";

/// Texts that are something else than a name where languages keep names in objects.
const NAMES_OF_OBJECTS: [&str; 5] =
    ["__proto__", "constructor", "toString", "hasOwnProperty", "__proto____proto____proto__"];

/// The answer to a request for a WebSocket with more headers.
async fn ask(scene: &Scene, path: &str, headers: &str) -> Response {
    let headers = format!("{UPGRADE}{headers}");
    let mut exchange = send(scene.addr(), "GET", path, &headers, b"").await;
    let mut response = exchange.head().await;
    if response.status != 101 {
        while exchange.read().await > 0 {}
        response.body = exchange.buffer.to_vec();
    }
    response
}

/// With either transport, before or after a session is there: a page of another site has the browser's word against it.
#[actix_rt::test]
async fn a_foreign_origin_opens_nothing_where_origins_are_listed() {
    const FOREIGN: [&str; 4] =
        ["https://evil.example", "null", "https://a.example.evil.example", "http://a.example"];
    let listed = AllowedOrigins::only(["https://a.example"]);
    let scene = Scene::with(|builder| builder.allowed_origins(listed)).await;
    for _ in 0..50 {
        for foreign in FOREIGN {
            let headers = format!("origin: {foreign}\r\n");
            let refused = ask(&scene, WEBSOCKET, &headers).await;
            let forbidden = r#"{"code":4,"message":"Forbidden"}"#;
            assert_eq!((refused.status, refused.text()), (400, "Forbidden"), "{foreign}");
            let refused = send(scene.addr(), "GET", POLLING, &headers, b"").await.response().await;
            assert_eq!(refused.parts(), (403, forbidden), "{foreign}");
        }
        let taken = ask(&scene, WEBSOCKET, "origin: https://a.example\r\n").await;
        assert_eq!(taken.status, 101);
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_foreign_origin_is_told_nothing_about_origins() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let session = client.path();
    let cases = [
        ("GET", POLLING, 200),
        ("OPTIONS", POLLING, 400),
        ("POST", &session, 400),
        ("POST", POLLING, 400),
        ("GET", "/socket.io/?EIO=4&transport=x", 400),
    ];
    for (method, path, status) in cases {
        let headers = "origin: https://evil.example\r\ncontent-length: 0\r\n\
            access-control-request-method: POST\r\n";
        let response = send(scene.addr(), method, path, headers, b"").await.response().await;
        assert_eq!(response.status, status, "{method} {path}");
        let about = response.headers.iter().find(|(name, _)| name.starts_with("access-control"));
        assert_eq!(about, None, "{method} {path}");
        if status == 200 {
            let sid = response.text().split('"').nth(3).unwrap().to_owned();
            Polling { addr: scene.addr(), sid, id: String::new() }.post("1").await;
        }
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn frames_glued_to_an_upgrade_request_are_judged_like_any_other() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let session = format!("{WEBSOCKET}&sid={}", client.sid);
    let nobody = format!("{WEBSOCKET}&sid=AAAAAAAAAAAAAAAAAAAA");
    for (path, status, end) in [
        (WEBSOCKET, "101", PROTOCOL_ERROR),
        (&session, "101", PROTOCOL_ERROR),
        (&nobody, "400", b"Session ID unknown"),
    ] {
        let (answer, _) =
            converse(scene.addr(), &[upgrade(path).as_bytes(), RESERVED].concat()).await;
        let shown = answer.escape_ascii();
        assert!(answer.starts_with(format!("HTTP/1.1 {status} ").as_bytes()), "{path}: {shown}");
        assert!(answer.ends_with(end), "{path}: {shown}");
    }
    client.fence().await;
    client.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn thousands_of_upgrades_that_are_reset_leave_nothing() {
    const RESETS: usize = 2000;
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let paths = [
        WEBSOCKET.to_owned(),
        format!("{WEBSOCKET}&sid={}", client.sid),
        format!("{WEBSOCKET}&sid=AAAAAAAAAAAAAAAAAAAA"),
        "/nowhere/?EIO=4&transport=websocket".to_owned(),
    ];
    for n in 0..RESETS {
        let request = upgrade(&paths[n % 4]);
        let part = if n % 8 < 4 { request.len() } else { request.len() / 2 };
        let exchange = Exchange::begin(scene.addr(), &request.as_bytes()[..part]).await;
        SockRef::from(&exchange.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
    client.fence().await;
    client.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn an_upgrade_to_a_transport_that_is_none_is_refused() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let transports = [
        "&transport=__proto__",
        "&transport=constructor",
        "&transport=polling",
        "&transport=",
        "&transport=websocket&transport=polling",
        "&transport=polling&transport=websocket",
        "&transport=%00",
        "",
    ];
    for transport in transports {
        for sid in ["", &client.sid, "nobody"] {
            let path = format!("/socket.io/?EIO=4{transport}&sid={sid}");
            let response = ask(&scene, &path, "").await;
            assert_eq!(response.parts(), (400, "Transport unknown"), "{path}");
            if transport != "&transport=polling" {
                let error = r#"{"code":0,"message":"Transport unknown"}"#;
                assert_eq!(get(scene.addr(), &path).await.parts(), (400, error), "{path}");
            }
        }
    }
    client.fence().await;
    client.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_session_id_is_no_name_of_anything_else() {
    let scene = Scene::start().await;
    for sid in NAMES_OF_OBJECTS {
        let polling = format!("{POLLING}&sid={sid}");
        assert_eq!(get(scene.addr(), &polling).await.parts(), (400, UNKNOWN_SID), "{sid}");
        let post = send(scene.addr(), "POST", &polling, "content-length: 1\r\n", b"1").await;
        assert_eq!(post.response().await.parts(), (400, UNKNOWN_SID), "{sid}");
        let response = ask(&scene, &format!("{WEBSOCKET}&sid={sid}"), "").await;
        assert_eq!(response.parts(), (400, "Session ID unknown"), "{sid}");
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_cookie_is_one_field_or_the_server_is_not_built() {
    for name in ["a=1; HttpOnly\r\nX: y", "a\r\nX: y", "a;b", "a=b"] {
        let error = SocketIo::builder().cookie(SessionCookie::new(name)).build().err().unwrap();
        assert!(error.to_string().starts_with("option `cookie`: "), "{error}");
    }
    let scene = Scene::with(|builder| builder.cookie(SessionCookie::new("a").path("/b"))).await;
    let open = get(scene.addr(), POLLING).await;
    let sid = open.text().split('"').nth(3).unwrap().to_owned();
    let cookie = format!("a={sid}; Path=/b; HttpOnly; SameSite=Lax");
    assert_eq!(open.header("set-cookie"), Some(cookie.as_str()));
    Polling { addr: scene.addr(), sid, id: String::new() }.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_session_is_not_continued_in_another_version_of_the_protocol() {
    let scene = Scene::start().await;
    let client = Polling::connect(&scene.server).await;
    let error = r#"{"code":3,"message":"Bad request"}"#;
    for version in ["EIO=3&", "", "EIO=&", "EIO=5&", "EIO=4&EIO=3&"] {
        let query =
            |transport| format!("/socket.io/?{version}transport={transport}&sid={}", client.sid);
        let polling = query("polling");
        assert_eq!(get(scene.addr(), &polling).await.parts(), (400, error), "{version}");
        let post = send(scene.addr(), "POST", &polling, "content-length: 1\r\n", b"1").await;
        assert_eq!(post.response().await.parts(), (400, error), "{version}");
        let response = ask(&scene, &query("websocket"), "").await;
        assert_eq!(response.parts(), (400, "Bad request"), "{version}");
        client.fence().await;
    }
    client.post("1").await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn extensions_are_never_agreed_on_whatever_they_are_called() {
    let scene = Scene::start().await;
    let semicolons = ";".repeat(8192);
    let names = NAMES_OF_OBJECTS.into_iter().chain([
        "a;__proto__",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; x=\"",
        "\"",
        ",,,",
        "",
        &semicolons,
    ]);
    for name in names {
        let headers = format!("sec-websocket-extensions: {name}\r\n");
        let response = ask(&scene, WEBSOCKET, &headers).await;
        assert_eq!(response.status, 101, "{name}");
        assert_eq!(response.header("sec-websocket-extensions"), None, "{name}");
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn the_subprotocols_of_a_handshake_are_read_in_linear_time() {
    let scene = Scene::start().await;
    assert_linear("spaces", 60_000, async |size| {
        let headers = format!("sec-websocket-protocol: a{}b\r\n", " ".repeat(size));
        let refused = (400, "Invalid Sec-WebSocket-Protocol header");
        assert_eq!(ask(&scene, WEBSOCKET, &headers).await.parts(), refused);
    })
    .await;
    assert_linear("names", 8_000, async |size| {
        let names: Vec<_> = (0..size).map(|n| format!("p{n}")).collect();
        let headers = format!("sec-websocket-protocol: {}\r\n", names.join(", "));
        assert_eq!(ask(&scene, WEBSOCKET, &headers).await.status, 101);
    })
    .await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn an_upgrade_with_too_many_headers_is_refused() {
    let scene = Scene::start().await;
    let headers = |count: usize| (0..count).map(|n| format!("x-{n}: {n}\r\n")).collect::<String>();
    for (count, status) in [(80, 101), (200, 431), (2000, 431)] {
        assert_eq!(ask(&scene, WEBSOCKET, &headers(count)).await.status, status, "{count}");
    }
    scene.assert_unharmed().await;
}
