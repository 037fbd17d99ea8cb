//! Too much: clients that do not read, and clients that send faster than their handlers work.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_socketio::{Namespace, Payload, Socket, SocketIo};
use tokio::sync::{
    Notify,
    mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::support::{Message, Polling, TestServer, Ws, between, echoing, masked, within};

/// More than the kernel keeps for a client that does not read.
const FLOOD: usize = 400;

#[actix_rt::test]
async fn a_client_that_does_not_read_is_disconnected_and_the_others_get_everything() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 100).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let text = "x".repeat(100_000);
    io.of("/").on("join", async |socket: Socket| socket.join("room")).on(
        "flood",
        async move |all: Namespace| {
            all.to("room").emit("x", &text);
        },
    );
    let server = TestServer::start(&io);
    let mut slow = Ws::connect(&server).await;
    slow.ask(r#"420["join"]"#, "430[]").await;
    let mut reader = Ws::connect(&server).await;
    reader.ask(r#"420["join"]"#, "430[]").await;
    let mut ended = Vec::new();
    let mut rounds = 0;
    while ended.is_empty() {
        rounds += 1;
        assert!(rounds <= FLOOD, "still not disconnected");
        reader.text(r#"421["flood"]"#).await;
        assert_eq!(reader.next_text().await.len(), 100_010);
        reader.expect("431[]").await;
        ended = ends.so_far();
    }
    assert_eq!(ended, [(slow.id.clone(), "transport error")]);
    // Its connection ends as soon as that can reach it.
    slow.drain().await;
    reader.fence().await;
}

#[actix_rt::test]
async fn what_a_client_does_not_read_waits_in_its_outbox_but_for_what_the_system_may_take() {
    let io = SocketIo::builder().outbox_limits(64 << 20, 1000).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let text = "x".repeat(100_000);
    io.of("/").on("flood", async move |socket: Socket| {
        (0..80).for_each(|_| socket.emit("x", &text));
    });
    let server = TestServer::start(&io);
    let (mut slow, mut witness) = (Ws::connect(&server).await, Ws::connect(&server).await);
    slow.text(r#"42["flood"]"#).await;
    let (mut waiting, mut turns_without_a_write) = (0, 0);
    while waiting == 0 || turns_without_a_write < 100 {
        witness.fence().await;
        let now = io.pressure().waiting_bytes;
        turns_without_a_write = if now == waiting { turns_without_a_write + 1 } else { 0 };
        waiting = now;
    }
    assert!(waiting > 6_000_000, "{waiting} of 8,000,000 bytes wait");
}

#[actix_rt::test]
async fn a_polling_client_that_does_not_poll_is_disconnected() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 10).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for _ in 0..10 {
        client.post(r#"42["back"]"#).await;
    }
    assert_eq!(ends.so_far(), []);
    client.post(r#"42["back"]"#).await;
    assert_eq!(ends.reason(&client.id).await, "transport error");
    let unknown = r#"{"code":1,"message":"Session ID unknown"}"#;
    assert_eq!(client.poll().await.parts(), (400, unknown));
}

#[actix_rt::test]
async fn an_outbox_may_be_full_to_its_limit() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 10).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let packets: Vec<_> = (0..10).map(|n| format!(r#"42{n}["echo"]"#)).collect();
    let acks: Vec<_> = (0..10).map(|n| format!("43{n}[]")).collect();
    for _ in 0..3 {
        client.post(packets.join("\x1e")).await;
        assert_eq!(client.poll().await.text(), acks.join("\x1e"));
    }
}

#[actix_rt::test]
async fn a_packet_larger_than_the_outbox_reaches_whoever_has_fetched_everything() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 100).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("relay", async |socket: Socket, args: Payload| {
        socket.broadcast().emit("relayed", &args);
    });
    let server = TestServer::start(&io);
    let mut receiver = Ws::connect(&server).await;
    let mut sender = Ws::connect(&server).await;
    let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    let (first, second) = (placeholder(0), placeholder(1));
    sender.text(&format!(r#"452-["relay",{first},{second}]"#)).await;
    sender.binary(&vec![1; 900_000]).await;
    sender.binary(&vec![2; 900_000]).await;
    receiver.expect(&format!(r#"452-["relayed",{first},{second}]"#)).await;
    for byte in [1, 2] {
        assert_eq!(receiver.next().await, Message::Binary(vec![byte; 900_000]));
    }
    receiver.fence().await;
}

#[actix_rt::test]
async fn the_answer_to_a_connect_is_not_lost_in_a_full_outbox_without_a_word() {
    let io = SocketIo::builder().outbox_limits(1 << 20, 4).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let _others = echoing(&io.of("/b"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    for _ in 0..4 {
        client.post(r#"42["back"]"#).await;
    }
    client.post("40/b,").await;
    assert_eq!(ends.reason(&client.id).await, "transport error");
}

#[actix_rt::test]
async fn handlers_that_ask_get_their_answers_however_many_events_wait_behind_them() {
    let io = SocketIo::builder().max_inflight_events(4).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("quiz", async |socket: Socket| socket.ask::<u32>("question", &()).await.unwrap());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for _ in 0..12 {
        ws.text(r#"427["quiz"]"#).await;
    }
    let mut answers = 0;
    while answers < 12 {
        let text = ws.next_text().await;
        match text.strip_suffix(r#"["question"]"#).and_then(|text| text.strip_prefix("42")) {
            Some(id) => ws.text(&format!("43{id}[5]")).await,
            None => {
                assert_eq!(text, "437[5]");
                answers += 1;
            }
        }
    }
}

/// A server whose handler of `work` waits until it may finish, with room for two at once.
struct Workshop {
    server: TestServer,
    started: UnboundedReceiver<()>,
    /// How many have started.
    count: Arc<AtomicUsize>,
    finish: Arc<Notify>,
}

impl Workshop {
    fn new() -> Self {
        let io = SocketIo::builder().max_inflight_events(2).build().unwrap();
        let _ends = echoing(&io.of("/"));
        let (sender, started) = unbounded_channel();
        let (count, finish) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (counted, finished) = (count.clone(), finish.clone());
        io.of("/").on("work", async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            sender.send(()).unwrap();
            finished.notified().await;
        });
        Self { server: TestServer::start(&io), started, count, finish }
    }

    async fn next_started(&mut self) {
        within("a handler that starts", self.started.recv()).await.unwrap();
    }

    /// So many have started, and another client's round trips do not change that.
    async fn assert_started(&self, witness: &mut Ws, count: usize) {
        for _ in 0..20 {
            witness.fence().await;
        }
        assert_eq!(self.count.load(Ordering::SeqCst), count, "handlers that have started");
    }
}

const WORK: &str = r#"427["work"]"#;

#[actix_rt::test]
async fn the_third_event_of_a_websocket_waits_until_one_of_two_has_finished() {
    let mut shop = Workshop::new();
    let mut witness = Ws::connect(&shop.server).await;
    let mut ws = Ws::connect(&shop.server).await;
    for _ in 0..2 {
        ws.text(WORK).await;
        shop.next_started().await;
    }
    ws.text(WORK).await;
    ws.text(WORK).await;
    shop.assert_started(&mut witness, 2).await;
    for started in [3, 4] {
        shop.finish.notify_one();
        ws.expect("437[]").await;
        shop.next_started().await;
        shop.assert_started(&mut witness, started).await;
    }
    shop.finish.notify_one();
    ws.expect("437[]").await;
    shop.finish.notify_one();
    ws.expect("437[]").await;
    ws.fence().await;
}

#[actix_rt::test]
async fn the_third_event_of_a_websocket_waits_even_if_it_came_with_the_others() {
    let mut shop = Workshop::new();
    let mut witness = Ws::connect(&shop.server).await;
    let mut ws = Ws::connect(&shop.server).await;
    ws.send(&masked(0x81, WORK.as_bytes()).repeat(3)).await;
    shop.next_started().await;
    shop.next_started().await;
    shop.assert_started(&mut witness, 2).await;
    shop.finish.notify_one();
    ws.expect("437[]").await;
    shop.next_started().await;
}

#[actix_rt::test]
async fn a_post_is_answered_only_when_the_session_takes_more() {
    let mut shop = Workshop::new();
    let mut witness = Ws::connect(&shop.server).await;
    let client = Polling::connect(&shop.server).await;
    // Two are handled, as many again may wait.
    for _ in 0..3 {
        assert_eq!(client.post(WORK).await.parts(), (200, "ok"));
    }
    shop.next_started().await;
    shop.next_started().await;
    let fourth = actix_rt::spawn(client.start_post(WORK).await.response());
    shop.assert_started(&mut witness, 2).await;
    assert!(!fourth.is_finished(), "the client may not send more yet");
    shop.finish.notify_one();
    assert_eq!(within("the answer", fourth).await.unwrap().parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), "437[]");
}

#[actix_rt::test]
async fn handlers_that_wait_for_answers_hold_up_neither_events_nor_the_answers() {
    let io = SocketIo::builder().max_inflight_events(2).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("ask", async |socket: Socket| socket.ask::<u8>("question", &()).await.unwrap());
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let mut questions = Vec::new();
    for packet in [r#"421["ask"]"#, r#"422["ask"]"#] {
        ws.text(packet).await;
        let text = ws.next_text().await;
        questions.push(between(&text, "42", r#"["question"]"#).to_owned());
    }
    ws.ask(r#"423["echo"]"#, "433[]").await;
    ws.ask(&format!("43{}[9]", questions[1]), "432[9]").await;
    ws.ask(&format!("43{}[8]", questions[0]), "431[8]").await;
}

#[actix_rt::test]
async fn the_third_event_of_a_post_waits_until_one_of_two_has_finished() {
    let mut shop = Workshop::new();
    let mut witness = Ws::connect(&shop.server).await;
    let client = Polling::connect(&shop.server).await;
    let post = client.start_post([WORK; 3].join("\x1e")).await;
    shop.next_started().await;
    shop.next_started().await;
    shop.assert_started(&mut witness, 2).await;
    shop.finish.notify_one();
    shop.next_started().await;
    shop.finish.notify_one();
    assert_eq!(post.response().await.parts(), (200, "ok"));
}

#[actix_rt::test]
async fn handlers_that_wait_do_not_hold_up_other_clients() {
    let mut shop = Workshop::new();
    let mut busy = Ws::connect(&shop.server).await;
    for _ in 0..2 {
        busy.text(WORK).await;
        shop.next_started().await;
    }
    let mut other = Ws::connect(&shop.server).await;
    other.fence().await;
    other.text(WORK).await;
    shop.next_started().await;
    other.fence().await;
}

#[actix_rt::test]
async fn a_client_with_all_handlers_waiting_may_leave() {
    let io = SocketIo::builder().max_inflight_events(1).build().unwrap();
    let mut ends = echoing(&io.of("/"));
    let (sender, mut started) = unbounded_channel();
    io.of("/").on("work", async move || {
        sender.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    let server = TestServer::start(&io);
    let mut witness = Ws::connect(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.text(WORK).await;
    within("a handler that starts", started.recv()).await;
    let id = ws.id.clone();
    drop(ws);
    assert_eq!(ends.reason(&id).await, "transport close");
    witness.fence().await;
}
