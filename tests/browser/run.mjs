// Runs the stories in a real Chromium against a real broker and gateway; each in a house of its own.
//   node tests/browser/run.mjs [NAME…]      those whose names contain one of these
// 0: all passed. 1: one did not. 77: none could run (no Chromium, no pages, no packages): told, and skipped.
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

let tools;
try {
  tools = { ...(await import("./stack.mjs")), ...(await import("./people.mjs")) };
} catch (error) {
  console.log(`skipped: ${error.message.split("\n")[0]}`);
  process.exit(77);
}
const missing = tools.whatIsMissing();
if (missing) {
  console.log(`skipped: ${missing}`);
  process.exit(77);
}

const wanted = process.argv.slice(2);
const files = (await readdir(new URL(".", import.meta.url))).filter((file) => file.endsWith(".story.mjs")).sort();
const browser = await tools.Browser.start();
let failed = 0;
let ran = 0;
for (const file of files) {
  const { stories } = await import(`./${file}`);
  for (const [name, story] of Object.entries(stories)) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    ran += 1;
    const people = [];
    const began = Date.now();
    let stack;
    try {
      stack = await tools.Stack.start();
      const person = async (who, options) => {
        people.push(await browser.person(stack, who, options));
        return people.at(-1);
      };
      await story({ stack, person });
      for (const one of people) tools.same(one.complaints, [], `${one.name}'s console`);
      console.log(`passed: ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed += 1;
      const pictures = await mkdtemp(path.join(tmpdir(), "tally-seen-"));
      console.log(`FAILED: ${name}\n${error.stack}`);
      for (const one of people) {
        const picture = path.join(pictures, `${one.name.replaceAll(/\W/g, "-")}.png`);
        await one.page.screenshot({ path: picture, fullPage: true }).catch(() => {});
        console.log(`  ${one.name} saw ${one.page.url()} (${picture})`);
        for (const complaint of one.complaints) console.log(`    console: ${complaint}`);
      }
    } finally {
      for (const one of people) await one.context.close();
      await stack?.stop();
    }
  }
}
await browser.stop();
console.log(`${ran - failed} of ${ran} stories passed`);
process.exit(failed > 0 || ran === 0 ? 1 : 0);
