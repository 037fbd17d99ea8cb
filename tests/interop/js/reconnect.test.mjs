// A client that loses its connection comes back by itself, as a new socket.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  ask, assertDelivered, call, connect, connected, fence, openNamespace, overEachTransport, received, waitForEvents,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { next } from "../helpers/wait.mjs";

const server = useServer();

const RECONNECTING = { reconnection: true, reconnectionDelay: 10, randomizationFactor: 0 };

/** Cuts the connection below the sockets, and waits until they are back. */
async function cutAndReconnect(...sockets) {
  const back = sockets.map((socket) => next(socket, "connect", `the reconnection to ${socket.nsp}`));
  sockets[0].io.engine.close();
  await Promise.all(back);
}

overEachTransport("reconnection", (transports) => {
  it("gives new ids to socket and connection", async (t) => {
    const client = await connect(t, server, { transports, ...RECONNECTING });
    const before = { id: client.id, engine: client.io.engine.id };
    await cutAndReconnect(client);
    assert.notEqual(client.id, before.id);
    assert.notEqual(client.io.engine.id, before.engine);
    assert.equal(await ask(client, "id"), client.id);
    assert.ok(!client.recovered);
  });

  it("brings back every namespace, with its auth", async (t) => {
    let attempt = 0;
    const auth = (give) => give({ attempt: ++attempt });
    const main = await connect(t, server, { transports, ...RECONNECTING, auth });
    const admin = openNamespace(main.io, "/admin", { as: "admin" });
    await connected(admin);
    await fence(main, admin); // the first welcomes have arrived
    await cutAndReconnect(main, admin);
    await Promise.all([waitForEvents(main, "welcome", 2), waitForEvents(admin, "welcome", 2)]);
    assert.deepEqual(received(main, "welcome"), [[{ auth: { attempt: 1 } }], [{ auth: { attempt: 2 } }]]);
    assert.deepEqual(received(admin, "welcome"), [[{ auth: { as: "admin" } }], [{ auth: { as: "admin" } }]]);
  });

  it("does not bring back rooms", async (t) => {
    const [sender, client, member] = await Promise.all(
      [1, 2, 3].map(() => connect(t, server, { transports, ...RECONNECTING })),
    );
    await Promise.all([client, member].map((socket) => call(socket, "join", "r")));
    const { id } = client;
    await cutAndReconnect(client);
    sender.emit("to", "r", "to the room");
    await assertDelivered("room", "to the room", { to: [member], notTo: [client, sender] });
    sender.emit("to", id, "to the old id");
    await assertDelivered("room", "to the old id", { to: [], notTo: [client, member, sender] });
    await call(client, "join", "r");
    sender.emit("to", "r", "joined again");
    await assertDelivered("room", "joined again", { to: [member, client], notTo: [sender] });
  });

  it("sends what was emitted meanwhile, in order", async (t) => {
    const client = await connect(t, server, { transports, ...RECONNECTING });
    const back = next(client, "connect", "the reconnection");
    const gone = next(client, "disconnect");
    client.io.engine.close();
    await gone;
    for (let n = 0; n < 5; n++) client.emit("back", n);
    await back;
    await fence(client);
    assert.deepEqual(received(client, "back"), [[0], [1], [2], [3], [4]]);
  });
});
