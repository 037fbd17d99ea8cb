// Events and their arguments, to the server and back, and what a client learns when it connects.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, call, connect, open, overEachTransport, payloads, received, waitForEvents } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";

const server = useServer();

const nested = (depth) => (depth === 0 ? "bottom" : { list: [nested(depth - 1)] });

const ARGUMENTS = {
  "no argument": [],
  "a string": ["hello"],
  "an empty string": [""],
  "text that looks like packets": ['42["echo"]', "\x1e", '2probe\x1e451-["x",{"_placeholder":false}]'],
  "quotes and control characters": ["\"\\\b\f\n\r\t\u0000\u001f\u007f"],
  "unicode": ["Zażółć gęślą jaźń", "日本語", "👩‍👩‍👧‍👦🇵🇱", "\u2028\u2029\ufeff\uffff", "e\u0301"],
  "half of a surrogate pair": ["\ud800", "a\udc00b"],
  "whole numbers": [0, 1, -1, 2 ** 31, -(2 ** 53) + 1, 2 ** 53 - 1],
  "fractions and exponents": [0.1, -1.5, 1e21, 5e-324, 1.7976931348623157e308],
  "booleans and null": [true, false, null],
  "empty containers": [[], {}, [[]], [{}], { a: {} }],
  "nested JSON": [{ a: [1, "two", { three: [null, true, { "": "empty key" }] }], "ключ": { "with space": 0 } }],
  "40 levels of JSON": [nested(20)],
  "many arguments": Array.from({ length: 50 }, (_, i) => i),
};

overEachTransport("echo", (transports) => {
  for (const [name, args] of Object.entries(ARGUMENTS)) {
    it(`${name}: acknowledged and sent back unchanged`, async (t) => {
      const client = await connect(t, server, { transports });
      client.emit("back", ...args);
      assert.deepEqual(await call(client, "echo", ...args), args);
      assert.deepEqual(received(client, "back"), [args]);
    });
  }

  it("undefined and NaN arrive as null, dates as text", async (t) => {
    const client = await connect(t, server, { transports });
    const answers = await call(client, "echo", undefined, NaN, new Date(0));
    assert.deepEqual(answers, [null, null, "1970-01-01T00:00:00.000Z"]);
  });

  it("200 kB of text and of binary come back whole", async (t) => {
    const client = await connect(t, server, { transports });
    const text = "ä€😀x".repeat(20_000);
    const bytes = Buffer.alloc(200_000, (i) => i % 251);
    client.emit("back", text);
    client.emit("back", bytes);
    assert.equal(await ask(client, "echo", text), text);
    assert.deepEqual(await ask(client, "echo", bytes), bytes);
    assert.deepEqual(payloads(client, "back"), [text, bytes]);
  });

  it("what is emitted before the connection arrives once it is there, in order", async (t) => {
    const client = open(t, server, { transports });
    client.emit("back", 1);
    client.emit("back", 2);
    await waitForEvents(client, "back", 2);
    assert.deepEqual(payloads(client, "back"), [1, 2]);
  });
});

overEachTransport("connecting", (transports) => {
  it("the welcome carries the auth object", async (t) => {
    const auth = { token: "żeton", nested: { roles: ["a", "b"] }, n: 1 };
    const client = await connect(t, server, { transports, auth });
    await waitForEvents(client, "welcome", 1);
    assert.deepEqual(received(client, "welcome"), [[{ auth }]]);
  });

  it("auth from a function arrives as well", async (t) => {
    const client = await connect(t, server, { transports, auth: (give) => give({ from: "function" }) });
    await waitForEvents(client, "welcome", 1);
    assert.deepEqual(received(client, "welcome"), [[{ auth: { from: "function" } }]]);
  });

  it("without auth the server sees an empty object", async (t) => {
    const client = await connect(t, server, { transports });
    await waitForEvents(client, "welcome", 1);
    assert.deepEqual(received(client, "welcome"), [[{ auth: {} }]]);
  });

  it("client and server agree on the socket id, which is not the engine's id", async (t) => {
    const client = await connect(t, server, { transports });
    assert.match(client.id, /^[\w-]{20}$/);
    assert.equal(await ask(client, "id"), client.id);
    assert.match(client.io.engine.id, /^[\w-]{20}$/);
    assert.notEqual(client.io.engine.id, client.id);
  });

  it("the connection uses the transport asked for", async (t) => {
    const client = await connect(t, server, { transports });
    assert.equal(client.io.engine.transport.name, transports.at(-1));
  });
});
