//! How many events of a client are handled in a second: those beyond it wait for the next one, and cost nobody anything.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_socketio::{
    Args, Socket, SocketIo, Transport,
    test_util::{self, TestClient},
};

use super::start;
use crate::support::{Message, Polling, Ws, masked};

const SECOND: Duration = Duration::from_secs(1);

#[actix_web::test]
async fn events_beyond_it_are_handled_in_the_next_second_in_their_order() {
    for transport in [Transport::WebSocket, Transport::Polling] {
        test_util::pause();
        let io = SocketIo::builder().max_events_per_second(3).build().unwrap();
        let handled = Arc::new(Mutex::new(Vec::new()));
        let handle = handled.clone();
        io.of("/").on("work", async move |Args(n): Args<u32>| handle.lock().unwrap().push(n));
        io.of("/").on("echo", async || "echo");
        let client = TestClient::builder(&io).transport(transport).connect("/").await.unwrap();
        let witness = TestClient::connect(&io, "/").await.unwrap();
        let so_far = || handled.lock().unwrap().clone();
        (0..8).for_each(|n| client.emit("work", &n));
        test_util::settle().await;
        assert_eq!(so_far(), [0, 1, 2], "{transport:?}");
        assert_eq!(witness.ask::<String>("echo", &()).await, "echo");
        test_util::advance(Duration::from_millis(980)).await;
        assert_eq!(so_far(), [0, 1, 2], "{transport:?}");
        test_util::advance(Duration::from_millis(20)).await;
        assert_eq!(so_far(), [0, 1, 2, 3, 4, 5], "{transport:?}");
        assert_eq!(witness.ask::<String>("echo", &()).await, "echo");
        test_util::advance(SECOND).await;
        assert_eq!(so_far(), [0, 1, 2, 3, 4, 5, 6, 7], "{transport:?}");
        assert_eq!(client.ask::<String>("echo", &()).await, "echo");
    }
}

#[actix_web::test]
async fn answers_and_namespaces_are_not_counted() {
    test_util::pause();
    let io = SocketIo::builder().max_events_per_second(1).build().unwrap();
    io.of("/").on("quiz", async |socket: Socket| {
        let mut sum = 0;
        for n in 0..5 {
            sum += socket.ask::<u32>("question", &n).await.unwrap();
        }
        sum
    });
    io.of("/b");
    let client = TestClient::connect(&io, "/").await.unwrap();
    let begun = tokio::time::Instant::now();
    client.emit("quiz", &());
    for _ in 0..5 {
        client.next_ask().await.answer(&2);
    }
    client.connection().connect("/b").await.unwrap();
    assert!(begun.elapsed() < SECOND / 2, "something has waited");
}

#[actix_rt::test]
async fn a_websocket_that_sends_more_is_read_no_faster_and_loses_nothing() {
    let (io, server, mut ends) = start(|builder| builder.max_events_per_second(20));
    let times = Arc::new(Mutex::new(Vec::new()));
    let handled = times.clone();
    io.of("/").on("work", async move |Args(n): Args<u32>| {
        handled.lock().unwrap().push(Instant::now());
        n
    });
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    let events = (0..50).map(|n| format!(r#"42{n}["work",{n}]"#));
    let frames: Vec<_> = events.flat_map(|event| masked(0x81, event.as_bytes())).collect();
    let begun = Instant::now();
    ws.send(&frames).await;
    for _ in 0..10 {
        witness.fence().await;
    }
    for n in 0..50 {
        ws.expect(&format!("43{n}[{n}]")).await;
    }
    let times = times.lock().unwrap().clone();
    assert!(times[20] - begun >= SECOND && times[40] - begun >= 2 * SECOND);
    witness.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn a_post_is_answered_when_its_events_are_handled() {
    let (_io, server, mut ends) = start(|builder| builder.max_events_per_second(2));
    let mut witness = Ws::connect(&server).await;
    let client = Polling::connect(&server).await;
    let begun = Instant::now();
    let post = client.start_post([r#"421["echo"]"#; 3].join("\x1e")).await;
    witness.fence().await;
    assert_eq!(post.response().await.parts(), (200, "ok"));
    assert!(begun.elapsed() >= SECOND);
    witness.fence().await;
    assert_eq!(client.poll().await.text(), ["431[]"; 3].join("\x1e"));
    assert_eq!(ends.so_far(), []);
}

/// Answers pings until so many acks have come.
async fn next_acks(ws: &mut Ws, count: usize) {
    let mut acks = 0;
    while acks < count {
        match &*ws.next_text().await {
            "2" => ws.text("3").await,
            text => {
                assert_eq!(text, "431[]");
                acks += 1;
            }
        }
    }
}

const ECHO: &str = r#"421["echo"]"#;

#[actix_rt::test]
async fn a_pong_that_is_not_read_in_time_is_not_missed() {
    let (interval, timeout) = (SECOND, Duration::from_millis(800));
    let (_io, server, mut ends) =
        start(|b| b.max_events_per_second(1).ping_interval(interval).ping_timeout(timeout));
    let mut ws = Ws::connect(&server).await;
    // Three seconds without being read.
    ws.send(&masked(0x81, ECHO.as_bytes()).repeat(4)).await;
    next_acks(&mut ws, 4).await;
    ws.text(ECHO).await;
    next_acks(&mut ws, 1).await;
    assert_eq!(ends.so_far(), []);
}

/// The clock of the test makes the end of the pause and that of the time for the pong one moment.
#[actix_web::test]
async fn a_pong_that_can_be_read_only_when_it_is_due_is_not_missed() {
    test_util::pause();
    let time = SECOND / 2;
    let builder = SocketIo::builder().max_events_per_second(1);
    let io = builder.ping_interval(time).ping_timeout(time).build().unwrap();
    io.of("/").on("echo", async || "echo");
    let client = TestClient::connect(&io, "/").await.unwrap();
    (0..2).for_each(|_| client.emit("echo", &()));
    test_util::advance(SECOND).await;
    assert_eq!(io.clients_count(), 1);
    assert_eq!(client.ask::<String>("echo", &()).await, "echo");
}

#[actix_rt::test]
async fn a_pause_is_no_sign_of_life() {
    let (interval, timeout) = (SECOND, Duration::from_millis(500));
    let (_io, server, mut ends) =
        start(|b| b.max_events_per_second(1).ping_interval(interval).ping_timeout(timeout));
    let mut ws = Ws::connect(&server).await;
    ws.send(&masked(0x81, ECHO.as_bytes()).repeat(3)).await;
    let mut texts = Vec::new();
    while let Message::Text(text) = ws.next().await {
        texts.push(text);
    }
    assert_eq!(ends.reason(&ws.id).await, "ping timeout");
    texts.sort_unstable();
    assert_eq!(texts, ["2", "431[]", "431[]", "431[]"]);
}

#[actix_rt::test]
async fn an_attachment_that_is_not_read_in_time_is_not_missed() {
    let short = Duration::from_millis(300);
    let (_io, server, mut ends) = start(|b| b.max_events_per_second(1).binary_timeout(short));
    let mut ws = Ws::connect(&server).await;
    let begun = r#"451-1["echo",{"_placeholder":true,"num":0}]"#;
    let frames = [ECHO, ECHO, begun].map(|text| masked(0x81, text.as_bytes()));
    ws.send(&frames.concat()).await;
    ws.expect("431[]").await;
    ws.binary(b"x").await;
    ws.expect("431[]").await;
    ws.expect(r#"461-1[{"_placeholder":true,"num":0}]"#).await;
    assert_eq!(ws.next().await, Message::Binary(b"x".to_vec()));
    assert_eq!(ends.so_far(), []);
}

#[test]
fn a_server_of_engine_io_alone_has_no_events_to_count() {
    let builder = SocketIo::builder().max_events_per_second(5);
    let error = builder.build_engine(async |_: actix_socketio::EngineSocket, _| {}).unwrap_err();
    assert!(error.to_string().starts_with("option `max_events_per_second`: "), "{error}");
}
