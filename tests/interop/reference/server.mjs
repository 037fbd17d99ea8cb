// The contract of README.md, served by the official `socket.io` package.
// The suite passes against this server, so what the suite asks for is official behaviour.
import { createServer } from "node:http";
import { Server } from "socket.io";

const milliseconds = (name, fallback) => Number(process.env[name] ?? fallback);

const http = createServer();
const io = new Server(http, {
  pingInterval: milliseconds("PING_INTERVAL", 25_000),
  pingTimeout: milliseconds("PING_TIMEOUT", 20_000),
  cleanupEmptyChildNamespaces: process.env.CLEANUP === "true",
});

/** Names of the namespaces that were made, in order. */
const announced = [];
io.on("new_namespace", (namespace) => announced.push(namespace.name));

/** `[id, reason]` of every socket that has left, in all namespaces, in order. */
const disconnects = [];

/** `[id, "disconnecting" or "disconnect"]` of every socket that has left `/handlers`, in order. */
const ends = [];

for (const name of ["/", "/admin", "/private"]) {
  io.of(name).on("connection", onConnection);
}
io.of("/private").use(requireSecret);
io.of("/handlers").on("connection", onHandlersConnection);

io.of("/early").on("connection", onConnection);
io.of("/early").use((socket, next) => {
  socket.join("early");
  socket.emit("early", socket.id);
  next();
});

for (const step of [1, 2, 3]) {
  io.of("/chain").use((socket, next) => {
    if (!socket.handshake.auth.stop?.includes(step)) return next();
    const refusal = new Error("nope");
    refusal.data = { code: step };
    next(refusal);
  });
}

const ORG = /^\/org\/([^/]+)\/chat$/;
const orgs = io.of(ORG);
orgs.on("connection", onConnection);
orgs.on("connection", (socket) => socket.on("org", (ack) => ack(ORG.exec(socket.nsp.name)[1])));
orgs.use((socket, next) => {
  const org = ORG.exec(socket.nsp.name)[1];
  if (org !== "closed") return next();
  const refusal = new Error("closed");
  refusal.data = { org };
  next(refusal);
});

const guarded = io.of((name, auth, next) => next(null, name.startsWith("/guarded-") && auth.token === "secret"));
guarded.on("connection", onConnection);

io.on("connection", (socket) => {
  socket.on("all-orgs", (payload) => orgs.emit("all", payload));
  socket.on("announced", (ack) => ack(announced));
  socket.on("namespaces", (ack) => ack([...io._nsps.keys()].sort()));
});

http.listen(milliseconds("PORT", 0), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${http.address().port}`);
});

function requireSecret(socket, next) {
  if (socket.handshake.auth.token === "secret") return next();
  const refusal = new Error("not authorized");
  refusal.data = { code: 401 };
  next(refusal);
}

function onConnection(socket) {
  socket.on("disconnect", (reason) => disconnects.push([socket.id, reason]));
  answers(socket);
  rooms(socket);
  broadcasts(socket);
  order(socket);
  audiences(socket);
  socket.emit("welcome", { auth: socket.handshake.auth });
}

function answers(socket) {
  socket.on("echo", (...args) => args.pop()(...args));
  socket.on("back", (...args) => socket.emit("back", ...args));
  socket.on("id", (ack) => ack(socket.id));
  socket.on("no-answer", (_ack) => {});
  socket.on("slow-echo", (ms, value, ack) => setTimeout(ack, ms, value));
  socket.on("disconnects", (ack) => ack(disconnects));
  socket.on("kick", (close) => socket.disconnect(close));
  socket.on("close server", () => io.close());
  socket.on("ask-me", async (payload, ack) => {
    ack(await socket.timeout(1000).emitWithAck("question", payload).catch(() => "timeout"));
  });
}

function rooms(socket) {
  socket.on("join", (room, ack) => {
    socket.join(room);
    ack();
  });
  socket.on("leave", (room, ack) => {
    socket.leave(room);
    ack();
  });
}

function broadcasts(socket) {
  const namespace = socket.nsp;
  socket.on("to", (room, payload) => socket.to(room).emit("room", payload));
  socket.on("in", (room, payload) => namespace.to(room).emit("room", payload));
  socket.on("to-two", (a, b, payload) => socket.to(a).to(b).emit("room", payload));
  socket.on("to-except", (room, except, payload) =>
    socket.to(room).except(except).emit("room", payload),
  );
  socket.on("shout", (payload) => socket.broadcast.emit("shout", payload));
  socket.on("all", (payload) => namespace.emit("all", payload));
}

function order(socket) {
  const namespace = socket.nsp;
  socket.on("mixed", (room, n) => {
    for (let i = 0; i < n; i++) {
      namespace.to(room).emit("seq", 2 * i);
      socket.emit("seq", 2 * i + 1);
    }
  });
  socket.on("join-then-emit", (room, payload, ack) => {
    socket.join(room);
    namespace.to(room).emit("room", payload);
    ack();
  });
}

function audiences(socket) {
  const namespace = socket.nsp;
  socket.on("ask-all", (room, ms, ack) =>
    namespace.to(room).timeout(ms).emit("question", room, (error, answers) =>
      ack({ failed: Boolean(error), answers: answers.sort() })),
  );
  socket.on("fetch", async (room, ack) => {
    const sockets = await namespace.in(room).fetchSockets();
    ack(sockets.map(({ id, rooms }) => [id, [...rooms].sort()]).sort());
  });
  socket.on("rooms", (ack) => ack([...socket.rooms].sort()));
  socket.on("join-all", (rooms, ack) => {
    socket.join(rooms);
    ack();
  });
  socket.on("sockets-join", (room, rooms, ack) => {
    namespace.in(room).socketsJoin(rooms);
    ack();
  });
  socket.on("sockets-leave", (room, rooms, ack) => {
    namespace.in(room).socketsLeave(rooms);
    ack();
  });
  socket.on("disconnect-sockets", (room, close, ack) => {
    namespace.to(room).emit("room", "the last");
    namespace.in(room).disconnectSockets(close);
    ack();
  });
  socket.on("volatile", (room, payload) => socket.to(room).volatile.emit("room", payload));
  socket.on("to-all", (rooms, payload) => socket.to(rooms).emit("room", payload));
  socket.on("tell-rooms-at-the-end", (room, ack) => {
    socket.on("disconnecting", () => socket.to(room).emit("room", [...socket.rooms].sort()));
    ack();
  });
}

function onHandlersConnection(socket) {
  const { handshake } = socket;
  const notes = [];
  const note = (what) => (event, ...args) =>
    notes.push([what, event, ...args.filter((arg) => typeof arg !== "function")]);
  socket.data = { name: handshake.auth.name ?? "nobody" };
  socket.onAny(note("any"));
  socket.onAnyOutgoing(note("out"));
  socket.use(([event], next) => next(event === "forbidden" ? new Error("forbidden event") : undefined));
  socket.on("error", (error) => socket.emit("refused", error.message));
  socket.on("echo", (...args) => args.pop()(...args));
  socket.on("back", (...args) => socket.emit("back", ...args));
  socket.on("several", () => socket.emit("ran", 1));
  socket.on("several", (ack) => {
    socket.emit("ran", 2);
    ack("second");
  });
  socket.on("several", (ack) => ack("third"));
  socket.once("once", () => socket.emit("ran", "once"));
  socket.on("forbidden", () => socket.emit("ran", "forbidden"));
  socket.on("later", () => {});
  socket.on("later", (ms, ack) => setTimeout(ack, ms, "later"));
  socket.on("notes", (ack) => ack(notes));
  socket.on("data", (ack) => ack(socket.data.name));
  socket.on("handshake", (ack) => {
    const { auth, ...rest } = handshake;
    ack(rest);
  });
  socket.on("ends", (ack) => ack(ends));
  for (const end of ["disconnecting", "disconnect"]) {
    socket.on(end, () => ends.push([socket.id, end]));
  }
}
