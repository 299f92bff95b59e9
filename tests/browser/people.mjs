// People in front of a real Chromium: each with a context of their own, whose console must stay silent.
import { chromium as playwright } from "playwright-core";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "./stack.mjs";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await playwright.launch({
      executablePath: chromium(),
      // As root Chromium has no sandbox of its own; the pages are ours.
      args: process.getuid() === 0 ? ["--no-sandbox"] : [],
    });
    return browser;
  }
  // Somebody with a browser. `options`: viewport, colorScheme, locale.
  async person(stack, name, options = {}) {
    const context = await this.chromium.newContext({
      baseURL: stack.url,
      locale: "en-GB",
      viewport: desktop,
      reducedMotion: "reduce",
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    return new Person(name, context, page);
  }
  async stop() {
    await this.chromium.close();
  }
}

export class Person {
  constructor(name, context, page) {
    Object.assign(this, { name, context, page, complaints: [], expected: [] });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complain(message.text());
    });
    page.on("pageerror", (error) => this.complain(`not caught: ${error}`));
  }
  complain(text) {
    if (!this.expected.some((pattern) => pattern.test(text))) this.complaints.push(text);
  }
  // What the console may say from now on, because the test makes it so (the browser itself tells of a lost connection).
  expect(pattern) {
    this.expected.push(pattern);
  }

  async signIn(link) {
    await this.page.goto(link);
    await this.page.getByRole("main").getByRole("button").first().click();
    await this.page.waitForURL((url) => url.pathname !== "/join");
    await this.page.getByRole("heading", { level: 1 }).first().waitFor();
  }

  // What axe-core has against the page as it is now.
  async violations() {
    await this.page.evaluate(await readFile(axePath, "utf8"));
    const found = await this.page.evaluate(() => globalThis.axe.run());
    return found.violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target).join("; ")})`);
  }
}

// What a test says, so that the first thing that is wrong ends it with its place.
export function check(holds, what) {
  if (!holds) throw new Error(`it does not hold: ${what}`);
}
export function same(got, wanted, what) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
  }
}
// Until it holds; the last reason where it never does.
export async function soon(what, holds, patienceMs = 20_000) {
  const until = Date.now() + patienceMs;
  for (;;) {
    const last = await holds();
    if (last === true) return;
    if (Date.now() > until) throw new Error(`${what}: not in time (${JSON.stringify(last)})`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
