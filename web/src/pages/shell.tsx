import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { signOut } from "../api";
import { useApp } from "../context";
import { useAction } from "../hooks";
import { navigate, usePath } from "../router";
import type { Language } from "../texts";
import { languages } from "../texts";
import { Button, Dialog, Problem } from "../ui/basics";
import { Notices } from "../ui/notices";

// What stands around every page: the ways to go, who is signed in, and the language.
export function Shell({ children }: { children: ComponentChildren }) {
  const { t, session } = useApp();
  return (
    <>
      <a class="skip" href="#main">
        {t.shell.skip}
      </a>
      <header class="head">
        <div class="head-row">
          <a class="mark" href="/">
            <Mark />
            {t.product}
          </a>
          {session && <Ways />}
          <div class="head-end">
            <LanguageSwitch />
            {session && <AccountMenu />}
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Notices />
    </>
  );
}

function Mark() {
  return (
    <svg class="mark-sign" viewBox="0 0 26 20" width="26" height="20" aria-hidden="true">
      <path d="M5 2v16M10 2v16M15 2v16M20 2v16M1 15 25 5" />
    </svg>
  );
}

function Ways() {
  const { t, session } = useApp();
  const path = usePath();
  const ways: Record<string, [string, string][]> = {
    worker: [
      ["/work", t.work.title],
      ["/earnings", t.earnings.title],
    ],
    requester: [["/projects", t.projects.title]],
    admin: [
      ["/admin", t.admin.overview],
      ["/admin/accounts", t.admin.accounts],
      ["/admin/audit", t.admin.audit],
      ["/admin/trace", t.admin.trace],
    ],
  };
  const own = ways[session?.role ?? ""] ?? [];
  // The longest way that leads here is where one is.
  const here = own.map(([href]) => href).filter((href) => path === href || path.startsWith(`${href}/`)).pop();
  return (
    <nav class="ways" aria-label={t.shell.main_menu}>
      {own.map(([href, name]) => (
        <a key={href} href={href} aria-current={href === here ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}

function LanguageSwitch() {
  const { t, language, setLanguage } = useApp();
  return (
    <label class="language">
      <span class="unseen">{t.shell.language}</span>
      <select value={language} onChange={(event) => setLanguage(event.currentTarget.value as Language)}>
        {(Object.keys(languages) as Language[]).map((one) => (
          <option key={one} value={one} lang={one}>
            {languages[one].name}
          </option>
        ))}
      </select>
    </label>
  );
}

function AccountMenu() {
  const { t, session, setSession } = useApp();
  const path = usePath();
  const [asksEverywhere, setAsks] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  const leave = useAction(async () => {
    await signOut(asksEverywhere);
    setSession(null);
    navigate("/");
  });
  useEffect(() => {
    if (menu.current) menu.current.open = false;
  }, [path]);
  useEffect(() => {
    const closeOutside = (event: MouseEvent) => {
      if (menu.current?.open && !menu.current.contains(event.target as Node)) menu.current.open = false;
    };
    document.addEventListener("click", closeOutside);
    return () => document.removeEventListener("click", closeOutside);
  }, []);
  if (!session) return null;
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !menu.current) return;
    menu.current.open = false;
    menu.current.querySelector("summary")?.focus();
  };
  return (
    <>
      <details class="menu" ref={menu} onKeyDown={closeOnEscape}>
        <summary>
          <span class="menu-name">{session.display_name || t.roles[session.role]}</span>
        </summary>
        <div class="menu-box">
          <p class="menu-who">
            {t.roles[session.role]} <span class="mono">{session.account}</span>
          </p>
          <a href="/sign-ins">{t.sign_ins.title}</a>
          <button type="button" onClick={() => void leave.run()}>
            {t.shell.sign_out}
          </button>
          <button type="button" onClick={() => setAsks(true)}>
            {t.shell.sign_out_everywhere}
          </button>
          <Problem error={asksEverywhere ? null : leave.error} />
        </div>
      </details>
      {asksEverywhere && (
        <Dialog title={t.shell.sign_out_everywhere} onClose={() => setAsks(false)}>
          <p>{t.shell.sign_out_everywhere_text}</p>
          <Problem error={leave.error} />
          <div class="row row-end">
            <Button onClick={() => setAsks(false)}>{t.common.cancel}</Button>
            <Button look="main" onClick={() => void leave.run()} isBusy={leave.isBusy}>
              {t.shell.sign_out_everywhere}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
