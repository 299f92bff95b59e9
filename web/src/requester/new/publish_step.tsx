import { useEffect, useRef, useState } from "preact/hooks";
import type { Refusal } from "../../api";
import { asRefusal } from "../../api";
import { useApp, useSession } from "../../context";
import { useTopic } from "../../hooks";
import type { Balance } from "../../messages";
import { Bar, Button, Fact, Facts, Money, Notice, Problem, refusalText } from "../../ui/basics";
import type { Draft } from "./draft";
import { specOf, worstCase } from "./draft";
import { CostLines, isShort } from "./pay_step";
import type { Progress, Upload } from "./upload";
import { Stopped, forgetUpload, newUpload, runUpload } from "./upload";

// Step 4: all of it once more, and what it may cost at most.
export function PublishStep({ draft, onPublish }: { draft: Draft; onPublish: (upload: Upload) => void }) {
  const { t, f } = useApp();
  const session = useSession();
  const balance = useTopic<Balance>("balance");
  const most = worstCase(draft, session.fee_ppm);
  const spec = specOf(draft);
  const items = draft.file?.items ?? [];
  const lacks = balance !== null && isShort(most, balance.wallet);
  return (
    <section aria-labelledby="publish-heading" class="stack">
      <h2 id="publish-heading">{t.publish.title}</h2>
      <Facts>
        <Fact name={t.builder.project_title}>{spec.title}</Fact>
        <Fact name={t.publish.items}>{f.number(items.length)}</Fact>
        <Fact name={t.publish.questions}>{f.number(spec.form.length)}</Fact>
        <Fact name={t.publish.answers_per_task}>
          {spec.redundancy.min}–{spec.redundancy.max}
        </Fact>
        <Fact name={t.projects.wallet}>{balance ? <Money amount={balance.wallet} /> : "…"}</Fact>
      </Facts>
      <div class="panel stack">
        <CostLines draft={draft} />
        {lacks && <Notice tone="bad">{t.publish.too_little}</Notice>}
        <div class="row">
          <Button look="main" isDisabled={lacks} onClick={() => onPublish(newUpload(session.account, spec, items))}>
            {t.publish.publish}
          </Button>
        </div>
      </div>
    </section>
  );
}

// The upload while it runs. Leaving the page stops it; it goes on when one comes back.
export function Publishing(props: { upload: Upload; onDone: (project: number) => void; onGivenUp: () => void }) {
  const { t, f } = useApp();
  const session = useSession();
  const [progress, setProgress] = useState<Progress>({ posted: props.upload.posted, items: props.upload.items.length, trouble: null });
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const opened = useRef(props.upload.project);
  useEffect(() => {
    let isStopped = false;
    runUpload(props.upload, session.items_per_post_max, () => isStopped, setProgress, (project) => (opened.current = project)).then(
      (project) => !isStopped && props.onDone(project),
      (error: unknown) => {
        if (!(error instanceof Stopped)) setRefusal(asRefusal(error));
      },
    );
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => {
      isStopped = true;
      removeEventListener("beforeunload", stay);
    };
  }, []);
  const giveUp = async () => {
    await forgetUpload(session.account);
    props.onGivenUp();
  };
  const done = t.publish.posted_of(f.number(progress.posted), f.number(progress.items));
  return (
    <section class="panel stack" aria-labelledby="publishing-heading">
      <h2 id="publishing-heading">{refusal ? t.publish.stopped : t.publish.publishing}</h2>
      <Bar value={progress.posted} max={progress.items} label={done} />
      <p role="status">{done}</p>
      {progress.trouble && !refusal && (
        <Notice tone="wait">
          {refusalText(t.refusals, progress.trouble.code, t.refusals.internal_error)} {t.publish.tries_again}
        </Notice>
      )}
      {!refusal && <p class="muted">{t.publish.may_leave}</p>}
      <Problem error={refusal} />
      {refusal && (
        <div class="row">
          <Button onClick={() => void giveUp()}>{t.publish.back_to_draft}</Button>
          {opened.current !== null && <a href={`/projects/${opened.current}`}>{t.publish.to_project}</a>}
        </div>
      )}
    </section>
  );
}
