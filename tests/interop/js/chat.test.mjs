// The chat of `examples/chat.rs`, as its page uses it. It is an example of this repository, so no other server is asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ask, call, connect, received, waitForEvents } from "../helpers/client.mjs";
import { request } from "../helpers/raw.mjs";
import { example, useServer } from "../helpers/server.mjs";

const command = example("chat");

describe("the chat", { skip: command ? false : "another server is tested" }, () => {
  const server = command && useServer({}, command);

  /** A client that has joined a room; `everyone` is who was there then. */
  async function enter(t, name, room = "lobby") {
    const socket = await connect(t, server);
    return { socket, everyone: await ask(socket, "join", { name, room }) };
  }

  const entry = ({ socket }, name) => [socket.id, name];

  it("has a page that loads the client from the server", async () => {
    const page = await request(`${server.url}/`);
    assert.match(page.body, /<script src="\/socket\.io\/socket\.io\.min\.js">/);
    assert.equal((await request(`${server.url}/socket.io/socket.io.min.js`)).status, 200);
  });

  it("tells who is there, who comes and who leaves", async (t) => {
    const ann = await enter(t, "ann");
    const bob = await enter(t, "bob");
    const eve = await enter(t, "eve", "cellar");
    assert.deepEqual(ann.everyone, [entry(ann, "ann")]);
    assert.deepEqual(bob.everyone.sort(), [entry(ann, "ann"), entry(bob, "bob")].sort());
    assert.deepEqual(eve.everyone, [entry(eve, "eve")]);
    const left = entry(bob, "bob");
    await waitForEvents(ann.socket, "joined", 1);
    bob.socket.disconnect();
    await waitForEvents(ann.socket, "left", 1);
    assert.deepEqual(received(ann.socket, "joined"), [left]);
    assert.deepEqual(received(ann.socket, "left"), [left]);
    assert.deepEqual(received(eve.socket, "left"), []);
  });

  it("takes a message to the others of the room, and says that it has", async (t) => {
    const [ann, bob] = [await enter(t, "ann"), await enter(t, "bob")];
    bob.socket.emit("typing");
    assert.deepEqual(await call(bob.socket, "say", "hello"), [true]);
    await waitForEvents(ann.socket, "said", 1);
    assert.deepEqual(received(ann.socket, "typing"), [["bob"]]);
    assert.deepEqual(received(ann.socket, "said"), [["bob", "hello"]]);
    assert.deepEqual(received(bob.socket, "said"), []);
  });

  it("moves whoever joins another room", async (t) => {
    const [ann, bob] = [await enter(t, "ann"), await enter(t, "bob")];
    assert.deepEqual(await ask(bob.socket, "join", { name: "bob", room: "attic" }), [entry(bob, "bob")]);
    assert.equal(await ask(bob.socket, "say", "nobody hears this"), true);
    assert.equal(await ask(ann.socket, "say", "bye"), true);
    await waitForEvents(ann.socket, "left", 1);
    await ask(bob.socket, "say", "what was sent to bob before is there now");
    assert.deepEqual(received(ann.socket, "said"), []);
    assert.deepEqual(received(bob.socket, "said"), []);
  });

  it("takes no message from whoever is in no room", async (t) => {
    const socket = await connect(t, server);
    assert.equal(await ask(socket, "say", "hello"), false);
  });
});
