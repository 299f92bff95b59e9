import { useEffect, useState } from "preact/hooks";
import { useApp, useSession } from "../../context";
import { forgetLarge, keepLarge, keptLarge } from "../../kept";
import { navigate } from "../../router";
import { Button, Loading, Page } from "../../ui/basics";
import { tell } from "../../ui/notices";
import type { Draft } from "./draft";
import { emptyDraft, problemsOfStep, steps } from "./draft";
import { FormStep } from "./form_step";
import { ItemsStep } from "./items_step";
import { PayStep } from "./pay_step";
import { PublishStep, Publishing } from "./publish_step";
import type { Upload } from "./upload";
import { keptUpload } from "./upload";

// A new project in four steps. What was entered is kept in the browser, so that a reload loses nothing.
export function NewProject() {
  const { t } = useApp();
  const session = useSession();
  const [draft, setDraft] = useState<Draft | null>(null);
  const [upload, setUpload] = useState<Upload | null>(null);
  const name = `draft.${session.account}`;
  useEffect(() => {
    void Promise.all([keptLarge<Draft>(name), keptUpload(session.account)]).then(([before, unfinished]) => {
      setDraft(before ?? emptyDraft());
      setUpload(unfinished);
    });
  }, [name]);
  useEffect(() => {
    if (!draft) return;
    const timer = setTimeout(() => void keepLarge(name, draft), 600);
    return () => clearTimeout(timer);
  }, [draft]);
  const back = { href: "/projects", label: t.projects.title };
  if (!draft) {
    return (
      <Page title={t.wizard.title} back={back} wide>
        <Loading lines={8} />
      </Page>
    );
  }
  const finished = (project: number) => {
    void forgetLarge(name);
    setDraft(null);
    tell(t.publish.done, "good");
    navigate(`/projects/${project}`);
  };
  return (
    <Page title={t.wizard.title} back={back} wide>
      {upload ? (
        <Publishing upload={upload} onDone={finished} onGivenUp={() => setUpload(null)} />
      ) : (
        <Steps draft={draft} onChange={setDraft} onPublish={setUpload} onStartOver={() => setDraft(emptyDraft())} />
      )}
    </Page>
  );
}

function Steps(props: {
  draft: Draft;
  onChange: (draft: Draft) => void;
  onPublish: (upload: Upload) => void;
  onStartOver: () => void;
}) {
  const { t } = useApp();
  const { draft } = props;
  const [told, setTold] = useState<string[]>([]);
  const at = steps.indexOf(draft.step);
  const goTo = (step: Draft["step"]) => {
    setTold([]);
    props.onChange({ ...draft, step });
    scrollTo(0, 0);
  };
  const next = () => {
    const problems = problemsOfStep(draft, draft.step, t);
    setTold(problems);
    if (problems.length === 0) goTo(steps[at + 1]);
  };
  // A step can be gone to when all before it are in order.
  const isReachable = (to: number) => steps.slice(0, to).every((step) => problemsOfStep(draft, step, t).length === 0);
  return (
    <>
      <ol class="steps" aria-label={t.wizard.steps}>
        {steps.map((step, index) => (
          <li key={step}>
            <button
              type="button"
              aria-current={step === draft.step ? "step" : undefined}
              disabled={!isReachable(index)}
              onClick={() => goTo(step)}
            >
              {t.wizard.names[step]}
            </button>
          </li>
        ))}
      </ol>
      {draft.step === "items" && <ItemsStep draft={draft} onChange={props.onChange} />}
      {draft.step === "form" && <FormStep draft={draft} onChange={props.onChange} />}
      {draft.step === "pay" && <PayStep draft={draft} onChange={props.onChange} />}
      {draft.step === "publish" && <PublishStep draft={draft} onPublish={props.onPublish} />}
      <div role="alert">
        {told.length > 0 && (
          <div class="notice notice-bad">
            <ul>
              {told.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      <div class="wizard-foot">
        {at > 0 ? (
          <Button onClick={() => goTo(steps[at - 1])}>{t.common.back}</Button>
        ) : (
          <Button look="quiet" onClick={props.onStartOver}>
            {t.wizard.start_over}
          </Button>
        )}
        {at < steps.length - 1 && (
          <Button look="main" onClick={next}>
            {t.wizard.next}
          </Button>
        )}
      </div>
    </>
  );
}
