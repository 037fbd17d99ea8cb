// Acknowledgements in both directions.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, call, connect, connectMany, fence, overEachTransport } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { next, within } from "../helpers/wait.mjs";

const server = useServer();

overEachTransport("acknowledgements", (transports) => {
  it("the server answers with no, one or several values", async (t) => {
    const client = await connect(t, server, { transports });
    assert.deepEqual(await call(client, "join", "a room"), []);
    assert.deepEqual(await call(client, "echo", { one: 1 }), [{ one: 1 }]);
    assert.deepEqual(await call(client, "echo", 1, "two", [3]), [1, "two", [3]]);
  });

  it("a hundred pending ones each get their own answer", async (t) => {
    const client = await connect(t, server, { transports });
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    assert.deepEqual(await Promise.all(numbers.map((i) => ask(client, "echo", i))), numbers);
  });

  it("a slow answer does not hold back a quick one", async (t) => {
    const client = await connect(t, server, { transports });
    const order = [];
    const slowEcho = (ms, value) => ask(client, "slow-echo", ms, value).then((answer) => order.push(answer));
    await Promise.all([slowEcho(1500, "slow"), slowEcho(700, { binary: Buffer.from("middle") }), slowEcho(1, "quick")]);
    assert.deepEqual(order, ["quick", { binary: Buffer.from("middle") }, "slow"]);
  });

  it("an answer that does not come is an error for the client, and only for that call", async (t) => {
    const client = await connect(t, server, { transports });
    const unanswered = within(client.timeout(100).emitWithAck("no-answer"), "the client's own timeout");
    assert.equal(await ask(client, "echo", "meanwhile"), "meanwhile");
    await assert.rejects(unanswered, { message: "operation has timed out" });
    assert.equal(await ask(client, "echo", "after"), "after");
  });

  it("an answer after the client's timeout is not taken for another", async (t) => {
    const client = await connect(t, server, { transports });
    const calls = [];
    const late = new Promise((resolve) => {
      client.timeout(50).emit("slow-echo", 200, "late", (...args) => resolve(calls.push(args)));
    });
    await within(late, "the client's own timeout");
    assert.equal(await ask(client, "slow-echo", 400, "in time"), "in time");
    assert.equal(calls.length, 1);
  });

  it("the client answers the server", async (t) => {
    const client = await connect(t, server, { transports });
    client.on("question", (payload, answer) => answer({ answerTo: payload }));
    for (const payload of [42, "text", null, { nested: [1, { two: 2 }] }]) {
      assert.deepEqual(await ask(client, "ask-me", payload), { answerTo: payload });
    }
  });

  it("binary in the question and in the answer", async (t) => {
    const client = await connect(t, server, { transports });
    client.on("question", ({ bytes }, answer) => answer({ twice: [bytes, Buffer.concat([bytes, bytes])] }));
    const bytes = Buffer.from([0, 1, 254, 255]);
    const expected = { twice: [bytes, Buffer.from([0, 1, 254, 255, 0, 1, 254, 255])] };
    assert.deepEqual(await ask(client, "ask-me", { bytes }), expected);
  });

  it("each client's answer goes to the one that asked to be asked", async (t) => {
    const clients = await connectMany(t, server, 3, { transports });
    clients.forEach((client, i) => client.on("question", (_payload, answer) => answer(i)));
    assert.deepEqual(await Promise.all(clients.map((client) => ask(client, "ask-me", "who?"))), [0, 1, 2]);
  });

  it("a client that does not answer lets the server time out", async (t) => {
    const client = await connect(t, server, { transports });
    client.on("question", () => {});
    assert.equal(await ask(client, "ask-me", "anyone?"), "timeout");
  });

  it("questions that wait do not stop other events", async (t) => {
    const client = await connect(t, server, { transports });
    const question = next(client, "question");
    const asked = ask(client, "ask-me", "later");
    const [, answer] = await question;
    await fence(client);
    answer("now");
    assert.equal(await asked, "now");
  });
}, { concurrency: 6 });
