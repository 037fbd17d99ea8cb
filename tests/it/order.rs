//! Order, under load and over two threads: what one context issues arrives as it was issued, at every receiver, whatever the mix; a
//! room has one order for all of its members; a join or a leave counts for everything issued after it.
//!
//! Each client runs one handler that does thousands of operations by a seeded script. The script knows who has to get what, so
//! that the comparison is exact: nothing late, nothing early, nothing lost, nothing twice.

mod handles;
mod memberships;
mod script;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use actix_socketio::{Args, Namespace, Socket, SocketIo};

use self::script::{Op, expected, perform, script};
use crate::support::{TestServer, Ws};

/// Clients, and so contexts: half on each thread, more or less.
const CLIENTS: usize = 8;
const OPERATIONS: usize = 2000;
const MEMBERSHIPS: usize = 1000;

/// What a client gets: the event, the context it was issued in, and its number there.
type Seen = (String, usize, usize);

/// A server on two threads, with clients on both.
struct Setup {
    _server: TestServer,
    io: SocketIo,
    clients: Vec<Ws>,
}

impl Setup {
    async fn new(prepare: impl FnOnce(&Namespace, Arc<Mutex<Vec<Socket>>>)) -> Self {
        let io = SocketIo::builder().outbox_limits(64 << 20, 1_000_000).build().unwrap();
        let sockets = Arc::new(Mutex::new(Vec::new()));
        let (namespace, registered) = (io.of("/"), sockets.clone());
        namespace
            .on("thread", async || format!("{:?}", std::thread::current().id()))
            .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
            .on("register", async move |socket: Socket| registered.lock().unwrap().push(socket));
        prepare(&namespace, sockets);
        let server = TestServer::with_workers(&io, 2);
        let clients = clients_on_both_threads(&server).await;
        Self { _server: server, io, clients }
    }
}

async fn clients_on_both_threads(server: &TestServer) -> Vec<Ws> {
    let mut threads: HashMap<String, Vec<Ws>> = HashMap::new();
    // New connections go to the workers in turn, more or less.
    for _ in 0..10 * CLIENTS {
        let mut ws = Ws::connect(server).await;
        ws.text(r#"420["thread"]"#).await;
        let own = threads.entry(ws.next_text().await).or_default();
        if own.len() < CLIENTS / 2 {
            own.push(ws);
        }
        if threads.len() == 2 && threads.values().all(|own| own.len() == CLIENTS / 2) {
            break;
        }
    }
    let mut clients: Vec<_> = threads.into_values().flatten().collect();
    assert_eq!(clients.len(), CLIENTS, "not both threads have enough clients");
    // Neighbours are on the same thread and on different ones.
    clients.swap(1, CLIENTS - 2);
    for (n, ws) in clients.iter_mut().enumerate() {
        ws.ask(r#"420["register"]"#, "430[]").await;
        ws.ask(r#"420["join","hall"]"#, "430[]").await;
        ws.ask(&format!(r#"420["join","flip-{}"]"#, (n + CLIENTS - 1) % CLIENTS), "430[]").await;
        if n % 2 == 0 {
            ws.ask(r#"420["join","even"]"#, "430[]").await;
        }
    }
    clients
}

/// Starts a context with each client, and collects what the clients get.
async fn run(mut clients: Vec<Ws>, event: &str) -> Vec<Vec<Seen>> {
    for (n, ws) in clients.iter_mut().enumerate() {
        ws.text(&format!(r#"42["{event}",{n}]"#)).await;
    }
    collect(clients, CLIENTS).await
}

/// What each client gets until so many contexts have ended.
async fn collect(clients: Vec<Ws>, contexts: usize) -> Vec<Vec<Seen>> {
    let readers: Vec<_> =
        clients.into_iter().map(|ws| actix_rt::spawn(read(ws, contexts))).collect();
    let mut seen = Vec::new();
    for reader in readers {
        seen.push(reader.await.unwrap());
    }
    seen
}

async fn read(mut ws: Ws, mut contexts: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    while contexts > 0 {
        let text = ws.next_text().await;
        let message: Seen = serde_json::from_str(&text[2..]).unwrap();
        match message.0 == "end" {
            true => contexts -= 1,
            false => seen.push(message),
        }
    }
    seen
}

fn numbers(seen: &[Seen], of: impl Fn(&str, usize) -> bool) -> Vec<usize> {
    seen.iter().filter(|(event, context, _)| of(event, *context)).map(|seen| seen.2).collect()
}

async fn storm() -> Vec<Vec<Seen>> {
    let setup = Setup::new(|namespace, sockets| {
        let storm = async move |socket: Socket, all: Namespace, Args(context): Args<usize>| {
            let sockets = sockets.lock().unwrap().clone();
            for (number, op) in script(context).enumerate() {
                perform(op, number, context, &socket, &all, &sockets);
                if number % 8 == 0 {
                    // Handlers of one thread take turns.
                    tokio::task::yield_now().await;
                }
            }
            all.emit("end", &(context, OPERATIONS));
        };
        namespace.on("storm", storm);
    })
    .await;
    run(setup.clients, "storm").await
}

#[actix_rt::test]
async fn every_client_gets_what_a_context_issues_in_the_order_of_issue() {
    let seen = storm().await;
    for (client, seen) in seen.iter().enumerate() {
        for context in 0..CLIENTS {
            let got = numbers(seen, |_, of| of == context);
            let expected = expected(client, context);
            let differs = got.iter().zip(&expected).position(|(a, b)| a != b);
            assert!(
                got == expected,
                "client {client}, context {context}: {} of {} messages, the first wrong one at {differs:?}",
                got.len(),
                expected.len(),
            );
        }
    }
}

#[actix_rt::test]
async fn all_members_of_a_room_see_its_broadcasts_in_one_order() {
    let seen = storm().await;
    for room in ["hall", "all"] {
        let order = |client: usize| -> Vec<&Seen> {
            seen[client].iter().filter(|(event, ..)| event == room).collect()
        };
        let first = order(0);
        let contexts: std::collections::HashSet<_> = first.iter().map(|seen| seen.1).collect();
        assert_eq!(contexts.len(), CLIENTS, "everyone has sent something");
        for client in 1..CLIENTS {
            assert!(order(client) == first, "client {client} sees another order of {room}");
        }
    }
}

#[actix_rt::test]
async fn a_join_always_counts_for_the_next_emit_and_so_does_a_leave() {
    let setup = Setup::new(|namespace, _| {
        namespace.on(
            "memberships",
            async |socket: Socket, all: Namespace, Args(context): Args<usize>| {
                // Of these rooms one always has another member, the other is made and ended each time.
                for room in [format!("flip-{context}"), format!("alone-{context}")] {
                    for number in 0..MEMBERSHIPS {
                        socket.join(&room);
                        all.to(&room).emit("joined", &(context, number));
                        socket.leave(&room);
                        all.to(&room).emit("left", &(context, number));
                        if number % 8 == 0 {
                            tokio::task::yield_now().await;
                        }
                    }
                }
                all.emit("end", &(context, MEMBERSHIPS));
            },
        );
    })
    .await;
    let seen = run(setup.clients, "memberships").await;
    let once: Vec<_> = (0..MEMBERSHIPS).collect();
    let twice = [once.clone(), once.clone()].concat();
    for (client, seen) in seen.iter().enumerate() {
        let own = |event: &str| numbers(seen, |e, of| e == event && of == client);
        assert!(own("joined") == twice, "client {client} got {} emits", own("joined").len());
        assert_eq!(own("left"), [0; 0], "client {client} got emits to a room that it had left");
        let context = (client + CLIENTS - 1) % CLIENTS;
        let other = |event: &str| numbers(seen, |e, of| e == event && of == context);
        assert!(other("joined") == once && other("left") == once);
    }
}

#[actix_rt::test]
async fn emits_from_outside_of_handlers_keep_their_order() {
    const THREADS: usize = 3;
    let setup = Setup::new(|_, _| ()).await;
    let ids: Vec<_> = setup.clients.iter().map(|ws| ws.id.clone()).collect();
    for thread in 0..THREADS {
        let (io, ids) = (setup.io.clone(), ids.clone());
        std::thread::spawn(move || {
            for (number, op) in script(thread).enumerate() {
                let message = &(thread, number);
                match op {
                    Op::Hall | Op::HallOthers => io.to("hall").emit("hall", message),
                    Op::Even | Op::Flip => io.of("/").to("even").emit("even", message),
                    Op::OwnRoomOf(other) | Op::HandleOf(other) => {
                        io.to(&ids[other]).emit("own-room-of", message);
                    }
                    _ => io.clone().emit("all", message),
                }
            }
            io.emit("end", &(thread, OPERATIONS));
        });
    }
    let seen = collect(setup.clients, THREADS).await;
    for (client, seen) in seen.iter().enumerate() {
        for thread in 0..THREADS {
            let reaches = |op: &Op| match op {
                Op::Even | Op::Flip => client.is_multiple_of(2),
                Op::OwnRoomOf(other) | Op::HandleOf(other) => client == *other,
                _ => true,
            };
            let expected: Vec<_> =
                (0..).zip(script(thread)).filter(|(_, op)| reaches(op)).map(|(n, _)| n).collect();
            let got = numbers(seen, |_, of| of == thread);
            assert!(got == expected, "client {client}, thread {thread}");
        }
    }
}

#[actix_rt::test]
async fn a_handler_that_is_no_async_function_keeps_its_order_too() {
    let mut setup = Setup::new(|namespace, _| {
        namespace.on("plain", |socket: Socket, io: SocketIo, Args(number): Args<usize>| {
            io.emit("first", &number);
            socket.emit("second", &number);
            std::future::ready(())
        });
    })
    .await;
    for number in 0..200 {
        setup.clients[0].text(&format!(r#"42["plain",{number}]"#)).await;
        for client in &mut setup.clients {
            client.expect(&format!(r#"42["first",{number}]"#)).await;
        }
        setup.clients[0].expect(&format!(r#"42["second",{number}]"#)).await;
    }
}
