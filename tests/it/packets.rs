//! Events and acknowledgements: what a client sends and what it gets for it, frame by frame.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_socketio::{AckSender, Args, Binary, Socket, SocketIo};
use serde_json::json;

use crate::support::{Polling, TestServer, Ws, echoing};

#[actix_rt::test]
async fn an_event_is_acknowledged_byte_for_byte() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"4217["echo",1,"two",null]"#).await;
    ws.expect_bytes(b"\x81\x124317[1,\"two\",null]").await;
    ws.text(r#"42["back","x"]"#).await;
    ws.expect_bytes(b"\x81\x0e42[\"back\",\"x\"]").await;
}

#[actix_rt::test]
async fn an_ack_id_comes_back_as_a_number() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"420["echo"]"#, "430[]").await;
    ws.ask(r#"42007["echo"]"#, "437[]").await;
    ws.ask(r#"429007199254740991["echo"]"#, "439007199254740991[]").await;
    // The same id again is another question.
    ws.ask(r#"427["echo",1]"#, "437[1]").await;
    ws.ask(r#"427["echo",2]"#, "437[2]").await;
}

#[actix_rt::test]
async fn text_of_arguments_comes_back_as_it_was() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for args in [r#"{"b":1,"a":[2.50,1e3]}"#, r#""é\u00e9\ud83d\ude00\ud800""#, "[[],{}]", "-0.0"]
    {
        ws.ask(&format!(r#"421["echo",{args}]"#), &format!("431[{args}]")).await;
    }
}

#[actix_rt::test]
async fn binary_values_travel_in_frames_right_behind_their_packet() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    let args = r#"{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}"#;
    ws.text(&format!(r#"452-7["echo",{args}]"#)).await;
    ws.binary(&[1]).await;
    ws.binary(&[2, 3]).await;
    ws.expect(&format!("462-7[{args}]")).await;
    ws.expect_bytes(b"\x82\x01\x01\x82\x02\x02\x03").await;
}

#[actix_rt::test]
async fn binary_values_travel_as_base64_over_polling() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let server = TestServer::start(&io);
    let client = Polling::connect(&server).await;
    let args = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
    let body = format!("452-7[\"echo\",{args}]\x1ebAQ==\x1ebAgM=");
    assert_eq!(client.post(body).await.parts(), (200, "ok"));
    assert_eq!(client.poll().await.text(), format!("462-7[{args}]\x1ebAQ==\x1ebAgM="));
}

#[actix_rt::test]
async fn a_binary_event_that_the_server_emits_stays_together() {
    let io = SocketIo::new();
    io.of("/").on("file", async |socket: Socket| {
        socket.emit("before", &());
        socket.emit("file", &("a.txt", Binary::from(vec![0xff, 0x00])));
        socket.emit("after", &());
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["file"]"#).await;
    ws.expect(r#"42["before"]"#).await;
    ws.expect(r#"451-["file","a.txt",{"_placeholder":true,"num":0}]"#).await;
    ws.expect_bytes(b"\x82\x02\xff\x00").await;
    ws.expect(r#"42["after"]"#).await;
}

#[actix_rt::test]
async fn a_tuple_becomes_several_arguments_and_anything_else_one() {
    let io = SocketIo::new();
    let namespace = io.of("/");
    namespace.on("emit", async |socket: Socket| {
        socket.emit("e", &());
        socket.emit("e", &1);
        socket.emit("e", &(1, "two"));
        socket.emit("e", &vec![1, 2]);
        socket.emit("e", &(vec![1, 2], 3));
        // An array of fixed size is a tuple to serde.
        socket.emit("e", &[1, 2]);
        socket.emit("e", &None::<u8>);
        socket.emit("e", &json!({ "a": [null] }));
    });
    namespace
        .on("nothing", async || ())
        .on("one", async || "one")
        .on("two", async || (1, "two"))
        .on("list", async || vec![1, 2]);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"42["emit"]"#).await;
    ws.expect_all([r#"42["e"]"#, r#"42["e",1]"#, r#"42["e",1,"two"]"#, r#"42["e",[1,2]]"#]).await;
    ws.expect_all([r#"42["e",[1,2],3]"#, r#"42["e",1,2]"#]).await;
    ws.expect_all([r#"42["e",null]"#, r#"42["e",{"a":[null]}]"#]).await;
    ws.ask(r#"421["nothing"]"#, "431[]").await;
    ws.ask(r#"422["one"]"#, r#"432["one"]"#).await;
    ws.ask(r#"423["two"]"#, r#"433[1,"two"]"#).await;
    ws.ask(r#"424["list"]"#, "434[[1,2]]").await;
}

#[actix_rt::test]
async fn arguments_are_taken_as_the_handler_wants_them() {
    let io = SocketIo::new();
    io.of("/")
        .on("sum", async |Args((a, b)): Args<(i64, i64)>| a + b)
        .on("first", async |Args(a): Args<String>| a)
        .on("maybe", async |Args((a, b)): Args<(u8, Option<u8>)>| (a, b));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["sum",2,-5]"#, "431[-3]").await;
    ws.ask(r#"422["sum",2,3,"more"]"#, "432[5]").await;
    ws.ask(r#"423["first","x",1]"#, r#"433["x"]"#).await;
    ws.ask(r#"424["maybe",1]"#, "434[1,null]").await;
}

#[actix_rt::test]
async fn arguments_that_do_not_fit_answer_the_ack_and_the_handler_is_not_called() {
    let called = Arc::new(AtomicUsize::new(0));
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let count = called.clone();
    io.of("/").on("sum", async move |Args((a, b)): Args<(i64, i64)>| {
        count.fetch_add(1, Ordering::Relaxed);
        a + b
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for args in ["", r#",1"#, r#","1","2""#, ",null,null", ",[1,2]"] {
        let answer = r#"435[{"error":"invalid arguments"}]"#;
        ws.ask(&format!(r#"425["sum"{args}]"#), answer).await;
        // Without an ack there is nothing to answer.
        ws.text(&format!(r#"42["sum"{args}]"#)).await;
    }
    ws.fence().await;
    assert_eq!(called.load(Ordering::Relaxed), 0);
    ws.ask(r#"425["sum",1,2]"#, "435[3]").await;
    assert_eq!(called.load(Ordering::Relaxed), 1);
}

#[actix_rt::test]
async fn handlers_of_one_event_run_in_order_and_the_first_answers() {
    let io = SocketIo::new();
    let handler = |name: &'static str| {
        async move |socket: Socket| {
            socket.emit("ran", name);
            name
        }
    };
    io.of("/").on("e", handler("first")).on("e", handler("second")).on("e", handler("third"));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["e"]"#).await;
    ws.expect_all([r#"42["ran","first"]"#, r#"431["first"]"#]).await;
    ws.expect_all([r#"42["ran","second"]"#, r#"42["ran","third"]"#]).await;
}

#[actix_rt::test]
async fn a_handler_with_an_ack_sender_answers_when_and_if_it_wants() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/")
        .on("later", async |socket: Socket, ack: AckSender| {
            socket.emit("wanted", &ack.is_wanted());
            actix_rt::spawn(async move { ack.send(&(1, 2)) });
            "not sent"
        })
        .on("never", async |ack: AckSender| drop(ack));
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["later"]"#).await;
    ws.expect_all([r#"42["wanted",true]"#, "431[1,2]"]).await;
    ws.ask(r#"42["later"]"#, r#"42["wanted",false]"#).await;
    ws.text(r#"422["never"]"#).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn an_event_may_be_named_by_a_number_and_one_without_handler_is_ignored() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("7", async |Args(n): Args<u8>| n);
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask("421[7,8]", "431[8]").await;
    ws.ask(r#"422["7",9]"#, "432[9]").await;
    ws.text(r#"423["nobody"]"#).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn a_reserved_event_cannot_be_emitted() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("emit", async |socket: Socket, Args(name): Args<String>| {
        socket.emit(&name, &());
        let audience = socket.broadcast();
        (socket.try_emit(&name, &()).is_err(), audience.try_emit(&name, &()).is_err())
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for name in ["connect", "connect_error", "disconnect", "disconnecting", "newListener"] {
        ws.ask(&format!(r#"421["emit","{name}"]"#), "431[true,true]").await;
    }
    ws.text(r#"42["emit","fine"]"#).await;
    ws.expect(r#"42["fine"]"#).await;
}
