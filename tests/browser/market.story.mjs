// The whole story: an admin invites and deposits, a requester posts a real file, five workers answer (two in browsers,
// one of them on a phone, three by the program), and all three see it happen.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { check, phone, same, soon } from "./people.mjs";
import { bin } from "./stack.mjs";

const run = promisify(execFile);
const items = [
  ["A red breast, and sings in winter.", "robin"],
  ["Very small and very loud.", "wren"],
  ["Brown and grey, in flocks at the café.", "sparrow"],
  ["Follows the gardener's spade.", "robin"],
  ["A tail that stands up.", "wren"],
  ["Bathes in dust, and quarrels.", "sparrow"],
];
const birdOf = new Map(items);

async function invite(admin, role, name) {
  const { page } = admin;
  await page.goto("/admin/accounts");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Role").selectOption(role);
  await dialog.getByLabel("Name").fill(name);
  same(await admin.violations(), [], "axe on the dialog");
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = await dialog.locator("code").first().innerText();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  return link;
}

async function deposit(admin, name, amount) {
  const { page } = admin;
  await page.getByRole("button", { name: `Manage ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deposit" }).click();
  await page.getByRole("dialog").getByLabel(/Amount/).fill(amount);
  await page.getByRole("dialog").getByLabel(/Note/).fill("bank transfer 17");
  await page.getByRole("dialog").getByRole("button", { name: "Deposit" }).click();
  await page.getByText(/The wallet has/).waitFor();
}

async function postProject(rita, stack) {
  const { page } = rita;
  const csv = await stack.file("birds.csv", `text\n${items.map(([text]) => `"${text}"`).join("\n")}\n`);
  await page.goto("/projects");
  await page.getByRole("link", { name: "New project" }).click();
  await page.getByLabel(/Choose a file/).setInputFiles(csv);
  await page.getByText("6 items, 1 column").waitFor();
  same(await rita.violations(), [], "axe on the items");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Title", { exact: true }).fill("Birds of the café");
  await page.getByLabel("Instructions").fill("Say which bird the text is about.");
  await page.getByLabel("Question 1", { exact: true }).fill("Which bird?");
  await page.getByLabel("Name in the results").fill("bird");
  await page.getByLabel("Options").fill("robin\nwren\nsparrow");
  await page.getByText("What a worker sees").waitFor();
  same(await rita.violations(), [], "axe on the form");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel(/Reward for an answer/).fill("0.05");
  await page.getByLabel("Answers, at least").fill("3");
  await page.getByLabel("Answers, at most").fill("5");
  await page.getByLabel("Answers that must agree").fill("3");
  same(await rita.violations(), [], "axe on the pay");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Publish now" }).click();
  await page.waitForURL(/\/projects\/\d+$/);
  return Number(page.url().split("/").pop());
}

// Answers by what the task says, with the mouse or a finger; gives how many.
async function work(worker, project) {
  const { page } = worker;
  await page.goto(`/work/${project}/tasks`);
  let given = 0;
  for (;;) {
    await page.locator(".task-form, .no-task .notice").first().waitFor();
    if ((await page.locator(".task-form").count()) === 0) return given;
    const text = await page.locator("main").innerText();
    const known = items.find(([one]) => text.includes(one));
    if (!known) throw new Error(`a task that nobody posted: ${text}`);
    await page.getByRole("radio", { name: birdOf.get(known[0]) }).check();
    await page.getByRole("button", { name: /Hand in/ }).click();
    given += 1;
    await page.getByText(known[0]).waitFor({ state: "detached" });
  }
}

// A worker that is a program: a task a line on stdin, an answer a line on stdout.
const program = `import { createInterface } from "node:readline";
const birds = new Map(${JSON.stringify(items)});
for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  console.log(JSON.stringify({ assignment: task.assignment, values: { bird: birds.get(task.item.text) } }));
}
`;

async function workByProgram(stack, name) {
  const home = path.join(stack.folder, `keys-${name}`);
  const env = { ...stack.env, TALLY_HOME: home };
  await run(path.join(bin, "tally-worker"), ["join", await stack.invitation("worker", name)], { env });
  const script = await stack.file(`${name}.mjs`, program);
  const args = ["work", "--stop-when-idle", "--exec", process.execPath, "--", script];
  await run(path.join(bin, "tally-worker"), args, { env, timeout: 60_000 });
}

export const stories = {
  "an admin invites, a requester posts, workers answer, and all see the same": async ({ stack, person }) => {
    const admin = await person("Ada");
    await admin.signIn(await stack.linkTo(await stack.account("admin")));
    same(await admin.violations(), [], "axe on the overview");

    const rita = await person("Rita", { colorScheme: "dark" });
    await rita.signIn(await invite(admin, "requester", "Rita"));
    await admin.page.goto("/admin/accounts");
    await deposit(admin, "Rita", "20.00");
    const project = await postProject(rita, stack);
    same(await rita.violations(), [], "axe on the project");

    const ann = await person("Ann");
    const bo = await person("Bo", { viewport: phone, hasTouch: true, isMobile: true });
    await ann.signIn(await invite(admin, "worker", "Ann"));
    await bo.signIn(await invite(admin, "worker", "Bo"));
    same(await bo.violations(), [], "axe on a phone");
    const [byAnn, byBo] = await Promise.all([work(ann, project), work(bo, project)]);
    check(byAnn > 0 && byBo > 0, `both worked (${byAnn}, ${byBo})`);
    await Promise.all(["Cy", "Di", "Ed"].map((name) => workByProgram(stack, name)));

    // Without a reload: what the requester looks at goes on by itself.
    await rita.page.getByText("6 of 6 tasks done").waitFor();
    await ann.page.goto("/earnings");
    await soon("Ann sees what she is paid", async () => {
      const rows = await ann.page.getByRole("table").getByText("Paid", { exact: true }).count();
      return rows === byAnn || rows;
    });
    same(await ann.violations(), [], "axe on the earnings");
    await admin.page.goto("/admin/audit");
    await admin.page.getByRole("button", { name: /Begin/ }).click();
    await admin.page.getByText("All is right").waitFor();
    same(await admin.violations(), [], "axe on the audit");

    // What the pages say is what the programs say.
    check(/right|clean|add up/i.test(await stack.cli("tally-admin", "audit", "verify")), "the books are right");
  },
};
