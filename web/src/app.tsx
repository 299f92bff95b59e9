import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useMemo, useRef, useState } from "preact/hooks";
import type { Refusal } from "./api";
import { asRefusal, loadSession, onSignedOut } from "./api";
import { AppContext, useApp } from "./context";
import { formatsOf } from "./formats";
import { homes } from "./homes";
import { keep, kept } from "./kept";
import type { Session } from "./messages";
import { Join } from "./pages/join";
import { NotFound } from "./pages/not_found";
import { SignIns } from "./pages/sign_ins";
import { Welcome } from "./pages/welcome";
import { Shell } from "./pages/shell";
import { followLink, navigate, usePath } from "./router";
import type { Language, Texts } from "./texts";
import { languageOf, languages } from "./texts";
import { Loading, Page, Problem } from "./ui/basics";

type Area = ComponentType<{ path: string }>;
// Each role's pages are a piece of their own, loaded when that role signs in.
const areas: Record<string, () => Promise<{ default: Area }>> = {
  worker: () => import("./worker"),
  requester: () => import("./requester"),
  admin: () => import("./admin"),
};

function useLanguage(): { language: Language; texts: Texts | null; setLanguage: (language: Language) => void } {
  const [language, setLanguage] = useState<Language>(() => {
    const before = kept<Language>("language");
    return before && before in languages ? before : languageOf(navigator.languages);
  });
  const [texts, setTexts] = useState<Texts | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void languages[language].load().then((loaded) => {
      if (!isCurrent) return;
      document.documentElement.lang = language;
      document.documentElement.dir = languages[language].dir;
      setTexts(() => loaded);
    });
    return () => {
      isCurrent = false;
    };
  }, [language]);
  const change = (now: Language) => {
    keep("language", now);
    setLanguage(now);
  };
  return { language, texts, setLanguage: change };
}

export function App() {
  const { language, texts, setLanguage } = useLanguage();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const load = () => {
    setTrouble(null);
    loadSession().then(setSession, (error: unknown) => setTrouble(asRefusal(error)));
  };
  useEffect(() => {
    onSignedOut(() => setSession(null));
    document.addEventListener("click", followLink);
    load();
    return () => document.removeEventListener("click", followLink);
  }, []);
  const currency = session?.currency ?? "USD";
  // Of the language's ways to write a date, that of the reader's country.
  const tag = navigator.languages.find((one) => one.startsWith(`${language}-`)) ?? language;
  const f = useMemo(() => formatsOf(tag, currency), [tag, currency]);
  if (!texts) return null;
  const context = { t: texts, f, language, setLanguage, session: session ?? null, setSession };
  return (
    <AppContext.Provider value={context}>
      <Shell>
        {trouble ? <Unreachable trouble={trouble} onRetry={load} /> : session === undefined ? <Loading lines={6} /> : <Routes />}
      </Shell>
    </AppContext.Provider>
  );
}

function Unreachable(props: { trouble: Refusal; onRetry: () => void }) {
  const { t } = useApp();
  return (
    <Page title={t.product}>
      <Problem error={props.trouble} onRetry={props.onRetry} />
    </Page>
  );
}

function Routes() {
  const path = usePath();
  const { session } = useApp();
  useFocusOnNewPage(path);
  // Our bug on one page must not take the way to the others.
  const [broken, mend] = useErrorBoundary((error) => console.error(error));
  useEffect(() => mend(), [path]);
  if (broken) return <Unreachable trouble={asRefusal(broken)} onRetry={mend} />;
  if (path === "/join") return <Join />;
  if (!session) return <Welcome />;
  if (path === "/") return <GoTo path={homes[session.role] ?? "/"} />;
  if (path === "/sign-ins") return <SignIns />;
  if (!areas[session.role]) return <NotFound />;
  return <RoleArea key={`${session.role}.${session.account}`} role={session.role} path={path} />;
}

function GoTo({ path }: { path: string }) {
  useEffect(() => navigate(path, true), [path]);
  return null;
}

// Whoever reads with a screen reader or a keyboard begins at the top of the new page.
function useFocusOnNewPage(path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [path]);
}

function RoleArea({ role, path }: { role: string; path: string }) {
  const [area, setArea] = useState<{ Area: Area } | null>(null);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const load = () => {
    setTrouble(null);
    areas[role]().then(
      (loaded) => setArea({ Area: loaded.default }),
      (error: unknown) => setTrouble(asRefusal(error)),
    );
  };
  useEffect(load, [role]);
  if (trouble) return <Problem error={trouble} onRetry={() => location.reload()} />;
  if (!area) return <Loading lines={6} />;
  return <area.Area path={path} />;
}
