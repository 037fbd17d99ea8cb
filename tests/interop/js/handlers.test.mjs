// Which handlers an event meets, in which order, and who of them answers; what handlers know of their client.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, call, connect, fence, overEachTransport, payloads, received, waitForEvents } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { within } from "../helpers/wait.mjs";

const server = useServer();
const namespace = "/handlers";

overEachTransport("handlers", (transports) => {
  it("several handlers of an event run in order, and the first answer counts", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    assert.deepEqual(await call(client, "several"), ["second"]);
    await fence(client);
    assert.deepEqual(payloads(client, "ran"), [1, 2]);
  });

  it("a handler that answers later is waited for", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    assert.deepEqual(await call(client, "later", 50), ["later"]);
  });

  it("a once handler is called once for each client", async (t) => {
    for (let i = 0; i < 2; i++) {
      const client = await connect(t, server, { namespace, transports });
      client.emit("once");
      client.emit("once");
      await fence(client);
      assert.deepEqual(payloads(client, "ran"), ["once"]);
    }
  });

  it("middleware stops an event, and the error handler hears of it", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    client.emit("forbidden", 1);
    await waitForEvents(client, "refused", 1);
    await fence(client);
    assert.deepEqual(received(client, "refused"), [["forbidden event"]]);
    assert.deepEqual(received(client, "ran"), []);
  });

  it("catch-alls see every event, those that are stopped or nobody's too", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    client.emit("nobody's", 1, { two: [2] });
    client.emit("forbidden");
    client.emit("back", "x");
    await waitForEvents(client, "back", 1);
    const notes = (await ask(client, "notes")).filter(([what]) => what === "any");
    assert.deepEqual(notes, [["any", "nobody's", 1, { two: [2] }], ["any", "forbidden"], ["any", "back", "x"], ["any", "notes"]]);
  });

  it("outgoing catch-alls see every event that is sent, with its attachments, and no acknowledgement", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    client.emit("back", 1, { bytes: Buffer.from([1, 2]) });
    client.emit("forbidden");
    await fence(client);
    await waitForEvents(client, "refused", 1);
    const out = () => ask(client, "notes").then((notes) => notes.filter(([what]) => what === "out"));
    const notes = await within(
      (async () => {
        for (;;) {
          const notes = await out();
          if (notes.length >= 2) return notes;
        }
      })(),
      "both events to be seen",
    );
    assert.deepEqual(notes, [["out", "back", 1, { bytes: Buffer.from([1, 2]) }], ["out", "refused", "forbidden event"]]);
  });

  it("data of a socket is its own", async (t) => {
    const ada = await connect(t, server, { namespace, transports, auth: { name: "Ada" } });
    const nobody = await connect(t, server, { namespace, transports });
    assert.equal(await ask(ada, "data"), "Ada");
    assert.equal(await ask(nobody, "data"), "nobody");
  });

  it("the handshake tells of the request", async (t) => {
    const query = { text: "x y&z+ü%", list: ["1", "2"] };
    const extraHeaders = { origin: "http://elsewhere", "x-test": "yes" };
    const before = Date.now();
    const client = await connect(t, server, { namespace, transports, query, extraHeaders });
    const handshake = await ask(client, "handshake");
    const { EIO, transport, text, list } = handshake.query;
    assert.deepEqual({ EIO, transport, text, list }, { EIO: "4", transport: transports[0], text: query.text, list: "1,2" });
    assert.match(handshake.url, /^\/socket\.io\/\?.*text=x%20y%26z%2B%C3%BC%25/);
    assert.equal(handshake.headers["x-test"], "yes");
    assert.deepEqual([handshake.xdomain, handshake.secure], [true, false]);
    assert.match(handshake.address, /^(::ffff:)?127\.0\.0\.1$/);
    assert.ok(before - 1000 <= handshake.issued && handshake.issued <= Date.now() + 1000, handshake.issued);
    assert.equal(new Date(handshake.time).getTime(), Math.floor(handshake.issued / 1000) * 1000);
    assert.match(handshake.time, /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)$/);
    const other = await connect(t, server, { namespace, transports });
    assert.equal((await ask(other, "handshake")).xdomain, false);
  });

  it("disconnecting handlers run before disconnect handlers", async (t) => {
    const client = await connect(t, server, { namespace, transports });
    const { id } = client;
    client.disconnect();
    const witness = await connect(t, server, { namespace, transports });
    const ends = await within(
      (async () => {
        for (;;) {
          const ends = (await ask(witness, "ends")).filter(([who]) => who === id);
          if (ends.length >= 2) return ends;
        }
      })(),
      "the end of the client",
    );
    assert.deepEqual(ends, [[id, "disconnecting"], [id, "disconnect"]]);
  });
});
