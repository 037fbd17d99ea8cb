// The browser client under the server's path is the official one, byte for byte.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { useServer } from "../helpers/server.mjs";

const server = useServer();
const PACKAGE = createRequire(import.meta.url).resolve("socket.io/package.json");
const { version } = JSON.parse(await readFile(PACKAGE));

describe("the browser client", () => {
  for (const script of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"]) {
    for (const name of [script, `${script}.map`]) {
      it(`${name} is the file of the npm package, in every compression`, async () => {
        const official = await readFile(path.join(path.dirname(PACKAGE), "client-dist", name));
        for (const encoding of ["br", "gzip", "deflate", "identity"]) {
          const answer = await fetch(`${server.url}/socket.io/${name}`, { headers: { "accept-encoding": encoding } });
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get("etag"), `"${version}"`);
          assert.equal(answer.headers.get("content-encoding") ?? "identity", encoding);
          assert.ok(official.equals(Buffer.from(await answer.arrayBuffer())), `${name} in ${encoding} differs`);
        }
      });
    }
  }
});
