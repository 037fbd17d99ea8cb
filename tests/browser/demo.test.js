// Drives the broker's demo page in a real browser, with the official client in it. The tests share one broker and
// build on each other's pages, in order; see README.md for what they need.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { startBroker } from "./broker.js";
import { DESKTOP, PHONE, open, startBrowser } from "./page.js";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));
let browser;

before(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await startBrowser();
});
after(() => browser?.close());

describe("two people in a room", () => {
  let broker, ann, ben;

  before(async () => { broker = await startBroker(); });
  after(async () => {
    await Promise.all([ann, ben].map((page) => page?.close()));
    await broker?.stop();
  });

  test("the form connects, and the connection moves on to websocket", async () => {
    ann = await open(browser, broker.url);
    assert.equal(await ann.get("state").getAttribute("data-state"), "offline");
    await ann.get("name-input").fill("Ann");
    await ann.get("connect-button").click();
    await ann.isOnline("websocket");
    assert.equal(await ann.get("transport").textContent(), "websocket");
    assert.equal(ann.sockets.length, 1);
    assert.match(ann.sockets[0], /[?&]transport=websocket/);
    assert.match(ann.sockets[0], /[?&]sid=/, "an upgrade names the session that polling began");
    await ann.sees("system", "Connected to /chat as Ann");
    await ann.join("lobby");
  });

  test("the address connects and joins, and the others see who comes", async () => {
    ben = await open(browser, broker.url, { name: "Ben", namespace: "/chat", room: "lobby" });
    await ben.isOnline("websocket");
    await ben.isIn("lobby");
    await ann.sees("presence", "Ben connected");
    await ann.sees("presence", "Ben joined #lobby");
  });

  test("a message to the room reaches the other and does not come back", async () => {
    await ann.say("lobby", "hello Ben");
    await ben.sees("other", "hello Ben");
    await ben.say("lobby", "hello Ann");
    await ann.sees("other", "hello Ann");
    for (const [page, text] of [[ann, "hello Ben"], [ben, "hello Ann"]]) {
      await page.ping();
      const own = page.entries("own", text);
      assert.equal(await own.count(), 1);
      assert.equal(await own.getAttribute("data-origin"), "local");
      assert.equal(await page.exactText(text).count(), 1);
      assert.ok(!page.frames.some((frame) => frame.includes(text)), "the sender's own message came back");
    }
  });

  test("a message to all reaches its sender as well, from the server", async () => {
    await ben.say("", "good morning everyone");
    await ann.sees("other", "good morning everyone");
    await ben.sees("own", "good morning everyone");
    await ben.ping();
    const own = ben.entries("own", "good morning everyone");
    assert.equal(await own.count(), 1);
    assert.equal(await own.getAttribute("data-origin"), "server");
    assert.equal(await own.getAttribute("data-scope"), "all");
  });

  test("asking who is here gives the members of the room or of the namespace", async () => {
    await ann.join("attic");
    assert.deepEqual(await ann.who("attic"), ["Ann"]);
    assert.deepEqual(await ann.who("lobby"), ["Ann", "Ben"]);
    assert.deepEqual(await ann.who(""), ["Ann", "Ben"]);
    assert.match(await ann.get("who-title").textContent(), /^2 in \/chat at /);
    await ann.leave("attic");
  });

  test("a ping shows how long the acknowledgement took", async () => {
    assert.match(await ann.ping(), /^\d+\.\d ms$/);
  });

  test("a room of the same name in the other namespace is another room", async () => {
    const cara = await open(browser, broker.url, { name: "Cara", namespace: "/news", room: "lobby" });
    const dan = await open(browser, broker.url, { name: "Dan", namespace: "/news", room: "lobby" });
    await cara.isIn("lobby");
    await dan.isIn("lobby");
    await ann.say("lobby", "only in the chat's lobby");
    await ben.sees("other", "only in the chat's lobby");
    await ann.say("", "only in the chat");
    await ben.sees("other", "only in the chat");

    await dan.say("lobby", "the fence in the news");
    await cara.sees("other", "the fence in the news");
    await cara.hasNot("only in the chat's lobby");
    await cara.hasNot("only in the chat");
    await cara.hasNot("Ann connected");
    assert.deepEqual(await cara.who("lobby"), ["Cara", "Dan"]);

    await ann.say("lobby", "the fence in the chat");
    await ben.sees("other", "the fence in the chat");
    await ben.hasNot("the fence in the news");
    await ben.hasNot("Cara connected");
    for (const page of [cara, dan]) {
      assert.deepEqual(page.problems, []);
      await page.close();
    }
  });

  test("markup in names, rooms and messages stays text", async () => {
    const markup = "<img src=x onerror=alert(1)>";
    const guest = await open(browser, broker.url, { name: "<b>Eve</b>", room: "<i>room</i>" });
    await guest.isIn("<i>room</i>");
    await guest.isOnline("websocket"); // a page that closes while polling is missed only after a ping timeout
    await ann.sees("presence", "<b>Eve</b> connected");
    await guest.say("", markup);
    await ann.sees("other", markup);
    await guest.sees("own", markup);
    for (const page of [ann, guest]) {
      assert.equal(await page.page.locator("main :is(img, b:not(.hint b), i, script)").count(), 0);
    }
    assert.deepEqual(guest.problems, []);
    await guest.close();
    await ann.sees("presence", "<b>Eve</b> disconnected (transport close)");
  });

  test("who leaves the room is seen to leave, and hears it no more", async () => {
    await ben.leave("lobby");
    await ann.sees("presence", "Ben left #lobby");
    await ann.say("lobby", "nobody hears this");
    await ann.say("", "everybody hears this");
    await ben.sees("other", "everybody hears this");
    await ben.hasNot("nobody hears this");
    await ben.join("lobby");
  });

  test("changing the namespace leaves the one before", async () => {
    await ben.page.locator("label", { has: ben.get("namespace-news") }).click();
    await ben.isOnline("websocket");
    await ben.sees("system", "Connected to /news as Ben");
    await ann.sees("presence", "Ben disconnected (client namespace disconnect)");
    assert.deepEqual(await ann.who(""), ["Ann"]);
    assert.deepEqual(await ben.who(""), ["Ben"]);
    await ben.page.locator("label", { has: ben.get("namespace-chat") }).click();
    await ben.sees("system", "Connected to /chat as Ben");
    await ben.isOnline("websocket");
  });

  test("a page without websocket stays on polling and talks all the same", async () => {
    const finn = await open(browser, broker.url, { name: "Finn", room: "lobby" },
      (page) => page.addInitScript(() => { delete window.WebSocket; }));
    await finn.isIn("lobby");
    await finn.isOnline("polling");
    await finn.say("lobby", "hello from polling");
    await ann.sees("other", "hello from polling");
    await ann.say("lobby", "hello from websocket");
    await finn.sees("other", "hello from websocket");
    await finn.ping();
    assert.deepEqual(finn.sockets, []);
    assert.deepEqual(finn.problems, []);
    await finn.get("disconnect-button").click();
    await ann.sees("presence", "Finn disconnected (client namespace disconnect)");
    await finn.close();
  });

  test("who closes the page is seen to disconnect", async () => {
    const problems = ben.problems;
    await ben.close();
    ben = undefined;
    await ann.entries("presence", "Ben disconnected (transport close)").waitFor();
    assert.deepEqual(await ann.who(""), ["Ann"]);
    assert.deepEqual(problems, []);
  });

  test("nothing went wrong in the page, and the broker still runs", () => {
    assert.deepEqual(ann.problems, []);
    assert.ok(broker.isRunning());
  });
});

describe("a broker that goes away", () => {
  test("the page says so, comes back by itself and joins its rooms again", async () => {
    let broker = await startBroker();
    const pages = [];
    try {
      for (const name of ["Ann", "Ben"]) pages.push(await open(browser, broker.url, { name, room: "lobby" }));
      const [ann, ben] = pages;
      for (const page of pages) {
        await page.isIn("lobby");
        await page.isOnline();
      }
      const { port } = broker;
      await broker.kill();
      await ann.page.locator("[data-testid=state][data-state=reconnecting]").waitFor();
      await ann.get("error").waitFor();
      assert.match(await ann.get("error-text").textContent(), /^Cannot reach the server/);
      assert.ok(await ann.get("send-button").isDisabled());

      broker = await startBroker(port);
      for (const page of pages) {
        await page.isOnline();
        await page.entries("system", "You joined #lobby").nth(1).waitFor();
        await page.get("error").waitFor({ state: "hidden" });
      }
      await ann.say("lobby", "here again");
      await ben.sees("other", "here again");
    } finally {
      for (const page of pages) await page.close();
      await broker.stop();
    }
  });
});

describe("the look", () => {
  let broker, ann, ben, cleo;

  before(async () => {
    broker = await startBroker();
    ann = await open(browser, broker.url, { name: "Ann", room: "lobby" });
    await ann.isIn("lobby");
    await ann.join("release-notes");
    ben = await open(browser, broker.url, { name: "Ben", room: "lobby" });
    await ben.isIn("lobby");
    await converse([
      [ben, "lobby", "Morning! Is the new broker up?"],
      [ann, "lobby", "It is. You are talking through it."],
      [ann, "lobby", "Started on polling, and a moment later it was a WebSocket."],
    ]);
    cleo = await open(browser, broker.url, { name: "Cleo", room: "lobby" });
    await cleo.isIn("lobby");
    await converse([
      [cleo, "lobby", "Nice. And I saw nothing of what you wrote before I came."],
      [cleo, "", "For everyone: maintenance starts at 18:00."],
      [ben, "lobby", "Thanks, noted. Off to the next room."],
    ]);
    await ben.leave("lobby");
    await ann.sees("presence", "Ben left #lobby");
    await converse([[ann, "lobby", "See you at lunch, Ben."]]);
    await ann.ping();
  });
  after(async () => {
    await Promise.all([ann, ben, cleo].map((page) => page?.close()));
    await broker?.stop();
  });

  // Each line is seen by Ann before the next is written, so that the pictures are the same every time.
  async function converse(lines) {
    for (const [page, room, text] of lines) {
      await page.say(room, text);
      await ann.sees(page === ann ? "own" : "other", text);
    }
  }

  for (const colorScheme of ["light", "dark"]) {
    for (const [width, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      test(`fits a ${width} in ${colorScheme}`, async () => {
        await ann.page.setViewportSize(viewport);
        await ann.page.emulateMedia({ colorScheme });
        assert.deepEqual(await ann.who("lobby"), ["Ann", "Cleo"]);
        if (width === "phone") await ann.get("who-close").click();
        await ann.page.mouse.move(0, 0);
        const overflow = await ann.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);
        assert.ok(await ann.get("message-input").isVisible());
        assert.equal(await ann.get("room-input").isVisible(), width === "desktop");
        await ann.page.screenshot({ path: `${SHOTS}${width}-${colorScheme}.png` });
      });
    }
  }

  test("on a phone the setup folds out above the chat", async () => {
    await ann.page.setViewportSize(PHONE);
    await ann.page.emulateMedia({ colorScheme: "light" });
    await ann.get("panel-toggle").click();
    assert.ok(await ann.get("room-input").isVisible());
    await ann.page.screenshot({ path: `${SHOTS}phone-light-setup.png` });
    await ann.get("panel-toggle").click();
    assert.ok(!await ann.get("room-input").isVisible());
  });

  test("the page before a connection", async () => {
    const page = await open(browser, broker.url);
    await page.page.screenshot({ path: `${SHOTS}desktop-light-start.png` });
    await page.page.setViewportSize(PHONE);
    await page.page.screenshot({ path: `${SHOTS}phone-light-start.png`, fullPage: true });
    assert.deepEqual(page.problems, []);
    await page.close();
  });
});
