import type { ColumnSpec } from "../messages";

// The reading of an item template: its own text, and places for columns as ${column}; $$ is a dollar sign.
export type Piece = { text: string } | { column: number };

export interface TemplateMistake {
  line: number;
  kind: "lone_dollar" | "unclosed" | "unknown_column";
  name: string;
}

export function piecesOf(template: string, columns: ColumnSpec[]): { pieces: Piece[]; mistake: TemplateMistake | null } {
  const pieces: Piece[] = [];
  let mistake: TemplateMistake | null = null;
  let at = 0;
  const blame = (kind: TemplateMistake["kind"], offset: number, name = "") => {
    mistake ??= { line: template.slice(0, offset).split("\n").length, kind, name };
  };
  while (at < template.length) {
    const found = template.indexOf("$", at);
    const dollar = found < 0 ? template.length : found;
    if (dollar > at) pieces.push({ text: template.slice(at, dollar) });
    if (found < 0) break;
    if (template[dollar + 1] === "$") {
      pieces.push({ text: "$" });
      at = dollar + 2;
      continue;
    }
    const place = /^\$\{([^}\n]*)\}/.exec(template.slice(dollar));
    if (!place) {
      blame(template[dollar + 1] === "{" ? "unclosed" : "lone_dollar", dollar);
      pieces.push({ text: "$" });
      at = dollar + 1;
      continue;
    }
    const column = columns.findIndex((one) => one.name === place[1]);
    if (column < 0) {
      blame("unknown_column", dollar, place[1]);
      pieces.push({ text: place[0] });
    } else pieces.push({ column });
    at = dollar + place[0].length;
  }
  return { pieces, mistake };
}
