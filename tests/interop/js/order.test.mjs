// The order in which one receiver sees what was emitted on different ways.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  call, connect, connectMany, fence, joinAll, overEachTransport, payloads, received, waitForEvents,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { within } from "../helpers/wait.mjs";

const server = useServer();

const upTo = (n, map = (i) => i) => Array.from({ length: n }, (_, i) => map(i));

overEachTransport("order", (transports) => {
  it("500 events come back in order", async (t) => {
    const client = await connect(t, server, { transports });
    for (let i = 0; i < 500; i++) client.emit("back", i);
    await waitForEvents(client, "back", 500);
    assert.deepEqual(payloads(client, "back"), upTo(500));
  });

  it("answers and events of one client keep their common order", async (t) => {
    const client = await connect(t, server, { transports });
    const seen = [];
    client.on("back", (i) => seen.push(i));
    const lastAnswer = new Promise((resolve) => {
      for (let i = 0; i < 100; i++) {
        client.emit("back", 2 * i);
        client.emit("echo", 2 * i + 1, (answer) => seen.push(answer) && answer === 199 && resolve());
      }
    });
    await within(lastAnswer, "the last of 100 answers");
    assert.deepEqual(seen, upTo(200));
  });

  it("room and direct emits in turns: the sender sees all in order, a member the room's", async (t) => {
    const [sender, member, outsider] = await connectMany(t, server, 3, { transports });
    await joinAll([sender, member], "r");
    sender.emit("mixed", "r", 200);
    await Promise.all([waitForEvents(sender, "seq", 400), waitForEvents(member, "seq", 200)]);
    await fence(sender, member, outsider);
    assert.deepEqual(payloads(sender, "seq"), upTo(400));
    assert.deepEqual(payloads(member, "seq"), upTo(200, (i) => 2 * i));
    assert.deepEqual(payloads(outsider, "seq"), []);
  });

  it("so it is while others emit to the same room", async (t) => {
    const clients = await connectMany(t, server, 4, { transports });
    const rooms = upTo(clients.length, (i) => `own room ${i}`);
    await joinAll(clients, "all");
    await Promise.all(clients.map((client, i) => call(client, "join", rooms[i])));
    clients.forEach((client, i) => {
      client.emit("mixed", rooms[i], 50);
      client.emit("in", "all", i);
      client.emit("mixed", rooms[i], 50);
    });
    await Promise.all(clients.map((client) => waitForEvents(client, "seq", 200)));
    await Promise.all(clients.map((client) => waitForEvents(client, "room", clients.length)));
    for (const client of clients) assert.deepEqual(payloads(client, "seq"), [...upTo(100), ...upTo(100)]);
    const order = payloads(clients[0], "room");
    for (const client of clients) assert.deepEqual(payloads(client, "room"), order);
  });

  it("a join counts for the next emit, and that emit comes before the answer", async (t) => {
    const [joiner, member] = await connectMany(t, server, 2, { transports });
    await call(member, "join", "r");
    const atAnswer = new Promise((resolve) => {
      joiner.emit("join-then-emit", "r", "welcome in", () => resolve(received(joiner, "room").slice()));
    });
    assert.deepEqual(await within(atAnswer, 'the acknowledgement of "join-then-emit"'), [["welcome in"]]);
    await waitForEvents(member, "room", 1);
    await fence(joiner, member);
    assert.deepEqual(received(joiner, "room"), [["welcome in"]]);
    assert.deepEqual(received(member, "room"), [["welcome in"]]);
  });

  it("joining and leaving without waiting counts from event to event", async (t) => {
    const client = await connect(t, server, { transports });
    for (let i = 0; i < 100; i++) {
      client.emit("join", "r", () => {});
      client.emit("in", "r", `in ${i}`);
      client.emit("leave", "r", () => {});
      client.emit("in", "r", `out ${i}`);
    }
    await waitForEvents(client, "room", 100);
    await fence(client);
    assert.deepEqual(payloads(client, "room"), upTo(100, (i) => `in ${i}`));
  });
});
