import type { Money } from "./messages";

// Money is counted in whole micros, as the broker does; a floating point number never holds it.

export function microsFrom(text: string): bigint | null {
  const parts = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text.trim());
  if (!parts) return null;
  const micros = BigInt(parts[2]) * 1_000_000n + BigInt((parts[3] ?? "").padEnd(6, "0"));
  return parts[1] ? -micros : micros;
}

export function micros(amount: Money | undefined): bigint {
  return microsFrom(amount ?? "0") ?? 0n;
}

export function moneyText(amount: bigint): Money {
  const size = amount < 0n ? -amount : amount;
  const places = (size % 1_000_000n).toString().padStart(6, "0").replace(/0{1,4}$/, "");
  return `${amount < 0n ? "-" : ""}${size / 1_000_000n}.${places}`;
}

// Rounded up on each answer, as the broker does it.
export function costOfAnswer(reward: bigint, feePpm: number): bigint {
  return reward + (reward * BigInt(feePpm) + 999_999n) / 1_000_000n;
}
