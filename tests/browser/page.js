// The pages as the tests see them: opening them, using their controls, and waiting for what they show. Every wait ends
// at the deadline below, with an error that names what was waited for.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const DEADLINE_MS = 15_000;
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
    timeout: 60_000,
  });
}

// A page in a browser profile of its own.
async function newPage(browser) {
  // Without motion a picture never catches a colour on its way to another.
  const look = { viewport: DESKTOP, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB" };
  const context = await browser.newContext(look);
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  return page;
}

// Opens the demo page. `query` goes into the address; `before` runs before the page loads.
export async function open(browser, url, query = {}, before = async () => {}) {
  const page = await newPage(browser);
  const demo = new DemoPage(page);
  await before(page);
  await page.goto(`${url}/?${new URLSearchParams(query)}`);
  return demo;
}

export async function openInspector(browser, url) {
  const page = await newPage(browser);
  await page.clock.install();
  const inspector = new InspectorPage(page);
  await page.goto(`${url}/inspect/`);
  return inspector;
}

class Page {
  constructor(page) {
    this.page = page;
    this.problems = []; // errors in the console, uncaught exceptions, answers with an error status
    page.on("console", (message) => message.type() === "error" && this.problems.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.message}`));
    page.on("response", (answer) => answer.status() >= 400 && this.problems.push(`${answer.status()} ${answer.url()}`));
  }

  get(testid) {
    return this.page.getByTestId(testid);
  }

  async close() {
    await this.page.context().close();
  }
}

export class InspectorPage extends Page {
  constructor(page) {
    super(page);
    this.asked = 0; // times that the page has asked for the tree
    page.on("request", (request) => { this.asked += request.url().includes("topology.json") ? 1 : 0; });
  }

  // A line of this kind (namespace, room, member, courier, session, socket), by its name as it came.
  line(kind, name) {
    return this.page.locator(`[data-testid=${kind}][data-key=${JSON.stringify(name)}]`);
  }

  // Such a line is there, with this name to be seen, and this is said of it.
  async has(kind, name, said = "", shown = name) {
    const line = this.line(kind, name);
    await line.locator(".facts").first().filter({ hasText: said }).waitFor();
    assert.equal(await line.locator(".name").first().textContent(), shown);
  }

  async figureIs(name, value) {
    const shown = this.page.locator(".value").filter({ hasText: new RegExp(`^${value}$`) });
    await this.get(`figure-${name}`).filter({ has: shown }).waitFor();
  }

  async isLive() {
    await this.page.locator("[data-testid=state][data-state=live]").waitFor();
  }

  async isPaused() {
    await this.page.locator("[data-testid=state][data-state=paused]").waitFor();
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export class DemoPage extends Page {
  constructor(page) {
    super(page);
    this.sockets = []; // addresses of the WebSockets the page opened
    this.frames = []; // texts of the frames that came in on them
    page.on("websocket", (socket) => {
      this.sockets.push(socket.url());
      socket.on("framereceived", ({ payload }) => this.frames.push(String(payload)));
    });
  }

  // Lines of the stream of this kind (own, other, presence, system) that have exactly this text.
  entries(kind, text) {
    return this.page.locator(`[data-testid=entry][data-kind=${kind}]`).filter({ has: this.exactText(text) });
  }

  exactText(text) {
    return this.page.getByTestId("entry-text").filter({ hasText: new RegExp(`^${escape(text)}$`) });
  }

  async sees(kind, text) {
    await this.entries(kind, text).first().waitFor();
  }

  // Only meaningful behind a fence: something that must have come later is there already.
  async hasNot(text) {
    assert.equal(await this.exactText(text).count(), 0, `"${text}" must not be on the page`);
  }

  async isOnline(transport = "websocket") {
    await this.page.locator(`[data-testid=state][data-state=online][data-transport=${transport}]`).waitFor();
  }

  async isIn(room) {
    await this.page.locator(`[data-testid=room-chip][data-room="${room}"]`).waitFor();
    await this.sees("system", `You joined #${room}`);
  }

  async join(room) {
    await this.get("room-input").fill(room);
    await this.get("join-button").click();
    await this.isIn(room);
  }

  async leave(room) {
    const chip = this.page.locator(`[data-testid=room-chip][data-room="${room}"]`);
    await chip.getByTestId("leave-button").click();
    await chip.waitFor({ state: "detached" });
  }

  // Writes to a room, or to everyone with the empty name.
  async say(room, text) {
    await this.get("target-select").selectOption(room);
    await this.get("message-input").fill(text);
    await this.get("message-input").press("Enter");
  }

  // The names the server gives for a room, or for the namespace with the empty name, in order of the alphabet.
  async who(room) {
    await this.get("target-select").selectOption(room);
    if (await this.get("who").isVisible()) await this.get("who-close").click();
    await this.get("who-button").click();
    await this.get("who").waitFor();
    return (await this.get("who-item").locator(".person-name").allTextContents()).sort();
  }

  // One round trip. What the server sent before its answer is on the page afterwards.
  async ping() {
    const result = this.get("ping-result");
    const before = Number(await result.getAttribute("data-count") ?? 0);
    await this.get("ping-button").click();
    await this.page.locator(`[data-testid=ping-result][data-count="${before + 1}"]`).waitFor();
    return result.textContent();
  }
}
