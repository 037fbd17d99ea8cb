// What can be done with everyone in a room at once.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, assertDelivered, call, connectMany, fence, joinAll, overEachTransport } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { next } from "../helpers/wait.mjs";

const server = useServer();

overEachTransport("audiences", (transports) => {
  it("everyone in a room is asked, and all answers come back", async (t) => {
    const [asker, ...jury] = await connectMany(t, server, 4, { transports });
    await joinAll(jury, "jury");
    jury.forEach((socket, n) => socket.on("question", (room, ack) => ack(`${room} ${n}`)));
    asker.on("question", (_room, ack) => ack("not asked"));
    const expected = { failed: false, answers: ["jury 0", "jury 1", "jury 2"] };
    assert.deepEqual(await ask(asker, "ask-all", "jury", 5000), expected);
    assert.deepEqual(await ask(asker, "ask-all", "nobody", 5000), { failed: false, answers: [] });
  });

  it("who does not answer in time is missing from the answers", async (t) => {
    const [asker, good, silent] = await connectMany(t, server, 3, { transports });
    await joinAll([good, silent], "jury");
    good.on("question", (_room, ack) => ack("here"));
    assert.deepEqual(await ask(asker, "ask-all", "jury", 200), { failed: true, answers: ["here"] });
    await fence(silent);
  });

  it("a room is asked once for everyone in it, and not again for an answer that is late", async (t) => {
    const [asker, late] = await connectMany(t, server, 2, { transports });
    await joinAll([late], "jury");
    const acks = [];
    late.on("question", (_room, ack) => acks.push(ack));
    assert.deepEqual(await ask(asker, "ask-all", "jury", 200), { failed: true, answers: [] });
    acks.forEach((ack) => ack("too late"));
    await fence(late);
    assert.equal(acks.length, 1);
  });

  it("the sockets of a room are found with their rooms", async (t) => {
    const [a, b, outsider] = await connectMany(t, server, 3, { transports });
    await joinAll([a, b], "r");
    await call(a, "join-all", ["x", "y"]);
    const expected = [[a.id, [a.id, "r", "x", "y"].sort()], [b.id, [b.id, "r"].sort()]].sort();
    assert.deepEqual(await ask(outsider, "fetch", "r"), expected);
    assert.deepEqual(await ask(outsider, "fetch", outsider.id), [[outsider.id, [outsider.id]]]);
    assert.deepEqual(await ask(outsider, "fetch", "nowhere"), []);
    assert.deepEqual(await ask(a, "rooms"), [a.id, "r", "x", "y"].sort());
  });

  it("everyone in a room joins and leaves other rooms", async (t) => {
    const [sender, a, b, outsider] = await connectMany(t, server, 4, { transports });
    await joinAll([a, b], "r");
    await call(sender, "sockets-join", "r", ["x", "y"]);
    sender.emit("to", "x", "in x");
    await assertDelivered("room", "in x", { to: [a, b], notTo: [sender, outsider] });
    await call(sender, "sockets-leave", "r", ["x"]);
    sender.emit("to", "x", "no more in x");
    sender.emit("to", "y", "still in y");
    await assertDelivered("room", "still in y", { to: [a, b], notTo: [sender, outsider] });
    await assertDelivered("room", "no more in x", { to: [], notTo: [sender, a, b, outsider] });
  });

  it("everyone in a room is disconnected, after the last event", async (t) => {
    const [sender, a, b, stays] = await connectMany(t, server, 4, { transports });
    await joinAll([a, b], "r");
    const gone = [a, b].map((socket) => next(socket, "disconnect"));
    const last = [a, b].map((socket) => next(socket, "room"));
    await call(sender, "disconnect-sockets", "r", false);
    assert.deepEqual(await Promise.all(last), [["the last"], ["the last"]]);
    for (const [reason] of await Promise.all(gone)) assert.equal(reason, "io server disconnect");
    await fence(stays);
    assert.deepEqual(await ask(sender, "fetch", "r"), []);
  });

  it("several rooms at once are their union", async (t) => {
    const [sender, a, b, both] = await connectMany(t, server, 4, { transports });
    await joinAll([a, both], "a");
    await joinAll([b, both], "b");
    sender.emit("to-all", ["a", "b"], "once");
    await assertDelivered("room", "once", { to: [a, b, both], notTo: [sender] });
  });

  it("who disconnects can still tell the rooms", async (t) => {
    const [leaver, friend] = await connectMany(t, server, 2, { transports });
    await joinAll([leaver, friend], "r");
    await call(leaver, "tell-rooms-at-the-end", "r");
    const { id } = leaver;
    const told = next(friend, "room");
    leaver.disconnect();
    assert.deepEqual(await told, [[id, "r"].sort()]);
  });
});

overEachTransport("volatile events", (transports) => {
  it("reach who is ready for them", async (t) => {
    const [sender, receiver] = await connectMany(t, server, 2, { transports });
    await joinAll([receiver], "r");
    // A polling client is not ready between two polls, so it is tried until it is.
    let got = false;
    receiver.once("room", () => (got = true));
    for (let n = 0; n < 1000 && !got; n++) {
      sender.emit("volatile", "r", n);
      await fence(sender);
    }
    assert.ok(got);
    await fence(receiver);
  });
});
