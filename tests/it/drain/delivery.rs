//! What is queued goes out before the close, and what does not is counted.

use std::time::Duration;

use actix_socketio::{Drain, Socket, SocketIo};

use super::{at_once, figures, report, texts_to_the_close};
use crate::{
    support::{Message, Polling, TestServer, Ws, echoing, given_time, within},
    upgrades::probe,
};

/// More than the kernel keeps for a client that does not read.
const FLOOD: usize = 200;

/// With outboxes that take a flood.
fn roomy() -> SocketIo {
    let io = SocketIo::builder().outbox_limits(64 << 20, 10_000).build().unwrap();
    io.of("/").on_connect(async |socket: Socket| socket.join("room"));
    io
}

#[actix_rt::test]
async fn what_was_emitted_before_precedes_the_close_on_every_transport() {
    const ROUNDS: usize = 100;
    let io = roomy();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::with_workers(&io, 2);
    let (mut ws, polling) = (Ws::connect(&server).await, Polling::connect(&server).await);
    let upgrading = Polling::connect(&server).await;
    let mut upgraded = probe(&server, &upgrading).await;
    upgraded.text("5").await;
    upgraded.fence().await;
    let mut expected = Vec::new();
    for round in 0..ROUNDS {
        io.to("room").emit("room", &round);
        io.emit("all", &round);
        expected.extend([format!(r#"42["room",{round}]"#), format!(r#"42["all",{round}]"#)]);
    }
    let drained = io.drain(at_once());
    assert_eq!(texts_to_the_close(&mut ws).await, expected);
    assert_eq!(texts_to_the_close(&mut upgraded).await, expected);
    let mut polled = Vec::new();
    while polled.last().is_none_or(|packet| packet != "1") {
        polled.extend(polling.poll().await.text().split('\x1e').map(str::to_owned));
    }
    assert_eq!(polled.pop().as_deref(), Some("1"));
    assert_eq!(polled, expected);
    let reasons: Vec<_> = ends.next(3).await.into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [super::REASON; 3]);
    assert_eq!(figures(&report(drained).await), [3, 3, 0, 0, 0]);
}

#[actix_rt::test]
async fn a_slow_reader_gets_all_that_is_queued_before_the_close() {
    let io = roomy();
    let server = TestServer::start(&io);
    let (mut slow, mut other) = (Ws::connect(&server).await, Ws::connect(&server).await);
    let text = "x".repeat(100_000);
    for _ in 0..FLOOD {
        io.to([slow.id.as_str()]).emit("x", &text);
    }
    let drained = io.drain(at_once());
    // It has had its turn like the other one, who has nothing to wait for.
    other.expect_close(None).await;
    let texts = texts_to_the_close(&mut slow).await;
    assert_eq!(texts.len(), FLOOD);
    assert!(texts.iter().all(|it| it.len() == text.len() + 10), "whole packets");
    assert_eq!(figures(&report(drained).await), [2, 2, 0, 0, 0]);
}

#[actix_rt::test]
async fn a_client_that_does_not_read_is_cut_off_at_the_deadline_and_its_loss_is_counted() {
    given_time(Duration::from_millis(500), async |time| {
        let io = roomy();
        let server = TestServer::start(&io);
        let (mut slow, mut other) = (Ws::connect(&server).await, Ws::connect(&server).await);
        let text = "x".repeat(100_000);
        for _ in 0..FLOOD {
            io.to([slow.id.as_str()]).emit("x", &text);
        }
        let drained = io.drain(Drain::over(Duration::ZERO).deadline(time));
        other.expect_close(None).await;
        let report = report(drained).await;
        assert_eq!(figures(&report), [2, 1, 0, 0, 1]);
        assert_eq!(io.clients_count(), 0);
        let lost = report.undelivered_packets;
        assert!(lost > 0, "{report}");
        assert_eq!(report.undelivered_bytes, lost * (text.len() + 10));
        // What had been taken from the queue is still under way.
        assert_eq!(texts_to_the_close(&mut slow).await.len(), FLOOD - lost);
    })
    .await;
}

#[actix_rt::test]
async fn a_client_that_does_not_poll_is_cut_off_at_the_deadline() {
    given_time(Duration::from_millis(200), async |time| {
        let io = roomy();
        let mut ends = echoing(&io.of("/"));
        let server = TestServer::start(&io);
        let client = Polling::connect(&server).await;
        for _ in 0..3 {
            io.emit("x", &());
        }
        let drained = io.drain(Drain::over(Duration::ZERO).deadline(time));
        assert_eq!(ends.reason(&client.id).await, super::REASON);
        let report = report(drained).await;
        assert_eq!(figures(&report), [1, 0, 0, 0, 1]);
        let packet = r#"42["x"]"#;
        let lost = (report.undelivered_packets, report.undelivered_bytes);
        assert_eq!(lost, (3, 3 * packet.len()));
        let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
        assert_eq!(client.poll().await.parts(), (400, unknown));
        assert_eq!(io.clients_count(), 0);
    })
    .await;
}

#[actix_rt::test]
async fn what_is_emitted_while_others_are_closed_reaches_those_who_are_left() {
    const COUNT: usize = 10;
    given_time(Duration::from_millis(500), async |time| {
        let io = roomy();
        let server = TestServer::with_workers(&io, 2);
        let mut clients = Vec::new();
        for _ in 0..COUNT {
            clients.push(Ws::connect(&server).await);
        }
        let readers: Vec<_> = clients
            .into_iter()
            .map(|mut ws| actix_rt::spawn(async move { texts_to_the_close(&mut ws).await }))
            .collect();
        let mut drained = Box::pin(io.drain(Drain::over(time)));
        let mut emitted = 0;
        let report = loop {
            io.to("room").emit("n", &emitted);
            emitted += 1;
            let tick = actix_rt::time::timeout(Duration::from_millis(5), &mut drained);
            if let Ok(report) = within("the drain", tick).await {
                break report;
            }
        };
        assert_eq!(figures(&report), [COUNT, COUNT, 0, 0, 0]);
        let mut counts = Vec::new();
        for reader in readers {
            let got = within("a reader", reader).await.unwrap();
            let expected: Vec<_> = (0..got.len()).map(|n| format!(r#"42["n",{n}]"#)).collect();
            assert_eq!(got, expected, "a gap, or out of order");
            counts.push(got.len());
        }
        counts.sort();
        assert!(counts[COUNT - 1] > counts[0] + 10, "all at once: {counts:?} of {emitted}");
    })
    .await;
}

#[actix_rt::test]
async fn a_client_that_is_upgrading_when_its_turn_comes_is_closed_over_polling() {
    let io = roomy();
    let server = TestServer::start(&io);
    let polling = Polling::connect(&server).await;
    let mut candidate = probe(&server, &polling).await;
    io.emit("x", &());
    let drained = io.drain(at_once());
    assert_eq!(candidate.next().await, Message::Close(None));
    let mut packets = String::new();
    while packets != "1" {
        packets = polling.poll().await.text().to_owned();
        assert!(["6", r#"42["x"]"#, "1"].contains(&&*packets), "{packets}");
    }
    assert_eq!(figures(&report(drained).await), [1, 1, 0, 0, 0]);
}
