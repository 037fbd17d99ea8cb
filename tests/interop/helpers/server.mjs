// The server under test: a child process, one per test file.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { within } from "./wait.mjs";

const SUITE = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = process.env.SERVER_CMD ?? "../../target/debug/examples/interop_server";

/** The command of another example of this repository; none if it is not our server that is tested. */
export const example = (name) =>
  /interop_server$/.test(COMMAND) ? COMMAND.replace(/interop_server$/, name) : undefined;

/**
 * Starts a server before the tests of the calling file and ends it after them.
 * `server.url` is set once the tests run; `env` is added to the environment of the process.
 */
export function useServer(env = {}, command = COMMAND) {
  const server = { url: undefined };
  let running;
  before(async () => {
    running = await startServer(env, command);
    server.url = running.url;
  });
  after(() => running?.stop());
  return server;
}

async function startServer(env, command) {
  // `exec` makes the shell become the server, so that the pid we know is the one to end.
  const child = spawn(`exec ${command}`, {
    cwd: SUITE,
    env: { ...process.env, PORT: "0", ...env },
    shell: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((resolve) => child.once("exit", (...how) => resolve(how)));
  let stopping = false;
  exited.then(([code, signal]) => {
    if (!stopping) console.error(`the server ended by itself (code ${code}, signal ${signal}): ${command}`);
  });

  const stop = async () => {
    stopping = true;
    child.kill("SIGTERM");
    await within(exited, "the server to end after SIGTERM", 1000).catch(kill);
    await exited;
    process.off("exit", kill);
  };
  const address = await within(
    Promise.race([listening(child.stdout), exited.then(() => undefined)]),
    `"listening on 127.0.0.1:<port>" from ${command}`,
  ).catch(async (error) => {
    await stop();
    throw error;
  });
  if (!address) throw new Error(`could not start the server: ${command}`);
  return { url: `http://${address}`, stop };
}

function listening(stdout) {
  return new Promise((resolve) => {
    // Goes on reading after the line: a full pipe would stop the server.
    createInterface({ input: stdout }).on("line", (line) => {
      const address = /^listening on (127\.0\.0\.1:\d+)$/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
}
