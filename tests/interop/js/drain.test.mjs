// A server that goes: its clients are not sent away, their connection ends, and they come back, to another server.
// The event "close server" drains the Rust server and calls `io.close()` of the official one: clients must not see a difference.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ask, connect, overEachTransport, payloads } from "../helpers/client.mjs";
import { example, useServer } from "../helpers/server.mjs";
import { next } from "../helpers/wait.mjs";

overEachTransport("a server that goes", (transports) => {
  const first = useServer();
  const second = useServer();

  it("closes the transport after what it has sent, and the client comes to another server", async (t) => {
    const options = { transports, reconnection: true, reconnectionDelay: 10, randomizationFactor: 0 };
    const client = await connect(t, first, options);
    const gone = next(client, "disconnect", "the end of the connection");
    const { id } = client;
    client.io.uri = second.url; // where the load balancer leads it the next time
    const back = next(client, "connect", "the connection to the other server");
    for (let n = 0; n < 20; n++) client.emit("back", n);
    client.emit("close server");
    const [reason] = await gone;
    // The official server ends its HTTP server with `io.close()`: that breaks off polls, and loses what is queued for them.
    const brokenOff = !example("interop_server") && transports[0] === "polling" && reason === "transport error";
    if (!brokenOff) {
      assert.equal(reason, "transport close");
      assert.deepEqual(payloads(client, "back"), Array.from({ length: 20 }, (_, n) => n));
    }
    await back;
    assert.notEqual(client.id, id);
    assert.equal(await ask(client, "echo", "alive"), "alive");
  });
});
