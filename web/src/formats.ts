import type { Money } from "./messages";

// Numbers, money and moments as people of a language write them.
export interface Formats {
  number(value: number): string;
  money(amount: Money): string;
  percent(ppm: number): string;
  moment(ms: number): string;
  ago(ms: number, nowMs: number): string;
  span(ms: number): string;
  clock(ms: number): string;
}

function moneyFormat(language: string, currency: string): (amount: Money) => string {
  const places = { minimumFractionDigits: 2, maximumFractionDigits: 6 };
  try {
    const format = new Intl.NumberFormat(language, { style: "currency", currency, ...places });
    // Decimal text goes in as it is: it may have more digits than a number holds.
    return (amount) => format.format(amount as unknown as number);
  } catch {
    // The currency is a label only, and need not be one that Intl knows.
    const format = new Intl.NumberFormat(language, places);
    return (amount) => `${format.format(amount as unknown as number)}\u00a0${currency}`;
  }
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

export function formatsOf(language: string, currency: string): Formats {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const unitOf = (ms: number) => units.find(([, size]) => Math.abs(ms) >= size) ?? units[3];
  return {
    number: (value) => number.format(value),
    money: moneyFormat(language, currency || "USD"),
    percent: (ppm) => percent.format(ppm / 1_000_000),
    moment: (ms) => (ms > 0 ? moment.format(ms) : "–"),
    ago(ms, nowMs) {
      const [unit, size] = unitOf(ms - nowMs);
      return relative.format(Math.round((ms - nowMs) / size), unit);
    },
    span(ms) {
      const [unit, size] = unitOf(ms);
      const style = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 } as const;
      return new Intl.NumberFormat(language, style).format(Math.round(ms / size));
    },
    clock(ms) {
      const seconds = Math.max(0, Math.ceil(ms / 1000));
      const two = (value: number) => String(value).padStart(2, "0");
      const hours = Math.floor(seconds / 3600);
      const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      return hours > 0 ? `${hours}:${rest}` : rest;
    },
  };
}
