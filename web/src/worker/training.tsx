import { useEffect, useState } from "preact/hooks";
import { asRefusal, call } from "../api";
import type { Refusal } from "../api";
import { useApp } from "../context";
import { cleaned, problemsOf } from "../fields/registry";
import { useAction } from "../hooks";
import type { AnswerValues, ProjectSpec, TrainingStep } from "../messages";
import { useDescription } from "../specs";
import { TaskView } from "../task/task_view";
import { Button, Loading, Notice, Page, Problem } from "../ui/basics";

// Training before paid work: every answer is told at once whether it is right, and nothing is paid.
export function TrainingPage({ project }: { project: number }) {
  const { t } = useApp();
  const { data, error } = useDescription(project);
  const [step, setStep] = useState<TrainingStep | null>(null);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const begin = () => {
    setTrouble(null);
    call("train", { project }).then(setStep, (thrown: unknown) => setTrouble(asRefusal(thrown)));
  };
  useEffect(begin, [project]);
  const back = { href: `/work/${project}`, label: data?.spec.title ?? t.work.title };
  return (
    <Page title={t.training.title} lead={t.training.lead} back={back} wide>
      <Problem error={error ?? trouble} onRetry={trouble ? begin : undefined} />
      {!step && !error && !trouble && <Loading lines={8} />}
      {step && <p class="muted">{t.training.so_far(step.right, step.right_min, step.tasks)}</p>}
      {data && step && <Round key={`${step.next?.round}.${step.next?.no}`} spec={data.spec} project={project} step={step} onStep={setStep} />}
    </Page>
  );
}

function Round(props: { spec: ProjectSpec; project: number; step: TrainingStep; onStep: (step: TrainingStep) => void }) {
  const { t } = useApp();
  const { spec, step } = props;
  const [values, setValues] = useState<AnswerValues>({});
  const [problems, setProblems] = useState<Record<string, string>>({});
  const next = step.next;
  const send = useAction(async () => {
    const found = problemsOf(spec.form, values, t);
    setProblems(found);
    if (Object.keys(found).length > 0 || !next) return;
    const answer = { round: next.round, no: next.no, values: cleaned(spec.form, values) };
    props.onStep(await call("train", { project: props.project, answer }));
  });
  return (
    <>
      <Feedback step={step} spec={spec} />
      {next ? (
        <section class="section" aria-labelledby="training-task">
          <h2 id="training-task">{t.training.task(next.no, step.tasks)}</h2>
          <TaskView spec={spec} item={next.values} values={values} onChange={setValues} problems={problems} opensInstructions={next.no === 1}>
            <Problem error={send.error} />
            <div class="work-actions">
              <Button look="main" onClick={() => void send.run()} isBusy={send.isBusy}>
                {t.training.check}
              </Button>
            </div>
          </TaskView>
        </section>
      ) : (
        <Over {...props} />
      )}
    </>
  );
}

function Feedback({ step, spec }: { step: TrainingStep; spec: ProjectSpec }) {
  const { t } = useApp();
  const told = step.feedback;
  if (!told) return null;
  return (
    <div class={told.is_right ? "notice notice-good" : "notice notice-bad"} role="status">
      <p>
        <strong>{told.is_right ? t.training.right : t.training.wrong}</strong>
      </p>
      {!told.is_right && (
        <ul>
          {spec.form
            .filter((field) => told.gold[field.name])
            .map((field) => (
              <li key={field.name}>
                {field.label}: <strong>{told.gold[field.name].join(", ")}</strong>
              </li>
            ))}
        </ul>
      )}
      {told.explanation && <p class="prose">{told.explanation}</p>}
    </div>
  );
}

function Over(props: { project: number; step: TrainingStep; onStep: (step: TrainingStep) => void }) {
  const { t } = useApp();
  const { step } = props;
  const again = useAction(async () => props.onStep(await call("train", { project: props.project })));
  return (
    <Notice tone={step.is_passed ? "good" : "plain"}>
      <p>
        <strong>{step.is_passed ? t.training.passed : t.training.failed(step.rounds_left)}</strong>
      </p>
      <Problem error={again.error} />
      <div class="row">
        {step.is_passed && (
          <a class="button button-main" href={`/work/${props.project}/tasks`}>
            {t.work.begin}
          </a>
        )}
        {!step.is_passed && step.rounds_left > 0 && (
          <Button look="main" onClick={() => void again.run()} isBusy={again.isBusy}>
            {t.training.again}
          </Button>
        )}
        <a class="button button-plain" href="/work">
          {t.task.other_projects}
        </a>
      </div>
    </Notice>
  );
}
