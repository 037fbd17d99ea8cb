// Socket.IO packets without a client: what is sent for what, and what ends a connection.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ask, connect, fence } from "../helpers/client.mjs";
import { Frames, openConnectedFrames, openConnectedPolling, sessionGone, startPoll } from "../helpers/raw.mjs";
import { useServer } from "../helpers/server.mjs";
import { askUntil } from "../helpers/wait.mjs";

const server = useServer();

describe("packets", () => {
  const ANSWERS = {
    "an event": ['42["back","x"]', ['42["back","x"]']],
    "an event without arguments": ['42["back"]', ['42["back"]']],
    "an event with an ack id": ['4217["echo",1,"two",null]', ['4317[1,"two",null]']],
    "an acknowledgement without values": ['420["join","r"]', ["430[]"]],
    "the largest ack id of all": ['429007199254740991["echo"]', ["439007199254740991[]"]],
    "a namespace that does not exist": ["40/nowhere,", ['44/nowhere,{"message":"Invalid namespace"}']],
    "a refusal of the middleware": [
      '40/private,{"token":"guess"}',
      ['44/private,{"message":"not authorized","data":{"code":401}}'],
    ],
  };
  for (const [name, [sent, expected]] of Object.entries(ANSWERS)) {
    it(`${name}: ${sent}`, async (t) => {
      const frames = await openConnectedFrames(t, server);
      frames.send(sent);
      for (const packet of expected) assert.equal(await frames.next(), packet);
    });
  }

  it("an event with binary, and its acknowledgement", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send('452-7["echo",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]');
    frames.send(Buffer.from([1]));
    frames.send(Buffer.from([2, 3]));
    assert.equal(await frames.next(), '462-7[{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]');
    assert.deepEqual([await frames.next(), await frames.next()], [Buffer.from([1]), Buffer.from([2, 3])]);
  });

  it("a second namespace on the same connection, joined, used and left", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send("40/admin,");
    assert.match(await frames.next(), /^40\/admin,\{"sid":"[\w-]{20}"\}$/);
    assert.equal(await frames.next(), '42/admin,["welcome",{"auth":{}}]');
    frames.send('42/admin,3["echo",1]');
    assert.equal(await frames.next(), "43/admin,3[1]");
    frames.send("41/admin,");
    frames.send('424["echo","still here"]');
    assert.equal(await frames.next(), '434["still here"]');
  });
});

describe("what ends a connection", () => {
  const FATAL = {
    "no Socket.IO packet": "4abc",
    "an unknown packet type": "49",
    "an event without a name": "42[]",
    "an event that is no array": '42{"back":1}',
    "broken JSON": '42["back"',
    "a reserved event name": '42["connect"]',
    "a binary event that promises no attachment": '450-["back"]',
    "a binary event that promises too many": '4511-["back"]',
    "an event for a namespace not joined": '42/admin,["back"]',
    "a second CONNECT to a namespace": "40",
  };
  for (const [name, packet] of Object.entries(FATAL)) {
    it(`${name}, over websocket: ${packet}`, async (t) => {
      const witness = await connect(t, server);
      const frames = await openConnectedFrames(t, server);
      frames.send(packet);
      await frames.closed();
      await assertForcedClose(witness, frames.socketId);
    });

    it(`${name}, over polling: ${packet}`, async (t) => {
      const witness = await connect(t, server);
      const session = await openConnectedPolling(server);
      const poll = await startPoll(server, session);
      assert.equal((await session.post(packet)).body, "ok");
      assert.equal((await poll.response()).body, "1");
      await sessionGone(session);
      await assertForcedClose(witness, session.socketId);
    });
  }

  it("text where an attachment is due", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send('451-["back",{"_placeholder":true,"num":0}]');
    frames.send('42["back"]');
    await frames.closed();
  });

  it("an attachment that nothing announced", async (t) => {
    const frames = await openConnectedFrames(t, server);
    frames.send(Buffer.from([1, 2, 3]));
    await frames.closed();
  });

  it("an event before any CONNECT", async (t) => {
    const frames = new Frames(t, server);
    await frames.next("the open packet");
    frames.send('42["back"]');
    await frames.closed();
  });

  it("all of this disturbs nobody else", async (t) => {
    const bystander = await connect(t, server);
    const { id } = bystander;
    for (const packet of Object.values(FATAL)) {
      const frames = await openConnectedFrames(t, server);
      frames.send(packet);
      await frames.closed();
    }
    await fence(bystander);
    assert.equal(bystander.id, id);
  });
});

/** Asserts which reason the server notes for the socket. */
async function assertForcedClose(witness, id) {
  const list = await askUntil(
    () => ask(witness, "disconnects"),
    (answer) => answer.some(([gone]) => gone === id),
    `the server to note the end of ${id}`,
  );
  assert.deepEqual(list.filter(([gone]) => gone === id), [[id, "forced close"]]);
}
