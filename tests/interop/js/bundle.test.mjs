// The browser client that the broker serves is the official one, byte for byte.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";

const ASSET = new URL("../../../crates/broker/assets/socket.io.min.js", import.meta.url);

it("the broker's browser client is the file of the npm package", async () => {
  const manifest = createRequire(import.meta.url).resolve("socket.io-client/package.json");
  const official = await readFile(path.join(path.dirname(manifest), "dist/socket.io.min.js"));
  assert.ok(official.equals(await readFile(ASSET)), "refresh the asset: see its README");
});
