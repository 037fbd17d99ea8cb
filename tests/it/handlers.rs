//! What handlers can be registered, which of them an event meets and in which order, and who of them answers.

use std::sync::{Arc, Mutex};

use actix_socketio::{
    AckSender, Args, Auth, DisconnectReason, EventError, EventName, Namespace, Payload, Socket,
    SocketIo,
};
use tokio::sync::{Notify, mpsc::UnboundedReceiver, mpsc::unbounded_channel};

use crate::support::{TestServer, Ws, echoing, within};

/// A server whose `/` has `echo` and these handlers.
fn server(prepare: impl FnOnce(&Namespace)) -> TestServer {
    let io = SocketIo::new();
    drop(echoing(&io.of("/")));
    prepare(&io.of("/"));
    TestServer::start(&io)
}

/// Tells the client that something ran.
async fn tell(socket: Socket, EventName(event): EventName) {
    socket.emit("ran", &event);
}

/// Adds an error handler that passes on what it hears.
fn errors(namespace: &Namespace) -> UnboundedReceiver<(String, EventError)> {
    let (sender, receiver) = unbounded_channel();
    namespace.on_error(async move |EventName(event): EventName, error: EventError| {
        sender.send((event, error)).unwrap();
    });
    receiver
}

async fn next_error(errors: &mut UnboundedReceiver<(String, EventError)>) -> (String, EventError) {
    within("an error", errors.recv()).await.unwrap()
}

#[actix_rt::test]
async fn a_once_handler_is_called_for_the_first_event_of_each_client() {
    let server = server(|namespace| {
        namespace.once("e", async || "once").once("e", async |s: Socket| s.emit("too", &()));
    });
    for _ in 0..2 {
        let mut ws = Ws::connect(&server).await;
        ws.text(r#"421["e"]"#).await;
        ws.expect_all([r#"431["once"]"#, r#"42["too"]"#]).await;
        ws.text(r#"422["e"]"#).await;
        ws.fence().await;
    }
}

#[actix_rt::test]
async fn a_once_handler_goes_and_the_others_stay() {
    let server = server(|namespace| {
        namespace.once("e", async || "once").on("e", async || "always");
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e"]"#, r#"431["once"]"#).await;
    ws.ask(r#"422["e"]"#, r#"432["always"]"#).await;
}

#[actix_rt::test]
async fn handlers_are_removed_for_clients_that_connect_later() {
    let io = SocketIo::new();
    drop(echoing(&io.of("/")));
    io.of("/").on("e", tell).once("e", tell).on("f", tell).on_fallback(async || "fallback");
    let server = TestServer::start(&io);
    let mut early = Ws::connect(&server).await;
    io.of("/").off("e");
    let mut later = Ws::connect(&server).await;
    io.of("/").off_all().on("still", async || "handled");
    let mut last = Ws::connect(&server).await;
    early.ask(r#"42["e"]"#, r#"42["ran","e"]"#).await;
    early.expect(r#"42["ran","e"]"#).await;
    later.ask(r#"421["e"]"#, r#"431["fallback"]"#).await;
    later.ask(r#"42["f"]"#, r#"42["ran","f"]"#).await;
    for event in ["e", "f", "echo"] {
        last.text(&format!(r#"421["{event}"]"#)).await;
    }
    last.ask(r#"422["still"]"#, r#"432["handled"]"#).await;
}

#[actix_rt::test]
async fn catch_alls_come_first_and_see_every_event() {
    let server = server(|namespace| {
        namespace
            .on("e", tell)
            .before_event(async |socket: Socket, EventName(event): EventName| {
                socket.emit("asked", &event);
                if event == "no" { Err("no") } else { Ok(()) }
            })
            .on_any(async |socket: Socket, EventName(event): EventName, args: Payload| {
                socket.emit("any", &(event, args.json().to_string()));
            })
            .on_any(async |socket: Socket| socket.emit("any too", &()));
    });
    let mut ws = Ws::connect(&server).await;
    for (event, ran) in [("e", true), ("no", false), ("nobody's", false)] {
        ws.text(&format!(r#"42["{event}",1]"#)).await;
        ws.expect(&format!(r#"42["any","{event}","[1]"]"#)).await;
        ws.expect(r#"42["any too"]"#).await;
        ws.expect(&format!(r#"42["asked","{event}"]"#)).await;
        if ran {
            ws.expect(&format!(r#"42["ran","{event}"]"#)).await;
        }
    }
}

#[actix_rt::test]
async fn fallbacks_get_the_events_that_have_no_handler() {
    let server = server(|namespace| {
        namespace.on("e", async || "own").once("o", async || "once");
        namespace.on_fallback(async |EventName(event): EventName| ("fallback", event));
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e"]"#, r#"431["own"]"#).await;
    ws.ask(r#"422["x"]"#, r#"432["fallback","x"]"#).await;
    ws.ask(r#"423["o"]"#, r#"433["once"]"#).await;
    ws.ask(r#"424["o"]"#, r#"434["fallback","o"]"#).await;
}

#[actix_rt::test]
async fn middleware_stops_an_event_and_the_caller_is_answered() {
    let mut heard = None;
    let server = server(|namespace| {
        heard = Some(errors(namespace));
        namespace
            .on("e", tell)
            .before_event(async |Args(n): Args<u32>| (n > 0).then_some(()).ok_or("not zero"))
            .before_event(async |Args(n): Args<u32>| {
                tokio::task::yield_now().await;
                (n < 9).then_some(()).ok_or_else(|| std::io::Error::other("too much"))
            })
            .before_event(async |socket: Socket| socket.emit("passed", &()));
    });
    let mut heard = heard.unwrap();
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e",0]"#, r#"431[{"error":"not zero"}]"#).await;
    let (event, error) = next_error(&mut heard).await;
    assert!(error.is_refused() && !error.is_type_mismatch() && !error.is_panic());
    assert_eq!((&*event, error.to_string()), ("e", "refused: not zero".into()));
    ws.ask(r#"422["e",9]"#, r#"432[{"error":"too much"}]"#).await;
    let (_, error) = next_error(&mut heard).await;
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<std::io::Error>().is_some(), "{source:?}");
    ws.text(r#"423["e",1]"#).await;
    ws.expect_all([r#"42["passed"]"#, r#"42["ran","e"]"#, "433[]"]).await;
    // Without an acknowledgement, nothing is sent.
    ws.text(r#"42["e",0]"#).await;
    next_error(&mut heard).await;
    ws.ask(r#"42["e",1]"#, r#"42["passed"]"#).await;
}

#[actix_rt::test]
async fn middleware_that_fails_stops_the_event() {
    let mut heard = None;
    let server = server(|namespace| {
        heard = Some(errors(namespace));
        namespace.on("e", tell).before_event(async |Args(n): Args<u32>| assert_ne!(n, 0));
    });
    let mut heard = heard.unwrap();
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e",0]"#, r#"431[{"error":"Internal server error"}]"#).await;
    assert!(next_error(&mut heard).await.1.is_panic());
    ws.ask(r#"422["e","zero"]"#, r#"432[{"error":"invalid arguments"}]"#).await;
    assert!(next_error(&mut heard).await.1.is_type_mismatch());
    ws.ask(r#"423["e",1]"#, r#"42["ran","e"]"#).await;
}

#[actix_rt::test]
async fn an_event_that_middleware_stops_does_not_use_up_a_once_handler() {
    let server = server(|namespace| {
        namespace.once("e", async || "once");
        namespace.before_event(async |Args(ok): Args<bool>| ok.then_some(()).ok_or("no"));
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e",false]"#, r#"431[{"error":"no"}]"#).await;
    ws.ask(r#"422["e",true]"#, r#"432["once"]"#).await;
    ws.text(r#"423["e",true]"#).await;
    ws.ask(r#"424["echo",true]"#, r#"434[true]"#).await;
}

#[actix_rt::test]
async fn arguments_that_do_not_fit_reach_the_error_handler_and_the_caller() {
    let mut heard = None;
    let server = server(|namespace| {
        heard = Some(errors(namespace));
        // In this order, the acknowledgement is taken when the arguments turn out not to fit.
        namespace.on("e", async |ack: AckSender, Args(n): Args<u32>| ack.send(&n));
    });
    let mut heard = heard.unwrap();
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e","text"]"#, r#"431[{"error":"invalid arguments"}]"#).await;
    let (event, error) = next_error(&mut heard).await;
    assert!(error.is_type_mismatch() && !error.is_refused());
    assert_eq!(event, "e");
    assert!(error.to_string().starts_with("handler not called: argument 1: "), "{error}");
    ws.ask(r#"422["e",5]"#, r#"432[5]"#).await;
}

#[actix_rt::test]
async fn without_an_error_handler_the_caller_is_answered_all_the_same() {
    let server = server(|namespace| {
        namespace.on("e", async |ack: AckSender, Args(n): Args<u32>| ack.send(&n));
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e","text"]"#, r#"431[{"error":"invalid arguments"}]"#).await;
}

#[actix_rt::test]
async fn an_error_handler_that_waits_does_not_hold_the_answer_back() {
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let server = server(|namespace| {
        namespace.on("e", async |_: Args<u32>| ());
        namespace.on_error(async move |socket: Socket| {
            opened.notified().await;
            socket.emit("heard", &());
        });
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["e","text"]"#, r#"431[{"error":"invalid arguments"}]"#).await;
    gate.notify_one();
    ws.expect(r#"42["heard"]"#).await;
}

#[actix_rt::test]
async fn panics_reach_the_error_handler_and_its_own_go_nowhere() {
    let mut heard = None;
    let server = server(|namespace| {
        namespace.on_error(async || panic!("on purpose: in an error handler"));
        heard = Some(errors(namespace));
        namespace
            .on("e", async || -> () { panic!("on purpose: one") })
            .on_connect(async |_: Auth<u32>| ())
            .on_connect(async || panic!("on purpose: connect"))
            .on_disconnecting(async || panic!("on purpose: disconnect"));
    });
    let mut heard = heard.unwrap();
    let mut ws = Ws::connect(&server).await;
    let (event, error) = next_error(&mut heard).await;
    assert!(error.is_type_mismatch() && event == "connect", "{event} {error}");
    assert_eq!(next_error(&mut heard).await.1.to_string(), "handler panicked: on purpose: connect");
    ws.ask(r#"421["e"]"#, r#"431[{"error":"Internal server error"}]"#).await;
    let (event, error) = next_error(&mut heard).await;
    assert!(error.is_panic() && event == "e", "{event} {error}");
    ws.fence().await;
    ws.text("41").await;
    let (event, error) = next_error(&mut heard).await;
    assert!(error.is_panic() && event == "disconnect", "{event} {error}");
}

#[actix_rt::test]
async fn of_several_handlers_the_first_that_has_something_to_say_answers() {
    let server = server(|namespace| {
        namespace.on("e", tell).on("e", async || 1).on("e", async || 2).on("e", tell);
    });
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"427["e"]"#).await;
    ws.expect_all([r#"42["ran","e"]"#, "437[1]", r#"42["ran","e"]"#]).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn when_all_handlers_return_nothing_the_last_one_to_finish_answers_nothing() {
    let gate = Arc::new(Notify::new());
    let opened = gate.clone();
    let server = server(|namespace| {
        namespace.on("e", tell).on("e", async move |socket: Socket| {
            opened.notified().await;
            socket.emit("late", &());
        });
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"427["e"]"#, r#"42["ran","e"]"#).await;
    ws.fence().await;
    gate.notify_one();
    ws.expect_all([r#"42["late"]"#, "437[]"]).await;
}

#[actix_rt::test]
async fn an_ack_sender_answers_later_whatever_the_others_return() {
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let server = server(|namespace| {
        namespace.on("e", tell).on("e", async move |ack: AckSender| {
            drop(keep.lock().unwrap().replace(ack));
            "not this"
        });
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"427["e"]"#, r#"42["ran","e"]"#).await;
    ws.fence().await;
    let ack = kept.lock().unwrap().take().unwrap();
    assert!(ack.is_wanted());
    ack.send(&"late");
    ws.expect(r#"437["late"]"#).await;
    // Dropped, it leaves the client without an answer.
    ws.ask(r#"428["e"]"#, r#"42["ran","e"]"#).await;
    kept.lock().unwrap().take();
    ws.fence().await;
}

#[actix_rt::test]
async fn an_ack_sender_that_comes_too_late_does_nothing() {
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let server = server(|namespace| {
        namespace
            .on("e", async move |ack: AckSender| drop(keep.lock().unwrap().replace(ack)))
            .on("e", async || "quick");
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"427["e"]"#, r#"437["quick"]"#).await;
    let ack = kept.lock().unwrap().take().unwrap();
    assert!(!ack.is_wanted());
    assert!(ack.try_send(&"late").is_ok());
    ws.fence().await;
}

#[actix_rt::test]
async fn of_several_handlers_one_whose_arguments_do_not_fit_answers_only_if_no_other_does() {
    let server = server(|namespace| {
        namespace.on("some", async |_: Args<u32>| ()).on("some", async || "other");
        namespace.on("none", async |_: Args<u32>| ()).on("none", tell);
    });
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"421["some","x"]"#, r#"431["other"]"#).await;
    ws.text(r#"422["none","x"]"#).await;
    ws.expect_all([r#"42["ran","none"]"#, r#"432[{"error":"invalid arguments"}]"#]).await;
    ws.fence().await;
}

#[actix_rt::test]
async fn an_answer_that_cannot_be_sent_names_the_event() {
    let (sender, mut failed) = unbounded_channel();
    let server = server(|namespace| {
        namespace.on("e", async move |ack: AckSender| {
            let unsendable = std::collections::HashMap::from([([1, 2], 3)]);
            sender.send(ack.try_send(&unsendable).unwrap_err()).unwrap();
        });
    });
    let mut ws = Ws::connect(&server).await;
    ws.text(r#"421["e"]"#).await;
    let error = within("the error", failed.recv()).await.unwrap();
    assert!(error.is_encode());
    let text = "cannot serialise the arguments of the acknowledgement of event \"e\": ";
    assert!(error.to_string().starts_with(text), "{error}");
}

#[actix_rt::test]
async fn disconnecting_handlers_have_finished_before_disconnect_handlers_begin() {
    let (sender, mut ran) = unbounded_channel();
    let (first, second, third) = (sender.clone(), sender.clone(), sender);
    let server = server(|namespace| {
        namespace
            .on_disconnect(async move || first.send("disconnect").unwrap())
            .on_disconnecting(async move |reason: DisconnectReason| {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                second.send(reason.as_str()).unwrap();
            })
            .on_disconnecting(async move || third.send("disconnecting").unwrap());
    });
    let mut ws = Ws::connect(&server).await;
    ws.text("41").await;
    for expected in ["disconnecting", "client namespace disconnect", "disconnect"] {
        assert_eq!(within("a handler", ran.recv()).await, Some(expected));
    }
}
