//! Asks of an audience: one answer of each client, or the reason why there is none.

use std::time::Duration;

use actix_socketio::{ClientAnswer, Error, SocketIo};

use super::{member, server};
use crate::support::{TestServer, Ws, between, given_time, within};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);

/// Answers the question that comes next.
async fn answer(ws: &mut Ws, answer: &str) {
    let question = ws.next_text().await;
    let id = between(&question, "42", r#"["vote","guilty?"]"#);
    ws.text(&format!("43{id}{answer}")).await;
}

fn outcome<T: std::fmt::Debug>(client: &ClientAnswer<T>) -> (String, String) {
    let answer = match &client.answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) if error.is_timeout() => "timeout".into(),
        Err(error) if error.is_disconnected() => "disconnected".into(),
        Err(error) if error.is_type_mismatch() => "mismatch".into(),
        Err(error) => panic!("{error}"),
    };
    (client.socket.to_string(), answer)
}

fn sorted<T: std::fmt::Debug>(answers: &[ClientAnswer<T>]) -> Vec<(String, String)> {
    let mut outcomes: Vec<_> = answers.iter().map(outcome).collect();
    outcomes.sort();
    outcomes
}

#[actix_rt::test]
async fn each_client_of_the_audience_is_asked_once_and_its_answer_bears_its_id() {
    let (server, io) = server();
    let mut jury =
        [member(&server, "ab").await, member(&server, "a").await, member(&server, "b").await];
    let mut other = member(&server, "c").await;
    let answers = io.to(["a", "b"]).ask_all::<u32>("vote", &"guilty?");
    for (n, ws) in jury.iter_mut().enumerate() {
        answer(ws, &format!("[{n}]")).await;
        ws.fence().await;
    }
    other.fence().await;
    let answers = within("the answers", answers).await.unwrap();
    let mut expected: Vec<_> =
        jury.iter().enumerate().map(|(n, ws)| (ws.id.clone(), n.to_string())).collect();
    expected.sort();
    assert_eq!(sorted(&answers), expected);
}

#[actix_rt::test]
async fn who_does_not_answer_is_named_with_the_reason() {
    given_time(SHORT, async |time| {
        let (server, io) = server();
        let (mut good, mut wrong) = (member(&server, "a").await, member(&server, "a").await);
        let (silent, mut leaver) = (member(&server, "a").await, member(&server, "a").await);
        let ids = [&good, &wrong, &silent, &leaver].map(|ws| ws.id.clone());
        let answers = io.to("a").timeout(time).ask_all::<bool>("vote", &"guilty?");
        answer(&mut good, "[true]").await;
        answer(&mut wrong, r#"["maybe"]"#).await;
        leaver.next_text().await;
        leaver.text("41").await;
        let answers = within("the answers", answers).await.unwrap();
        let outcomes = ["true", "mismatch", "timeout", "disconnected"].map(str::to_owned);
        let mut expected: Vec<_> = ids.into_iter().zip(outcomes).collect();
        expected.sort();
        assert_eq!(sorted(&answers), expected);
    })
    .await;
}

#[actix_rt::test]
async fn a_client_that_leaves_settles_at_once() {
    let (server, io) = server();
    let mut leaver = member(&server, "a").await;
    let answers = io.to("a").timeout(LONG).ask_all::<bool>("vote", &"guilty?");
    leaver.next_text().await;
    drop(leaver);
    let answers = within("the answers", answers).await.unwrap();
    assert!(answers[0].answer.as_ref().is_err_and(Error::is_disconnected));
}

#[actix_rt::test]
async fn an_audience_without_clients_has_no_answers_and_does_not_wait() {
    let (server, io) = server();
    for audience in [io.to("nowhere"), io.everyone(), io.to(["nowhere", "nobody"])] {
        let answers = audience.timeout(LONG).ask_all::<bool>("vote", &());
        assert!(within("no answers", answers).await.unwrap().is_empty());
    }
    drop(server);
    let unmounted = actix_socketio::SocketIo::new();
    assert!(unmounted.everyone().ask::<bool>("vote", &()).await.unwrap().is_empty());
}

#[actix_rt::test]
async fn ask_gives_all_answers_or_the_first_reason_why_not() {
    let (server, io) = server();
    let mut jury = [member(&server, "a").await, member(&server, "a").await];
    let answers = io.to("a").timeout(LONG).ask::<u32>("vote", &"guilty?");
    for ws in &mut jury {
        answer(ws, "[7]").await;
    }
    assert_eq!(within("the answers", answers).await.unwrap(), [7, 7]);
    let answers = io.to("a").timeout(SHORT).ask::<u32>("vote", &"guilty?");
    answer(&mut jury[0], "[7]").await;
    assert!(within("a time-out", answers).await.is_err_and(|error| error.is_timeout()));
    // An answer that comes too late is ignored.
    answer(&mut jury[1], "[7]").await;
    jury[1].fence().await;
}

#[actix_rt::test]
async fn what_cannot_be_sent_is_an_error_of_the_whole() {
    let (server, io) = server();
    let mut ws = member(&server, "a").await;
    let error = io.to("a").ask_all::<u32>("disconnect", &()).await.unwrap_err();
    assert!(error.is_encode());
    ws.fence().await;
}

#[test]
fn what_cannot_be_sent_is_an_error_even_when_nobody_is_there() {
    let io = actix_socketio::SocketIo::new();
    let nobodies = [io.everyone(), io.of_pattern("/org/{org}").unwrap().everyone()];
    for nobody in nobodies {
        assert!(nobody.clone().try_emit("disconnect", &()).unwrap_err().is_encode());
        assert!(nobody.clone().try_emit("event", &()).is_ok());
        let answers = nobody.ask::<u32>("connect", &());
        assert!(actix_rt::System::new().block_on(answers).unwrap_err().is_encode());
    }
}

#[actix_rt::test]
async fn one_connection_answers_in_each_namespace_that_it_is_asked_in() {
    let io = SocketIo::new();
    let parent = io.of_pattern("/game/{id}").unwrap();
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    for name in ["/game/1", "/game/2"] {
        ws.text(&format!("40{name},")).await;
        ws.next_text().await;
    }
    let answers = parent.everyone().timeout(LONG).ask_all::<String>("vote", &"guilty?");
    for _ in 0..2 {
        let question = ws.next_text().await;
        let (name, rest) = question.strip_prefix("42").unwrap().split_once(',').unwrap();
        let id = between(rest, "", r#"["vote","guilty?"]"#);
        ws.text(&format!(r#"43{name},{id}["{name}"]"#)).await;
    }
    let answers = within("the answers", answers).await.unwrap();
    let mut answers: Vec<_> = answers.into_iter().map(|client| client.answer.unwrap()).collect();
    answers.sort();
    assert_eq!(answers, ["/game/1", "/game/2"]);
}
