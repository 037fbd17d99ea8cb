//! Whose turn it is when, and what the report says of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_socketio::{Builder, Drain, EngineMessage, EngineSocket, Socket, SocketIo};
use tokio::sync::Notify;

use super::{REASON, at_once, figures, one_by_one, refuses, report, texts_to_the_close};
use crate::support::{
    DEADLINE, Message, Polling, TestServer, Ws, echoing, given_time, ran, within,
};

#[actix_rt::test]
async fn until_it_is_their_turn_clients_are_served_as_before() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::with_workers(&io, 2);
    let mut clients = [Ws::connect(&server).await, Ws::connect(&server).await];
    let polling = [Polling::connect(&server).await, Polling::connect(&server).await];
    let drained = io.drain(one_by_one());
    let first = ends.next(1).await.remove(0);
    assert_eq!(first.1, REASON);
    io.emit("news", &());
    refuses(server.addr).await;
    for ws in clients.iter_mut().filter(|ws| ws.id != first.0) {
        ws.expect(r#"42["news"]"#).await;
        ws.fence().await;
    }
    for client in polling.iter().filter(|client| client.id != first.0) {
        assert_eq!(client.poll().await.text(), r#"42["news"]"#);
        client.fence().await;
    }
    assert_eq!(ends.so_far(), []);
    // The rest at once: a close makes the drain hurry, and what was emitted before comes first all the same.
    io.emit("last", &());
    io.close();
    for ws in &mut clients {
        let last = if ws.id == first.0 { vec![] } else { vec![r#"42["last"]"#.to_owned()] };
        assert_eq!(texts_to_the_close(ws).await, last);
    }
    for client in &polling {
        if client.id != first.0 {
            assert_eq!(client.poll().await.text(), r#"42["last"]"#);
        }
        assert_eq!(client.poll().await.text(), "1");
    }
    let report = report(drained).await;
    assert_eq!(figures(&report), [4, 4, 0, 0, 0]);
    assert_eq!(io.clients_count(), 0);
}

#[actix_rt::test]
async fn closes_are_spread_over_the_time() {
    const COUNT: usize = 21;
    let over = Duration::from_secs(2);
    let io = SocketIo::new();
    let server = TestServer::with_workers(&io, 2);
    let mut clients = Vec::new();
    for _ in 0..COUNT {
        clients.push(Ws::connect(&server).await);
    }
    let (began, running) = (Instant::now(), ran());
    let drained = io.drain(Drain::over(over).deadline(3 * over + DEADLINE));
    let closes = clients.into_iter().map(|mut ws| {
        actix_rt::spawn(async move {
            ws.expect_close(None).await;
            (began.elapsed(), ran() - running)
        })
    });
    let mut times = Vec::new();
    for close in closes.collect::<Vec<_>>() {
        times.push(within("a close", close).await.unwrap());
    }
    times.sort();
    // A turn may come late on a busy machine, never early.
    for (place, (time, _)) in times.iter().enumerate() {
        let due = over * place as u32 / (COUNT as u32 - 1);
        assert!(*time + Duration::from_millis(5) >= due, "number {place}: {time:?}, not {due:?}");
    }
    assert!(times[COUNT / 4].1 < over, "nothing for a long time: {times:?}");
    let report = report(drained).await;
    assert_eq!(figures(&report), [COUNT, COUNT, 0, 0, 0]);
    assert!(report.took >= over, "{report}");
}

#[actix_rt::test]
async fn the_report_waits_for_disconnect_handlers() {
    let io = SocketIo::new();
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begin, wait) = (begun.clone(), go.clone());
    io.of("/").on_disconnect(async move |_: Socket| {
        begin.notify_one();
        wait.notified().await;
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let mut drained = Box::pin(io.drain(at_once()));
    ws.expect_close(None).await;
    within("the handler", begun.notified()).await;
    // Its transport has ended. The supervisors run on the thread of the drain, so it has seen that once they have answered.
    for _ in 0..3 {
        drop(within("an answer", io.everyone().fetch_sockets()).await);
    }
    assert!(futures_util::FutureExt::now_or_never(&mut drained).is_none());
    go.notify_one();
    assert_eq!(figures(&report(drained).await), [1, 1, 0, 0, 0]);
}

#[actix_rt::test]
async fn a_handler_that_still_runs_at_the_deadline_is_waited_for_no_more() {
    given_time(Duration::from_millis(300), async |time| {
        let io = SocketIo::new();
        io.of("/").on_disconnect(async |_: Socket| std::future::pending::<()>().await);
        let server = TestServer::start(&io);
        let mut ws = Ws::connect(&server).await;
        let drained = io.drain(Drain::over(Duration::ZERO).deadline(time));
        ws.expect_close(None).await;
        let report = report(drained).await;
        assert_eq!(figures(&report), [1, 0, 0, 0, 1]);
        assert_eq!(report.undelivered_packets, 0);
        assert!(report.took >= time, "{report}");
    })
    .await;
}

#[actix_rt::test]
async fn every_connection_is_counted_as_what_became_of_it() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut answers = Ws::connect(&server).await;
    let mut silent = Ws::connect(&server).await;
    let never_connected = Ws::open(&server).await;
    let polling_never_connected = Polling::open(&server).await;
    let mut leaves = Vec::new();
    for _ in 0..2 {
        leaves.push(Ws::connect(&server).await);
    }
    let first = io.drain(one_by_one());
    // One of the six has had its turn by now, whoever that is; of the two that leave, at least one has not.
    let mut left = 0;
    for mut ws in leaves {
        ws.text("1").await;
        left += usize::from(ends.reason(&ws.id).await == "transport close");
        ws.expect_close(None).await;
    }
    let second = io.drain(at_once());
    io.close();
    answers.expect_close(None).await;
    assert_eq!(silent.next().await, Message::Close(None));
    let report = report(first).await;
    drop((never_connected, polling_never_connected));
    assert_eq!(figures(&report), [6, 1 + 2 - left, 3, left, 0]);
    assert_eq!(super::report(second).await, report, "a second drain joins the first");
    silent.expect_end().await;
}

#[actix_rt::test]
async fn a_drain_after_a_close_waits_for_what_is_left() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    io.close();
    assert_eq!(ends.reason(&client.id).await, REASON);
    let drained = io.drain(at_once());
    assert_eq!(client.poll().await.text(), "1");
    assert_eq!(figures(&report(drained).await), [1, 1, 0, 0, 0]);
}

#[actix_rt::test]
async fn connections_of_engine_io_alone_are_drained_too() {
    let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
    let engine = Builder::default().build_engine(echo).unwrap();
    let mounted = engine.clone();
    let server = TestServer::mounting(1, move |cfg| mounted.mount(cfg));
    let mut ws = Ws::open(&server).await;
    ws.ask("4hello", "4hello").await;
    assert!(engine.is_ready());
    let drained = engine.drain(at_once());
    assert!(!engine.is_ready());
    ws.expect_close(None).await;
    assert_eq!(figures(&report(drained).await), [1, 1, 0, 0, 0]);
}
