//! Order of what is issued outside of handlers: through handles and recipients, by one thread and by several.

use std::{sync::mpsc, thread};

use actix::Recipient;
use actix_socketio::message::Broadcast;

use super::{CLIENTS, OPERATIONS, Op, Seen, Setup, collect, numbers, script};

const THREADS: usize = 3;

/// An operation of a thread as a broadcast, with the number of those that get it by this rule: who has it among them?
fn broadcast(op: Op, event: &str, message: &(usize, usize), ids: &[String]) -> Broadcast {
    let all = Broadcast::new(event, message).unwrap();
    match op {
        Op::Hall | Op::HallOthers => all.to("hall"),
        Op::Even | Op::Flip => all.to("even"),
        Op::AllButEven => all.except("even"),
        Op::OwnRoomOf(other) | Op::HandleOf(other) => all.to(&ids[other]),
        _ => all,
    }
}

fn receives(op: Op, client: usize) -> bool {
    match op {
        Op::Even | Op::Flip => client.is_multiple_of(2),
        Op::AllButEven => !client.is_multiple_of(2),
        Op::OwnRoomOf(other) | Op::HandleOf(other) => client == other,
        _ => true,
    }
}

/// Each thread sends its script through a clone of one recipient, or through a recipient of its own.
async fn through_recipients(one_for_all: bool) -> Vec<Vec<Seen>> {
    let setup = Setup::new(|_, _| ()).await;
    let ids: Vec<_> = setup.clients.iter().map(|ws| ws.id.clone()).collect();
    let one: Recipient<Broadcast> = setup.io.of("/").recipient();
    for thread in 0..THREADS {
        let own = if one_for_all { one.clone() } else { setup.io.of("/").recipient() };
        let ids = ids.clone();
        thread::spawn(move || {
            for (number, op) in script(thread).enumerate() {
                let event = if op == Op::Hall { "hall" } else { "other" };
                own.do_send(broadcast(op, event, &(thread, number), &ids));
            }
            own.do_send(Broadcast::new("end", &(thread, OPERATIONS)).unwrap());
        });
    }
    collect(setup.clients, THREADS).await
}

#[actix_rt::test]
async fn what_a_thread_sends_through_a_recipient_or_a_clone_of_it_keeps_its_order() {
    for one_for_all in [true, false] {
        let seen = through_recipients(one_for_all).await;
        for (client, seen) in seen.iter().enumerate() {
            for thread in 0..THREADS {
                let own = (0..).zip(script(thread)).filter(|(_, op)| receives(*op, client));
                let expected: Vec<_> = own.map(|(number, _)| number).collect();
                let got = numbers(seen, |_, of| of == thread);
                assert!(got == expected, "client {client}, thread {thread}, clones: {one_for_all}");
            }
        }
    }
}

#[actix_rt::test]
async fn all_members_see_what_several_recipients_send_to_a_room_in_one_order() {
    let seen = through_recipients(false).await;
    let hall = |client: usize| -> Vec<&Seen> {
        seen[client].iter().filter(|(event, ..)| event == "hall").collect()
    };
    for client in 1..CLIENTS {
        assert!(hall(client) == hall(0), "client {client} sees another order");
    }
}

/// Two threads take turns, each with an operation of its own; a turn begins when that of the other has ended.
fn in_turns(mut odd: impl FnMut(usize) + Send + 'static, mut even: impl FnMut(usize)) {
    let ((to_odd, odd_turns), (to_even, even_turns)) = (mpsc::channel(), mpsc::channel());
    let other = thread::spawn(move || {
        for turn in odd_turns {
            odd(turn);
            to_even.send(()).unwrap();
        }
    });
    for turn in (0..OPERATIONS).step_by(2) {
        even(turn);
        to_odd.send(turn + 1).unwrap();
        even_turns.recv().unwrap();
    }
    drop(to_odd);
    other.join().unwrap();
}

#[actix_rt::test]
async fn what_a_thread_emits_after_another_through_the_same_handle_is_seen_after_it() {
    let setup = Setup::new(|_, _| ()).await;
    let (io, clone) = (setup.io.clone(), setup.io.clone());
    let id = setup.clients[0].id.clone();
    in_turns(
        move |turn| clone.to(&id).emit("direct", &(0, turn)),
        |turn| match turn % 4 {
            0 => io.to("hall").emit("hall", &(0, turn)),
            _ => io.emit("all", &(0, turn)),
        },
    );
    setup.io.emit("end", &(0, OPERATIONS));
    let seen = collect(setup.clients, 1).await;
    assert_eq!(numbers(&seen[0], |_, _| true), (0..OPERATIONS).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn what_a_thread_sends_after_another_through_clones_of_a_recipient_is_seen_after_it() {
    let setup = Setup::new(|_, _| ()).await;
    let all: Recipient<Broadcast> = setup.io.of("/").recipient();
    let (clone, id) = (all.clone(), setup.clients[0].id.clone());
    in_turns(
        move |turn| clone.do_send(Broadcast::new("direct", &(0, turn)).unwrap().to(&id)),
        |turn| all.do_send(Broadcast::new("hall", &(0, turn)).unwrap().to("hall")),
    );
    all.do_send(Broadcast::new("end", &(0, OPERATIONS)).unwrap());
    let seen = collect(setup.clients, 1).await;
    assert_eq!(numbers(&seen[0], |_, _| true), (0..OPERATIONS).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn the_handle_of_a_socket_keeps_its_order_outside_of_handlers_with_memberships() {
    let setup = Setup::new(|namespace, sockets| {
        let threads = async move |context: actix_socketio::Args<usize>| {
            let (socket, context) = (sockets.lock().unwrap()[context.0].clone(), context.0);
            // A thread that no handler runs on.
            thread::spawn(move || {
                for number in (0..OPERATIONS).step_by(4) {
                    socket.join("mine");
                    socket.within("mine").emit("room", &(context, number));
                    socket.emit("own", &(context, number + 1));
                    socket.within("hall").emit("hall", &(context, number + 2));
                    socket.leave("mine");
                    socket.within("mine").emit("room", &(99, number));
                    socket.emit("own", &(context, number + 3));
                }
                socket.within("hall").emit("end", &(context, OPERATIONS));
            });
        };
        namespace.on("thread outside", threads);
    })
    .await;
    let mut clients = setup.clients;
    clients[0].text(r#"42["thread outside",0]"#).await;
    let seen = collect(clients, 1).await;
    assert_eq!(numbers(&seen[0], |_, _| true), (0..OPERATIONS).collect::<Vec<_>>());
}
