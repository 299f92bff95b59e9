import { useState } from "preact/hooks";
import { call } from "../api";
import { useApp } from "../context";
import { useAction } from "../hooks";
import type { TraceLine } from "../messages";
import { Button, Moment, Page, Problem, TextEntry } from "../ui/basics";

// The whole chain of one task, assignment or transfer.
export function Trace() {
  const { t } = useApp();
  const [id, setId] = useState("");
  const [isWrong, setWrong] = useState(false);
  const [lines, setLines] = useState<TraceLine[] | null>(null);
  const trace = useAction(async () => {
    setLines(null);
    setLines((await call("trace_audit", { id: id.trim() })).lines);
  });
  return (
    <Page title={t.admin.trace} lead={t.trace.lead}>
      <form
        class="inline-form narrow"
        onSubmit={(event) => {
          event.preventDefault();
          const isFine = /^[tam]\d+\.\d+\.\d+$/.test(id.trim());
          setWrong(!isFine);
          if (isFine) void trace.run();
        }}
      >
        <TextEntry label={t.trace.id} hint={t.trace.id_hint} problem={isWrong ? t.trace.id_wrong : null} value={id} onInput={setId} />
        <Button look="main" type="submit" isBusy={trace.isBusy}>
          {t.trace.go}
        </Button>
      </form>
      <Problem error={trace.error} />
      <div role="status">{lines && <p class="muted">{t.trace.found(lines.length)}</p>}</div>
      {lines && (
        <ol class="trace">
          {lines.map((line, at) => (
            <li key={at}>
              <span class="muted">
                <Moment ms={line.at_ms} />
              </span>
              <span>
                <strong>{line.what}</strong> <span class="mono">{line.text}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Page>
  );
}
