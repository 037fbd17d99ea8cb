// The demo page of the broker: a chat on the official Socket.IO browser client, which index.html loads before this
// file. It shows namespaces, rooms, broadcasts, acknowledgements, presence and the change of transport. It keeps
// nothing, and it trusts nothing it receives: every text reaches the document through textContent.
//
// To the server:   join(room, ack)  leave(room, ack)  message(room, text)  message-all(text)
//                  who(room | null, ack)  ping-server(n, ack)          with auth {name} at connect
// From the server: message {room, text, name, id, scope}  presence {kind, room, name, id, reason}

const ACK_TIMEOUT_MS = 5000;
const MAX_ENTRIES = 500;
const ONLINE_ONLY = ["room-input", "join-button", "target-select", "message-input", "send-button", "who-button", "ping-button"];
const NAMESPACES = ["/chat", "/news"];
const EVERYONE = ""; // the value of the target that is no room; a room's name is never empty
const GUESTS = ["Ben", "Cleo", "Dara", "Emil", "Fay", "Gus", "Hana", "Ivo"];

const $ = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

// The one connection of the page. `rooms` outlives a lost connection, so that the page can join them again.
const state = { socket: null, name: "", namespace: NAMESPACES[0], rooms: [], pings: 0, stuck: true };

// ---- small helpers -------------------------------------------------------------------------------------------

// Makes an element; `text` is always text, never markup.
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function label(room) {
  return room ? `#${room}` : "everyone";
}

// A steady colour for a name, as an angle on the colour wheel.
function hue(name) {
  let sum = 7;
  for (const char of name) sum = (sum * 31 + char.codePointAt(0)) % 3600;
  return sum % 360;
}

function showError(text) {
  // The same text again would be read out again, at every attempt to reconnect.
  if ($("error-text").textContent !== text) $("error-text").textContent = text;
  $("error").hidden = false;
}

function clearError() {
  $("error").hidden = true;
  $("error-text").textContent = "";
}

function isOnline() {
  return state.socket !== null && state.socket.connected;
}

// Asks the server with an acknowledgement. Gives undefined after showing the error, so that callers need no catch.
async function ask(what, event, ...args) {
  const socket = state.socket;
  if (!isOnline()) return undefined;
  try {
    const answer = await socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, ...args);
    return socket === state.socket ? answer : undefined;
  } catch (error) {
    if (socket === state.socket) showError(`${what}: ${error.message}`);
    return undefined;
  }
}

// ---- the stream ----------------------------------------------------------------------------------------------

function scrollToEnd() {
  const stream = $("stream");
  stream.scrollTop = stream.scrollHeight;
  state.stuck = true;
  $("to-end").hidden = true;
}

// Adds one line. It follows the end only when the reader is there already: nobody likes to be torn away.
function append(entry, kind, forceScroll) {
  const entries = $("entries");
  entry.dataset.testid = "entry";
  entry.dataset.kind = kind;
  entries.append(entry);
  while (entries.childElementCount > MAX_ENTRIES) entries.firstElementChild.remove();
  $("empty").hidden = true;
  if (state.stuck || forceScroll) scrollToEnd();
  else $("to-end").hidden = false;
}

function timeElement() {
  const now = new Date();
  const time = make("time", "", clock.format(now));
  time.dateTime = now.toISOString();
  return time;
}

function addNote(kind, text, presence) {
  const entry = make("li", `note ${kind}`);
  if (presence) entry.dataset.presence = presence;
  const line = make("span", "note-text", text);
  line.dataset.testid = "entry-text";
  entry.append(line, timeElement());
  append(entry, kind, false);
}

// Whether a message goes on where the line before it stopped: same author, same audience, same origin.
function follows(entry) {
  const last = $("entries").lastElementChild;
  return last !== null && ["author", "scope", "room", "origin"].every((key) => last.dataset[key] === entry.dataset[key]);
}

// `origin` is "local" for a message the page shows by itself, "server" for one that came over the wire.
function addMessage({ name, id, room, text, scope }, origin) {
  const own = id === state.socket.id;
  const entry = make("li", `message ${own ? "own" : "other"}`);
  Object.assign(entry.dataset, { author: id, scope, room: room ?? "", origin });
  entry.style.setProperty("--hue", hue(name));
  entry.classList.toggle("follows", follows(entry));

  const avatar = make("span", "avatar", [...name.trim()][0] ?? "?");
  avatar.setAttribute("aria-hidden", "true");
  const meta = make("p", "meta");
  meta.append(make("span", "author", own ? "You" : name), make("span", `tag ${scope}`, label(room)), timeElement());
  const words = make("p", "text", text);
  words.dataset.testid = "entry-text";
  const body = make("div", "body");
  body.append(meta, words);
  entry.append(avatar, body);
  append(entry, own ? "own" : "other", own);
}

function onMessage(message) {
  addMessage({
    name: String(message?.name ?? "somebody"),
    id: String(message?.id ?? ""),
    room: message?.room == null ? null : String(message.room),
    text: String(message?.text ?? ""),
    scope: message?.scope === "all" ? "all" : "room",
  }, "server");
}

function onPresence(presence) {
  const name = String(presence?.name ?? "somebody");
  const room = label(String(presence?.room ?? ""));
  const reason = presence?.reason ? ` (${presence.reason})` : "";
  const texts = {
    connected: `${name} connected`,
    disconnected: `${name} disconnected${reason}`,
    joined: `${name} joined ${room}`,
    left: `${name} left ${room}`,
  };
  if (Object.hasOwn(texts, presence?.kind)) addNote("presence", texts[presence.kind], presence.kind);
}

// ---- what the page shows of its state ------------------------------------------------------------------------

function showState(name, text) {
  const transport = isOnline() ? state.socket.io.engine.transport.name : "";
  $("state").dataset.state = name;
  $("state").dataset.transport = transport;
  $("state-text").textContent = text;
  $("transport").textContent = transport;
  $("transport").hidden = transport === "";
  refresh();
}

function refresh() {
  const online = isOnline();
  const chosen = state.socket !== null;
  $("name-input").disabled = chosen;
  $("connect-button").hidden = chosen;
  $("disconnect-button").hidden = !chosen;
  for (const id of ONLINE_ONLY) $(id).disabled = !online;
  $("facts").hidden = !online;
  $("socket-id").textContent = online ? state.socket.id : "";
  $("chat-subtitle").textContent = chosen ? `${state.name} in ${state.namespace}` : "Not connected";
  document.title = chosen ? `${state.name} in ${state.namespace} – actix-socketio` : "actix-socketio broker";
  for (const button of $("rooms").querySelectorAll("button")) button.disabled = !online;
  refreshSecondWindow();
}

function refreshSecondWindow() {
  const guest = GUESTS.filter((name) => name !== state.name)[Math.floor(Math.random() * (GUESTS.length - 1))];
  const query = new URLSearchParams({ name: guest, namespace: state.namespace });
  for (const room of state.rooms) query.append("room", room);
  $("second-window").href = `/?${query}`;
}

function chip(room) {
  const item = make("li", "chip");
  Object.assign(item.dataset, { testid: "room-chip", room });
  const select = make("button", "chip-name", label(room));
  select.type = "button";
  select.title = `Write to ${label(room)}`;
  select.addEventListener("click", () => setTarget(room));
  const leave = make("button", "chip-leave", "×");
  leave.type = "button";
  leave.dataset.testid = "leave-button";
  leave.setAttribute("aria-label", `Leave ${room}`);
  leave.addEventListener("click", () => leaveRoom(room));
  item.append(select, leave);
  return item;
}

function option(value, text) {
  const element = make("option", "", text);
  element.value = value;
  return element;
}

// Shows these rooms and keeps the target where it is still possible: a target that is gone gives way to the last room.
function setRooms(rooms, target = $("target-select").value) {
  state.rooms = rooms;
  $("rooms").replaceChildren(...rooms.map(chip));
  const options = rooms.map((room) => option(room, label(room)));
  $("target-select").replaceChildren(option(EVERYONE, "Everyone"), ...options);
  setTarget(target === EVERYONE || rooms.includes(target) ? target : rooms.at(-1) ?? EVERYONE);
  refresh();
}

// The rooms of an acknowledgement, less the room that every socket has of its own.
function roomsOf(answer) {
  return (Array.isArray(answer.rooms) ? answer.rooms : []).map(String).filter((room) => room !== state.socket.id);
}

function setTarget(room) {
  $("target-select").value = room;
  for (const item of $("rooms").children) {
    item.querySelector(".chip-name").setAttribute("aria-pressed", String(item.dataset.room === room));
  }
}

function setNamespace(namespace) {
  state.namespace = namespace;
  setRooms([]);
}

// On a phone the panel folds away; wider screens show it always and do not look at this.
function setPanel(open) {
  document.body.dataset.panel = open ? "open" : "closed";
  $("panel-toggle").setAttribute("aria-expanded", String(open));
}

// ---- connecting ----------------------------------------------------------------------------------------------

function connect(name, namespace, rooms) {
  disconnect();
  clearError();
  Object.assign(state, { name, namespace });
  // A manager of its own: leaving a namespace closes its connection, and the next one starts anew.
  const path = document.querySelector("meta[name=socketio-path]").content;
  const socket = window.io(namespace, { path, auth: { name }, forceNew: true });
  state.socket = socket;
  setRooms(rooms, rooms.at(-1) ?? EVERYONE);
  const mine = (handler) => (...args) => { if (socket === state.socket) handler(...args); };
  socket.once("connect", mine(() => setPanel(false)));
  socket.on("connect", mine(onConnect));
  socket.on("disconnect", mine(onDisconnect));
  socket.on("connect_error", mine(onConnectError));
  socket.on("message", mine(onMessage));
  socket.on("presence", mine(onPresence));
  socket.io.on("open", () => socket.io.engine.on("upgrade", mine(() => isOnline() && showState("online", "Connected"))));
  socket.io.on("reconnect_attempt", mine((attempt) => showState("reconnecting", `Reconnecting, attempt ${attempt}`)));
  showState("connecting", "Connecting");
}

async function onConnect() {
  const socket = state.socket;
  clearError();
  showState("online", "Connected");
  addNote("system", socket.recovered ? "Connection recovered" : `Connected to ${state.namespace} as ${state.name}`);
  // Only a focus that has nowhere to be is moved: the form that had it is disabled by now.
  if (document.activeElement === document.body) $("message-input").focus();
  // A recovered session still has its rooms; a new one has none yet.
  if (socket.recovered) return;
  for (const room of state.rooms) {
    if (socket === state.socket) await joinRoom(room);
  }
}

function onDisconnect(reason) {
  addNote("system", `Disconnected (${reason})`);
  $("who").hidden = true;
  $("ping-result").hidden = true;
  if (state.socket.active) {
    showState("reconnecting", "Reconnecting");
  } else {
    showError("The server closed the connection.");
    disconnect();
  }
}

function onConnectError(error) {
  const retrying = state.socket.active;
  showError(retrying ? `Cannot reach the server (${error.message}). Trying again.` : `The server refused: ${error.message}`);
  if (!retrying) disconnect();
}

// Ends the connection on the page's side. The socket is forgotten first: what it still reports is old news.
function disconnect() {
  const socket = state.socket;
  if (socket === null) return;
  const wasOnline = socket.connected;
  state.socket = null;
  socket.disconnect();
  setRooms([]);
  $("who").hidden = true;
  $("ping-result").hidden = true;
  if (wasOnline) addNote("system", `You left ${state.namespace}`);
  showState("offline", "Offline");
}

// ---- what the reader does ------------------------------------------------------------------------------------

// Joins a room; `select` makes it the target as well. Says whether that worked.
async function joinRoom(room, select) {
  const answer = await ask(`Joining ${label(room)}`, "join", room);
  if (answer === undefined) return false;
  if (answer?.ok !== true) {
    showError(`Joining ${label(room)}: ${answer?.error ?? "the server said no"}`);
    setRooms(state.rooms.filter((other) => other !== room));
    return false;
  }
  const joined = roomsOf(answer);
  // After a reconnection the page asks for its rooms one by one: those that are still to come stay on show.
  setRooms([...joined, ...state.rooms.filter((other) => !joined.includes(other))], select ? room : undefined);
  addNote("system", `You joined ${label(room)}`);
  return true;
}

async function leaveRoom(room) {
  const answer = await ask(`Leaving ${label(room)}`, "leave", room);
  if (answer === undefined) return;
  if (answer?.ok !== true) {
    showError(`Leaving ${label(room)}: ${answer?.error ?? "the server said no"}`);
    return;
  }
  setRooms(roomsOf(answer));
  addNote("system", `You left ${label(room)}`);
  $("room-input").focus();
}

// A message to a room comes back to everyone else, so the page shows it by itself; one to all comes back to all.
function send(text) {
  const room = $("target-select").value;
  if (room === EVERYONE) {
    state.socket.emit("message-all", text);
    return;
  }
  state.socket.emit("message", room, text);
  addMessage({ name: state.name, id: state.socket.id, room, text, scope: "room" }, "local");
}

async function who() {
  const room = $("target-select").value;
  const people = await ask("Who is here", "who", room === EVERYONE ? null : room);
  if (people === undefined) return;
  if (!Array.isArray(people)) {
    showError("Who is here: the answer is no list");
    return;
  }
  const place = room === EVERYONE ? state.namespace : `${label(room)} in ${state.namespace}`;
  $("who-title").textContent = `${people.length} in ${place} at ${clock.format(new Date())}`;
  $("who-list").replaceChildren(...people.map(person));
  $("who").hidden = false;
}

function person(someone) {
  const name = String(someone?.name ?? "somebody");
  const item = make("li", "person");
  item.dataset.testid = "who-item";
  item.title = String(someone?.id ?? "");
  item.style.setProperty("--hue", hue(name));
  const avatar = make("span", "avatar", [...name.trim()][0] ?? "?");
  avatar.setAttribute("aria-hidden", "true");
  item.append(avatar, make("span", "person-name", name));
  if (someone?.id === state.socket.id) item.append(make("span", "you", "you"));
  return item;
}

async function ping() {
  const number = ++state.pings;
  const start = performance.now();
  const answer = await ask("Ping", "ping-server", number);
  if (answer === undefined) return;
  if (answer !== number + 1) {
    showError(`Ping: sent ${number}, expected ${number + 1}, got ${String(answer)}`);
    return;
  }
  $("ping-result").textContent = `${(performance.now() - start).toFixed(1)} ms`;
  $("ping-result").dataset.count = String(number);
  $("ping-result").hidden = false;
}

// ---- wiring --------------------------------------------------------------------------------------------------

function chosenNamespace() {
  return document.querySelector("input[name=namespace]:checked").value;
}

// What the reader does next puts the error of what was done before out of sight.
function onClick(id, handler) {
  $(id).addEventListener("click", () => {
    clearError();
    handler();
  });
}

// A form that never leaves the page: its handler runs instead of the browser's.
function onSubmit(id, handler) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    clearError();
    handler();
  });
}

function wire() {
  onSubmit("connect-form", () => {
    const name = $("name-input").value.trim();
    if (name && state.socket === null) connect(name, chosenNamespace(), []);
  });
  onSubmit("join-form", async () => {
    const room = $("room-input").value.trim();
    if (room && isOnline() && await joinRoom(room, true)) $("room-input").value = "";
  });
  onSubmit("message-form", () => {
    const text = $("message-input").value;
    if (!text.trim() || !isOnline()) return;
    send(text);
    $("message-input").value = "";
  });
  for (const radio of document.querySelectorAll("input[name=namespace]")) {
    radio.addEventListener("change", () => {
      if (state.socket === null) setNamespace(radio.value);
      else connect(state.name, radio.value, []);
    });
  }
  onClick("disconnect-button", () => {
    disconnect();
    $("name-input").focus();
  });
  $("target-select").addEventListener("change", () => setTarget($("target-select").value));
  onClick("who-button", who);
  $("who-close").addEventListener("click", () => { $("who").hidden = true; });
  onClick("ping-button", ping);
  $("error-close").addEventListener("click", clearError);
  $("to-end").addEventListener("click", scrollToEnd);
  $("panel-toggle").addEventListener("click", () => setPanel(document.body.dataset.panel !== "open"));
  wireScrolling();
}

// Follows the end of the stream until the reader scrolls away from it. A change of size scrolls as well, but says
// nothing about the reader: a smaller window, a phone's keyboard or the list of people must not hide the last line.
function wireScrolling() {
  const stream = $("stream");
  const measure = () => `${stream.clientWidth}x${stream.clientHeight}`;
  let size = measure();
  stream.addEventListener("scroll", () => {
    if (measure() !== size) return;
    state.stuck = stream.scrollHeight - stream.scrollTop - stream.clientHeight < 48;
    if (state.stuck) $("to-end").hidden = true;
  });
  new ResizeObserver(() => {
    size = measure();
    if (state.stuck) scrollToEnd();
  }).observe(stream);
}

// ?name=Ann&namespace=/chat&room=lobby fills the form, connects and joins; `room` may come more than once.
function startFromUrl() {
  const query = new URLSearchParams(window.location.search);
  const name = (query.get("name") ?? "").trim();
  const namespace = query.get("namespace") ?? NAMESPACES[0];
  const rooms = query.getAll("room").map((room) => room.trim()).filter(Boolean);
  $("name-input").value = name;
  setNamespace(state.namespace);
  if (!NAMESPACES.includes(namespace)) {
    showError(`There is no namespace ${namespace} here; choose ${NAMESPACES.join(" or ")}.`);
    return;
  }
  setNamespace(namespace);
  document.querySelector(`input[name=namespace][value="${namespace}"]`).checked = true;
  $("room-input").value = name ? "" : rooms[0] ?? "";
  if (name) connect(name, namespace, [...new Set(rooms)]);
  else $("name-input").focus();
}

if (window.io) {
  wire();
  startFromUrl();
} else {
  showError("The Socket.IO client did not load.");
}
