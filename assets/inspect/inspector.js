// The inspector's page. It asks for topology.json every second while it can be seen, and changes what has changed: elements are
// kept by key, so that what is open stays open and what has the focus keeps it. Whatever clients have named goes into textContent only.

const INTERVAL_MS = 1000;
const RETRY_MS = 2000;
const PATIENCE_MS = 10_000;
/** Looks over which a rate is measured. */
const WINDOW = 6;
/** A full bar, in bytes; the scale is logarithmic. */
const FULL_BAR = 1 << 20;

const FIGURES = [
  // name, what is said of it, value, whether it is bad when it grows; those with `rate` are counters
  ["connections", (it) => it.connections, {}],
  ["sockets", (it) => it.sockets, {}],
  ["namespaces", (it) => it.namespaces.total, {}],
  ["rooms", (it) => it.rooms, {}],
  ["delivered", (it) => it.counters.delivered, { rate: true }],
  ["dropped", (it) => it.counters.dropped, { rate: true, bad: true }],
  ["slow consumers", (it) => it.counters.slow_consumers, { rate: true, bad: true }],
  ["panics", (it) => it.counters.panics, { rate: true, bad: true }],
  ["unknown acks", (it) => it.counters.unknown_acks, { rate: true, bad: true }],
  ["order given up", (it) => it.counters.fences_forced + it.counters.fences_given_up, { rate: true, bad: true }],
  ["stalls", (it) => it.counters.stalls, { rate: true, bad: true }],
  ["restarts", (it) => it.counters.restarts, { rate: true, bad: true }],
  ["queued", (it) => sum(it.couriers, "queued") + sum(it.namespaces.items, "queued") + it.queued, {}],
];

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const figure = (value) => number.format(value);
const count = (value, what) => `${figure(value)} ${what}${value === 1 ? "" : "s"}`;
const sum = (items, field) => items.reduce((total, item) => total + item[field], 0);
const moreOf = (listing) => Math.max(0, listing.total - listing.items.length);

// ---- elements ----

function element(tag, className, ...children) {
  const it = document.createElement(tag);
  if (className) it.className = className;
  it.append(...children);
  return it;
}

/** Touches the page only where something is different. */
function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function setHidden(target, hidden) {
  if (target.hidden !== hidden) target.hidden = hidden;
}

/** A name as a client has chosen it: what cannot be seen, or turns the line around, is shown as its code. */
function visible(name) {
  const shown = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0).toString(16)}}`);
  return shown === "" ? "(empty)" : shown;
}

function setName(target, name) {
  const shown = visible(name);
  setText(target, shown);
  if (target.title !== shown) target.title = shown;
}

/** Makes the children of `parent` those of `items`, in their order; elements of the same key are kept. */
function reconcile(parent, items, keyOf, create, update) {
  const known = new Map();
  for (const child of parent.children) known.set(child.dataset.key, child);
  // What is gone goes first: an element that is moved loses the focus, and in between nothing has to be.
  const keys = new Set(items.map((item) => String(keyOf(item))));
  for (const [key, child] of known) if (!keys.has(key)) child.remove();
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = known.get(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
    }
    if (child === place) {
      place = place.nextElementSibling;
    } else {
      parent.insertBefore(child, place);
    }
    update(child, item);
  }
}

/** A line that opens: a name, what is said of it, and what is below. */
function branch(testid) {
  const it = element("li", "branch");
  const details = element("details");
  const summary = element("summary");
  it.parts = {
    details,
    name: element("bdi", "name"),
    badge: element("span", "badge"),
    facts: element("span", "facts"),
    below: element("ul", "tree"),
    more: element("p", "more"),
  };
  const { name, badge, facts, below, more } = it.parts;
  summary.append(element("span", "line", name, badge), facts);
  details.append(summary, below, more);
  it.append(details);
  it.dataset.testid = testid;
  return it;
}

function leaf(testid) {
  const it = element("li", "leaf");
  it.parts = { name: element("bdi", "name"), badge: element("span", "badge"), facts: element("span", "facts") };
  it.append(element("span", "line", it.parts.name, it.parts.badge), it.parts.facts);
  it.dataset.testid = testid;
  return it;
}

const SAID_OF = { silent: "no answer", gone: "gone", not_asked: "not asked" };

function setBadge(badge, state) {
  setText(badge, SAID_OF[state] ?? "");
  setHidden(badge, state === "answered");
  badge.dataset.state = state;
}

function setMore(target, more, what) {
  setText(target, more > 0 ? `… and ${count(more, `more ${what}`)}` : "");
  setHidden(target, more === 0);
}

function facts(...parts) {
  return parts.filter(Boolean).join(" · ");
}

const queued = (value) => value > 0 && `${figure(value)} queued`;

// ---- the tree ----

function showNamespace(li, it) {
  const { name, badge, facts: said, below, more } = li.parts;
  setName(name, it.name);
  setBadge(badge, it.state);
  const asks = it.collectors.total > 0 && count(it.collectors.total, "open ask");
  setText(said, facts(queued(it.queued), asks, count(it.rooms.total, "room"), count(it.sockets, "socket")));
  reconcile(below, it.rooms.items, (room) => room.name, () => branch("room"), showRoom);
  setMore(more, moreOf(it.rooms), "room");
}

function showRoom(li, it) {
  const { name, badge, facts: said, below, more } = li.parts;
  setName(name, it.name);
  setBadge(badge, it.state);
  setText(said, facts(queued(it.queued), count(it.members.total, "member")));
  // The server lists them in no order.
  const members = [...it.members.items].sort();
  reconcile(below, members, (id) => id, () => leaf("member"), (item, id) => {
    setName(item.parts.name, id);
    setBadge(item.parts.badge, "answered");
  });
  setMore(more, moreOf(it.members), "member");
}

function showCourier(li, it) {
  const { name, badge, facts: said, below, more } = li.parts;
  setText(name, `courier ${it.number}`);
  setBadge(badge, it.state);
  const fenced = it.fenced > 0 && `${figure(it.fenced)} fenced`;
  setText(said, facts(queued(it.queued), fenced, count(it.sockets, "socket"), count(it.sessions.total, "session")));
  reconcile(below, it.sessions.items, (session) => session.connection, session, showSession);
  setMore(more, moreOf(it.sessions), "session");
}

function session() {
  const li = branch("session");
  const fill = element("span", "fill");
  const bar = element("span", "bar", fill);
  bar.setAttribute("aria-hidden", "true");
  li.parts.fill = fill;
  li.parts.facts.before(bar);
  return li;
}

function showSession(li, it) {
  const { name, badge, facts: said, below, more, fill } = li.parts;
  setText(name, `session ${it.connection}`);
  const frozen = it.transports.some((transport) => transport.state === "silent");
  setBadge(badge, it.state === "answered" && frozen ? "silent" : it.state);
  const { packets, bytes } = it.outbox;
  const width = `${Math.min(100, (100 * Math.log2(1 + bytes)) / Math.log2(FULL_BAR)).toFixed(0)}%`;
  if (fill.style.width !== width) fill.style.width = width;
  setText(said, facts(
    it.running_handlers > 0 && `${count(it.running_handlers, "handler")} running`,
    it.waiting_events > 0 && `${count(it.waiting_events, "event")} waiting`,
    it.pending_acks > 0 && count(it.pending_acks, "ack") + " owed",
    packets > 0 ? `${count(packets, "packet")}, ${size(bytes)}` : "empty outbox",
    it.transport,
  ));
  reconcile(below, it.sockets.items, (socket) => socket.id, () => leaf("socket"), (item, socket) => {
    setName(item.parts.name, socket.id);
    setBadge(item.parts.badge, "answered");
    setText(item.parts.facts, visible(socket.namespace));
  });
  setMore(more, moreOf(it.sockets), "socket");
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Forwarders and recipients have no names of their own: their place is their key. */
function showOutside(topology) {
  const told = topology.forwarders.items.map((it, at) => ({
    key: `forwarder ${at}`,
    name: "told what happens",
    state: it.state,
    said: facts(it.missed > 0 && `${figure(it.missed)} missed`, `${figure(it.waiting)} waiting`),
  }));
  const sending = topology.outlets.items.map((it, at) => ({
    key: `recipient ${at}`,
    name: it.serves || "recipient",
    state: it.state,
    said: `${figure(it.taken)} taken`,
  }));
  setHidden($("beside"), topology.forwarders.total + topology.outlets.total === 0);
  reconcile($("outside"), [...told, ...sending], (it) => it.key, () => leaf("outside"), (li, it) => {
    setName(li.parts.name, it.name);
    setBadge(li.parts.badge, it.state);
    setText(li.parts.facts, it.said);
  });
  setMore($("outside-more"), moreOf(topology.forwarders) + moreOf(topology.outlets), "of these");
}

// ---- figures ----

/** The last looks: when, and the values of the figures then. */
let looks = [];

function showFigures(topology, at) {
  const values = FIGURES.map(([, value]) => value(topology));
  // A server that was started again begins anew.
  if (looks.length > 0 && at < looks[looks.length - 1].at) looks = [];
  if (looks.length === 0 || at > looks[looks.length - 1].at) looks.push({ at, values });
  if (looks.length > WINDOW) looks.shift();
  const first = looks[0];
  const seconds = (at - first.at) / 1000;
  FIGURES.forEach(([name, , { rate, bad }], position) => {
    const { value, speed, box } = figureBox(name, rate);
    setText(value, figure(values[position]));
    const growing = values[position] - first.values[position];
    if (rate) setText(speed, seconds > 0 ? `${perSecond(growing / seconds)}/s` : "–");
    const mood = bad && values[position] > 0 ? (growing > 0 ? "alarm" : "noted") : "";
    if (box.dataset.mood !== mood) box.dataset.mood = mood;
  });
}

const perSecond = (value) => figure(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
const boxes = new Map();

function figureBox(name, rate) {
  let it = boxes.get(name);
  if (!it) {
    const value = element("span", "value");
    const speed = element("span", "speed");
    const term = element("dt");
    term.textContent = name;
    const box = element("div", "figure", term, element("dd", "", value, speed));
    box.dataset.testid = `figure-${name.replaceAll(" ", "-")}`;
    setHidden(speed, !rate);
    $("figures").append(box);
    it = { value, speed, box };
    boxes.set(name, it);
  }
  return it;
}

// ---- the filter ----

/** What the reader had open, while a filter opens what it finds. */
const openBefore = new Map();

function applyFilter() {
  const wanted = $("filter").value.trim().toLowerCase();
  let found = 0;
  const visit = (li, shownAnyway) => {
    const own = !wanted || li.querySelector(".name").textContent.toLowerCase().includes(wanted);
    let below = false;
    const details = li.parts.details;
    if (details) for (const child of li.parts.below.children) below = visit(child, shownAnyway || own) || below;
    if (wanted && own) found += 1;
    setHidden(li, !(own || below || shownAnyway));
    if (details && wanted && below) {
      if (!openBefore.has(details)) openBefore.set(details, details.open);
      details.open = true;
    }
    return own || below;
  };
  for (const root of document.querySelectorAll("main section > .tree, #outside")) {
    for (const li of root.children) visit(li, false);
  }
  if (!wanted) {
    for (const [details, open] of openBefore) details.open = open;
    openBefore.clear();
  }
  setText($("filter-hint"), wanted ? `${figure(found)} found among what is listed` : "");
}

// ---- asking ----

let paused = false;
let timer;
let asking = false;

function setState(state, text) {
  if ($("state").dataset.state !== state) $("state").dataset.state = state;
  setText($("state-text"), text);
}

function show(topology, at) {
  showFigures(topology, at);
  reconcile($("namespaces"), topology.namespaces.items, (it) => it.name, openBranch("namespace"), showNamespace);
  setMore($("namespaces-more"), moreOf(topology.namespaces), "namespace");
  reconcile($("couriers"), topology.couriers, (it) => it.number, openBranch("courier"), showCourier);
  showOutside(topology);
  applyFilter();
}

/** The first level is open, but where there is too much to see the rest. */
function openBranch(testid) {
  return (item) => {
    const li = branch(testid);
    li.parts.details.open = (item.rooms ?? item.sessions).total <= 20;
    return li;
  };
}

async function ask() {
  clearTimeout(timer);
  if (asking || paused || document.hidden) return;
  asking = true;
  const began = performance.now();
  let wait = INTERVAL_MS;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`topology.json?${$("depth").value}`, { cache: "no-store", signal });
    if (!answer.ok) throw new Error(answer.status === 401 || answer.status === 403 ? "Not allowed" : `Status ${answer.status}`);
    const at = Number(answer.headers.get("x-snapshot-at"));
    const topology = await answer.json();
    show(topology, at);
    if (!paused) {
      if (topology.state === "answered") setState("live", "Live");
      else setState("late", topology.state === "silent" ? "The server is busy" : "Not started");
    }
  } catch (error) {
    const reason = error instanceof TypeError || error.name === "TimeoutError" ? "No connection" : error.message;
    setState("lost", reason);
    wait = RETRY_MS;
  } finally {
    asking = false;
  }
  timer = setTimeout(ask, Math.max(0, wait - (performance.now() - began)));
}

$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", String(paused));
  setText($("pause"), paused ? "Go on" : "Pause");
  if (paused) setState("paused", "Paused");
  else ask();
});
$("filter").addEventListener("input", applyFilter);
$("tools").addEventListener("submit", (event) => event.preventDefault());
$("depth").addEventListener("change", ask);
document.addEventListener("visibilitychange", ask);
ask();
