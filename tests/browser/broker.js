// Starts the broker as a process of its own and ends it by that process. Used by demo.test.js; knows no Socket.IO.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const DEFAULT_COMMAND = fileURLToPath(new URL("../../target/debug/actix-socketio-broker", import.meta.url));
const START_MS = 20_000;
const STOP_MS = 10_000;
const LISTENING = /listening on (http:\/\/127\.0\.0\.1:(\d+))/;

// BROKER_CMD is the path of a program, or a program and its arguments separated by blanks.
function command() {
  const given = process.env.BROKER_CMD || DEFAULT_COMMAND;
  const words = existsSync(given) ? [given] : given.trim().split(/\s+/);
  return { program: words[0], args: words.slice(1) };
}

// Resolves with {url, port, stop, kill} once the broker says where it listens; rejects when it ends or is silent.
// `port` 0 lets the system choose one.
export function startBroker(port = 0) {
  const { program, args } = command();
  const child = spawn(program, [...args, "--host", "127.0.0.1", "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RUST_LOG: process.env.RUST_LOG ?? "info" },
  });
  const exited = new Promise((resolve) => child.once("close", resolve));
  let output = "";

  return new Promise((resolve, reject) => {
    const fail = (why) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${program}: ${why}\n${output}`));
    };
    const timer = setTimeout(() => fail(`not listening after ${START_MS} ms`), START_MS);
    const read = (chunk) => {
      output = (output + chunk).slice(-20_000);
      const match = LISTENING.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve({
        url: match[1],
        port: Number(match[2]),
        isRunning: () => child.exitCode === null && child.signalCode === null,
        stop: () => end(child, exited, "SIGTERM"),
        kill: () => end(child, exited, "SIGKILL"),
      });
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => fail(`ended early (${signal ?? code})`));
  });
}

// Ends the broker and waits for it. Says whether the first signal was enough within its time.
async function end(child, exited, signal) {
  child.kill(signal);
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, STOP_MS, "late"); });
  const outcome = await Promise.race([exited, late]);
  clearTimeout(timer);
  if (outcome !== "late") return true;
  child.kill("SIGKILL");
  await exited;
  return false;
}
