// What people write is text, whatever it looks like: in titles, instructions, columns, items, options, answers, names.
import { check, same } from "./people.mjs";
import { postBatch } from "./worker.story.mjs";

const script = `<script>globalThis.hacked = 1</script>`;
const image = `<img src=x onerror="globalThis.hacked = 2">`;
const svg = `<svg onload="globalThis.hacked = 3">`;
const formula = `=HYPERLINK("https://evil.example","x")`;

const toml = `title = '${script}Birds'
instructions = '${image}'
template = """
\${text}
\${page}
"""
reward = "0.05"
pay = "all"

[columns]
page = "link"

[[field]]
name = "bird"
type = "choice"
label = '${svg}Which?'
options = ['${image}', 'wren']

[[field]]
name = "remark"
type = "text"
label = "Remark"

[redundancy]
min = 1
max = 1
quorum = 1
`;

async function isUnharmed(person, where) {
  const harm = await person.page.evaluate(() => globalThis.hacked ?? 0);
  same(harm, 0, `${where}: a script of somebody else ran`);
}

export const stories = {
  "nothing that people write is run, and no link of theirs leads into a script": async ({ stack, person }) => {
    const account = await postBatch(stack, [], toml, [
      ["text", "page"],
      [script + image, "javascript:globalThis.hacked=4"],
      [svg, "https://example.org/"],
    ]);
    const ann = await person("Ann");
    await ann.signIn(await stack.link("worker", `${image}Ann`));
    await isUnharmed(ann, "the list of projects");
    await ann.page.getByRole("link", { name: /Birds/ }).first().click();
    await ann.page.getByText(image).first().waitFor();
    await isUnharmed(ann, "the preview");
    await ann.page.goto(ann.page.url().replace(/\/?$/, "/tasks"));
    await ann.page.locator(".task-form").waitFor();
    await ann.page.getByText(script + image).waitFor();
    const links = await ann.page.locator("main a[href]").evaluateAll((all) => all.map((one) => one.href));
    check(!links.some((href) => /^\s*(javascript|data|vbscript):/i.test(href)), `links are links: ${links}`);
    await isUnharmed(ann, "the task");
    await ann.page.getByRole("radio").first().check();
    await ann.page.getByRole("textbox").fill(formula);
    await ann.page.getByRole("button", { name: /Hand in/ }).click();
    await ann.page.getByRole("log").getByRole("listitem").first().waitFor();

    const rita = await person("Rita");
    await rita.signIn(await stack.linkTo(account));
    await rita.page.getByRole("link", { name: /Birds/ }).first().click();
    await rita.page.getByText("1 of 2 tasks done").waitFor();
    await rita.page.getByText(formula).first().waitFor();
    await isUnharmed(rita, "the results");
    const download = rita.page.waitForEvent("download");
    await rita.page.getByRole("button", { name: "Download CSV" }).click();
    const file = await stack.read(await (await download).path());
    check(file.includes(`'${formula.slice(0, 10)}`), `a formula is marked in the export: ${file}`);

    const ada = await person("Ada");
    await ada.signIn(await stack.linkTo(await stack.account("admin")));
    await ada.page.goto("/admin/accounts");
    await ada.page.getByText(`${image}Ann`).waitFor();
    await isUnharmed(ada, "the accounts");
  },
};
