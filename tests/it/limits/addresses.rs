//! What goes by the address of the TCP connection: how many sessions one has, and whose a session is. All of 127.0.0.0/8 is ours to connect from.

use std::{net::IpAddr, time::Duration};

use actix_socketio::{Limit, SocketIo};

use super::{UNKNOWN_SID, start};
use crate::support::{Exchange, Polling, Response, TestServer, UPGRADE, Ws, get, masked, within};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// A request from another address than that of all other clients; `rest` are further headers, an empty line and the body.
async fn from_elsewhere(server: &TestServer, method: &str, path: &str, rest: &str) -> Response {
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{rest}", server.addr);
    let local = IpAddr::from([127, 0, 0, 2]);
    Exchange::begin_from(local, server.addr, request.as_bytes()).await.response().await
}

async fn get_from_elsewhere(server: &TestServer, path: &str) -> Response {
    from_elsewhere(server, "GET", path, "\r\n").await
}

fn is_refused(response: &Response) {
    let parts = (response.status, response.header("retry-after"), response.text());
    assert_eq!(parts, (503, Some("5"), ""));
}

async fn until_gone(io: &SocketIo, left: usize) {
    within("the end of a session", async {
        while io.clients_count() > left {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[actix_rt::test]
async fn an_address_with_all_its_sessions_gets_503_and_others_are_served() {
    let (io, server, mut ends) = start(|builder| builder.max_sessions_per_ip(2));
    let mut ws = Ws::connect(&server).await;
    let polling = Polling::connect(&server).await;
    is_refused(&get(server.addr, POLLING).await);
    let (refused, _) = Ws::request(server.addr, WEBSOCKET).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    assert_eq!(io.pressure().refused_handshakes, 2);
    for _ in 0..2 {
        assert_eq!(get_from_elsewhere(&server, POLLING).await.status, 200);
    }
    is_refused(&get_from_elsewhere(&server, POLLING).await);
    ws.fence().await;
    polling.fence().await;
    assert_eq!(ends.so_far(), []);
    // An upgrade is not another session.
    let (response, mut upgrade) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", polling.sid)).await;
    assert_eq!(response.status, 101);
    upgrade.ask("2probe", "3probe").await;
    drop(ws);
    until_gone(&io, 3).await;
    is_refused(&get_from_elsewhere(&server, POLLING).await);
    Ws::connect(&server).await.fence().await;
}

#[actix_rt::test]
async fn without_that_limit_an_address_has_as_many_sessions_as_it_likes() {
    let (_io, server, _ends) = start(|builder| builder.max_sessions_per_ip(Limit::Unlimited));
    let (mut a, mut b) = (Ws::connect(&server).await, Ws::connect(&server).await);
    a.fence().await;
    b.fence().await;
}

/// With room for one, a session that is still counted after its end would be the last.
#[actix_rt::test]
async fn however_a_session_ends_it_is_counted_no_more() {
    let time = Duration::from_secs(2);
    let (io, server, _ends) = start(|b| b.max_sessions_per_ip(1).connect_timeout(time));
    drop(Ws::connect(&server).await);
    until_gone(&io, 0).await;
    Ws::connect(&server).await.send(&masked(0x88, b"")).await;
    until_gone(&io, 0).await;
    let mut nonsense = Ws::connect(&server).await;
    nonsense.text("4nonsense").await;
    until_gone(&io, 0).await;
    let leaves = Polling::connect(&server).await;
    assert_eq!(leaves.post("1").await.parts(), (200, "ok"));
    until_gone(&io, 0).await;
    let breaks_off = Polling::connect(&server).await;
    drop(breaks_off.start_poll().await);
    until_gone(&io, 0).await;
    let expelled = Polling::connect(&server).await;
    io.of("/").everyone().disconnect_sockets(true);
    within("the last packet", async {
        // It gets to know in one answer or in two.
        while expelled.poll().await.text().split('\x1e').next_back() != Some("1") {}
    })
    .await;
    until_gone(&io, 0).await;
    let joins_nothing = Polling::open(&server).await;
    until_gone(&io, 0).await;
    assert_eq!(joins_nothing.poll().await.parts(), UNKNOWN_SID);
    Ws::connect(&server).await.fence().await;
}

/// Takes each thing that somebody may try who has learned a session id, and says what is answered.
async fn try_to_take_over(server: &TestServer, client: &Polling) -> [(u16, String); 3] {
    let path = client.path();
    let post = from_elsewhere(server, "POST", &path, "content-length: 1\r\n\r\n6").await;
    let upgrade = format!("{WEBSOCKET}&sid={}", client.sid);
    let upgrade = from_elsewhere(server, "GET", &upgrade, &format!("{UPGRADE}\r\n")).await;
    let poll = get_from_elsewhere(server, &path).await;
    [post, upgrade, poll].map(|response| (response.status, response.text().to_owned()))
}

#[actix_rt::test]
async fn a_session_that_is_bound_to_its_address_is_unknown_to_others_and_goes_on() {
    let (_io, server, mut ends) = start(|builder| builder.bind_sid_to_ip(true));
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    let waiting = client.start_poll().await;
    let nobodys = Polling { sid: "0".repeat(20), addr: client.addr, id: String::new() };
    let answers = try_to_take_over(&server, &client).await;
    assert_eq!(answers, try_to_take_over(&server, &nobodys).await);
    assert_eq!((answers[0].0, answers[0].1.as_str()), UNKNOWN_SID);
    assert_eq!((answers[2].0, answers[2].1.as_str()), UNKNOWN_SID);
    assert_eq!(client.post(r#"421["echo"]"#).await.parts(), (200, "ok"));
    assert_eq!(waiting.response().await.text(), "431[]");
    client.fence().await;
    witness.fence().await;
    assert_eq!(ends.so_far(), []);
    let (response, mut upgrade) =
        Ws::request(server.addr, &format!("{WEBSOCKET}&sid={}", client.sid)).await;
    assert_eq!(response.status, 101);
    upgrade.ask("2probe", "3probe").await;
}

#[actix_rt::test]
async fn by_default_a_client_may_change_its_address() {
    let (_io, server, mut ends) = start(|builder| builder);
    let client = Polling::connect(&server).await;
    client.post(r#"421["echo"]"#).await;
    assert_eq!(get_from_elsewhere(&server, &client.path()).await.parts(), (200, "431[]"));
    client.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn the_application_hears_of_it_without_the_id() {
    let (sender, mut errors) = tokio::sync::mpsc::unbounded_channel();
    let (_io, server, _ends) = start(|builder| {
        builder.bind_sid_to_ip(true).on_connection_error(move |error, _| {
            drop(sender.send((error.code, error.context.clone())))
        })
    });
    let client = Polling::open(&server).await;
    get_from_elsewhere(&server, &client.path()).await;
    let heard = within("the error", errors.recv()).await.unwrap();
    assert_eq!(heard, (1, "SID_OF_ANOTHER_ADDRESS".to_owned()));
}
