// Binary attachments: to the server, back, and to a room.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  call, connect, connectMany, fence, joinAll, overEachTransport, payloads, received, TRANSPORTS, waitForEvents,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";

const server = useServer();

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

const ARGUMENTS = {
  "one buffer": [everyByte],
  "an empty buffer": [Buffer.alloc(0)],
  "bytes that look like packets": [Buffer.from("42[\"echo\"]\x1e2"), Buffer.from("b4AAEC")],
  "several attachments, between other arguments": ["a", everyByte, 1, Buffer.from("two"), null, Buffer.from([3])],
  "attachments deep inside": [{ list: [{ of: Buffer.from("deep") }, "x"], n: 1, direct: Buffer.from("shallow") }],
  "the same buffer twice": [everyByte, { again: everyByte }],
  "ten attachments, the most that are allowed": [Array.from({ length: 10 }, (_, i) => Buffer.from([i]))],
};

overEachTransport("binary", (transports) => {
  for (const [name, args] of Object.entries(ARGUMENTS)) {
    it(`${name}: acknowledged and sent back unchanged`, async (t) => {
      const client = await connect(t, server, { transports });
      client.emit("back", ...args);
      assert.deepEqual(await call(client, "echo", ...args), args);
      assert.deepEqual(received(client, "back"), [args]);
    });
  }

  it("typed arrays and array buffers arrive as bytes", async (t) => {
    const client = await connect(t, server, { transports });
    const answers = await call(client, "echo", new Uint8Array([1, 2, 3]), new Uint16Array([0x0102]).buffer);
    assert.deepEqual(answers, [Buffer.from([1, 2, 3]), Buffer.from([2, 1])]);
  });

  it("reaches every member of a room, each with all attachments", async (t) => {
    const [sender, ...members] = await connectMany(t, server, 4, { transports });
    await joinAll(members, "binary room");
    const payload = { first: everyByte, more: [Buffer.from("second"), { third: Buffer.from([3]) }] };
    sender.emit("to", "binary room", payload);
    await Promise.all(members.map((member) => waitForEvents(member, "room", 1)));
    await fence(sender, ...members);
    for (const member of members) assert.deepEqual(received(member, "room"), [[payload]]);
    assert.deepEqual(received(sender, "room"), []);
  });

  it("text and binary events keep their order", async (t) => {
    const client = await connect(t, server, { transports });
    const sent = Array.from({ length: 60 }, (_, i) => (i % 3 ? i : [Buffer.from([i]), Buffer.alloc(1000, i)]));
    for (const payload of sent) client.emit("back", payload);
    await waitForEvents(client, "back", sent.length);
    assert.deepEqual(payloads(client, "back"), sent);
  });

  it("members over different transports get the same bytes", async (t) => {
    const sender = await connect(t, server, { transports });
    const members = await Promise.all(Object.values(TRANSPORTS).map((each) => connect(t, server, { transports: each })));
    await joinAll(members, "mixed transports");
    sender.emit("to", "mixed transports", { bytes: everyByte });
    await Promise.all(members.map((member) => waitForEvents(member, "room", 1)));
    for (const member of members) assert.deepEqual(received(member, "room"), [[{ bytes: everyByte }]]);
  });
});
