import { call } from "../api";
import type { ProjectSpec, ResultRow } from "../messages";

// Results as a file, made in the browser from the pages of get_results.

// What a spreadsheet would take for a formula is marked as text; a number is none.
export function safeCell(value: string): string {
  const isNumber = /^[+-]?\d+(\.\d+)?$/.test(value);
  const marked = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(marked) ? `"${marked.replaceAll('"', '""')}"` : marked;
}

export function csvHead(spec: ProjectSpec): string[] {
  const fields = spec.form.flatMap(({ name }) => [name, `${name}.confidence`, `${name}.votes`]);
  return ["item", "task", ...spec.columns.map((column) => column.name), "state", "reason", "answers", "cost", ...fields];
}

export function csvLine(row: ResultRow, spec: ProjectSpec): string[] {
  const fields = spec.form.flatMap(({ name }) => {
    const found = (row.fields ?? []).find((one) => one.field === name);
    if (!found) return ["", "", ""];
    const votes = (found.votes ?? []).map((vote) => `${vote.value}: ${vote.count}`).join("; ");
    return [found.value, String(found.confidence_ppm / 1_000_000), votes];
  });
  return [String(row.item_no), row.task, ...row.values, row.state, row.reason, String(row.answers), row.cost, ...fields];
}

const csvText = (cells: string[]) => `${cells.map(safeCell).join(",")}\r\n`;

export async function downloadResults(
  project: number,
  spec: ProjectSpec,
  kind: "csv" | "jsonl",
  onCount: (rows: number) => void,
): Promise<void> {
  const parts: string[] = kind === "csv" ? ["\ufeff", csvText(csvHead(spec))] : [];
  let count = 0;
  for (let after = "", isFirst = true; isFirst || after; isFirst = false) {
    const page = await call("get_results", { project, answers: kind === "jsonl", after, limit: 200 });
    for (const row of page.rows) parts.push(kind === "csv" ? csvText(csvLine(row, spec)) : `${JSON.stringify(row)}\n`);
    count += page.rows.length;
    onCount(count);
    after = page.next;
  }
  save(new Blob(parts, { type: kind === "csv" ? "text/csv" : "application/jsonl" }), `project-${project}.${kind}`);
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
