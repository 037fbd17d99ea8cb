// Who gets what: rooms, unions, exceptions and broadcasts.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  assertDelivered, call, connect, connectMany, fence, joinAll, overEachTransport, TRANSPORTS,
} from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";

const server = useServer();

overEachTransport("rooms", (transports) => {
  it("`to` reaches the members but the sender", async (t) => {
    const [sender, member, outsider] = await connectMany(t, server, 3, { transports });
    await joinAll([sender, member], "r");
    sender.emit("to", "r", "hello");
    await assertDelivered("room", "hello", { to: [member], notTo: [sender, outsider] });
  });

  it("`in` reaches the sender too, if it is a member", async (t) => {
    const [sender, member, outsider] = await connectMany(t, server, 3, { transports });
    await joinAll([sender, member], "r");
    sender.emit("in", "r", "from a member");
    await assertDelivered("room", "from a member", { to: [sender, member], notTo: [outsider] });
    outsider.emit("in", "r", "from outside");
    await assertDelivered("room", "from outside", { to: [sender, member], notTo: [outsider] });
  });

  it("who has left gets nothing more", async (t) => {
    const [sender, leaver, member] = await connectMany(t, server, 3, { transports });
    await joinAll([leaver, member], "r");
    sender.emit("to", "r", "before");
    await assertDelivered("room", "before", { to: [leaver, member] });
    await call(leaver, "leave", "r");
    sender.emit("to", "r", "after");
    await assertDelivered("room", "after", { to: [member], notTo: [leaver, sender] });
  });

  it("joining twice is joining once, and leaving once is enough", async (t) => {
    const [sender, twice, member] = await connectMany(t, server, 3, { transports });
    await joinAll([twice, twice, member], "r");
    sender.emit("to", "r", "once");
    await assertDelivered("room", "once", { to: [twice, member] });
    await call(twice, "leave", "r");
    sender.emit("to", "r", "gone");
    await assertDelivered("room", "gone", { to: [member], notTo: [twice] });
  });

  it("who comes back gets what is sent from then on", async (t) => {
    const [sender, member] = await connectMany(t, server, 2, { transports });
    await call(member, "join", "r");
    await call(member, "leave", "r");
    sender.emit("to", "r", "missed");
    await fence(sender);
    await call(member, "join", "r");
    sender.emit("to", "r", "heard");
    await assertDelivered("room", "heard", { to: [member] });
    await assertDelivered("room", "missed", { to: [], notTo: [member, sender] });
  });

  it("a room without members, or one never joined, is no error", async (t) => {
    const [sender, other] = await connectMany(t, server, 2, { transports });
    assert.deepEqual(await call(sender, "leave", "never joined"), []);
    for (const event of ["to", "in"]) sender.emit(event, "nobody here", "lost");
    await assertDelivered("room", "lost", { to: [], notTo: [sender, other] });
  });

  it("a disconnected member is no member, and does not disturb the others", async (t) => {
    const [sender, leaver, member] = await connectMany(t, server, 3, { transports });
    await joinAll([leaver, member], "r");
    leaver.disconnect();
    sender.emit("to", "r", "still here");
    await assertDelivered("room", "still here", { to: [member], notTo: [sender] });
  });

  it("a member of two rooms gets a union once", async (t) => {
    const [sender, both, onlyA, onlyB, outsider] = await connectMany(t, server, 5, { transports });
    await joinAll([both, onlyA, sender], "A");
    await joinAll([both, onlyB], "B");
    sender.emit("to-two", "A", "B", "union");
    await assertDelivered("room", "union", { to: [both, onlyA, onlyB], notTo: [sender, outsider] });
    sender.emit("to-two", "A", "A", "twice the same");
    await assertDelivered("room", "twice the same", { to: [both, onlyA], notTo: [sender, onlyB, outsider] });
  });

  it("`except` takes the members of another room out", async (t) => {
    const [sender, member, muted, mutedOutsider] = await connectMany(t, server, 4, { transports });
    await joinAll([sender, member, muted], "r");
    await joinAll([muted, mutedOutsider], "muted");
    sender.emit("to-except", "r", "muted", "quiet");
    await assertDelivered("room", "quiet", { to: [member], notTo: [sender, muted, mutedOutsider] });
    sender.emit("to-except", "r", member.id, "but one");
    await assertDelivered("room", "but one", { to: [muted], notTo: [sender, member, mutedOutsider] });
  });

  it("the id of a client is a room of its own", async (t) => {
    const [sender, addressee, other] = await connectMany(t, server, 3, { transports });
    sender.emit("to", addressee.id, "private");
    await assertDelivered("room", "private", { to: [addressee], notTo: [sender, other] });
    sender.emit("in", sender.id, "to myself");
    await assertDelivered("room", "to myself", { to: [sender], notTo: [addressee, other] });
    sender.emit("to", sender.id, "never to the sender");
    await assertDelivered("room", "never to the sender", { to: [], notTo: [sender, addressee, other] });
  });

  it("room names are any text, and differ by every character", async (t) => {
    const [sender, member] = await connectMany(t, server, 2, { transports });
    const names = ["Pokój №7", "r", "R", "r ", "/", "a,b", "room/1", '"quoted"', "*", "\u0000"];
    for (const [i, name] of names.entries()) {
      await call(member, "join", name);
      sender.emit("to", name, `in ${i}`);
      await assertDelivered("room", `in ${i}`, { to: [member], notTo: [sender] });
      await call(member, "leave", name);
      names.forEach((other) => sender.emit("to", other, `out ${i}`));
      await assertDelivered("room", `out ${i}`, { to: [], notTo: [member, sender] });
    }
  });

  it("members over all transports share a room", async (t) => {
    const sender = await connect(t, server, { transports });
    const members = await Promise.all(Object.values(TRANSPORTS).map((each) => connect(t, server, { transports: each })));
    await joinAll(members, "r");
    sender.emit("to", "r", "everyone");
    await assertDelivered("room", "everyone", { to: members, notTo: [sender] });
  });
});

overEachTransport("broadcasts", (transports) => {
  it("`shout` reaches everyone but the sender", async (t) => {
    const [sender, ...others] = await connectMany(t, server, 4, { transports });
    sender.emit("shout", "hear");
    await assertDelivered("shout", "hear", { to: others, notTo: [sender] });
  });

  it("`all` reaches everyone", async (t) => {
    const clients = await connectMany(t, server, 4, { transports });
    clients[0].emit("all", "everyone");
    await assertDelivered("all", "everyone", { to: clients });
  });
});
