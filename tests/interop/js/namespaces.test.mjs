// Namespaces: several on one connection, kept apart, guarded by a middleware, or absent.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  ask, assertDelivered, call, connect, connected, fence, joinAll, open, openNamespace, overEachTransport, received, waitForEvents,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { next } from "../helpers/wait.mjs";

const server = useServer();

/** One connection with the namespaces `/` and `/admin`. */
async function connectBoth(t, transports) {
  const main = await connect(t, server, { transports });
  const admin = openNamespace(main.io, "/admin", { as: "admin" });
  await connected(admin);
  return { main, admin };
}

async function refusalOf(socket) {
  const [error] = await next(socket, "connect_error", `the refusal of ${socket.nsp}`);
  return error;
}

overEachTransport("namespaces", (transports) => {
  it("two namespaces share one connection, with their own ids and auth", async (t) => {
    const { main, admin } = await connectBoth(t, transports);
    assert.equal(main.io.engine, admin.io.engine);
    assert.notEqual(main.id, admin.id);
    assert.deepEqual(await Promise.all([ask(main, "id"), ask(admin, "id")]), [main.id, admin.id]);
    await Promise.all([waitForEvents(main, "welcome", 1), waitForEvents(admin, "welcome", 1)]);
    assert.deepEqual(received(main, "welcome"), [[{ auth: {} }]]);
    assert.deepEqual(received(admin, "welcome"), [[{ auth: { as: "admin" } }]]);
  });

  it("middleware can join rooms and emit", async (t) => {
    const socket = await connect(t, server, { transports, namespace: "/early" });
    await waitForEvents(socket, "early", 1);
    assert.deepEqual(received(socket, "early"), [[socket.id]]);
    assert.deepEqual(await ask(socket, "rooms"), [socket.id, "early"].sort());
  });

  it("events, answers and binary stay in their namespace", async (t) => {
    const { main, admin } = await connectBoth(t, transports);
    main.emit("back", "main", Buffer.from("m"));
    admin.emit("back", "admin", Buffer.from("a"));
    const answers = await Promise.all([call(main, "echo", 1, Buffer.from("1")), call(admin, "echo", 2, Buffer.from("2"))]);
    assert.deepEqual(answers, [[1, Buffer.from("1")], [2, Buffer.from("2")]]);
    assert.deepEqual(received(main, "back"), [["main", Buffer.from("m")]]);
    assert.deepEqual(received(admin, "back"), [["admin", Buffer.from("a")]]);
  });

  it("the same room name means two rooms", async (t) => {
    const first = await connectBoth(t, transports);
    const second = await connectBoth(t, transports);
    await joinAll([first.main, first.admin, second.main, second.admin], "shared name");
    first.main.emit("to", "shared name", "in main");
    await assertDelivered("room", "in main", { to: [second.main], notTo: [first.main, first.admin, second.admin] });
    first.admin.emit("in", "shared name", "in admin");
    await assertDelivered("room", "in admin", { to: [first.admin, second.admin], notTo: [first.main, second.main] });
  });

  it("broadcasts and socket ids do not cross namespaces", async (t) => {
    const first = await connectBoth(t, transports);
    const second = await connectBoth(t, transports);
    first.admin.emit("all", "admins");
    await assertDelivered("all", "admins", { to: [first.admin, second.admin], notTo: [first.main, second.main] });
    first.main.emit("shout", "loud");
    await assertDelivered("shout", "loud", { to: [second.main], notTo: [first.main, first.admin, second.admin] });
    first.main.emit("to", second.admin.id, "across");
    await assertDelivered("room", "across", { to: [], notTo: [first.main, first.admin, second.main, second.admin] });
  });

  it("leaving one namespace keeps the other", async (t) => {
    const { main, admin } = await connectBoth(t, transports);
    main.disconnect();
    assert.equal(await ask(admin, "echo", "alive"), "alive");
    main.connect();
    await connected(main);
    assert.equal(await ask(main, "echo", "back again"), "back again");
  });

  it("a connection need not join the namespace /", async (t) => {
    const admin = await connect(t, server, { transports, namespace: "/admin" });
    assert.equal(await ask(admin, "id"), admin.id);
  });

  it("a namespace that does not exist is refused", async (t) => {
    const client = open(t, server, { transports, namespace: "/nowhere" });
    const error = await refusalOf(client);
    assert.equal(error.message, "Invalid namespace");
    assert.equal(error.data, undefined);
    assert.equal(client.connected, false);
  });

  it("a refused namespace leaves the others of the connection alone", async (t) => {
    const { main, admin } = await connectBoth(t, transports);
    const error = await refusalOf(openNamespace(main.io, "/nowhere"));
    assert.equal(error.message, "Invalid namespace");
    await fence(main, admin);
  });
});

overEachTransport("middleware", (transports) => {
  const REFUSED = {
    "no token": undefined,
    "a wrong token": { token: "guess" },
    "a token of another type": { token: ["secret"] },
  };
  for (const [name, auth] of Object.entries(REFUSED)) {
    it(`${name} is refused, with message and data`, async (t) => {
      const client = open(t, server, { transports, namespace: "/private", auth });
      const error = await refusalOf(client);
      assert.equal(error.message, "not authorized");
      assert.deepEqual(error.data, { code: 401 });
      assert.equal(client.connected, false);
    });
  }

  it("the right token is let in", async (t) => {
    const client = await connect(t, server, { transports, namespace: "/private", auth: { token: "secret" } });
    assert.match(client.id, /^[\w-]{20}$/);
  });

  it("a refused client may try again over the same connection", async (t) => {
    const main = await connect(t, server, { transports });
    const guarded = openNamespace(main.io, "/private", { token: "guess" });
    assert.equal((await refusalOf(guarded)).message, "not authorized");
    guarded.auth = { token: "secret" };
    guarded.connect();
    await connected(guarded);
    await fence(main);
  });
});
