import type { en } from "./en";

// All visible texts, by language. A language is a file of its own, loaded when it is the one.
export type Texts = typeof en;
export type Language = "en" | "fr";
export const languages: Record<Language, { name: string; dir: "ltr" | "rtl"; load(): Promise<Texts> }> = {
  en: { name: "English", dir: "ltr", load: async () => (await import("./en")).en },
  fr: { name: "Français", dir: "ltr", load: async () => (await import("./fr")).fr },
};

export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.slice(0, 2).toLowerCase();
    if (base in languages) return base as Language;
  }
  return "en";
}
