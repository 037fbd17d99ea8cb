// Why a socket has gone: what the client is told, and what the server notes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ask, assertDelivered, call, connect, connected, connectMany, fence, openNamespace, overEachTransport,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { askUntil, next } from "../helpers/wait.mjs";

const server = useServer();

/** Asks `witness` until the server has noted the end of all sockets `ids`; returns their reasons. */
async function reasonsNoted(witness, ...ids) {
  const noted = (list) => ids.map((id) => list.filter(([gone]) => gone === id).map(([, reason]) => reason));
  const list = await askUntil(
    () => ask(witness, "disconnects"),
    (answer) => noted(answer).every((reasons) => reasons.length > 0),
    `the server to note the end of ${ids}`,
  );
  return noted(list).flat(); // one reason for each, or the comparison fails
}

async function reasonOf(socket, cause) {
  const gone = next(socket, "disconnect", `the disconnection of ${socket.nsp}`);
  await cause();
  return (await gone)[0];
}

async function connectBoth(t, transports) {
  const main = await connect(t, server, { transports });
  const admin = openNamespace(main.io, "/admin");
  await connected(admin);
  return [main, admin];
}

overEachTransport("disconnecting", (transports) => {
  it("by the client: the server notes that it left the namespace", async (t) => {
    const [witness, client] = await connectMany(t, server, 2, { transports });
    const { id } = client;
    assert.equal(await reasonOf(client, () => client.disconnect()), "io client disconnect");
    assert.deepEqual(await reasonsNoted(witness, id), ["client namespace disconnect"]);
  });

  it("by the client, from one of two namespaces: only that one", async (t) => {
    const [main, admin] = await connectBoth(t, transports);
    const { id } = admin;
    assert.equal(await reasonOf(admin, () => admin.disconnect()), "io client disconnect");
    assert.deepEqual(await reasonsNoted(main, id), ["client namespace disconnect"]);
    assert.equal(main.connected, true);
  });

  it("by the server, from the namespace only: the connection stays", async (t) => {
    const witness = await connect(t, server, { transports });
    const [main, admin] = await connectBoth(t, transports);
    const { id } = main;
    assert.equal(await reasonOf(main, () => main.emit("kick", false)), "io server disconnect");
    assert.deepEqual(await reasonsNoted(witness, id), ["server namespace disconnect"]);
    assert.equal(await ask(admin, "echo", "alive"), "alive");
    main.connect();
    await connected(main);
    assert.notEqual(main.id, id);
    await fence(main);
  });

  it("by the server, the whole connection: all its namespaces", async (t) => {
    const witness = await connect(t, server, { transports });
    const [main, admin] = await connectBoth(t, transports);
    const ids = [main.id, admin.id];
    const adminReason = reasonOf(admin, () => {});
    const closed = next(main.io.engine, "close", "the connection to close");
    assert.equal(await reasonOf(main, () => main.emit("kick", true)), "io server disconnect");
    assert.equal(await adminReason, "io server disconnect");
    await closed;
    const reason = "server namespace disconnect";
    assert.deepEqual(await reasonsNoted(witness, ...ids), [reason, reason]);
  });

  it("by closing the transport: the server notes it for every namespace", async (t) => {
    const witness = await connect(t, server, { transports });
    const [main, admin] = await connectBoth(t, transports);
    const ids = [main.id, admin.id];
    assert.equal(await reasonOf(main, () => main.io.engine.close()), "forced close");
    assert.deepEqual(await reasonsNoted(witness, ...ids), ["transport close", "transport close"]);
  });

  it("what the server emits before the kick still arrives", async (t) => {
    const client = await connect(t, server, { transports });
    const arrived = [];
    client.on("back", (n) => arrived.push(n));
    await reasonOf(client, () => {
      for (let n = 0; n < 20; n++) client.emit("back", n);
      client.emit("kick", true);
    });
    assert.deepEqual(arrived, Array.from({ length: 20 }, (_, n) => n));
  });

  it("one that is gone is in no room and gets no broadcast", async (t) => {
    const [sender, kicked, member] = await connectMany(t, server, 3, { transports });
    await Promise.all([kicked, member].map((socket) => call(socket, "join", "r")));
    await reasonOf(kicked, () => kicked.emit("kick", false));
    kicked.connect();
    await connected(kicked);
    sender.emit("to", "r", "after the kick");
    await assertDelivered("room", "after the kick", { to: [member], notTo: [sender, kicked] });
  });
});

describe("disconnecting without a word", () => {
  it("a websocket whose TCP connection breaks is a closed transport", async (t) => {
    const [witness, client] = await connectMany(t, server, 2, { transports: ["websocket"] });
    const { id } = client;
    const reason = await reasonOf(client, () => client.io.engine.transport.ws.terminate());
    assert.equal(reason, "transport close");
    assert.deepEqual(await reasonsNoted(witness, id), ["transport close"]);
  });
});
