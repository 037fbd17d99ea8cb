//! Typed events: what each shape of a type is on the wire, in both directions, and who answers whom with what.

use std::time::Duration;

use actix_socketio::{AckSender, Args, Binary, Event, EventName, Socket, SocketIo};
use serde::{Deserialize, Serialize};

use crate::support::{TestServer, Ws, between, echoing};

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(name = "chat message", ack = Saved)]
struct ChatMessage {
    room: String,
    text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    length: usize,
}

#[derive(Serialize, Deserialize, Event)]
#[event(name = "typing")]
struct Typing;

#[derive(Serialize, Deserialize, Event)]
#[event(name = "nick", ack = (bool, String))]
struct Nick(String);

#[derive(Serialize, Deserialize, Event)]
#[event(name = "move", ack = Move)]
struct Move(i32, Option<i32>);

#[derive(Serialize, Deserialize, Event)]
#[event(name = "upload", ack = Binary)]
struct Upload {
    name: String,
    chunks: Vec<Binary>,
}

#[derive(Serialize, Deserialize, Event)]
#[event(name = "shape")]
enum Shape {
    Dot,
    Circle(f32),
}

/// What is wrapped is decided by whoever uses it.
#[derive(Serialize, Deserialize, Event)]
#[event(name = "changed", ack = Vec<T>)]
struct Changed<T: Clone>
where
    T: PartialOrd,
{
    from: T,
    to: T,
}

/// The name holds what JSON has to escape.
#[derive(Serialize, Event)]
#[event(name = "say \"hi\"\n")]
struct Quoted<'a>(&'a str);

async fn connected(io: &SocketIo) -> (TestServer, Ws) {
    let server = TestServer::start(io);
    let ws = Ws::connect(&server).await;
    (server, ws)
}

#[actix_rt::test]
async fn each_shape_of_a_type_is_emitted_as_its_arguments() {
    let io = SocketIo::new();
    io.of("/").on("all", async |socket: Socket| {
        socket.emit_event(&ChatMessage { room: "r".into(), text: "t".into() });
        socket.emit_event(&Typing);
        socket.emit_event(&Nick("me".into()));
        socket.emit_event(&Move(1, Some(2)));
        socket.emit_event(&Move(1, None));
        socket.emit_event(&Shape::Dot);
        socket.emit_event(&Shape::Circle(0.5));
        socket.emit_event(&Changed { from: 1, to: 2 });
        socket.emit_event(&Quoted("you"));
    });
    let (_server, mut ws) = connected(&io).await;
    ws.text(r#"42["all"]"#).await;
    ws.expect_all([
        r#"42["chat message",{"room":"r","text":"t"}]"#,
        r#"42["typing"]"#,
        r#"42["nick","me"]"#,
        r#"42["move",1,2]"#,
        r#"42["move",1,null]"#,
        r#"42["shape","Dot"]"#,
        r#"42["shape",{"Circle":0.5}]"#,
        r#"42["changed",{"from":1,"to":2}]"#,
        r#"42["say \"hi\"\n","you"]"#,
    ])
    .await;
}

#[actix_rt::test]
async fn each_shape_of_a_type_is_handled_from_its_arguments_and_answers_with_its_ack() {
    let io = SocketIo::new();
    io.of("/")
        .on_event(async |message: ChatMessage| Saved { length: message.text.len() })
        .on_event(async |_: Typing| ())
        .on_event(async |Nick(name): Nick| (true, name))
        .on_event(async |Move(x, y): Move| Move(-x, y))
        .on_event(async |shape: Shape, socket: Socket| socket.emit("shape", &shape))
        .on_event(async |changed: Changed<u8>| vec![changed.from, changed.to]);
    let (_server, mut ws) = connected(&io).await;
    let message = r#"421["chat message",{"room":"r","text":"four"}]"#;
    ws.ask(message, r#"431[{"length":4}]"#).await;
    ws.ask(r#"422["typing"]"#, "432[]").await;
    // What is more than the event has is ignored, like everywhere.
    ws.ask(r#"423["typing",{"far":"away"}]"#, "433[]").await;
    ws.ask(r#"424["nick","me"]"#, r#"434[true,"me"]"#).await;
    ws.ask(r#"425["move",1,2]"#, "435[-1,2]").await;
    ws.ask(r#"426["move",1]"#, "436[-1,null]").await;
    ws.text(r#"427["shape",{"Circle":0.5}]"#).await;
    ws.expect_all([r#"42["shape",{"Circle":0.5}]"#, "437[]"]).await;
    ws.ask(r#"428["changed",{"from":1,"to":2}]"#, "438[[1,2]]").await;
}

#[actix_rt::test]
async fn an_event_that_does_not_fit_its_type_never_reaches_the_handler() {
    let io = SocketIo::new();
    io.of("/").on_event(async |_: Move, socket: Socket| -> Move {
        socket.emit("called", &());
        Move(0, None)
    });
    let _ends = echoing(&io.of("/"));
    let (_server, mut ws) = connected(&io).await;
    for (id, args) in ["", r#","one""#, ",[1,2]", r#",1,"two""#].iter().enumerate() {
        ws.text(&format!(r#"42{id}["move"{args}]"#)).await;
        let answer = ws.next_text().await;
        assert!(answer.starts_with(&format!(r#"43{id}[{{"error""#)), "{answer}");
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn binary_in_the_fields_of_an_event_is_attached_in_both_directions() {
    let io = SocketIo::new();
    io.of("/").on_event(async |mut upload: Upload, socket: Socket| {
        upload.chunks.reverse();
        upload.name.push('!');
        socket.emit_event(&upload);
        upload.chunks.swap_remove(0)
    });
    let (_server, mut ws) = connected(&io).await;
    let chunks = r#"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    ws.text(&format!(r#"452-7["upload",{{"name":"a","chunks":{chunks}}}]"#)).await;
    ws.binary(&[1]).await;
    ws.binary(&[2, 3]).await;
    ws.expect(&format!(r#"452-["upload",{{"name":"a!","chunks":{chunks}}}]"#)).await;
    ws.expect_bytes(b"\x82\x02\x02\x03\x82\x01\x01").await;
    ws.expect(r#"461-7[{"_placeholder":true,"num":0}]"#).await;
    ws.expect_bytes(b"\x82\x02\x02\x03").await;
}

#[actix_rt::test]
async fn a_client_is_asked_with_an_event_and_its_answer_has_the_type_of_the_ack() {
    let io = SocketIo::new();
    io.of("/").on("ask", async |socket: Socket| {
        let message = ChatMessage { room: "r".into(), text: "t".into() };
        assert_eq!(socket.ask_event(&message).await.unwrap(), Saved { length: 1 });
        let soon = socket.timeout(Duration::from_secs(60));
        let Move(x, y) = soon.ask_event(&Move(1, Some(2))).await.unwrap();
        assert_eq!((x, y), (-1, None));
        assert!(socket.ask_event(&Typing).await.is_ok());
        assert!(socket.ask_event(&message).await.unwrap_err().is_type_mismatch());
        let soon = socket.timeout(Duration::from_millis(20));
        assert!(soon.ask_event(&Typing).await.unwrap_err().is_timeout());
        socket.emit("done", &());
    });
    let (_server, mut ws) = connected(&io).await;
    ws.text(r#"42["ask"]"#).await;
    for (question, answer) in [
        (r#"["chat message",{"room":"r","text":"t"}]"#, r#"[{"length":1}]"#),
        (r#"["move",1,2]"#, "[-1]"),
        (r#"["typing"]"#, r#"["ignored"]"#),
        (r#"["chat message",{"room":"r","text":"t"}]"#, "[5]"),
    ] {
        let id = between(&ws.next_text().await, "42", question).to_owned();
        ws.text(&format!("43{id}{answer}")).await;
    }
    between(&ws.next_text().await, "42", r#"["typing"]"#);
    ws.expect(r#"42["done"]"#).await;
}

#[actix_rt::test]
async fn events_go_to_audiences_namespaces_and_servers() {
    let io = SocketIo::new();
    io.of("/").on("join", async |socket: Socket| socket.join("room")).on_event(
        async |message: ChatMessage, socket: Socket, io: SocketIo| {
            socket.to(&message.room).emit_event(&message);
            socket.broadcast().try_emit_event(&Typing).unwrap();
            io.of("/").emit_event(&Nick("all".into()));
            io.emit_event(&Move(1, None));
            socket.try_emit_event(&Typing).unwrap();
            Saved { length: 0 }
        },
    );
    let (server, mut ws) = connected(&io).await;
    let mut other = Ws::connect(&server).await;
    other.ask(r#"421["join"]"#, "431[]").await;
    ws.text(r#"421["chat message",{"room":"room","text":"t"}]"#).await;
    let (nick, moved) = (r#"42["nick","all"]"#, r#"42["move",1,null]"#);
    ws.expect_all([nick, moved, r#"42["typing"]"#, r#"431[{"length":0}]"#]).await;
    let message = r#"42["chat message",{"room":"room","text":"t"}]"#;
    other.expect_all([message, r#"42["typing"]"#, nick, moved]).await;
}

#[actix_rt::test]
async fn an_event_that_cannot_be_emitted_says_so() {
    #[derive(Serialize, Event)]
    #[event(name = "keys")]
    struct Keys(std::collections::BTreeMap<(u8, u8), u8>);

    let io = SocketIo::new();
    io.of("/").on("emit", async |socket: Socket| {
        let keys = Keys([((1, 2), 3)].into());
        let errors = [
            socket.try_emit_event(&keys).unwrap_err(),
            socket.broadcast().try_emit_event(&keys).unwrap_err(),
        ];
        errors.map(|error| error.is_encode() && error.to_string().contains("\"keys\""))
    });
    let (_server, mut ws) = connected(&io).await;
    ws.ask(r#"421["emit"]"#, "431[true,true]").await;
}

#[actix_rt::test]
async fn an_event_is_a_parameter_of_untyped_handlers_too_and_may_be_answered_later() {
    let io = SocketIo::new();
    io.of("/")
        .on(ChatMessage::NAME, async |message: ChatMessage, ack: AckSender<ChatMessage>| {
            actix_rt::spawn(async move { ack.send(&Saved { length: message.text.len() }) });
        })
        .on("other", async |name: EventName, Nick(nick): Nick, Args(first): Args<String>| {
            (name.0, nick, first)
        });
    let (_server, mut ws) = connected(&io).await;
    let message = r#"421["chat message",{"room":"r","text":"four"}]"#;
    ws.ask(message, r#"431[{"length":4}]"#).await;
    ws.ask(r#"422["other","me"]"#, r#"432["other","me","me"]"#).await;
}
