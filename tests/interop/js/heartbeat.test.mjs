// Heartbeats, with a server that pings often.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, connect, fence, overEachTransport } from "../helpers/client.mjs";
import { useServer } from "../helpers/server.mjs";
import { askUntil, next } from "../helpers/wait.mjs";

const server = useServer({ PING_INTERVAL: "300", PING_TIMEOUT: "500" });

/** Makes the client silent: it goes on reading, but answers no ping. */
function suppressPongs(client) {
  const { engine } = client.io;
  const send = engine._sendPacket;
  engine._sendPacket = (type, ...rest) => type === "pong" || send.call(engine, type, ...rest);
}

overEachTransport("heartbeat", (transports) => {
  it("a client that answers stays connected", async (t) => {
    const client = await connect(t, server, { transports });
    const { id } = client;
    for (let pings = 0; pings < 4; pings++) await next(client.io, "ping", "a ping of the server");
    await fence(client);
    assert.equal(client.id, id);
  });

  it("a client that answers no ping is dropped with the reason ping timeout", async (t) => {
    const mute = await connect(t, server, { transports });
    const { id } = mute;
    suppressPongs(mute);
    const [reason] = await next(mute, "disconnect", "the server to drop the mute client");
    assert.equal(reason, "transport close", "the server closes, not the client's own watchdog");
    const witness = await connect(t, server, { transports });
    const list = await askUntil(
      () => ask(witness, "disconnects"),
      (answer) => answer.some(([gone]) => gone === id),
      "the server to note the ping timeout",
    );
    assert.deepEqual(list.filter(([gone]) => gone === id), [[id, "ping timeout"]]);
  });
}, { concurrency: 6 });
