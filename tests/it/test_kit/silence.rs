//! `assert_silence`: it fails when anything has come or is under way, and only then.

use std::time::Duration;

use actix_rt::{task::yield_now, time::sleep};
use actix_socketio::{
    Socket, SocketIo,
    test_util::{self, TestClient},
};

use super::{assert_contains, connect, panic_of};

#[actix_web::test]
async fn silence_fails_when_an_event_has_just_set_out() {
    let io = SocketIo::new();
    let client = connect(&io, "/").await;
    io.emit("news", &("for all", 1));
    let panic = panic_of(client.assert_silence()).await;
    assert_contains(&panic, &["silence.rs", r#"event "news" ["for all",1]"#]);
}

#[actix_web::test]
async fn silence_fails_while_a_handler_takes_turns_to_get_to_its_emit() {
    let io = SocketIo::new();
    io.of("/").on("slow", async |socket: Socket| {
        for _ in 0..1000 {
            yield_now().await;
        }
        socket.broadcast().emit("at last", &());
    });
    let (ann, bob) = (connect(&io, "/").await, connect(&io, "/").await);
    ann.emit("slow", &());
    assert_contains(&panic_of(bob.assert_silence()).await, &[r#"event "at last""#]);
    ann.assert_silence().await;
}

#[actix_web::test]
async fn silence_fails_when_an_ask_or_the_end_has_come() {
    let io = SocketIo::new();
    io.of("/").on("ask me", async |socket: Socket| socket.ask::<()>("sure?", &()).await.is_ok());
    io.of("/").on("leave me", async |socket: Socket| socket.disconnect(true));
    let client = connect(&io, "/").await;
    client.emit("ask me", &());
    assert_contains(&panic_of(client.assert_silence()).await, &[r#"ask "sure?""#]);
    client.next_ask().await;
    client.assert_silence().await;
    client.emit("leave me", &());
    assert_contains(
        &panic_of(client.assert_silence()).await,
        &["disconnected: io server disconnect"],
    );
    client.disconnected().await;
    client.assert_silence().await;
}

#[actix_web::test]
async fn what_waits_for_time_is_under_way_once_the_time_has_passed() {
    let io = SocketIo::new();
    io.of("/").on("later", async |socket: Socket| {
        sleep(Duration::from_secs(60)).await;
        socket.emit("now", &());
    });
    let client = connect(&io, "/").await;
    client.emit("later", &());
    client.assert_silence().await;
    test_util::advance(Duration::from_secs(59)).await;
    client.assert_silence().await;
    test_util::advance(Duration::from_secs(1)).await;
    assert_contains(&panic_of(client.assert_silence()).await, &[r#"event "now""#]);
    client.next::<()>("now").await;
}

#[actix::test]
async fn the_kit_runs_in_the_tests_of_actix_too() {
    let io = SocketIo::new();
    let client = TestClient::connect(&io, "/").await.unwrap();
    client.assert_silence().await;
    io.emit("news", &1);
    assert_eq!(client.next::<u32>("news").await, 1);
}
