// The inspector's page of the broker in a real browser, while people come and go on the demo page. Every wait has a deadline.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { startBroker } from "./broker.js";
import { DESKTOP, PHONE, open, openInspector, startBrowser } from "./page.js";

const SHOTS = fileURLToPath(new URL("shots/", import.meta.url));
const MARKUP = "<img src=x onerror=alert(1)>";
let browser;

before(async () => {
  await mkdir(SHOTS, { recursive: true });
  browser = await startBrowser();
});
after(() => browser?.close());

describe("the inspector", () => {
  let broker, inspector, ann, ben;

  before(async () => {
    broker = await startBroker();
    ann = await open(browser, broker.url, { name: "Ann", room: "lobby" });
    await ann.isIn("lobby");
    await ann.isOnline("websocket");
    inspector = await openInspector(browser, broker.url);
  });
  after(async () => {
    await Promise.all([inspector, ann, ben].map((page) => page?.close()));
    await broker?.stop();
  });

  test("the demo page links to it", async () => {
    assert.equal(await ann.get("inspector-link").getAttribute("href"), "/inspect/");
    assert.ok(await ann.get("inspector-link").isVisible());
  });

  test("it shows namespaces, rooms, members and connections", async () => {
    await inspector.isLive();
    await inspector.has("namespace", "/chat");
    await inspector.has("namespace", "/news");
    await inspector.has("room", "lobby", "1 member");
    await inspector.line("room", "lobby").locator("summary").click();
    const member = await inspector.line("room", "lobby").getByTestId("member").textContent();
    assert.match(member, /^[A-Za-z0-9_-]{20}$/);
    const session = inspector.page.getByTestId("session");
    assert.match(await session.locator(".name").first().textContent(), /^session \d+$/);
    assert.match(await session.locator(".facts").first().textContent(), / · websocket$/);
    await inspector.figureIs("connections", "1");
  });

  test("it follows who comes and goes by itself, and what is open stays open", async () => {
    ben = await open(browser, broker.url, { name: "Ben", room: "lobby" });
    await ben.isOnline("websocket");
    await inspector.has("room", "lobby", "2 members");
    assert.equal(await inspector.line("room", "lobby").getByTestId("member").count(), 2);
    assert.ok(await inspector.line("room", "lobby").getByTestId("member").first().isVisible());
    await ben.join("attic");
    await inspector.has("room", "attic", "1 member");
    await inspector.figureIs("rooms", "2");
    await ben.leave("attic");
    await inspector.line("room", "attic").waitFor({ state: "detached" });
    await ben.close();
    ben = undefined;
    await inspector.has("room", "lobby", "1 member");
    await inspector.figureIs("connections", "1");
    assert.ok(await inspector.line("room", "lobby").getByTestId("member").first().isVisible());
  });

  test("names with markup, or with characters that hide, are shown as text", async () => {
    const hidden = "abc\u202edef";
    await ann.join(MARKUP);
    await ann.join(hidden);
    await inspector.has("room", MARKUP, "1 member");
    await inspector.has("room", hidden, "1 member", "abc\\u{202e}def");
    assert.equal(await inspector.page.locator("main :is(img, script, iframe)").count(), 0);
    await ann.leave(MARKUP);
    await ann.leave(hidden);
    await inspector.line("room", MARKUP).waitFor({ state: "detached" });
  });

  test("the filter leaves what it finds, with what is above and below it", async () => {
    await ann.join("attic");
    await inspector.has("room", "attic");
    await inspector.get("filter").fill("ATT");
    await inspector.line("room", "lobby").waitFor({ state: "hidden" });
    assert.ok(await inspector.line("room", "attic").isVisible());
    assert.ok(await inspector.line("namespace", "/chat").isVisible());
    assert.ok(!await inspector.line("namespace", "/news").isVisible());
    assert.equal(await inspector.get("filter-hint").textContent(), "1 found among what is listed");
    await inspector.get("filter").fill("");
    await inspector.line("namespace", "/news").waitFor();
    await ann.leave("attic");
  });

  test("it can be worked with the keyboard alone", async () => {
    const room = inspector.line("room", "lobby");
    await room.locator("summary").focus();
    // What comes and goes before it takes the focus from nobody.
    await ann.join("attic");
    await inspector.has("room", "attic");
    await ann.leave("attic");
    await inspector.line("room", "attic").waitFor({ state: "detached" });
    assert.equal(await inspector.page.evaluate(() => document.activeElement.tagName), "SUMMARY");
    await inspector.page.keyboard.press("Enter");
    assert.equal(await room.locator("details").getAttribute("open"), null);
    await inspector.page.keyboard.press("Enter");
    assert.notEqual(await room.locator("details").getAttribute("open"), null);
  });

  test("while it cannot be seen it asks for nothing", async () => {
    const hide = (hidden) => inspector.page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await hide(true);
    await ann.join("cellar");
    const asked = inspector.asked;
    await inspector.page.clock.fastForward(5000);
    assert.equal(inspector.asked, asked);
    await hide(false);
    await inspector.has("room", "cellar");
    assert.ok(inspector.asked > asked);
    await ann.leave("cellar");
    await inspector.line("room", "cellar").waitFor({ state: "detached" });
  });

  test("paused it asks for nothing", async () => {
    await inspector.get("pause").click();
    await inspector.isPaused();
    const asked = inspector.asked;
    await ann.join("cellar");
    await ann.ping();
    // A second look would have been due by then: the clock of the page is turned on.
    await inspector.page.clock.fastForward(5000);
    assert.equal(inspector.asked, asked);
    assert.equal(await inspector.line("room", "cellar").count(), 0);
    await inspector.get("pause").click();
    await inspector.has("room", "cellar");
    await ann.leave("cellar");
  });

  test("it shows the text of counters that Prometheus reads", async () => {
    const answer = await fetch(`${broker.url}/inspect/metrics`);
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^socketio_connections 1$/m);
  });

  test("nothing went wrong in the page", () => {
    assert.deepEqual(inspector.problems, []);
  });
});

describe("a broker that goes away", () => {
  test("the inspector says so, and shows the next one", async () => {
    let broker = await startBroker();
    const inspector = await openInspector(browser, broker.url);
    try {
      await inspector.isLive();
      const { port } = broker;
      await broker.kill();
      await inspector.page.locator("[data-testid=state][data-state=lost]").waitFor();
      broker = await startBroker(port);
      await inspector.isLive();
    } finally {
      await inspector.close();
      await broker.stop();
    }
  });
});

describe("the look of the inspector", () => {
  let broker, inspector;
  const people = [];

  before(async () => {
    broker = await startBroker();
    const rooms = ["lobby", "release-notes", "a room with quite a long name, for fun", "kitchen"];
    for (const [position, name] of ["Ann", "Ben", "Cleo"].entries()) {
      const page = await open(browser, broker.url, { name, namespace: position === 2 ? "/news" : "/chat", room: "lobby" });
      await page.isOnline("websocket");
      await page.isIn("lobby");
      for (const room of rooms.slice(1, 4 - position)) await page.join(room);
      people.push(page);
    }
    inspector = await openInspector(browser, broker.url);
    await inspector.isLive();
    await inspector.line("namespace", "/chat").getByTestId("room").first().locator("summary").click();
    await inspector.page.getByTestId("session").first().locator("summary").click();
  });
  after(async () => {
    await Promise.all([inspector, ...people].map((page) => page?.close()));
    await broker?.stop();
  });

  for (const colorScheme of ["light", "dark"]) {
    for (const [width, viewport] of [["desktop", DESKTOP], ["phone", PHONE]]) {
      test(`fits a ${width} in ${colorScheme}`, async () => {
        await inspector.page.setViewportSize(viewport);
        await inspector.page.emulateMedia({ colorScheme });
        await inspector.page.mouse.move(0, 0);
        const overflow = await inspector.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);
        await inspector.page.screenshot({ path: `${SHOTS}inspector-${width}-${colorScheme}.png`, fullPage: true });
      });
    }
  }
});
