// Namespaces that are made when a client asks for them, and the chain of middlewares.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ask, assertDelivered, call, connect, connected, fence, joinAll, open, openNamespace, overEachTransport, received,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { askUntil, next } from "../helpers/wait.mjs";

const server = useServer();
const cleaning = useServer({ CLEANUP: "true" });

const SECRET = { token: "secret" };

let names = 0;
/** A name that no other test uses. */
const newName = (kind) => (kind === "org" ? `/org/${++names}/chat` : `/guarded-${++names}`);

const orgOf = (name) => name.split("/")[2];

async function refusalOf(socket) {
  const [error] = await next(socket, "connect_error", `the refusal of ${socket.nsp}`);
  return error;
}

overEachTransport("dynamic namespaces", (transports) => {
  const join = (t, namespace, auth) => connect(t, server, { transports, namespace, auth });

  it("a name that fits a pattern is a namespace, and its parameter is known", async (t) => {
    const name = newName("org");
    const client = await join(t, name);
    assert.equal(await ask(client, "org"), orgOf(name));
    assert.deepEqual(await call(client, "echo", 1, Buffer.from("2")), [1, Buffer.from("2")]);
    assert.deepEqual(received(client, "welcome"), [[{ auth: {} }]]);
  });

  for (const name of ["/org/1", "/org//chat", "/org/1/2/chat", "/org/1/chat/", "/nowhere"]) {
    it(`${name} fits nothing and is refused`, async (t) => {
      const error = await refusalOf(open(t, server, { transports, namespace: name }));
      assert.equal(error.message, "Invalid namespace");
      assert.equal(error.data, undefined);
    });
  }

  it("children inherit the middleware of their parent", async (t) => {
    const main = await join(t, "/");
    const error = await refusalOf(openNamespace(main.io, "/org/closed/chat"));
    assert.equal(error.message, "closed");
    assert.deepEqual(error.data, { org: "closed" });
    await fence(main);
  });

  it("children have rooms and broadcasts of their own", async (t) => {
    const [name, otherName] = [newName("org"), newName("org")];
    const [a, b, other] = await Promise.all([join(t, name), join(t, name), join(t, otherName)]);
    await joinAll([a, b, other], "room");
    a.emit("to", "room", "in a room");
    await assertDelivered("room", "in a room", { to: [b], notTo: [a, other] });
    other.emit("all", "in the other");
    await assertDelivered("all", "in the other", { to: [other], notTo: [a, b] });
  });

  it("what the parent emits reaches the clients of all children and nobody else", async (t) => {
    const [a, b, guarded, main] = await Promise.all([
      join(t, newName("org")), join(t, newName("org")), join(t, newName("guarded"), SECRET), join(t, "/"),
    ]);
    main.emit("all-orgs", `for all, ${transports}`);
    await assertDelivered("all", `for all, ${transports}`, { to: [a, b], notTo: [guarded, main] });
  });

  it("a function decides by the auth, and only until the namespace is made", async (t) => {
    const name = newName("guarded");
    const main = await join(t, "/");
    const client = openNamespace(main.io, name, { token: "guess" });
    assert.equal((await refusalOf(client)).message, "Invalid namespace");
    client.auth = SECRET;
    client.connect();
    await connected(client);
    assert.equal(await ask(client, "id"), client.id);
    const other = await join(t, name);
    other.emit("shout", "I am in");
    await assertDelivered("shout", "I am in", { to: [client], notTo: [other, main] });
  });

  it("clients that ask for a new name at once are in one namespace, announced once", async (t) => {
    const name = newName("guarded");
    const main = await join(t, "/");
    const clients = await Promise.all(Array.from({ length: 8 }, () => join(t, name, SECRET)));
    clients[0].emit("shout", "here");
    await assertDelivered("shout", "here", { to: clients.slice(1), notTo: [clients[0], main] });
    const announced = await ask(main, "announced");
    assert.equal(announced.filter((it) => it === name).length, 1);
  });
});

describe("all namespaces", () => {
  it("static and dynamic ones are announced, and / is not", async (t) => {
    const name = newName("org");
    const main = await connect(t, server);
    const before = await ask(main, "announced");
    for (const known of ["/admin", "/private", "/chain"]) assert.ok(before.includes(known), known);
    assert.ok(!before.includes("/"));
    await connect(t, server, { namespace: name });
    assert.equal((await ask(main, "announced")).at(-1), name);
    const all = await ask(main, "namespaces");
    for (const known of ["/", "/admin", "/private", "/chain", name]) assert.ok(all.includes(known), known);
  });

  it("without the clean-up an empty child stays", async (t) => {
    const name = newName("org");
    const main = await connect(t, server);
    const client = openNamespace(main.io, name);
    await connected(client);
    client.disconnect();
    await fence(main);
    assert.ok((await ask(main, "namespaces")).includes(name));
  });
});

overEachTransport("clean-up", (transports) => {
  it("a child ends with its last socket and is made again for the next", async (t) => {
    const name = newName("org");
    const main = await connect(t, cleaning, { transports });
    const gone = () => askUntil(() => ask(main, "namespaces"), (all) => !all.includes(name), `the end of ${name}`);
    const a = openNamespace(main.io, name);
    await connected(a);
    const b = await connect(t, cleaning, { transports, namespace: name });
    for (let round = 1; round <= 2; round++) {
      a.disconnect();
      await fence(main, b);
      assert.ok((await ask(main, "namespaces")).includes(name));
      b.disconnect();
      await gone();
      a.connect();
      await connected(a);
      b.connect();
      await connected(b);
      const announced = await ask(main, "announced");
      assert.equal(announced.filter((it) => it === name).length, round + 1);
    }
  });

  it("a child that has let nobody in ends, and static namespaces stay", async (t) => {
    const main = await connect(t, cleaning, { transports });
    const [admin, closed] = [openNamespace(main.io, "/admin"), openNamespace(main.io, "/org/closed/chat")];
    await Promise.all([connected(admin), refusalOf(closed)]);
    admin.disconnect();
    const all = await askUntil(
      () => ask(main, "namespaces"), (names) => !names.includes("/org/closed/chat"), "the end of the closed one",
    );
    assert.ok(all.includes("/admin"));
  });
});

overEachTransport("the chain of middlewares", (transports) => {
  for (const stop of [[1, 2, 3], [3, 2], [3]]) {
    it(`of those that refuse, ${stop}, the first in the chain wins`, async (t) => {
      const error = await refusalOf(open(t, server, { transports, namespace: "/chain", auth: { stop } }));
      assert.equal(error.message, "nope");
      assert.deepEqual(error.data, { code: Math.min(...stop) });
    });
  }

  it("whom none refuses is let in", async (t) => {
    const client = await connect(t, server, { transports, namespace: "/chain", auth: { stop: [4] } });
    assert.equal(client.connected, true);
  });
});
