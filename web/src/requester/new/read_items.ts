import type { ColumnKind, ColumnSpec, Item } from "../../messages";
import { redundancyMax } from "../../messages";

// An items file: CSV with a header, or JSONL with an object a line. One item a row; `_answers` and `_gold.FIELD` are
// reserved, as in docs/project-file.md.

export type RowMistake =
  | { line: number; kind: "cells"; have: number; want: number }
  | { line: number; kind: "long" | "answers" | "json" | "columns" | "quotes"; name: string };

export interface ItemsFile {
  name: string;
  columns: ColumnSpec[];
  items: Item[];
  lines: number[]; // Of each item, in the file.
  mistakes: RowMistake[];
  objection: "empty" | "header" | null; // Why the file as a whole cannot be used.
}

const cellBytesMax = 64 * 1024;
const columnNameBytesMax = 100;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

export async function readItems(file: File): Promise<ItemsFile> {
  const text = (await file.text()).replace(/^\ufeff/, "");
  const isJson = /\.(jsonl|ndjson)$/i.test(file.name) || text.trimStart().startsWith("{");
  const made = isJson ? fromJsonLines(text) : await fromCsv(text);
  const isEmpty = made.items.length === 0 && made.mistakes.length === 0;
  return { name: file.name, ...made, objection: made.objection ?? (isEmpty ? "empty" : null) };
}

type Made = Omit<ItemsFile, "name">;
interface Row {
  line: number;
  cells: string[];
}

async function fromCsv(text: string): Promise<Made> {
  const { default: Papa } = await import("papaparse");
  const rows: Row[] = [];
  const mistakes: RowMistake[] = [];
  let line = 1;
  let cursor = 0;
  Papa.parse<string[]>(text, {
    skipEmptyLines: false,
    step(result) {
      const cells = result.data;
      const isBlank = cells.length === 1 && cells[0].trim() === "";
      if (result.errors.some((error) => error.type === "Quotes")) mistakes.push({ line, kind: "quotes", name: "" });
      else if (!isBlank) rows.push({ line, cells });
      // A cell may hold line ends: the line of the next row is counted in the text itself.
      const end = result.meta.cursor;
      line += text.slice(cursor, end).split(/\r\n|\r|\n/).length - 1;
      cursor = end;
    },
  });
  const header = rows.shift()?.cells ?? [];
  const good = rows.filter((row) => {
    if (row.cells.length === header.length) return true;
    mistakes.push({ line: row.line, kind: "cells", have: row.cells.length, want: header.length });
    return false;
  });
  return fromRows(header, good, mistakes);
}

function fromJsonLines(text: string): Made {
  const mistakes: RowMistake[] = [];
  const rows: Row[] = [];
  let header: string[] = [];
  for (const [at, source] of text.split(/\r\n|\n/).entries()) {
    if (!source.trim()) continue;
    const object = objectFrom(source);
    if (!object) {
      mistakes.push({ line: at + 1, kind: "json", name: "" });
      continue;
    }
    if (header.length === 0) header = Object.keys(object);
    const unknown = Object.keys(object).find((name) => !header.includes(name));
    const missing = header.find((name) => !(name in object) && !name.startsWith("_"));
    if (unknown !== undefined || missing !== undefined) {
      mistakes.push({ line: at + 1, kind: "columns", name: unknown ?? missing ?? "" });
      continue;
    }
    rows.push({ line: at + 1, cells: header.map((name) => cellOf(object[name])) });
  }
  return fromRows(header, rows, mistakes);
}

function objectFrom(source: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const cellOf = (value: unknown) =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);

const isReserved = (name: string) => name === "_answers" || name.startsWith("_gold.");
const isColumnName = (name: string) =>
  name.trim() === name && name !== "" && !/[${}\n\r]/.test(name) && !name.startsWith("_") && bytesOf(name) <= columnNameBytesMax;

function fromRows(header: string[], rows: Row[], mistakes: RowMistake[]): Made {
  const own = header.map((name, at) => ({ name, at })).filter(({ name }) => !isReserved(name));
  const isFine =
    own.length > 0 && own.length <= 200 && own.every(({ name }) => isColumnName(name)) && new Set(header).size === header.length;
  const columns = own.map(({ name, at }) => ({ name, kind: kindOf(rows.slice(0, 20).map((row) => row.cells[at])) }));
  if (!isFine) return { columns, items: [], lines: [], mistakes, objection: rows.length + own.length > 0 ? "header" : "empty" };
  const items: Item[] = [];
  const lines: number[] = [];
  for (const row of rows) {
    const item = itemOf(header, row, own, mistakes);
    if (!item) continue;
    items.push(item);
    lines.push(row.line);
  }
  mistakes.sort((a, b) => a.line - b.line);
  return { columns, items, lines, mistakes, objection: null };
}

function itemOf(header: string[], row: Row, own: { at: number }[], mistakes: RowMistake[]): Item | null {
  const long = row.cells.findIndex((cell) => cell.length > cellBytesMax / 4 && bytesOf(cell) > cellBytesMax);
  if (long >= 0) {
    mistakes.push({ line: row.line, kind: "long", name: header[long] });
    return null;
  }
  const item: Item = { values: own.map(({ at }) => row.cells[at]) };
  for (const [at, name] of header.entries()) {
    const cell = row.cells[at].trim();
    if (!cell) continue;
    if (name.startsWith("_gold.")) item.gold = { ...item.gold, [name.slice(6)]: row.cells[at] };
    if (name !== "_answers") continue;
    const answers = Number(cell);
    if (!/^\d+$/.test(cell) || answers < 1 || answers > redundancyMax) {
      mistakes.push({ line: row.line, kind: "answers", name });
      return null;
    }
    item.answers = answers;
  }
  return item;
}

// A guess, which the requester can change.
function kindOf(values: string[]): ColumnKind {
  const given = values.filter((value) => value?.trim());
  if (given.length === 0 || !given.every((value) => /^https?:\/\/\S+$/i.test(value) || /^data:image\//.test(value))) return "text";
  return given.every((value) => /\.(png|jpe?g|gif|webp|svg|avif)(\?|#|$)/i.test(value) || /^data:image\//.test(value)) ? "image" : "link";
}
