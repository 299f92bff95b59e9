// A worker in a browser: signing in, tasks by the keyboard alone, the network cut in the middle.
import { check, same, soon } from "./people.mjs";

export const projectToml = `title = "Birds of the garden"
instructions = "Say which bird the text is about."
template = "\${text}"
reward = "0.05"

[[field]]
name = "bird"
type = "choice"
label = "Which bird?"
options = ["robin", "wren", "sparrow"]

[redundancy]
min = 1
max = 1
quorum = 1
`;

// Posts a batch from the terminal: the pages and the programs see the same world.
// `rows`: of more columns than text, under their names.
export async function postBatch(stack, items, toml = projectToml, rows = [["text"], ...items.map((item) => [item])]) {
  await stack.cli("tally-requester", "join", await stack.invitation("requester", "Rita"));
  const account = await stack.account("requester");
  await stack.cli("tally-admin", "deposit", String(account), "50.00", "--note", "a test");
  const project = await stack.file("project.toml", toml);
  const line = (row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  const csv = await stack.file("items.csv", `${rows.map(line).join("\n")}\n`);
  await stack.cli("tally-requester", "post", project, csv, "--yes");
  return account;
}
// The task with this text is on the screen, and the keyboard is with it.
async function taskOf(page, text) {
  await page.getByText(text).waitFor();
  await page.locator("#task-heading:focus").waitFor({ state: "attached" });
}

export const stories = {
  "a worker answers by the keyboard alone, and a cut network loses nothing": async ({ stack, person }) => {
    await postBatch(stack, ["A red breast.", "Very small, very loud.", "Brown, in flocks.", "Sings in winter."]);
    const ann = await person("Ann");
    const { page } = ann;
    await ann.signIn(await stack.link("worker", "Ann"));
    same(new URL(page.url()).pathname, "/work", "where a worker begins");
    same(await ann.violations(), [], "axe on the list of projects");
    await page.getByRole("link", { name: /Birds of the garden/ }).first().click();
    same(await ann.violations(), [], "axe on the preview");
    await page.goto(page.url().replace(/\/?$/, "/tasks"));
    await taskOf(page, "A red breast.");
    same(await ann.violations(), [], "axe on the task page");

    await page.keyboard.press("1");
    await page.keyboard.press("Enter");
    await taskOf(page, "Very small, very loud.");
    // Taken back before it is sent.
    await page.keyboard.press("u");
    await taskOf(page, "A red breast.");
    check(await page.getByRole("radio", { name: /robin/ }).isChecked(), "an undone answer has what was chosen");
    await page.keyboard.press("Enter");
    await taskOf(page, "Very small, very loud.");

    ann.expect(/Failed to load resource|ERR_INTERNET_DISCONNECTED|net::/);
    await ann.context.setOffline(true);
    await page.keyboard.press("2");
    await page.keyboard.press("Enter");
    await page.getByText(/kept/i).waitFor();
    await ann.context.setOffline(false);
    await soon("both answers are accepted", async () => (await page.getByRole("log").getByRole("listitem").count()) >= 2);
    const money = await stack.cli("tally-admin", "audit", "verify");
    check(/right|clean|balance/i.test(money), `the books are right: ${money}`);
  },
};
