//! What `do_send`, `try_send` and `send` promise, with a mailbox that is full: the thread that would empty it is held.

use actix::{Recipient, dev::SendError};
use actix_socketio::{Socket, SocketIo, message::Emit};
use futures_util::FutureExt;

use crate::support::{TestServer, Ws, echoing, hold, within};

const CAPACITY: usize = 4;

struct Setup {
    _server: TestServer,
    io: SocketIo,
    ws: Ws,
    all: Recipient<Emit>,
}

async fn setup() -> Setup {
    let io = SocketIo::builder().recipient_capacity(CAPACITY).build().unwrap();
    let _ends = echoing(&io.of("/"));
    io.of("/").on("own", async |socket: Socket| socket.emit("own", &()));
    let server = TestServer::start(&io);
    let ws = Ws::connect(&server).await;
    let all = io.of("/").recipient();
    Setup { _server: server, io, ws, all }
}

fn event(number: usize) -> Emit {
    Emit::new("x", &number).unwrap()
}

async fn expect_numbers(ws: &mut Ws, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        ws.expect(&format!(r#"42["x",{number}]"#)).await;
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn try_send_is_refused_with_the_message_when_the_mailbox_is_full() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let go = hold(&io).await;
    for number in 0..CAPACITY {
        all.try_send(event(number)).unwrap();
    }
    let Err(SendError::Full(back)) = all.try_send(event(CAPACITY)) else { panic!("it fits") };
    drop(go);
    // `send` waits for its turn: by then there is room again.
    within("a turn", all.send(event(100))).await.unwrap().unwrap();
    all.try_send(back).unwrap();
    expect_numbers(&mut ws, (0..CAPACITY).chain([100, CAPACITY])).await;
}

#[actix_rt::test]
async fn each_clone_has_room_for_one_more_message() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let (clone, other) = (all.clone(), all.clone());
    let go = hold(&io).await;
    for number in 0..CAPACITY {
        all.try_send(event(number)).unwrap();
    }
    for (number, recipient) in [(CAPACITY, &clone), (CAPACITY + 1, &other)] {
        recipient.try_send(event(number)).unwrap();
        assert!(matches!(recipient.try_send(event(99)), Err(SendError::Full(_))));
    }
    assert!(matches!(all.try_send(event(99)), Err(SendError::Full(_))));
    drop(go);
    expect_numbers(&mut ws, 0..CAPACITY + 2).await;
}

#[actix_rt::test]
async fn do_send_is_never_refused_and_what_it_sends_counts() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let go = hold(&io).await;
    for number in 0..10 * CAPACITY {
        all.do_send(event(number));
    }
    // The first finds the mailbox full, and is in; the next is not.
    all.try_send(event(10 * CAPACITY)).unwrap();
    assert!(matches!(all.try_send(event(99)), Err(SendError::Full(_))));
    all.do_send(event(10 * CAPACITY + 1));
    drop(go);
    expect_numbers(&mut ws, 0..10 * CAPACITY + 2).await;
}

#[actix_rt::test]
async fn send_is_queued_at_once_and_its_result_comes_when_it_was_handled() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let go = hold(&io).await;
    let mut first = Box::pin(all.send(event(0)));
    all.do_send(event(1));
    assert!(FutureExt::now_or_never(&mut first).is_none(), "nobody has handled it");
    drop(go);
    within("its result", first).await.unwrap().unwrap();
    expect_numbers(&mut ws, [0, 1]).await;
}

#[actix_rt::test]
async fn send_to_a_full_mailbox_is_queued_when_it_is_first_polled() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let go = hold(&io).await;
    for number in 0..CAPACITY {
        all.try_send(event(number)).unwrap();
    }
    let (mut late, never) = (Box::pin(all.send(event(100))), all.send(event(99)));
    all.do_send(event(CAPACITY));
    assert!(FutureExt::now_or_never(&mut late).is_none());
    all.do_send(event(CAPACITY + 1));
    drop(never);
    drop(go);
    within("its result", late).await.unwrap().unwrap();
    expect_numbers(&mut ws, (0..=CAPACITY).chain([100, CAPACITY + 1])).await;
}

#[actix_rt::test]
async fn a_send_whose_future_is_dropped_before_its_turn_is_not_sent() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let go = hold(&io).await;
    let given_up = all.send(event(99));
    all.do_send(event(0));
    drop(given_up);
    drop(go);
    expect_numbers(&mut ws, [0]).await;
}

#[actix_rt::test]
async fn a_full_recipient_fills_no_other_and_holds_up_no_handler() {
    let Setup { _server, io, mut ws, all } = setup().await;
    let other: Recipient<Emit> = io.of("/").recipient();
    let go = hold(&io).await;
    while all.try_send(event(99)).is_ok() {}
    other.try_send(event(1)).unwrap();
    ws.ask(r#"42["own"]"#, r#"42["own"]"#).await;
    drop(go);
    for _ in 0..CAPACITY + 1 {
        ws.next_text().await;
    }
    ws.fence().await;
}
