// Pictures of every page, light and dark, on a desktop and on a phone, of a market in which something is going on.
//   node tests/browser/screenshots.mjs FOLDER
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Browser, desktop, phone } from "./people.mjs";
import { Stack, whatIsMissing } from "./stack.mjs";

const folder = process.argv[2];
if (!folder) {
  console.error("screenshots: say where to put them");
  process.exit(2);
}
const missing = whatIsMissing();
if (missing) {
  console.error(`screenshots: ${missing}`);
  process.exit(77);
}
await mkdir(folder, { recursive: true });

const toml = `title = "What is this notice about?"
instructions = """
Each task shows one notice from the board of a small village.
Say what it is about. When in doubt, ask yourself what the writer wants from you.
"""
template = """
Seen at \${place}:

    \${notice}
"""
reward = "0.04"
pay = "review"

[redundancy]
min = 2
max = 9
quorum = 2

[[field]]
name = "kind"
type = "choice"
label = "It is about"
options = ["for sale", "lost or found", "an event", "help wanted", "a lesson"]

[[field]]
name = "remark"
type = "text"
label = "Anything unusual about it?"
required = false
length_max = 200
`;
const notices = [
  ["the bakery", "Grey cat, white paws, answers to Miso. Last seen by the mill on Sunday."],
  ["the library", "Cello for sale, three-quarter size, with bow and case."],
  ["the station", "Dance in the old barn on the 12th. Bring a chair and something to share."],
  ["the school", "Two hours a week: somebody to help with the hens while I am in hospital."],
  ["the bakery", "Portuguese for beginners, Tuesdays at seven, above the post office."],
  ["the ferry", "Found: one left boot, good as new. Ask at the kiosk."],
];
const kinds = ["lost or found", "for sale", "an event", "help wanted", "a lesson", "lost or found"];
const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;

const stack = await Stack.start();
const browser = await Browser.start();
try {
  await stack.cli("tally-requester", "join", await stack.invitation("requester", "Village Board"));
  const requester = await stack.account("requester");
  await stack.cli("tally-admin", "deposit", String(requester), "60.00", "--note", "for the pictures");
  // Enough that every browser gets some.
  const rows = ["", " (again)", " (once more)", " (still there)"].flatMap((more) => notices.map(([place, notice]) => [place + more, notice]));
  const csv = `place,notice\n${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`;
  const files = [await stack.file("project.toml", toml), await stack.file("items.csv", csv)];
  await stack.cli("tally-requester", "post", ...files, "--yes");

  // Two workers have begun.
  const api = async (person, name, fields) =>
    person.page.evaluate(
      async ([name, fields]) => {
        const session = await (await fetch("/api/session")).json();
        const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
        return (await fetch(`/api/${name}`, { method: "POST", headers, body: JSON.stringify(fields) })).json();
      },
      [name, fields],
    );
  const ann = await browser.person(stack, "Ann");
  await ann.signIn(await stack.link("worker", "Ann Example"));
  const session = await api(ann, "hello", {});
  const project = (await api(ann, "list_projects", {})).rows[0].project;
  for (const [worker, count] of [
    [ann, 3],
    [await browser.person(stack, "Bo"), 4],
  ]) {
    if (worker !== ann) await worker.signIn(await stack.link("worker", "Bo"));
    const { tasks } = await api(worker, "pull", { project, count, wait_ms: 5000 });
    const answers = tasks.map((task) => {
      const at = notices.findIndex(([, notice]) => task.values[1] === notice);
      return { assignment: task.assignment, values: { kind: [kinds[at]] } };
    });
    await api(worker, "submit", { answers });
  }

  const pages = {
    welcome: [null, "/"],
    join: [null, "/join"],
    "worker-projects": ["worker", "/work"],
    "worker-project": ["worker", `/work/${project}`],
    "worker-task": ["worker", `/work/${project}/tasks`],
    "worker-earnings": ["worker", "/earnings"],
    "requester-projects": ["requester", "/projects"],
    "requester-new": ["requester", "/projects/new"],
    "requester-project": ["requester", `/projects/${project}`],
    "admin-overview": ["admin", "/admin"],
    "admin-accounts": ["admin", "/admin/accounts"],
    "admin-project": ["admin", `/admin/projects/${project}`],
    "admin-worker": ["admin", `/admin/workers/${session.account}`],
    "admin-audit": ["admin", "/admin/audit"],
    "admin-trace": ["admin", `/admin/trace?id=t${project}.1.1`],
    "sign-ins": ["worker", "/sign-ins"],
  };
  const accounts = { worker: session.account, requester, admin: await stack.account("admin") };
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ desktop, phone })) {
      for (const role of [null, "worker", "requester", "admin"]) {
        const somebody = await browser.person(stack, role ?? "nobody", { colorScheme, viewport });
        if (role) await somebody.signIn(await stack.linkTo(accounts[role]));
        // Tasks that one browser holds are not another's.
        const fresh = await browser.person(stack, "fresh", { colorScheme, viewport });
        if (role === "worker") await fresh.signIn(await stack.link("worker", "Ann Example"));
        for (const [name, [whose, where]] of Object.entries(pages)) {
          if (whose !== role) continue;
          const { page } = name === "worker-task" ? fresh : somebody;
          await page.goto(where);
          await page.getByRole("heading", { level: 1 }).first().waitFor();
          if (name === "worker-task") await page.locator(".task-form").waitFor();
          await page.waitForTimeout(700); // Until what is live has come.
          await page.screenshot({ path: path.join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
        }
        await fresh.context.close();
        for (const complaint of somebody.complaints) console.error(`${role}: ${complaint}`);
        await somebody.context.close();
      }
    }
  }
} finally {
  await browser.stop();
  await stack.stop();
}
