//! A context performs its script, in one handler or thread: all operations one after the other, the answers whenever they come.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, mpsc::Receiver},
    time::Duration,
};

use actix_socketio::{Audience, Binary, Namespace, Socket};
use futures_util::future::join_all;
use serde_json::Value;

use super::{
    plan::{self, Op, Room, Script, Set, attachment},
    world::{Asked, Outcome, Round, outcome},
};

/// Time that clients have to answer: longer than any round, so that whoever does not answer has to be settled otherwise.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// For those that are told not to answer.
const SHORT: Duration = Duration::from_millis(20);

/// What a context issues its operations through.
pub(super) enum Hand {
    /// In a handler of this socket: any mix of handles.
    Handler { socket: Socket, all: Namespace, other: Namespace },
    /// In a thread, through the handle of the server.
    Io { all: Namespace, other: Namespace },
    /// In a thread, through the handle of a socket. Its connection is the context, and has a socket in the other namespace, too.
    Socket { socket: Socket, other: Socket },
}

impl Hand {
    fn everyone(&self) -> Audience {
        match self {
            Self::Handler { all, .. } | Self::Io { all, .. } => all.everyone(),
            Self::Socket { socket, .. } => socket.within([""; 0]),
        }
    }

    fn everyone_in_other(&self) -> Audience {
        match self {
            Self::Handler { other, .. } | Self::Io { other, .. } => other.everyone(),
            Self::Socket { other, .. } => other.within([""; 0]),
        }
    }

    fn own(&self) -> Option<&Socket> {
        match self {
            Self::Handler { socket, .. } | Self::Socket { socket, .. } => Some(socket),
            Self::Io { .. } => None,
        }
    }
}

type Asking = Pin<Box<dyn Future<Output = Asked> + Send>>;

struct Context {
    round: Arc<Round>,
    number: usize,
    hand: Hand,
    asking: Vec<Asking>,
}

/// Performs the script of a context, and says at last, in the other namespace, that it has ended.
pub(super) async fn run(round: Arc<Round>, number: usize, hand: Hand, turns: Option<Receiver<()>>) {
    let script = round.plan.scripts[number].clone();
    let mut context = Context { round: round.clone(), number, hand, asking: Vec::new() };
    context.perform(&script, turns).await;
    let asked = join_all(context.asking.drain(..)).await;
    round.notes.lock().unwrap().asked.extend(asked);
    context.hand.everyone_in_other().emit("m", &(number, script.steps.len()));
    round.finish();
}

impl Context {
    async fn perform(&mut self, script: &Script, turns: Option<Receiver<()>>) {
        for (n, step) in script.steps.iter().enumerate() {
            match &turns {
                // Once the clients have done all of theirs, nobody gives turns.
                Some(turns) => drop(turns.recv_timeout(SHORT)),
                None => self.round.give_turn(n),
            }
            let gone = self.round.gone();
            self.round.notes.lock().unwrap().gone[self.number][n] = gone;
            self.perform_one(n, &step.op, gone).await;
            if step.yields && turns.is_none() {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn perform_one(&mut self, n: usize, op: &Op, gone: Set) {
        match op {
            Op::Emit { audience, attachments } => {
                self.audience(audience).emit("m", &self.message(n, *attachments));
            }
            Op::Other { attachments } => {
                self.hand.everyone_in_other().emit("m", &self.message(n, *attachments));
            }
            Op::Direct { to, volatile: true, attachments } => {
                self.socket(*to).volatile().emit("m", &self.message(n, *attachments));
            }
            Op::Direct { to, volatile: false, attachments } => {
                self.socket(*to).emit("m", &self.message(n, *attachments));
            }
            Op::Ask { to, mute, wait } => self.ask(n, *to, *mute, *wait, gone).await,
            Op::AskAll { audience } => self.ask_all(n, audience, gone),
            Op::Change { client, room, join, many } => self.change(*client, *room, *join, *many),
            Op::ChangeQuiet { room, join } => {
                change_all(self.hand.everyone().to("quiet"), &self.name(*room), *join);
            }
            Op::Disconnect { client, many } => match self.reached(*client, *many) {
                Some(socket) => socket.disconnect(false),
                None => self.alone(*client).disconnect_sockets(false),
            },
        }
    }

    fn message(&self, n: usize, attachments: usize) -> (usize, usize, Vec<Binary>) {
        let attached = |index| Binary::from(attachment(self.number, n, index));
        (self.number, n, (0..attachments).map(attached).collect())
    }

    async fn ask(&mut self, number: usize, to: usize, mute: bool, wait: bool, gone: Set) {
        let context = self.number;
        let timeout = if mute { SHORT } else { PATIENCE };
        let question = (context, number, if mute { Value::from("mute") } else { Value::Null });
        let answer = self.socket(to).timeout(timeout).ask("q", &question);
        let asking = Box::pin(async move {
            let outcomes = vec![(to, outcome(answer.await))];
            Asked { context, number, gone, one: Some(to), outcomes }
        });
        if wait {
            let asked = asking.await;
            self.round.notes.lock().unwrap().asked.push(asked);
        } else {
            self.asking.push(asking);
        }
    }

    fn ask_all(&mut self, number: usize, audience: &plan::Audience, gone: Set) {
        let (context, round) = (self.number, self.round.clone());
        let answers = self.audience(audience).timeout(PATIENCE).ask_all("q", &(context, number));
        self.asking.push(Box::pin(async move {
            let outcomes: Vec<(usize, Outcome)> = round.outcomes(answers.await);
            Asked { context, number, gone, one: None, outcomes }
        }));
    }

    fn change(&self, client: usize, room: Room, join: bool, many: bool) {
        let room = self.name(room);
        match self.reached(client, many) {
            Some(socket) if join => socket.join(room),
            Some(socket) => socket.leave(room),
            None => change_all(self.alone(client), &room, join),
        }
    }

    /// The socket of a client, if the context is to reach it through that.
    fn reached(&self, client: usize, many: bool) -> Option<Socket> {
        let may = match self.hand {
            Hand::Handler { .. } => true,
            Hand::Socket { .. } => client == self.round.plan.lent,
            Hand::Io { .. } => false,
        };
        (may && !many).then(|| self.socket(client))
    }

    fn socket(&self, client: usize) -> Socket {
        let [socket, _] = self.round.sockets(client);
        socket
    }

    fn alone(&self, client: usize) -> Audience {
        self.hand.everyone().to(self.name(Room::Own(client)))
    }

    fn audience(&self, audience: &plan::Audience) -> Audience {
        let names = |rooms: &[Room]| rooms.iter().map(|room| self.name(*room)).collect::<Vec<_>>();
        let from = match self.hand.own() {
            Some(socket) if audience.but_sender => socket.broadcast(),
            _ => self.hand.everyone(),
        };
        from.to(names(&audience.rooms)).except(names(&audience.except))
    }

    fn name(&self, room: Room) -> String {
        match room {
            Room::Hall => "hall".to_owned(),
            Room::Even => "even".to_owned(),
            Room::Quiet => "quiet".to_owned(),
            Room::Mix(n) => format!("mix-{n}"),
            Room::Mute => "mute".to_owned(),
            Room::Flip(context) => format!("flip-{context}"),
            Room::Alone(context) => format!("alone-{context}"),
            Room::Own(client) => self.socket(client).id().to_string(),
        }
    }
}

fn change_all(audience: Audience, room: &str, join: bool) {
    match join {
        true => audience.sockets_join(room),
        false => audience.sockets_leave(room),
    }
}
