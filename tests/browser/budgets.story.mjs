// What pages may cost: script that is sent, layout that does not shift, and the next task at once on a slow processor.
import { check } from "./people.mjs";
import { postBatch } from "./worker.story.mjs";

const scriptBytesMax = 100_000; // Compressed, of one page.
const nextTaskMsMax = 100;
const slower = 4;

// Counts what moves without anybody having asked for it.
const watchShifts = () => {
  globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
};

const scriptBytes = (page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((one) => one.name.includes("/assets/") && one.name.endsWith(".js"))
      .reduce((sum, one) => sum + one.encodedBodySize, 0),
  );

export const stories = {
  "pages are small, stand still, and show the next task at once": async ({ stack, person }) => {
    await postBatch(stack, Array.from({ length: 12 }, (_, i) => `Bird number ${i + 1}.`));
    const roles = [
      ["worker", "/work"],
      ["requester", "/projects"],
      ["requester", "/projects/new"],
      ["admin", "/admin"],
      ["admin", "/admin/accounts"],
    ];
    for (const [role, path] of roles) {
      const one = await person(role);
      await one.context.addInitScript(watchShifts);
      await one.signIn(await stack.link(role, `A ${role}`));
      await one.page.goto(path);
      await one.page.getByRole("heading", { level: 1 }).waitFor();
      await one.page.waitForTimeout(500); // What is live comes after, and must not move anything either.
      const bytes = await scriptBytes(one.page);
      check(bytes > 0 && bytes < scriptBytesMax, `${path} has ${bytes} bytes of script`);
      const shifted = await one.page.evaluate(() => globalThis.shifted);
      check(shifted < 0.02, `${path} stands still (it shifts by ${shifted})`);
      await one.context.close();
    }
  },

  "the next task is drawn within a tenth of a second on a processor four times slower": async ({ stack, person }) => {
    await postBatch(stack, Array.from({ length: 12 }, (_, i) => `Bird number ${i + 1}.`));
    const ann = await person("Ann");
    await ann.signIn(await stack.link("worker", "Ann"));
    await ann.page.getByRole("link", { name: /Birds of the garden/ }).first().click();
    await ann.page.getByText("Say which").first().waitFor();
    await ann.page.goto(ann.page.url().replace(/\/?$/, "/tasks"));
    await ann.page.locator("#task-heading:focus").waitFor({ state: "attached" });
    const session = await ann.context.newCDPSession(ann.page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
    const took = [];
    for (let i = 0; i < 8; ++i) {
      await ann.page.keyboard.press("1");
      // From the key to the frame in which another task is drawn.
      took.push(
        await ann.page.evaluate(
          () =>
            new Promise((done) => {
              const before = document.querySelector("main").innerText;
              const began = performance.now();
              const look = () =>
                document.querySelector("main").innerText === before ? requestAnimationFrame(look) : done(performance.now() - began);
              document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }),
              );
              requestAnimationFrame(look);
            }),
        ),
      );
      await ann.page.locator("#task-heading:focus").waitFor({ state: "attached" });
      await ann.page.waitForTimeout(150);
    }
    took.sort((a, b) => a - b);
    // The second fastest: what the page needs, and not what else the machine had to do.
    check(took[1] < nextTaskMsMax, `the next task is drawn after ${took[1]} ms (${took.map(Math.round)})`);
  },
};
