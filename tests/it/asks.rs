//! Asking a client: the event with its ack id, the answer, and every other way in which an ask ends.

use std::time::Duration;

use actix_socketio::{Args, Binary, Error, Socket, SocketIo};

use crate::support::{TestServer, Ws, between, echoing};

fn outcome<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) if error.is_timeout() => "timeout".into(),
        Err(error) if error.is_disconnected() => "disconnected".into(),
        Err(error) if error.is_type_mismatch() => "mismatch".into(),
        Err(error) if error.is_encode() => "not sent".into(),
        Err(error) => panic!("{error}"),
    }
}

/// A server that asks the client who tells it to, and emits the outcome to the room `watch`.
fn asking(ack_timeout: Duration) -> SocketIo {
    let io = SocketIo::builder().ack_timeout(ack_timeout).build().unwrap();
    let namespace = io.of("/");
    namespace.on("watch", async |socket: Socket| socket.join("watch"));
    namespace.on("ask", async |socket: Socket, io: SocketIo| {
        let answer = socket.ask::<(u32, String)>("question", &(1, "two")).await;
        io.to("watch").emit("outcome", &outcome(answer));
    });
    namespace.on("ask-within", async |socket: Socket, io: SocketIo, Args(ms): Args<u64>| {
        let answer = socket.timeout(Duration::from_millis(ms)).ask::<u32>("question", &());
        io.to("watch").emit("outcome", &outcome(answer.await));
    });
    io
}

async fn watcher(server: &TestServer) -> Ws {
    let mut ws = Ws::connect(server).await;
    ws.ask(r#"420["watch"]"#, "430[]").await;
    ws
}

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

/// The ack id in the next frame, which is the question.
async fn asked(ws: &mut Ws, rest: &str) -> String {
    between(&ws.next_text().await, "42", rest).to_owned()
}

#[actix_rt::test]
async fn an_ask_is_an_event_with_an_ack_id_and_the_ack_answers_it() {
    let io = asking(LONG);
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    ws.text(r#"42["ask"]"#).await;
    let id = asked(&mut ws, r#"["question",1,"two"]"#).await;
    assert!(id.parse::<u64>().is_ok());
    ws.text(&format!(r#"43{id}[5,"five"]"#)).await;
    watch.expect(r#"42["outcome","(5, \"five\")"]"#).await;
}

#[actix_rt::test]
async fn asks_that_wait_together_have_their_own_ids_and_answers() {
    let io = asking(LONG);
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    ws.text(r#"42["ask"]"#).await;
    let first = asked(&mut ws, r#"["question",1,"two"]"#).await;
    ws.text(r#"42["ask"]"#).await;
    let second = asked(&mut ws, r#"["question",1,"two"]"#).await;
    assert_ne!(first, second);
    ws.text(&format!(r#"43{second}[2,"second"]"#)).await;
    watch.expect(r#"42["outcome","(2, \"second\")"]"#).await;
    ws.text(&format!(r#"43{first}[1,"first"]"#)).await;
    watch.expect(r#"42["outcome","(1, \"first\")"]"#).await;
}

#[actix_rt::test]
async fn an_ask_that_nobody_answers_times_out_and_a_late_answer_is_ignored() {
    let io = asking(SHORT);
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    ws.text(r#"42["ask"]"#).await;
    let id = asked(&mut ws, r#"["question",1,"two"]"#).await;
    watch.expect(r#"42["outcome","timeout"]"#).await;
    ws.text(&format!(r#"43{id}[5,"five"]"#)).await;
    ws.fence().await;
    watch.fence().await;
}

#[actix_rt::test]
async fn an_ask_may_have_a_deadline_of_its_own() {
    let io = asking(LONG);
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    ws.text(r#"42["ask-within",20]"#).await;
    asked(&mut ws, r#"["question"]"#).await;
    watch.expect(r#"42["outcome","timeout"]"#).await;
}

#[actix_rt::test]
async fn an_ask_ends_when_its_client_disconnects() {
    let io = asking(LONG);
    let server = TestServer::start(&io);
    let mut watch = watcher(&server).await;
    for goodbye in ["41", "1", "4nonsense"] {
        let mut ws = Ws::connect(&server).await;
        ws.text(r#"42["ask"]"#).await;
        asked(&mut ws, r#"["question",1,"two"]"#).await;
        ws.text(goodbye).await;
        watch.expect(r#"42["outcome","disconnected"]"#).await;
    }
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["ask"]"#).await;
    asked(&mut ws, r#"["question",1,"two"]"#).await;
    drop(ws);
    watch.expect(r#"42["outcome","disconnected"]"#).await;
}

#[actix_rt::test]
async fn an_ask_of_a_socket_that_is_gone_ends_at_once() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let namespace = io.of("/");
    namespace.on("watch", async |socket: Socket| socket.join("watch"));
    namespace.on_disconnect(async |socket: Socket, io: SocketIo| {
        let answer = socket.ask::<()>("question", &()).await;
        io.to("watch").emit("outcome", &outcome(answer));
    });
    let server = TestServer::start(&io);
    let mut watch = watcher(&server).await;
    let mut ws = Ws::connect(&server).await;
    ws.text("41").await;
    watch.expect(r#"42["outcome","disconnected"]"#).await;
}

#[actix_rt::test]
async fn an_answer_of_another_type_is_an_error_of_the_ask_alone() {
    let io = asking(LONG);
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    for answer in ["[]", r#"["five"]"#, "[5]", "[null,null]"] {
        ws.text(r#"42["ask"]"#).await;
        let id = asked(&mut ws, r#"["question",1,"two"]"#).await;
        ws.text(&format!("43{id}{answer}")).await;
        watch.expect(r#"42["outcome","mismatch"]"#).await;
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn acks_that_nobody_waits_for_are_ignored() {
    let io = asking(LONG);
    let _ends = echoing(&io.of("/"));
    let _admin = echoing(&io.of("/admin"));
    let server = TestServer::start(&io);
    let (mut watch, mut ws) = (watcher(&server).await, Ws::connect(&server).await);
    ws.text("40/admin,").await;
    ws.next_text().await;
    ws.text(r#"42["ask"]"#).await;
    let id = asked(&mut ws, r#"["question",1,"two"]"#).await;
    // Unknown, of another namespace, and twice.
    ws.text("439007199254740991[]").await;
    ws.text(&format!(r#"43/admin,{id}[0,"admin"]"#)).await;
    ws.text(&format!(r#"43{id}[5,"five"]"#)).await;
    ws.text(&format!(r#"43{id}[6,"six"]"#)).await;
    watch.expect(r#"42["outcome","(5, \"five\")"]"#).await;
    ws.fence().await;
    watch.fence().await;
}

#[actix_rt::test]
async fn questions_and_answers_may_be_binary() {
    let io = SocketIo::new();
    io.of("/").on("ask", async |socket: Socket| {
        let question = Binary::from(vec![1, 2]);
        socket.emit("outcome", &outcome(socket.ask::<Binary>("question", &question).await));
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["ask"]"#).await;
    let text = ws.next_text().await;
    let id = between(&text, "451-", r#"["question",{"_placeholder":true,"num":0}]"#);
    ws.expect_bytes(b"\x82\x02\x01\x02").await;
    ws.text(&format!(r#"461-{id}[{{"_placeholder":true,"num":0}}]"#)).await;
    ws.binary(&[3]).await;
    assert!(ws.next_text().await.starts_with(r#"42["outcome","Binary("#));
}

#[actix_rt::test]
async fn an_ask_that_cannot_be_sent_says_so() {
    let io = SocketIo::new();
    io.of("/").on("ask", async |socket: Socket| outcome(socket.ask::<()>("disconnect", &()).await));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["ask"]"#, r#"431["not sent"]"#).await;
}
