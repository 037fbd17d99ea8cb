// A hundred clients at once.
import assert from "node:assert/strict";
import { it } from "node:test";
import { connectMany, fence, joinAll, overEachTransport, payloads, waitForEvents } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";

const server = useServer();

const CROWD = 100;
const numbers = Array.from({ length: CROWD }, (_, i) => i);
const sorted = (list) => [...list].sort((a, b) => a - b);

async function crowdInRoom(t, transports) {
  const clients = await connectMany(t, server, CROWD, { transports });
  await joinAll(clients, "crowd");
  return clients;
}

/** Waits until each client has `count` times `event`; the fence shows that there are not more. */
async function allReceive(clients, event, count) {
  await Promise.all(clients.map((client) => waitForEvents(client, event, count)));
  await fence(...clients);
}

overEachTransport("a hundred clients", (transports) => {
  it("each sends to the room: each gets the 99 of the others", async (t) => {
    const clients = await crowdInRoom(t, transports);
    clients.forEach((client, i) => client.emit("to", "crowd", i));
    await allReceive(clients, "room", CROWD - 1);
    clients.forEach((client, i) => {
      assert.deepEqual(sorted(payloads(client, "room")), numbers.filter((n) => n !== i), `client ${i}`);
    });
  });

  it("each sends to the whole room: all get all 100, in the same order", async (t) => {
    const clients = await crowdInRoom(t, transports);
    clients.forEach((client, i) => client.emit("in", "crowd", i));
    await allReceive(clients, "room", CROWD);
    const order = payloads(clients[0], "room");
    assert.deepEqual(sorted(order), numbers);
    for (const client of clients) assert.deepEqual(payloads(client, "room"), order);
  });

  it("each shouts to the namespace: each hears the 99 others", async (t) => {
    const clients = await connectMany(t, server, CROWD, { transports });
    clients.forEach((client, i) => client.emit("shout", i));
    await allReceive(clients, "shout", CROWD - 1);
    clients.forEach((client, i) => {
      assert.deepEqual(sorted(payloads(client, "shout")), numbers.filter((n) => n !== i), `client ${i}`);
    });
  });
});
