// Engine.IO without a client: plain requests and plain WebSockets, to show the bytes.
import http from "node:http";
import WebSocket from "ws";
import { askUntil, within } from "./wait.mjs";

export const engineUrl = (server, query) => `${server.url}/socket.io/?${new URLSearchParams(query)}`;

/** A request that has a deadline. The body is read: `{ status, headers, body }`. */
export async function request(url, init = {}) {
  const name = `${init.method ?? "GET"} ${new URL(url).search}`;
  const response = await within(fetch(url, init), `the response to ${name}`);
  const body = await within(response.text(), `the body of ${name}`);
  return { status: response.status, headers: response.headers, body };
}

/** A polling session: `{ sid, handshake, url, poll(), post(body) }`. Packets are text, `0x1e` splits them. */
export async function openPolling(server) {
  const response = await request(engineUrl(server, { EIO: 4, transport: "polling" }));
  const handshake = JSON.parse(response.body.slice(1));
  const url = engineUrl(server, { EIO: 4, transport: "polling", sid: handshake.sid });
  const poll = () => request(url);
  const post = (body, headers = { "content-type": "text/plain;charset=UTF-8" }) =>
    request(url, { method: "POST", body, headers });
  return { sid: handshake.sid, handshake, response, url, poll, post };
}

/**
 * Starts a poll and returns once it has reached the server: `{ response(), abort() }`. `response()` resolves
 * like that of `request`.
 */
export async function startPoll(server, session) {
  const req = http.get(session.url, { agent: false });
  req.on("error", () => {}); // the abort
  const response = new Promise((resolve) => {
    req.once("response", async (res) => {
      const chunks = await res.toArray();
      resolve({ status: res.statusCode, body: Buffer.concat(chunks).toString() });
    });
  });
  await within(new Promise((resolve) => req.once("finish", resolve)), "the poll to be sent");
  await openPolling(server); // sent later, so its answer comes from a server that has read the poll
  return { response: () => within(response, "the answer to the poll"), abort: () => req.destroy() };
}

/** Waits until the server knows nothing more of the session. */
export function sessionGone(session) {
  const isUnknown = ({ status, body }) => status === 400 && body.includes("Session ID unknown");
  return askUntil(() => session.post('42["to","nobody",0]'), isUnknown, "the session to be unknown");
}

/** Polls until `done(packets)`; returns all packets. */
export async function pollUntil(session, done) {
  const packets = [];
  while (!done(packets)) packets.push(...(await session.poll()).body.split("\x1e"));
  return packets;
}

/** A polling session that is connected to the namespace `/`, there with `socketId`. */
export async function openConnectedPolling(server) {
  const session = await openPolling(server);
  await session.post("40");
  const packets = await pollUntil(session, (all) => all.some((packet) => packet.startsWith('42["welcome"')));
  return { ...session, socketId: socketIdIn(packets[0]) };
}

const socketIdIn = (connectPacket) => JSON.parse(connectPacket.slice("40".length)).sid;

/** A WebSocket that hands out its frames one by one. */
export class Frames {
  #arrived = [];
  #waiting = [];
  #closed;

  constructor(t, server, query = {}) {
    this.ws = new WebSocket(engineUrl(server, { EIO: 4, transport: "websocket", ...query }).replace("http", "ws"));
    this.ws.on("message", (data, isBinary) => this.#push(isBinary ? data : data.toString()));
    this.#closed = new Promise((resolve) => this.ws.once("close", resolve));
    this.refused = new Promise((resolve) => this.ws.once("unexpected-response", (_, response) => resolve(response)));
    this.ws.on("error", () => {}); // a refusal is seen by `refused`, a loss by `closed()`
    t.after(() => this.ws.terminate());
  }

  #push(frame) {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(frame);
    else this.#arrived.push(frame);
  }

  /** The code with which the connection was closed. */
  closed() {
    return within(this.#closed, "the server to close the websocket");
  }

  opened() {
    return within(new Promise((resolve) => this.ws.once("open", resolve)), "the websocket to open");
  }

  next(what = "the next frame") {
    if (this.#arrived.length > 0) return this.#arrived.shift();
    return within(new Promise((resolve) => this.#waiting.push(resolve)), what);
  }

  send(frame) {
    this.ws.send(frame);
  }
}

/** A raw WebSocket that is connected to the namespace `/`, there with `socketId`. */
export async function openConnectedFrames(t, server) {
  const frames = new Frames(t, server);
  await frames.next("the open packet");
  frames.send("40");
  frames.socketId = socketIdIn(await frames.next("the CONNECT packet"));
  await frames.next('the event "welcome"');
  return frames;
}
