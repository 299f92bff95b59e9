import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Formats } from "./formats";
import { formatsOf } from "./formats";
import type { Session } from "./messages";
import type { Language, Texts } from "./texts";

// What every page knows: the texts of the language, how to write numbers in it, and who is signed in.
export interface Context {
  t: Texts;
  f: Formats;
  language: Language;
  setLanguage(language: Language): void;
  session: Session | null;
  setSession(session: Session | null): void;
}

export const AppContext = createContext<Context>({
  t: {} as Texts,
  f: formatsOf("en", "USD"),
  language: "en",
  setLanguage() {},
  session: null,
  setSession() {},
});

export const useApp = () => useContext(AppContext);

// For pages that are shown to whoever is signed in only.
export function useSession(): Session {
  const { session } = useApp();
  if (!session) throw new Error("a page of a role was shown without a session");
  return session;
}
