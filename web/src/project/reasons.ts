import type { PayState } from "../messages";

// How what became of an answer is told.
export const payTone: Record<PayState, "good" | "bad" | "wait" | "plain"> = {
  waiting: "wait",
  review: "wait",
  paid: "good",
  unpaid: "bad",
  reversed: "bad",
};

// A reason is one of the broker's codes, or what a person wrote.
export function reasonText(
  texts: { disagrees_on(field: string): string; codes: Record<string, string> },
  reason: string,
): string {
  const disagrees = /^disagrees_on:(.*)$/.exec(reason);
  if (disagrees) return texts.disagrees_on(disagrees[1]);
  return texts.codes[reason] ?? reason;
}
