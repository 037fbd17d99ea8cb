//! Handlers of outgoing events: what they are shown, and how much of it.

use std::sync::Arc;

use actix_socketio::{Args, Binary, EventError, EventName, Namespace, Payload, Socket, SocketIo};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, unbounded_channel},
};

use crate::support::{Message, TestServer, Ws, echoing, within};

/// Recipient, name and arguments.
type Shown = UnboundedReceiver<(String, String, String)>;

/// Adds a handler that passes on what it is shown.
fn shown(namespace: &Namespace) -> Shown {
    let (sender, receiver) = unbounded_channel();
    namespace.on_any_outgoing(
        async move |socket: Socket, EventName(event): EventName, args: Payload| {
            sender.send((socket.id().to_string(), event, args.json().to_string())).unwrap();
        },
    );
    receiver
}

async fn expect(shown: &mut Shown, to: &str, event: &str, args: &str) {
    let got = within(format_args!("{event} {args}"), shown.recv()).await.unwrap();
    assert_eq!((&*got.0, &*got.1, &*got.2), (to, event, args));
}

#[actix_rt::test]
async fn events_to_one_client_and_to_many_are_shown_and_nothing_else_is() {
    let io = SocketIo::new();
    let _ends = echoing(&io.of("/"));
    let mut shown = shown(&io.of("/"));
    io.of("/").on_connect(async |socket: Socket| socket.emit("welcome", &1)).on(
        "ask",
        async |socket: Socket| {
            socket.ask::<u8>("question", &"how many?").await.map_err(|error| error.to_string())
        },
    );
    let server = TestServer::start(&io);
    let (mut one, mut two) = (Ws::connect(&server).await, Ws::connect(&server).await);
    one.expect(r#"42["welcome",1]"#).await;
    two.expect(r#"42["welcome",1]"#).await;
    expect(&mut shown, &one.id, "welcome", "[1]").await;
    expect(&mut shown, &two.id, "welcome", "[1]").await;
    // An acknowledgement is no event.
    one.fence().await;
    io.emit("all", &("a", 2));
    let mut to = Vec::new();
    for _ in 0..2 {
        let (id, event, args) = within("both", shown.recv()).await.unwrap();
        assert_eq!((&*event, &*args), ("all", r#"["a",2]"#));
        to.push(id);
    }
    assert!(to.contains(&one.id) && to.contains(&two.id), "{to:?}");
    one.expect(r#"42["all","a",2]"#).await;
    one.text(r#"421["ask"]"#).await;
    expect(&mut shown, &one.id, "question", r#"["how many?"]"#).await;
    // The next of this client: neither its acknowledgements nor its disconnect have come in between.
    io.to(&*one.id).emit("last", &());
    expect(&mut shown, &one.id, "last", "[]").await;
}

#[actix_rt::test]
async fn attachments_are_shown_too() {
    let io = SocketIo::new();
    let (sender, mut shown) = unbounded_channel();
    io.of("/admin")
        .on_any_outgoing(async move |Args((n, data)): Args<(u8, Binary)>| {
            sender.send((n, data)).unwrap();
        })
        .on_connect(async |socket: Socket| socket.emit("data", &(7, Binary::from(vec![1, 2]))));
    let server = TestServer::start(&io);
    let mut ws = Ws::open(&server).await;
    ws.text("40/admin,").await;
    ws.next_text().await;
    ws.next_text().await;
    assert_eq!(ws.next().await, Message::Binary(vec![1, 2]));
    let got = within("the event", shown.recv()).await.unwrap();
    assert_eq!(got, (7, Binary::from(vec![1, 2])));
}

#[actix_rt::test]
async fn what_is_sent_to_a_client_that_is_gone_is_not_shown() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let mut shown = shown(&io.of("/"));
    let (sender, mut sockets) = unbounded_channel();
    io.of("/").on_connect(async move |socket: Socket| sender.send(socket).unwrap());
    let server = TestServer::start(&io);
    let mut gone = Ws::connect(&server).await;
    let socket = within("the socket", sockets.recv()).await.unwrap();
    gone.text("41").await;
    ends.reason(&gone.id).await;
    socket.emit("late", &());
    let mut ws = Ws::connect(&server).await;
    io.emit("now", &());
    ws.expect(r#"42["now"]"#).await;
    expect(&mut shown, &ws.id, "now", "[]").await;
}

#[actix_rt::test]
async fn handlers_that_fall_behind_are_not_shown_all_and_hold_nobody_up() {
    let io = SocketIo::builder().max_watched_events(3).max_inflight_events(1).build().unwrap();
    let _ends = echoing(&io.of("/"));
    let (sender, mut shown) = unbounded_channel();
    let permits = Arc::new(Semaphore::new(0));
    let gate = permits.clone();
    io.of("/").on_any_outgoing(async move |Args(n): Args<u32>| {
        sender.send(n).unwrap();
        gate.acquire().await.unwrap().forget();
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for n in 0..10 {
        io.emit("n", &n);
        ws.expect(&format!(r#"42["n",{n}]"#)).await;
        // Though only one event may be handled at once.
        ws.fence().await;
    }
    permits.add_permits(3);
    // Other events of the client come after those that were let through.
    while permits.available_permits() > 0 {
        ws.fence().await;
    }
    io.emit("n", &10);
    ws.expect(r#"42["n",10]"#).await;
    for expected in [0, 1, 2, 10] {
        assert_eq!(within("an event", shown.recv()).await, Some(expected));
    }
}

#[actix_rt::test]
async fn a_handler_of_outgoing_events_that_fails_is_reported() {
    let io = SocketIo::new();
    let (sender, mut heard) = unbounded_channel();
    drop(echoing(&io.of("/")));
    io.of("/").on_any_outgoing(async |_: Args<u32>| panic!("on purpose: outgoing")).on_error(
        async move |EventName(event): EventName, error: EventError| {
            sender.send((event, error)).unwrap();
        },
    );
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    for (args, is_panic) in [("one", false), ("1", true)] {
        ws.text(&format!(
            r#"42["back",{}]"#,
            if is_panic { args.into() } else { format!("{args:?}") }
        ))
        .await;
        ws.next_text().await;
        let (event, error) = within("the error", heard.recv()).await.unwrap();
        assert_eq!((&*event, error.is_panic()), ("back", is_panic));
    }
    ws.fence().await;
}

#[actix_rt::test]
async fn a_connection_that_closes_waits_for_its_handlers_of_outgoing_events() {
    let io = SocketIo::new();
    let mut ends = echoing(&io.of("/"));
    let permits = Arc::new(Semaphore::new(0));
    let gate = permits.clone();
    let (sender, mut shown) = unbounded_channel();
    io.of("/").on_any_outgoing(async move || {
        gate.acquire().await.unwrap().forget();
        sender.send(()).unwrap();
    });
    let server = TestServer::start(&io);
    let mut ws = Ws::connect(&server).await;
    ws.ask(r#"42["back"]"#, r#"42["back"]"#).await;
    let id = ws.id.clone();
    drop(ws);
    ends.reason(&id).await;
    permits.add_permits(1);
    within("the handler", shown.recv()).await.unwrap();
}
