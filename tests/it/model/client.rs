//! One client of a round: it notes down what it gets, answers what it is asked, sends numbered events of its own, reacts, upgrades,
//! and goes when the plan says so.

use std::panic::resume_unwind;

use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, timeout_at},
};

use super::{
    link::{Incoming, Link},
    plan::{
        Attempt, BYES, CLIENTS, CONTEXTS, Client as Part, Fate, OPERATIONS, Transport, attachment,
    },
    report::{Report, Seen},
    world::OTHER,
};
use crate::support::{Polling, TestServer, Ws};

pub(super) struct Client {
    number: usize,
    part: Part,
    /// How many clients say that they are done.
    byes: usize,
    link: Link,
    sender: UnboundedSender<Incoming>,
    incoming: UnboundedReceiver<Incoming>,
    attempts: Vec<(usize, Attempt)>,
    report: Report,
    /// Packets that are to be sent.
    outgoing: Vec<String>,
    /// A packet that waits for its attachments.
    partial: Option<(String, Vec<Vec<u8>>)>,
    /// It has left the namespace, by itself or not.
    left: bool,
    over: bool,
    said_bye: bool,
    ended: usize,
    gone: usize,
}

impl Client {
    /// Connects to both namespaces, and is known to the round then.
    pub(super) async fn connect(
        server: &TestServer,
        number: usize,
        part: Part,
        byes: usize,
    ) -> Self {
        let (sender, incoming) = unbounded_channel();
        let (link, attempts) = match &part.transport {
            Transport::WebSocket => {
                (Link::websocket(websocket(server, number).await, &sender), vec![])
            }
            Transport::Polling(attempts) => {
                (Link::polling(&polling(server, number).await, &sender), attempts.clone())
            }
        };
        Self {
            number,
            part,
            byes,
            link,
            sender,
            incoming,
            attempts,
            report: Report::default(),
            outgoing: Vec::new(),
            partial: None,
            left: false,
            over: false,
            said_bye: false,
            ended: 0,
            gone: 0,
        }
    }

    /// Where to tell it that the round is over.
    pub(super) fn sender(&self) -> UnboundedSender<Incoming> {
        self.sender.clone()
    }

    /// Starts the script of its connection, and takes part until the round is over or it goes.
    pub(super) async fn run(mut self) -> Report {
        self.outgoing.push(format!(r#"42{OTHER},["run",{}]"#, self.number));
        self.send().await;
        let until = || Instant::now() + super::DEADLINE;
        let mut stuck = until();
        while !self.is_done() {
            let next = timeout_at(stuck, self.incoming.recv()).await;
            // Pings come whether or not anything goes on.
            if !matches!(&next, Ok(Some(Incoming::Text(ping))) if ping == "2") {
                stuck = until();
            }
            match next {
                Ok(Some(Incoming::Text(text))) => self.text(text),
                Ok(Some(Incoming::Binary(data))) => self.binary(data),
                Ok(Some(Incoming::Over)) => self.over = true,
                Ok(Some(Incoming::Panicked(panic))) => resume_unwind(panic),
                Ok(Some(Incoming::Ended(how))) => {
                    self.problem(format!("its connection has ended: {how}"));
                    break;
                }
                Ok(None) | Err(_) => {
                    let (ended, gone, acks) = (self.ended, self.gone, self.report.acks.len());
                    self.problem(format!(
                        "it waits in vain: {ended} contexts have ended, {gone} clients are done, {acks} acks"
                    ));
                    break;
                }
            }
            if self.is_due_to_crash() {
                break;
            }
            self.go_on().await;
        }
        self.link.end().await;
        self.report
    }

    fn problem(&mut self, problem: String) {
        self.report.problems.push(problem);
    }

    /// Those that are to go do so at the latest when a context has ended.
    fn is_due(&self, after: usize) -> bool {
        self.report.seen.len() >= after || self.ended > 0
    }

    fn is_due_to_crash(&self) -> bool {
        matches!(self.part.fate, Fate::Crashes(after) if self.is_due(after))
    }

    fn is_done(&self) -> bool {
        self.said_bye && self.gone == self.byes
    }

    /// What is due by now.
    async fn go_on(&mut self) {
        if let Fate::Leaves(after) = self.part.fate
            && self.is_due(after)
            && !self.left
        {
            self.left = true;
            self.outgoing.push("41".to_owned());
        }
        if !self.over && self.report.seen.len() / self.part.up_every > self.report.ups {
            let number = self.report.ups;
            self.report.ups += 1;
            self.outgoing.push(format!(r#"42{OTHER},{number}["up",{number}]"#));
        }
        let acknowledged = self.report.acks.len() == self.report.ups;
        if self.over && !self.said_bye && acknowledged && self.ended == CONTEXTS {
            self.said_bye = true;
            self.outgoing.push(format!(r#"42{OTHER},["bye"]"#));
        }
        // What waits is dealt with first, so that polling clients send several packets at once.
        if self.incoming.is_empty() || self.outgoing.len() > 20 {
            self.send().await;
        }
        if let Some(&(after, attempt)) = self.attempts.first()
            && self.report.seen.len() >= after
        {
            self.attempts.remove(0);
            self.send().await;
            match self.link.upgrade(attempt, &self.sender).await {
                true => self.report.upgrades += 1,
                false if attempt == Attempt::Succeeds => self.attempts.push((after + 50, attempt)),
                false => self.report.failed_upgrades += 1,
            }
        }
    }

    async fn send(&mut self) {
        if !self.outgoing.is_empty() {
            self.link.send(&std::mem::take(&mut self.outgoing)).await;
        }
    }

    fn text(&mut self, text: String) {
        if self.partial.is_some() {
            return self.problem(format!("{text:?} is between a packet and its attachments"));
        }
        match text.as_bytes() {
            b"2" => self.outgoing.push("3".to_owned()),
            b"6" => {}
            b"41" => self.left = true,
            [b'4', b'5', ..] => self.partial = Some((text, Vec::new())),
            [b'4', b'2', ..] => self.event(&text[2..], &[]),
            [b'4', b'3', ..] => self.ack(&text[2..]),
            _ => self.problem(format!("unexpected {text:?}")),
        }
    }

    fn binary(&mut self, data: Vec<u8>) {
        let Some((text, mut attachments)) = self.partial.take() else {
            return self.problem(format!("{data:?} is no attachment"));
        };
        attachments.push(data);
        let (count, rest) = text[2..].split_once('-').unwrap();
        match attachments.len() == count.parse::<usize>().unwrap() {
            true => self.event(rest, &attachments),
            false => self.partial = Some((text, attachments)),
        }
    }

    fn event(&mut self, packet: &str, attachments: &[Vec<u8>]) {
        let (other, id, args) = parts(packet);
        let number = |n: usize| args[n].as_u64().unwrap() as usize;
        let (context, number) = (number(1), number(2));
        let cause = args.get(3).and_then(|cause| serde_json::from_value(cause.clone()).ok());
        self.report.seen.push(Seen { other, context, number, cause });
        self.check_attachments(context, number, &args, attachments);
        if self.left && !other && self.part.fate == Fate::Disconnected {
            self.problem(format!("{context}/{number} came after the disconnection"));
        }
        match context {
            _ if other && context >= BYES => self.gone += 1,
            0..CONTEXTS if other && number == OPERATIONS => self.ended += 1,
            0..CONTEXTS if !other => self.react(context, number),
            _ => {}
        }
        // What belongs to a namespace that one has left ends the connection.
        let silent = self.left || self.part.fate == Fate::Disconnected;
        let mute = args.get(3).is_some_and(|arg| arg == "mute");
        if !id.is_empty() && !silent && !mute {
            self.outgoing.push(format!("43{id}[{},{number}]", self.number));
        }
    }

    fn check_attachments(
        &mut self,
        context: usize,
        number: usize,
        args: &[Value],
        got: &[Vec<u8>],
    ) {
        let right = (0..got.len()).all(|index| got[index] == attachment(context, number, index));
        let placeholders = args.get(3).and_then(Value::as_array).map_or(0, |list| {
            list.iter().filter(|value| value.get("_placeholder").is_some()).count()
        });
        if !right || placeholders != got.len() {
            self.problem(format!("{context}/{number} has the attachments of another: {got:?}"));
        }
    }

    /// Of some messages one client tells everyone.
    fn react(&mut self, context: usize, number: usize) {
        let its_turn = (context + number) % CLIENTS == self.number && number.is_multiple_of(8);
        if its_turn && self.part.fate == Fate::Stays && !self.over {
            self.report.reactions += 1;
            self.outgoing.push(format!(r#"42{OTHER},["react",{context},{number}]"#));
        }
    }

    fn ack(&mut self, packet: &str) {
        let (_, id, args) = parts(packet);
        if args != [id.parse::<usize>().unwrap()] {
            self.problem(format!("the ack {packet} is that of another event"));
        }
        self.report.acks.push(id.parse().unwrap());
    }
}

/// Whether a packet is of the other namespace, its id, and its arguments.
fn parts(packet: &str) -> (bool, &str, Vec<Value>) {
    let rest = packet.strip_prefix(OTHER).and_then(|rest| rest.strip_prefix(','));
    let start = rest.unwrap_or(packet);
    let (id, args) = start.split_at(start.find('[').unwrap());
    (rest.is_some(), id, serde_json::from_str(args).unwrap())
}

async fn websocket(server: &TestServer, number: usize) -> Ws {
    let mut ws = Ws::connect(server).await;
    ws.text(&format!("40{OTHER},")).await;
    assert!(ws.next_text().await.starts_with(&format!("40{OTHER},")));
    ws.ask(&format!(r#"420["setup",{number}]"#), "430[]").await;
    ws.ask(&format!(r#"42{OTHER},0["setup",{number}]"#), &format!("43{OTHER},0[]")).await;
    ws
}

async fn polling(server: &TestServer, number: usize) -> Polling {
    let client = Polling::connect(server).await;
    client.post(format!("40{OTHER},")).await;
    assert!(client.poll().await.text().starts_with(&format!("40{OTHER},")));
    for namespace in ["".to_owned(), format!("{OTHER},")] {
        client.post(format!(r#"42{namespace}0["setup",{number}]"#)).await;
        assert_eq!(client.poll().await.text(), format!("43{namespace}0[]"));
    }
    client
}
