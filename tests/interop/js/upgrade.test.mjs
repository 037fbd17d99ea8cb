// The upgrade from polling to websocket under traffic: nothing lost, doubled or reordered.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NodeWebSocket, NodeXHR } from "socket.io-client";
import { ask, connect, connectMany, fence, open, payloads, received, waitForEvents } from "../helpers/client.mjs";
import { Frames, openConnectedPolling, pollUntil } from "../helpers/raw.mjs";
import { useServer } from "../helpers/server.mjs";
import { next, within } from "../helpers/wait.mjs";

const server = useServer();

const CLIENTS = 20;
const IN_FLIGHT = 5;
const OVER_EACH = 30;
const MANY = 1000;
const AT_ONCE = 40;
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const twentyTimes = (act) => Promise.all(upTo(CLIENTS).map(act));

/**
 * A client that upgrades when `beginUpgrade` is called, so that there is traffic before, meanwhile and
 * after. `settled` resolves when the upgrade is done, or has failed if it is to fail.
 */
function openUpgradable(t, { WebSocket = NodeWebSocket, outcome = "upgrade" } = {}) {
  let beginUpgrade;
  const begin = new Promise((resolve) => (beginUpgrade = resolve));
  class PatientWebSocket extends WebSocket {
    doOpen() {
      begin.then(() => super.doOpen());
    }
  }
  const client = open(t, server, { transports: [NodeXHR, PatientWebSocket] });
  const settled = next(client.io.engine, outcome, `the event "${outcome}"`);
  return { client, beginUpgrade, settled };
}

/**
 * Sends numbered `back` events, always a few in flight: `overEach` over polling, some through the upgrade,
 * and `overEach` after it. Returns what was sent and the client.
 */
async function chatThroughUpgrade(t, { payloadOf = (i) => i, overEach = OVER_EACH, ...how } = {}) {
  const { client, beginUpgrade, settled } = openUpgradable(t, how);
  const sent = [];
  let last = Infinity;
  const send = () => {
    if (sent.length === last) return;
    sent.push(payloadOf(sent.length));
    client.emit("back", sent.at(-1));
  };
  client.on("back", send);
  upTo(IN_FLIGHT).forEach(send);
  await waitForEvents(client, "back", overEach);
  assert.equal(client.io.engine.transport.name, "polling");
  beginUpgrade();
  await settled;
  last = sent.length + overEach;
  await waitForEvents(client, "back", last);
  assert.equal(client.io.engine.transport.name, how.outcome === "upgradeError" ? "polling" : "websocket");
  await fence(client);
  return { client, sent };
}

/** Websockets that die on the way to the upgrade. What is sent last is still on its way to the server. */
const DYING = {
  "before the probe": class extends NodeWebSocket {
    onOpen() {
      this.ws.terminate();
    }
  },
  "after the probe": class extends NodeWebSocket {
    write(packets) {
      super.write(packets);
      this.ws.terminate();
    }
  },
  "after the answer to the probe": class extends NodeWebSocket {
    onData() {
      this.ws.terminate();
    }
  },
};

describe("upgrade", () => {
  it("20 clients lose, double and reorder nothing while they send and receive", async (t) => {
    const chats = await twentyTimes(() => chatThroughUpgrade(t));
    for (const { client, sent } of chats) assert.deepEqual(payloads(client, "back"), sent);
  });

  it("so it is with binary messages", async (t) => {
    const bytes = (i) => [i, Buffer.alloc(100 + i, i), Buffer.from([i])];
    const chats = await twentyTimes(() => chatThroughUpgrade(t, { payloadOf: bytes }));
    for (const { client, sent } of chats) assert.deepEqual(payloads(client, "back"), sent);
  });

  it("1000 upgrades lose, double and reorder nothing", async (t) => {
    const queue = upTo(MANY);
    const chat = async () => {
      while (queue.pop() !== undefined) {
        const { client, sent } = await chatThroughUpgrade(t, { overEach: IN_FLIGHT });
        assert.deepEqual(payloads(client, "back"), sent);
        client.disconnect();
      }
    };
    await Promise.all(upTo(AT_ONCE).map(chat));
  });

  for (const [step, WebSocket] of Object.entries(DYING)) {
    it(`20 clients whose websocket dies ${step} go on polling and lose nothing`, async (t) => {
      const chats = await twentyTimes(() => chatThroughUpgrade(t, { WebSocket, outcome: "upgradeError" }));
      for (const { client, sent } of chats) assert.deepEqual(payloads(client, "back"), sent);
    });
  }

  // The official client would not poll again.
  it("20 sessions whose websocket dies when polling has already paused go on polling and lose nothing", async (t) => {
    await twentyTimes(async () => {
      const session = await openConnectedPolling(server);
      const frames = new Frames(t, server, { sid: session.sid });
      await frames.opened();
      frames.send("2probe");
      assert.equal(await frames.next("the answer to the probe"), "3probe");
      assert.equal((await session.poll()).body, "6");
      const back = (i) => `42["back",${i}]`;
      for (const i of upTo(5)) await session.post(back(i));
      frames.ws.terminate();
      for (const i of upTo(5)) await session.post(back(5 + i));
      const isBack = (packet) => packet.startsWith("42");
      const packets = await pollUntil(session, (all) => all.filter(isBack).length >= 10);
      assert.deepEqual(packets.filter((packet) => packet !== "6"), upTo(10).map(back));
    });
  });

  it("20 clients get every broadcast of a room once and in order while they upgrade", async (t) => {
    const speaker = await connect(t, server, { transports: ["websocket"] });
    let spoken = 0;
    let silence = false;
    const speaking = (async () => {
      while (!silence) {
        for (let i = 0; i < 5; i++) speaker.emit("in", "news", spoken++);
        await fence(speaker);
      }
    })();
    const listeners = await twentyTimes(() => listenThroughUpgrade(t)).finally(() => (silence = true));
    await within(speaking, "the speaker to end");
    for (const listener of listeners) {
      await waitForEvents(listener, "room", spoken - payloads(listener, "room")[0]);
      await fence(listener);
      const [first] = payloads(listener, "room");
      assert.deepEqual(payloads(listener, "room"), upTo(spoken).slice(first));
    }
  });

  it("answers that are under way during the upgrade arrive", async (t) => {
    await twentyTimes(async () => {
      const { client, beginUpgrade, settled } = openUpgradable(t);
      await next(client, "connect");
      const answers = Promise.all(upTo(10).map((i) => ask(client, "slow-echo", 5 * i, i)));
      beginUpgrade();
      await settled;
      assert.deepEqual(await answers, upTo(10));
    });
  });

  it("keeps the ids of connection and socket, and the rooms", async (t) => {
    const { client, beginUpgrade, settled } = openUpgradable(t);
    await next(client, "connect");
    await ask(client, "join", "r");
    const before = [client.io.engine.id, client.id];
    beginUpgrade();
    await settled;
    assert.deepEqual([client.io.engine.id, client.id], before);
    assert.equal(await ask(client, "id"), client.id);
    client.emit("in", "r", "still a member");
    await waitForEvents(client, "room", 1);
  });

  it("a client that does not upgrade goes on polling beside those that do", async (t) => {
    const staying = await connect(t, server, { transports: ["polling"] });
    await connectMany(t, server, 3, { transports: ["polling", "websocket"] });
    await fence(staying);
    assert.equal(staying.io.engine.transport.name, "polling");
  });
});

/** Joins the room "news", hears some of it over polling, some over the websocket. */
async function listenThroughUpgrade(t) {
  const { client, beginUpgrade, settled } = openUpgradable(t);
  await ask(client, "join", "news");
  await waitForEvents(client, "room", OVER_EACH);
  beginUpgrade();
  await settled;
  await waitForEvents(client, "room", received(client, "room").length + OVER_EACH);
  return client;
}
