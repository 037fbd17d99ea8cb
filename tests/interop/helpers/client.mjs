// Official clients that note all they receive, and the fence that makes "nobody got it" certain.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { Manager } from "socket.io-client";
import { next, within } from "./wait.mjs";

/** The three ways in which an official client connects. */
export const TRANSPORTS = {
  "websocket only": ["websocket"],
  "polling only": ["polling"],
  "polling, then upgraded": ["polling", "websocket"],
};

/**
 * Defines the tests of `suite` once per way to connect; `transports` goes to `connect`. Tests that
 * mostly wait may run at the same time, by `concurrency`.
 */
export function overEachTransport(topic, suite, { concurrency = 1 } = {}) {
  describe(topic, { concurrency }, () => {
    for (const [name, transports] of Object.entries(TRANSPORTS)) {
      describe(`${topic}, ${name}`, () => suite(transports));
    }
  });
}

/**
 * A client whose own manager starts connecting at once; it is closed when the test `t` ends.
 * Options other than these go to the manager.
 */
export function open(t, server, { namespace = "/", auth, ...options } = {}) {
  const manager = new Manager(server.url, { reconnection: false, ...options, autoConnect: false });
  t.after(() => closeManager(manager));
  return openNamespace(manager, namespace, auth);
}

/** Joins one more namespace over the connection of `manager`. */
export function openNamespace(manager, namespace, auth) {
  const socket = manager.socket(namespace, { auth });
  inboxes.set(socket, []);
  socket.onAny((event, ...args) => inboxes.get(socket).push({ event, args }));
  return socket.connect();
}

/** Like `open`, but returns the client when it is connected, and upgraded if it is to be. */
export async function connect(t, server, options) {
  const socket = open(t, server, options);
  const upgraded = options?.transports?.length > 1 && next(socket.io.engine, "upgrade", "the upgrade to websocket");
  await connected(socket);
  await upgraded;
  return socket;
}

/** `count` clients at once, see `connect`. */
export function connectMany(t, server, count, options) {
  return Promise.all(Array.from({ length: count }, () => connect(t, server, options)));
}

/** Resolves when the socket is connected, rejects with the `connect_error` if it is refused. */
export function connected(socket) {
  const outcome = new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return within(outcome, `the connection to ${socket.nsp}`);
}

function closeManager(manager) {
  for (const socket of Object.values(manager.nsps)) socket.disconnect();
  manager.disconnect();
}

/** All arguments of the server's acknowledgement. */
export function call(socket, event, ...args) {
  const answer = new Promise((resolve) => socket.emit(event, ...args, (...answers) => resolve(answers)));
  return within(answer, `the acknowledgement of "${event}" ${preview(args)}`);
}

/** The first argument of the server's acknowledgement. */
export const ask = async (...args) => (await call(...args))[0];

export const joinAll = (sockets, room) => Promise.all(sockets.map((socket) => call(socket, "join", room)));

const inboxes = new WeakMap();

/** The argument lists of all `event`s that the client has received so far. */
export function received(socket, event) {
  return inboxes.get(socket).filter((entry) => entry.event === event).map((entry) => entry.args);
}

/** The first argument of each, for events that have one. */
export const payloads = (socket, event) => received(socket, event).map(([payload]) => payload);

/** Waits until the client has received at least `count` times `event`. */
export async function waitForEvents(socket, event, count) {
  let listener;
  const enough = new Promise((resolve) => {
    listener = () => received(socket, event).length >= count && resolve();
    socket.onAny(listener);
    listener();
  });
  try {
    await within(enough, `event "${event}" number ${count}`).catch((error) => {
      throw new Error(`${error.message}; ${received(socket, event).length} arrived`, { cause: error });
    });
  } finally {
    socket.offAny(listener);
  }
}

/**
 * One round trip per client. What the server has sent to a client before is then in its inbox,
 * and what the client has sent before is processed.
 */
export const fence = (...sockets) => Promise.all(sockets.map((socket) => call(socket, "echo", "fence")));

/**
 * Asserts that `event` with `payload` reaches each of `to` once, and none of `notTo`. The payload
 * must be new in the test. First the wanted deliveries are awaited, then all clients pass the fence
 * twice: after the first, the event of a sender among them is processed, wherever it was to go, and
 * after the second its recipients have it. What has not arrived by then was not sent.
 */
export async function assertDelivered(event, payload, { to, notTo = [] }) {
  const count = (socket) => payloads(socket, event).filter((p) => p === payload).length;
  await Promise.all(to.map((socket) => waitForPayload(socket, event, payload)));
  for (let round = 0; round < 2; round++) await fence(...to, ...notTo);
  assert.deepEqual(to.map(count), to.map(() => 1), `"${event}" ${preview(payload)}: times received by its addressees`);
  assert.deepEqual(notTo.map(count), notTo.map(() => 0), `"${event}" ${preview(payload)}: times received by others`);
}

async function waitForPayload(socket, event, payload) {
  while (!payloads(socket, event).includes(payload)) {
    await waitForEvents(socket, event, received(socket, event).length + 1).catch((error) => {
      throw new Error(`no "${event}" ${preview(payload)} for ${socket.nsp} ${socket.id}: ${error.message}`);
    });
  }
}

function preview(value) {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
