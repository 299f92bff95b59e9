import { useEffect, useState } from "preact/hooks";
import { signIn } from "../api";
import { afterSignIn } from "../homes";
import { useApp } from "../context";
import { useAction } from "../hooks";
import { navigate } from "../router";
import { Button, Page, Problem, TextEntry } from "../ui/basics";

// A code by itself, the link it came in, or a whole line tally://HOST:PORT/KEY/CODE: the code is the last of it.
export function codeIn(text: string): string {
  const trimmed = text.trim();
  const hash = trimmed.indexOf("#");
  // A key may have a # in it, and a link to /join has no key.
  if (hash >= 0 && !trimmed.startsWith("tally:")) return trimmed.slice(hash + 1);
  return trimmed.split("/").filter(Boolean).pop() ?? "";
}

function codeInAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1);
  }
}

export function Join() {
  const { t, session } = useApp();
  // Taken out of the address at once, so that it is in no history and over no shoulder.
  const [given] = useState(codeInAddress);
  useEffect(() => {
    if (location.hash) history.replaceState(null, "", "/join");
  }, []);
  return (
    <Page title={t.join.title} lead={t.join.lead}>
      {session && <p class="notice notice-wait">{t.join.signed_in_as(session.display_name)}</p>}
      <div class="panel panel-narrow">
        <JoinForm given={given} />
      </div>
    </Page>
  );
}

export function JoinForm({ given }: { given: string }) {
  const { t, setSession } = useApp();
  const [text, setText] = useState(given);
  const [isEmpty, setEmpty] = useState(false);
  const join = useAction(async () => {
    const session = await signIn(codeIn(text));
    setSession(session);
    navigate(afterSignIn(session.role, location.pathname), true);
  });
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        setEmpty(!codeIn(text));
        if (codeIn(text)) void join.run();
      }}
    >
      <TextEntry
        label={t.join.code}
        hint={t.join.code_hint}
        problem={isEmpty ? t.join.code_missing : null}
        value={text}
        onInput={setText}
      />
      <Problem error={join.error} />
      <div class="row">
        <Button look="main" type="submit" isBusy={join.isBusy}>
          {t.join.go}
        </Button>
      </div>
    </form>
  );
}
