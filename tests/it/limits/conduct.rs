//! What a client may do wrong for a while: attachments that do not come, answers and pongs that nobody has asked for.

use std::time::{Duration, Instant};

use actix_socketio::Socket;

use super::start;
use crate::support::{Message, Polling, Ws, between, given_time, within};

const BEGUN: &str = r#"451-1["echo",{"_placeholder":true,"num":0}]"#;

#[actix_rt::test]
async fn an_attachment_that_does_not_come_in_time_ends_the_connection() {
    let short = Duration::from_millis(30);
    let (_io, server, mut ends) = start(|builder| builder.binary_timeout(short));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.text(BEGUN).await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
    witness.fence().await;
    let client = Polling::connect(&server).await;
    assert_eq!(client.post(BEGUN).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "1");
    assert_eq!(ends.reason(&client.id).await, "forced close");
    witness.fence().await;
}

/// Its time begins anew with each part, and ends with the last.
#[actix_rt::test]
async fn a_packet_may_take_as_long_as_its_attachments_keep_coming() {
    given_time(Duration::from_millis(400), async |time| {
        let (_io, server, mut ends) = start(|builder| builder.binary_timeout(time));
        let mut clock = Ws::connect(&server).await;
        let mut patient = Ws::connect(&server).await;
        patient.text(r#"454-1["echo"]"#).await;
        for _ in 0..3 {
            patient.binary(b"x").await;
            let begun = Instant::now();
            while begun.elapsed() < time / 2 {
                clock.fence().await;
            }
        }
        patient.binary(b"x").await;
        patient.expect("464-1[]").await;
        clock.fence().await;
        assert_eq!(ends.so_far(), []);
    })
    .await;
}

#[actix_rt::test]
async fn a_few_answers_that_nobody_waits_for_are_ignored_and_many_end_the_connection() {
    let (_io, server, mut ends) = start(|builder| builder.max_bad_acks(3));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    for id in 1..=3 {
        ws.text(&format!("43{id}[]")).await;
        ws.fence().await;
    }
    ws.text("439007199254740991[]").await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
    let client = Polling::connect(&server).await;
    client.post(["431[]"; 4].join("\x1e")).await;
    assert_eq!(ends.reason(&client.id).await, "forced close");
    witness.fence().await;
}

#[actix_rt::test]
async fn a_hundred_bad_answers_are_ignored_and_one_more_is_not() {
    let (_io, server, mut ends) = start(|builder| builder);
    let mut ws = Ws::connect(&server).await;
    for _ in 0..100 {
        ws.text("431[]").await;
    }
    ws.fence().await;
    ws.text("431[]").await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "forced close");
}

#[actix_rt::test]
async fn answers_that_come_too_late_are_not_held_against_the_client() {
    let (io, server, mut ends) = start(|builder| builder.max_bad_acks(1));
    io.of("/").on("ask me", async |socket: Socket| {
        let asked = socket.timeout(Duration::from_millis(1)).ask::<u8>("question", &()).await;
        assert!(asked.unwrap_err().is_timeout());
    });
    let mut ws = Ws::connect(&server).await;
    for _ in 0..5 {
        ws.text(r#"421["ask me"]"#).await;
        let question = ws.next_text().await;
        let id = between(&question, "42", r#"["question"]"#).to_owned();
        ws.expect("431[]").await;
        ws.text(&format!("43{id}[5]")).await;
    }
    ws.fence().await;
    assert_eq!(ends.so_far(), []);
}

#[actix_rt::test]
async fn pongs_without_a_ping_are_ignored_up_to_a_number() {
    let (_io, server, mut ends) = start(|builder| builder.max_unsolicited_pongs(3));
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    for _ in 0..3 {
        ws.text("3").await;
        ws.fence().await;
    }
    ws.text("3").await;
    ws.expect_close(None).await;
    assert_eq!(ends.reason(&ws.id).await, "transport error");
    let client = Polling::connect(&server).await;
    assert_eq!(client.post(["3"; 3].join("\x1e")).await.parts(), (200, "ok"));
    client.fence().await;
    client.post("3").await;
    assert_eq!(ends.reason(&client.id).await, "transport error");
    witness.fence().await;
}

/// In the official server each pong begins the wait for the next ping anew, so a client that sends them often enough is never pinged.
#[actix_rt::test]
async fn pongs_without_a_ping_put_off_neither_the_next_ping_nor_its_deadline() {
    let (interval, timeout) = (Duration::from_millis(300), Duration::from_millis(1500));
    let (_io, server, mut ends) =
        start(|b| b.ping_interval(interval).ping_timeout(timeout).max_unsolicited_pongs(1 << 20));
    let mut ws = Ws::connect(&server).await;
    within("a ping", async {
        loop {
            ws.text("3").await;
            ws.text(r#"421["echo"]"#).await;
            match ws.next_text().await.as_str() {
                "2" => break,
                answer => assert_eq!(answer, "431[]"),
            }
        }
    })
    .await;
    // Its pongs, that of the last round included, may have answered that ping; then it is silent.
    loop {
        match ws.next().await {
            Message::Text(text) => assert!(["2", "431[]"].contains(&&*text), "{text}"),
            closed => break assert_eq!(closed, Message::Close(None)),
        }
    }
    assert_eq!(ends.reason(&ws.id).await, "ping timeout");
}
