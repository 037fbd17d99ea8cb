//! Waits: each has a deadline that says what came instead; the clock of a test takes no time.

use std::time::{Duration, Instant};

use actix_socketio::{
    Args, DisconnectReason, Socket, SocketIo,
    test_util::{self, ClientDisconnect, TestClient},
};

use super::{assert_contains, connect, panic_of};

/// Far longer than any test takes.
const LONG: Duration = Duration::from_secs(3600);

#[actix_web::test]
async fn an_event_that_does_not_come_panics_at_its_place_with_what_came() {
    test_util::pause();
    let started = Instant::now();
    let io = SocketIo::new();
    let client = TestClient::builder(&io).patience(LONG).connect("/").await.unwrap();
    io.emit("first", &("a", 1));
    client.next_event().await;
    let panic = panic_of(client.next::<u32>("second")).await;
    let parts =
        ["waits.rs:", r#"waited for "second""#, "3600s", "connect {", r#"event "first" ["a",1]"#];
    assert_contains(&panic, &parts);
    assert!(started.elapsed() < LONG / 2, "it took {:?}", started.elapsed());
}

#[actix_web::test]
async fn the_deadline_is_the_patience_of_the_client_also_while_the_clock_runs() {
    let io = SocketIo::new();
    let builder = TestClient::builder(&io).patience(Duration::from_millis(20));
    let client = builder.connect("/").await.unwrap();
    assert_contains(&panic_of(client.next_event()).await, &["within 20ms"]);
    assert_contains(&panic_of(client.next_raw()).await, &["no frame within 20ms"]);
}

#[actix_web::test]
async fn what_is_not_what_was_waited_for_panics_and_is_named() {
    let io = SocketIo::new();
    io.of("/").on("name", async || "ann");
    let client = connect(&io, "/").await;
    io.emit("first", &1);
    let panic = panic_of(client.next::<u32>("second")).await;
    assert_contains(&panic, &[r#"the next event is event "first" [1]"#]);
    io.emit("count", &"many");
    let panic = panic_of(client.next::<u32>("count")).await;
    assert_contains(&panic, &[r#"event "count" ["many"]"#, "`u32`", "argument 1"]);
    let panic = panic_of(client.ask::<u32>("name", &())).await;
    assert_contains(&panic, &[r#"["ann"] is no `u32`"#]);
    io.emit("no ask", &());
    assert_contains(
        &panic_of(client.next_ask()).await,
        &["waited for an ask", r#"event "no ask""#],
    );
}

#[actix_web::test]
async fn whoever_waits_for_an_event_of_a_client_that_is_gone_is_told_so() {
    let io = SocketIo::new();
    io.of("/").on("leave me", async |socket: Socket| {
        socket.emit("bye", &());
        socket.disconnect(false);
    });
    let client = connect(&io, "/").await;
    client.emit("leave me", &());
    client.next::<()>("bye").await;
    let panic = panic_of(client.next_event()).await;
    assert_contains(&panic, &["the client is disconnected (io server disconnect)"]);
}

#[actix_web::test]
async fn an_ask_of_the_server_times_out_when_its_time_has_passed() {
    let io = SocketIo::new();
    io.of("/").on("check", async |socket: Socket| {
        let answer = socket.timeout(Duration::from_secs(600)).ask::<bool>("sure?", &()).await;
        answer.unwrap_err().is_timeout()
    });
    let client = connect(&io, "/").await;
    let timed_out = client.ask::<bool>("check", &());
    let question = client.next_ask().await;
    test_util::advance(Duration::from_secs(600)).await;
    assert!(timed_out.await);
    // Too late.
    question.answer(&true);
    client.assert_silence().await;
}

#[actix_web::test]
async fn pings_are_answered_for_a_day() {
    let io = SocketIo::new();
    let client = connect(&io, "/").await;
    test_util::advance(Duration::from_secs(24 * 3600)).await;
    client.assert_silence().await;
    io.emit("still there", &());
    client.next::<()>("still there").await;
}

#[actix_web::test]
async fn a_client_that_answers_no_ping_is_lost_after_interval_and_timeout() {
    // Otherwise time passes on its own, too, and a busy machine is late.
    test_util::pause();
    let io = SocketIo::new();
    io.of("/").on_disconnect(async |io: SocketIo, reason: DisconnectReason| {
        io.emit("lost", reason.as_str());
    });
    let (ann, bob) = (connect(&io, "/").await, connect(&io, "/").await);
    bob.connection().stop_answering_pings();
    test_util::advance(Duration::from_millis(44_990)).await;
    ann.assert_silence().await;
    test_util::advance(Duration::from_millis(20)).await;
    assert_eq!(ann.next::<String>("lost").await, "ping timeout");
    assert_eq!(bob.disconnected().await, ClientDisconnect::TransportClose);
}

#[actix_web::test]
async fn a_handler_that_sleeps_answers_without_delay_while_the_clock_stands() {
    test_util::pause();
    let started = Instant::now();
    let io = SocketIo::new();
    io.of("/").on("wait", async |Args(seconds): Args<u64>| {
        actix_rt::time::sleep(Duration::from_secs(seconds)).await;
        seconds
    });
    let client = TestClient::builder(&io).patience(LONG).connect("/").await.unwrap();
    for seconds in [10, 20, 400] {
        assert_eq!(client.ask::<u64>("wait", &seconds).await, seconds);
    }
    assert!(started.elapsed() < Duration::from_secs(200), "it took {:?}", started.elapsed());
}
