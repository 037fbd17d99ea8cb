//! The session cookie: its bytes, and which responses set it.

use std::time::Duration;

use actix_socketio::{SameSite, SessionCookie};

use super::{POLLING, WEBSOCKET, all, ask, lines, sid, start, upgrade};
use crate::support::Polling;

/// The cookie of a new session, with `SID` for the id of that session.
async fn set_cookie(cookie: SessionCookie) -> String {
    let (_io, server) = start(|builder| builder.cookie(cookie));
    let open = ask(server.addr, "GET", POLLING, "").await;
    let [cookie] = all(&open, "set-cookie")[..] else { panic!("not one cookie: {open:?}") };
    cookie.replace(&sid(&open), "SID")
}

#[actix_rt::test]
async fn the_default_cookie_is_that_of_the_official_server() {
    assert_eq!(
        set_cookie(SessionCookie::default()).await,
        "io=SID; Path=/; HttpOnly; SameSite=Lax"
    );
    let named = set_cookie(SessionCookie::new("chat")).await;
    assert_eq!(named, "chat=SID; Path=/; HttpOnly; SameSite=Lax");
}

#[actix_rt::test]
async fn attributes_are_spelt_and_ordered_as_by_the_official_server() {
    let full = SessionCookie::new("n")
        .path("/x")
        .domain("example.com")
        .secure(true)
        .same_site(SameSite::None)
        .max_age(Duration::from_secs(3600));
    let expected =
        "n=SID; Max-Age=3600; Domain=example.com; Path=/x; HttpOnly; Secure; SameSite=None";
    assert_eq!(set_cookie(full).await, expected);
    let ended = SessionCookie::default().max_age(Duration::ZERO);
    assert_eq!(set_cookie(ended).await, "io=SID; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
}

#[actix_rt::test]
async fn attributes_can_be_turned_off() {
    let cookie = SessionCookie::default().http_only(false).same_site(SameSite::Strict);
    assert_eq!(set_cookie(cookie).await, "io=SID; Path=/; SameSite=Strict");
}

#[actix_rt::test]
async fn an_empty_path_or_domain_is_no_attribute() {
    let cookie = SessionCookie::new("n").path("").domain("");
    assert_eq!(set_cookie(cookie).await, "n=SID; HttpOnly; SameSite=Lax");
}

#[actix_rt::test]
async fn without_the_option_there_is_no_cookie() {
    let (_io, server) = start(|builder| builder);
    let open = ask(server.addr, "GET", POLLING, "").await;
    assert_eq!(
        lines(&open),
        ["cache-control: no-store", "content-type: text/plain; charset=UTF-8"]
    );
}

#[actix_rt::test]
async fn only_the_handshake_of_a_polling_client_sets_the_cookie() {
    let (_io, server) = start(|builder| builder.cookie(SessionCookie::default()));
    let client = Polling::open(&server).await;
    let connect = client.post("40").await;
    let poll = client.poll().await;
    let nobody = ask(server.addr, "GET", &format!("{POLLING}&sid=nobody"), "").await;
    let method = ask(server.addr, "POST", POLLING, "").await;
    let (websocket, _open) = upgrade(server.addr, WEBSOCKET, "").await;
    let (upgraded, _probe) =
        upgrade(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid), "").await;
    let statuses = [&connect, &poll, &nobody, &method, &websocket, &upgraded].map(|r| r.status);
    assert_eq!(statuses, [200, 200, 400, 400, 101, 101]);
    for response in [connect, poll, nobody, method, websocket, upgraded] {
        assert_eq!(response.header("set-cookie"), None, "{response:?}");
    }
}

#[actix_rt::test]
async fn the_cookie_that_a_client_sends_does_not_choose_its_session() {
    let (_io, server) = start(|builder| builder.cookie(SessionCookie::default()));
    let first = sid(&ask(server.addr, "GET", POLLING, "").await);
    let open = ask(server.addr, "GET", POLLING, &format!("cookie: io={first}\r\n")).await;
    let second = sid(&open);
    assert_ne!(first, second);
    let expected = format!("io={second}; Path=/; HttpOnly; SameSite=Lax");
    assert_eq!(all(&open, "set-cookie"), [expected]);
}
