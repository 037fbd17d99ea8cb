// The actors of `examples/actor_forward.rs`. It is an example of this repository, so no other server is asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ask, connect, received, waitForEvents } from "../helpers/client.mjs";
import { example, useServer } from "../helpers/server.mjs";

const command = example("actor_forward");

describe("actors behind a namespace", { skip: command ? false : "another server is tested" }, () => {
  const server = command && useServer({}, command);
  const enter = (t, name) => connect(t, server, { namespace: "/chat", auth: { name } });

  it("an actor acknowledges an event and tells the others", async (t) => {
    const [ann, bob] = [await enter(t, "ann"), await enter(t, "bob")];
    const { number } = await ask(ann, "chat message", { text: "hello" });
    assert.deepEqual(await ask(bob, "chat message", { text: "hi" }), { number: number + 1 });
    await waitForEvents(ann, "said", 1);
    await waitForEvents(bob, "said", 1);
    assert.deepEqual(received(bob, "said"), [["ann", "hello"]]);
    assert.deepEqual(received(ann, "said"), [["bob", "hi"]]);
  });

  it("an event that does not fit is refused before the actor", async (t) => {
    const ann = await enter(t, "ann");
    assert.deepEqual(await ask(ann, "chat message", { text: 7 }), { error: "invalid arguments" });
  });

  it("an actor is told who comes and goes", async (t) => {
    const witness = await enter(t, "witness");
    const cleo = await enter(t, "cleo");
    await waitForEvents(witness, "came", 1);
    assert.ok((await ask(witness, "who")).includes("cleo"));
    cleo.disconnect();
    const isCleo = ([name]) => name === "cleo";
    while (!received(witness, "went").some(isCleo)) {
      await waitForEvents(witness, "went", received(witness, "went").length + 1);
    }
    assert.deepEqual(received(witness, "went").filter(isCleo), [["cleo", "client namespace disconnect"]]);
    assert.ok(!(await ask(witness, "who")).includes("cleo"));
  });
});
