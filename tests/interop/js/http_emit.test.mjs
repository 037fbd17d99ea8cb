// The HTTP API of `examples/http_emit.rs`. It is an example of this repository, so no other server is asked.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { call, connect, overEachTransport, received, waitForEvents } from "../helpers/client.mjs";
import { request } from "../helpers/raw.mjs";
import { example, useServer } from "../helpers/server.mjs";

const command = example("http_emit");

describe("an HTTP API that emits", { skip: command ? false : "another server is tested" }, () => {
  const server = command && useServer({}, command);
  const post = async (path, body) => (await request(`${server.url}${path}`, { method: "POST", body })).status;

  overEachTransport("its clients", (transports) => {
    /** A client that sits in a room. */
    async function guest(t, room) {
      const socket = await connect(t, server, { transports });
      await call(socket, "sit down", room);
      return socket;
    }

    it("get what a route emits through the handle, if they are in the room", async (t) => {
      const [kitchen, table] = [await guest(t, "kitchen"), await guest(t, "table 7")];
      assert.equal(await post("/tables/7/orders", "tea"), 200);
      await waitForEvents(kitchen, "ordered", 1);
      assert.deepEqual(received(kitchen, "ordered"), [[{ table: 7, what: "tea" }]]);
      await call(table, "sit down", "the fence");
      assert.deepEqual(received(table, "ordered"), []);
    });

    it("get what a route sends through an address, if the message is for their room", async (t) => {
      const [seven, eight] = [await guest(t, "table 7"), await guest(t, "table 8")];
      assert.equal(await post("/tables/7/served", "tea"), 200);
      await waitForEvents(seven, "served", 1);
      assert.deepEqual(received(seven, "served"), [["tea"]]);
      await call(eight, "sit down", "the fence");
      assert.deepEqual(received(eight, "served"), []);
    });

    it("get it in the order in which it was sent", async (t) => {
      const all = [await guest(t, "a"), await guest(t, "b")];
      const news = Array.from({ length: 20 }, (_, n) => `news ${n}`);
      for (const text of news) assert.equal(await post("/news", text), 200);
      for (const socket of all) {
        await waitForEvents(socket, "news", news.length);
        assert.deepEqual(received(socket, "news"), news.map((text) => [text]));
      }
    });
  });
});
