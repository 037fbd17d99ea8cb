// Engine.IO without a client: requests, responses and frames, byte by byte.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  engineUrl, Frames, openConnectedFrames, openConnectedPolling, openPolling, pollUntil, request, sessionGone, startPoll,
} from "../helpers/raw.mjs";
import { useServer } from "../helpers/server.mjs";
import { within } from "../helpers/wait.mjs";

const server = useServer({ PING_INTERVAL: "25000", PING_TIMEOUT: "20000" });

const POLLING = { EIO: 4, transport: "polling" };
const SESSION_UNKNOWN = [400, { code: 1, message: "Session ID unknown" }];

const errorOf = ({ status, body }) => [status, JSON.parse(body)];

describe("handshake", () => {
  it("over polling: an open packet that offers the upgrade", async () => {
    const { response, handshake } = await openPolling(server);
    assert.equal(response.status, 200);
    assert.equal(response.body[0], "0");
    assert.match(handshake.sid, /^[\w-]{20}$/);
    assert.deepEqual(handshake, {
      sid: handshake.sid,
      upgrades: ["websocket"],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 1_000_000,
    });
  });

  it("over polling: plain text that is not to be stored, without CORS and cookie", async () => {
    const { headers, body } = (await openPolling(server)).response;
    assert.equal(headers.get("content-type"), "text/plain; charset=UTF-8");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("content-length"), String(Buffer.byteLength(body)));
    assert.equal(headers.get("access-control-allow-origin"), null);
    assert.equal(headers.get("set-cookie"), null);
  });

  it("over websocket: an open packet that offers nothing more", async (t) => {
    const frames = new Frames(t, server);
    const open = await frames.next("the open packet");
    assert.equal(open[0], "0");
    const handshake = JSON.parse(open.slice(1));
    assert.match(handshake.sid, /^[\w-]{20}$/);
    assert.deepEqual(handshake.upgrades, []);
  });

  it("every session has its own id", async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => openPolling(server)));
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 20);
  });
});

describe("refused requests", () => {
  const REFUSALS = {
    "an unknown transport": [{ EIO: 4, transport: "tcp" }, {}, 0, "Transport unknown"],
    "no transport": [{ EIO: 4 }, {}, 0, "Transport unknown"],
    "an unknown session": [{ ...POLLING, sid: "nope" }, {}, 1, "Session ID unknown"],
    "an unknown session, by POST": [{ ...POLLING, sid: "nope" }, { method: "POST", body: "40" }, 1, "Session ID unknown"],
    "a handshake by POST": [POLLING, { method: "POST", body: "40" }, 2, "Bad handshake method"],
    "a handshake by OPTIONS": [POLLING, { method: "OPTIONS" }, 2, "Bad handshake method"],
    "websocket without an upgrade": [{ EIO: 4, transport: "websocket" }, {}, 3, "Bad request"],
    "protocol version 3": [{ EIO: 3, transport: "polling" }, {}, 5, "Unsupported protocol version"],
    "no protocol version": [{ transport: "polling" }, {}, 5, "Unsupported protocol version"],
  };
  for (const [name, [query, init, code, message]] of Object.entries(REFUSALS)) {
    it(`${name}: 400 with code ${code}`, async () => {
      const response = await request(engineUrl(server, query), init);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.deepEqual(errorOf(response), [400, { code, message }]);
    });
  }

  it("a session over another transport than its own: code 3", async () => {
    const { sid } = await openPolling(server);
    const response = await request(engineUrl(server, { EIO: 4, transport: "websocket", sid }));
    assert.deepEqual(errorOf(response), [400, { code: 3, message: "Bad request" }]);
  });

  const UNKNOWN = { "an unknown session": { sid: "nope" }, "an unknown transport": { transport: "tcp" } };
  for (const [name, query] of Object.entries(UNKNOWN)) {
    it(`a websocket for ${name}: 400 instead of an upgrade`, async (t) => {
      const response = await within(new Frames(t, server, query).refused, "the refusal of the websocket");
      assert.equal(response.statusCode, 400);
    });
  }
});

describe("polling", () => {
  it("POST answers ok, as text/html", async () => {
    const session = await openPolling(server);
    const { status, headers, body } = await session.post("40");
    assert.deepEqual([status, body, headers.get("content-type")], [200, "ok", "text/html"]);
  });

  it("packets of one payload are split by 0x1e, both ways", async () => {
    const session = await openConnectedPolling(server);
    await session.post('42["back",1]\x1e42["back",2]\x1e427["echo",3]');
    const packets = await pollUntil(session, (all) => all.length >= 3);
    assert.deepEqual(packets, ['42["back",1]', '42["back",2]', '437[3]']);
  });

  it("binary is base64 behind a b", async () => {
    const session = await openConnectedPolling(server);
    await session.post('451-["back",{"_placeholder":true,"num":0}]\x1ebAQID');
    const packets = await pollUntil(session, (all) => all.length >= 2);
    assert.deepEqual(packets, ['451-["back",{"_placeholder":true,"num":0}]', "bAQID"]);
  });

  it("a second GET at the same time closes the session", async () => {
    const session = await openPolling(server);
    const responses = await Promise.all([session.poll(), session.poll()]);
    const seen = responses.map(({ status, body }) => `${status} ${body}`).sort();
    assert.deepEqual(seen, ["200 1", "400 "]);
    assert.deepEqual(errorOf(await session.post("40")), SESSION_UNKNOWN);
  });

  it("an aborted GET closes the session", async () => {
    const session = await openConnectedPolling(server);
    const poll = await startPoll(server, session);
    poll.abort();
    await sessionGone(session);
  });

  it("a body of octets is refused, and closes the session", async () => {
    const session = await openPolling(server);
    const response = await session.post("40", { "content-type": "application/octet-stream" });
    assert.deepEqual([response.status, response.body], [400, ""]);
    assert.deepEqual(errorOf(await session.post("40")), SESSION_UNKNOWN);
  });

  it("a body over maxPayload is refused, and the session goes on", async () => {
    const session = await openPolling(server);
    const response = await session.post(`4${"x".repeat(session.handshake.maxPayload)}`);
    assert.deepEqual([response.status, response.body], [413, ""]);
    assert.equal((await session.post("40")).body, "ok");
    await pollUntil(session, (packets) => packets.some((packet) => packet.startsWith("40{")));
  });

  it("a close packet of the client ends its poll with a noop, and the session", async () => {
    const session = await openConnectedPolling(server);
    const poll = await startPoll(server, session);
    assert.equal((await session.post("1")).body, "ok");
    assert.equal((await poll.response()).body, "6");
    assert.deepEqual(errorOf(await session.post("40")), SESSION_UNKNOWN);
  });
});

describe("websocket", () => {
  it("a ping of the client is an error and closes the connection", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send("2");
    await frames.closed();
  });

  it("an unknown packet type closes the connection", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send("7");
    await frames.closed();
  });

  it("a message over maxPayload closes the connection with code 1009", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send(`4${"x".repeat(1_000_001)}`);
    assert.equal(await frames.closed(), 1009);
  });
});

describe("upgrade", () => {
  it("probe, answer, noop for the poll, upgrade: then the websocket carries the session", async (t) => {
    const session = await openConnectedPolling(server);
    const frames = new Frames(t, server, { sid: session.sid });
    await frames.opened();
    frames.send("2probe");
    assert.equal(await frames.next("the answer to the probe"), "3probe");
    assert.equal((await session.poll()).body, "6");
    frames.send("5");
    frames.send('421["echo","over the websocket"]');
    assert.equal(await frames.next(), '431["over the websocket"]');
    const late = await session.poll();
    assert.deepEqual(errorOf(late), [400, { code: 3, message: "Bad request" }]);
  });

  it("a probe that breaks off leaves the session on polling", async (t) => {
    const session = await openConnectedPolling(server);
    const frames = new Frames(t, server, { sid: session.sid });
    await frames.opened();
    frames.send("2probe");
    await frames.next("the answer to the probe");
    frames.ws.terminate();
    await frames.closed();
    await session.post('421["echo","still polling"]');
    const packets = await pollUntil(session, (all) => all.some((packet) => packet.startsWith("43")));
    assert.deepEqual(packets.filter((packet) => packet !== "6"), ['431["still polling"]']);
  });
});
