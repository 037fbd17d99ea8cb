//! The tree as text, in lines that fit a log: names are escaped, lists are cut where the report cuts them.

use std::fmt::{self, Display, Formatter};

use super::report::{
    CollectorNode, Counters, CourierNode, ForwarderNode, NamespaceNode, NodeState, OutletNode,
    RoomNode, SessionNode, Topology, TransportNode,
};
use crate::{escaped::Escaped, supervision::Health};

/// A line with what is below it.
struct Line {
    text: String,
    below: Vec<Line>,
}

impl Line {
    fn new(text: String) -> Self {
        Self { text, below: Vec::new() }
    }

    fn write_below(&self, f: &mut Formatter<'_>, indent: &mut String) -> fmt::Result {
        for (position, line) in (1..).zip(&self.below) {
            let last = position == self.below.len();
            let (branch, deeper) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            write!(f, "\n{indent}{branch}{}", line.text)?;
            let length = indent.len();
            indent.push_str(deeper);
            line.write_below(f, indent)?;
            indent.truncate(length);
        }
        Ok(())
    }
}

/// Without a line break at its end.
impl Display for Topology {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let root = server(self);
        f.write_str(&root.text)?;
        root.write_below(f, &mut String::new())
    }
}

/// Counters that are not zero.
impl Display for Counters {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { delivered, dropped, slow_consumers, panics, unknown_acks, .. } = *self;
        let Self { fences_forced, fences_given_up, stalls, restarts, lost, .. } = *self;
        write!(f, "{} delivered", Figure(delivered))?;
        for (count, what) in [
            (dropped, "dropped"),
            (slow_consumers, "slow consumers"),
            (panics, "panics"),
            (unknown_acks, "unknown acks"),
            (fences_forced, "fences forced"),
            (fences_given_up, "fences given up"),
            (stalls, "stalls"),
            (restarts, "restarts"),
            (lost, "lost"),
        ] {
            if count > 0 {
                write!(f, ", {} {what}", Figure(count))?;
            }
        }
        Ok(())
    }
}

fn server(it: &Topology) -> Line {
    if it.state == NodeState::NotAsked {
        return Line::new("server: not started".to_owned());
    }
    let text = format!(
        "server{}{}: {}, {}, {}, {}{}",
        Suffix(it.state),
        Mark(it.health),
        count(it.connections, "connection"),
        count(it.sockets, "socket"),
        count(it.rooms, "room"),
        it.counters,
        queued(it.queued),
    );
    let mut line = Line::new(text);
    line.below.extend(it.namespaces.items.iter().map(namespace));
    line.below.extend(more(it.namespaces.more(), "namespace"));
    line.below.extend(it.couriers.iter().map(courier));
    line.below.extend(it.forwarders.items.iter().map(forwarder));
    line.below.extend(more(it.forwarders.more(), "forwarder"));
    line.below.extend(it.outlets.items.iter().map(outlet));
    line.below.extend(more(it.outlets.more(), "recipient"));
    line
}

fn namespace(it: &NamespaceNode) -> Line {
    let restarts = match it.restarts {
        0 => String::new(),
        restarts => format!(", {}", count(restarts as usize, "restart")),
    };
    let text = format!(
        "namespace {}{}{}: {}, {}{}{}",
        Escaped(&it.name),
        Suffix(it.state),
        Mark(it.health),
        count(it.sockets, "socket"),
        count(it.rooms.total, "room"),
        restarts,
        queued(it.queued),
    );
    let mut line = Line::new(text);
    line.below.extend(it.rooms.items.iter().map(room));
    line.below.extend(more(it.rooms.more(), "room"));
    line.below.extend(it.collectors.items.iter().map(collector));
    line.below.extend(more(it.collectors.more(), "collector"));
    line
}

fn room(it: &RoomNode) -> Line {
    let members = &it.members;
    let mut listed: Vec<_> = members.items.iter().map(ToString::to_string).collect();
    if members.more() > 0 && !listed.is_empty() {
        listed.push(format!("… and {} more", Figure(members.more() as u64)));
    }
    let colon = if listed.is_empty() { "" } else { ": " };
    Line::new(format!(
        "room {}{}: {}{}{colon}{}",
        Escaped(&it.name),
        Suffix(it.state),
        count(members.total, "member"),
        queued(it.queued),
        listed.join(" "),
    ))
}

fn collector(it: &CollectorNode) -> Line {
    let CollectorNode { state, owing, settled } = it;
    Line::new(format!("collector{}: {settled} answered, {owing} to come", Suffix(*state)))
}

fn forwarder(it: &ForwarderNode) -> Line {
    let missed = match it.missed {
        0 => String::new(),
        missed => format!(", {} missed", Figure(missed)),
    };
    let waiting = Figure(it.waiting as u64);
    Line::new(format!("forwarder{}: {waiting} waiting{missed}", Suffix(it.state)))
}

fn outlet(it: &OutletNode) -> Line {
    let OutletNode { state, serves, taken } = it;
    Line::new(format!("recipient{}: {serves}, {} taken", Suffix(*state), Figure(*taken)))
}

fn courier(it: &CourierNode) -> Line {
    let fenced = match it.fenced {
        0 => String::new(),
        fenced => format!(", {} fenced", Figure(fenced as u64)),
    };
    let text = format!(
        "courier {}{}{}: {}, {}, {}{fenced}{}",
        it.number,
        Suffix(it.state),
        Mark(it.health),
        count(it.sessions.total, "session"),
        count(it.sockets, "socket"),
        it.counters,
        queued(it.queued),
    );
    let mut line = Line::new(text);
    line.below.extend(it.sessions.items.iter().map(session));
    line.below.extend(more(it.sessions.more(), "session"));
    line
}

fn session(it: &SessionNode) -> Line {
    let mut text = format!("session {}{}", it.connection, Suffix(it.state));
    let mut colon = ": ";
    let mut add = |part: String| {
        text += &format!("{colon}{part}");
        colon = ", ";
    };
    if let Some(transport) = it.transport {
        add(transport.as_str().to_owned());
    }
    if it.outbox.packets > 0 {
        let packets = count(it.outbox.packets, "packet");
        add(format!("outbox {packets} of {}", count(it.outbox.bytes, "byte")));
    }
    for (figure, what) in [
        (it.running_handlers, "running handler"),
        (it.waiting_events, "waiting event"),
        (it.pending_acks, "pending ack"),
    ] {
        if figure > 0 {
            add(count(figure, what));
        }
    }
    let mut line = Line::new(text);
    line.below.extend(it.transports.iter().map(transport));
    line.below.extend(it.sockets.items.iter().map(|socket| {
        Line::new(format!("socket {} in {}", socket.id, Escaped(&socket.namespace)))
    }));
    line.below.extend(more(it.sockets.more(), "socket"));
    line
}

fn transport(it: &TransportNode) -> Line {
    let upgrades = if it.upgrades { " after polling" } else { "" };
    let unfinished = match it.unfinished {
        0 => String::new(),
        bytes => format!(": {} of an unfinished message", count(bytes, "byte")),
    };
    Line::new(format!("websocket {}{upgrades}{}{unfinished}", it.number, Suffix(it.state)))
}

/// What is said of an actor that has not answered.
struct Suffix(NodeState);

impl Display for Suffix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            NodeState::Answered => "",
            NodeState::NotAsked => " (not asked)",
            NodeState::Silent => " (NO ANSWER)",
            NodeState::Gone => " (gone)",
        })
    }
}

/// What is said of an actor that has failed.
struct Mark(Health);

impl Display for Mark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Health::Well => "",
            Health::Failed => " (FAILED)",
        })
    }
}

/// A number with its thousands apart.
struct Figure(u64);

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (position, digit) in digits.char_indices() {
            let rest = digits.len() - position;
            let comma = if position > 0 && rest.is_multiple_of(3) { "," } else { "" };
            write!(f, "{comma}{digit}")?;
        }
        Ok(())
    }
}

fn count(figure: usize, what: &str) -> String {
    let plural = if figure == 1 { "" } else { "s" };
    format!("{} {what}{plural}", Figure(figure as u64))
}

fn queued(queued: u64) -> String {
    match queued {
        0 => String::new(),
        queued => format!(", {} queued", Figure(queued)),
    }
}

fn more(figure: usize, what: &str) -> Option<Line> {
    let plural = if figure == 1 { "" } else { "s" };
    (figure > 0).then(|| Line::new(format!("… and {} more {what}{plural}", Figure(figure as u64))))
}
