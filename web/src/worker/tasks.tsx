import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { useApp, useSession } from "../context";
import { cleaned, problemsOf } from "../fields/registry";
import { useAction, useNow, usePageTitle } from "../hooks";
import type { AnswerValues, ProjectSpec } from "../messages";
import { useDescription } from "../specs";
import { chooseByKey } from "../task/form";
import { isImageAddress } from "../task/item";
import { TaskView } from "../task/task_view";
import { Button, Loading, Money, Problem, refusalText } from "../ui/basics";
import { tell } from "../ui/notices";
import { queueOf } from "./at_work";
import { holdMs } from "./outbox";
import type { OpenTask, WorkQueue } from "./work_queue";
import { mayComeBack } from "./work_queue";

// The page where work is done: one task, and the next one ready behind it.
export function TasksPage({ project }: { project: number }) {
  const { t } = useApp();
  const session = useSession();
  const { data, error } = useDescription(project);
  const queue = queueOf(session, project);
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  usePageTitle(data?.spec.title ?? t.task.title);
  useEffect(() => {
    const ends = [queue.listen(() => redraw(0)), queue.outbox.listen(() => redraw(0))];
    queue.open();
    return () => {
      queue.close();
      ends.forEach((end) => end());
    };
  }, [queue]);
  const task = queue.tasks[0];
  usePreloadedImages(data?.spec, queue.tasks[1]);
  return (
    <div class="page page-wide work">
      <WorkHead queue={queue} title={data?.spec.title ?? ""} task={task} />
      <Problem error={error} />
      <OutboxTrouble queue={queue} />
      {data && task ? (
        <OneTask key={task.assignment} spec={data.spec} queue={queue} task={task} />
      ) : (
        !error && <NoTask queue={queue} />
      )}
      <Outcomes queue={queue} />
    </div>
  );
}

// The images of the next task are there before it is shown.
function usePreloadedImages(spec: ProjectSpec | undefined, next: OpenTask | undefined): void {
  useEffect(() => {
    for (const [at, column] of (spec?.columns ?? []).entries()) {
      const address = next?.values[at];
      if (column.kind !== "image" || !address || !isImageAddress(address)) continue;
      const image = new Image();
      image.referrerPolicy = "no-referrer";
      image.src = address;
    }
  }, [spec, next?.assignment]);
}

function WorkHead(props: { queue: WorkQueue; title: string; task?: OpenTask }) {
  const { t } = useApp();
  return (
    <div class="work-head">
      <a class="back" href={`/work/${props.queue.project}`}>
        {t.task.leave}
      </a>
      <h1>{props.title || "\u00a0"}</h1>
      <p class="work-facts">
        {props.task ? (
          <>
            <Money amount={props.task.reward} strong /> <LeaseLeft endsMs={props.task.endsMs} />
          </>
        ) : (
          "\u00a0"
        )}
      </p>
    </div>
  );
}

function LeaseLeft({ endsMs }: { endsMs: number }) {
  const { t, f } = useApp();
  const left = endsMs - useNow(1000);
  if (left <= 0) return <span class="lease lease-over">{t.task.lease_over}</span>;
  return <span class={left < 30_000 ? "lease lease-short" : "lease"}>{t.task.lease_left(f.clock(left))}</span>;
}

function OutboxTrouble({ queue }: { queue: WorkQueue }) {
  const { t, f } = useApp();
  const waiting = queue.outbox.answers.length;
  const trouble = waiting > 0 ? queue.outbox.trouble : queue.trouble;
  if (!trouble) return null;
  return (
    <div class="notice notice-wait work-trouble" role="status">
      <p>
        <strong>{refusalText(t.refusals, trouble.code, t.refusals.internal_error)}</strong>{" "}
        {waiting > 0 ? t.task.kept_here(waiting, f.number(waiting)) : trouble.detail}
      </p>
    </div>
  );
}

const isElsewhere = () => document.querySelector("dialog[open], .menu[open]") !== null;
const typesText = (target: EventTarget | null) =>
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && target.type === "text");

function OneTask(props: { spec: ProjectSpec; queue: WorkQueue; task: OpenTask }) {
  const { t } = useApp();
  const { spec, queue } = props;
  const [values, setValues] = useState<AnswerValues>(queue.draft);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const heading = useRef<HTMLHeadingElement>(null);
  const skip = useAction(() => queue.skip().then(() => tell(t.task.skipped)));

  const handIn = () => {
    const found = problemsOf(spec.form, values, t);
    setProblems(found);
    if (Object.keys(found).length === 0) queue.handIn(cleaned(spec.form, values));
    else tell(t.task.not_complete, "bad");
  };
  useEffect(() => {
    const field = document.querySelector<HTMLElement>(".task-form input[type=text], .task-form textarea");
    // To whoever types, the first question; to all others where the task begins.
    const isTyping = spec.form[0]?.type === "text" || spec.form[0]?.type === "number";
    ((isTyping && field) || heading.current)?.focus({ preventScroll: true });
    // On a small screen the last form was handed in further down than the next item begins.
    const section = heading.current?.parentElement;
    if (section && section.getBoundingClientRect().top < 0) section.scrollIntoView();
  }, []);
  useTaskKeys({
    choose: (digit) => setValues((before) => chooseByKey(spec.form, before, digit)),
    handIn,
    skip: () => void skip.run(),
  });
  return (
    <section aria-labelledby="task-heading">
      <h2 id="task-heading" class="unseen" tabIndex={-1} ref={heading}>
        {t.task.task}
      </h2>
      <TaskView
        spec={spec}
        item={props.task.values}
        values={values}
        onChange={(now) => {
          setValues(now);
          setProblems({});
        }}
        problems={problems}
        showsKeys
        opensInstructions={queue.answered === 0}
      >
        <div class="work-actions">
          <Button look="main" onClick={handIn} keyHint="Enter">
            {t.task.hand_in}
          </Button>
          <Button onClick={() => void skip.run()} keyHint="S">
            {t.task.skip}
          </Button>
          <Undo queue={queue} />
        </div>
        {spec.form.some((field) => field.type === "text") && <p class="entry-hint keys-hint">{t.task.keys_in_text}</p>}
      </TaskView>
    </section>
  );
}

function useTaskKeys(keys: { choose(digit: number): void; handIn(): void; skip(): void }) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing || event.repeat || isElsewhere()) return;
      const isSending = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if ((event.ctrlKey || event.metaKey) && !isSending) return;
      const target = event.target;
      const isText = typesText(target);
      // Enter on a button or link is that button's; in a text of several lines it is a new line.
      const isOwnEnter = target instanceof HTMLTextAreaElement || (target as Element).closest?.("button, a, summary, select");
      if (event.key === "Enter" && (isSending || !isOwnEnter)) latest.current.handIn();
      else if (!isText && /^[1-9]$/.test(event.key)) latest.current.choose(Number(event.key));
      else if (!isText && event.key.toLowerCase() === "s") latest.current.skip();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

// The last answer can be taken back while it is held; its place is kept, so that nothing moves when it goes.
function Undo({ queue }: { queue: WorkQueue }) {
  const { t, f } = useApp();
  const now = useNow(500);
  const undo = useAction(async () => {
    if (!(await queue.undo())) tell(t.task.too_late, "bad");
    else tell(t.task.undone);
  });
  const run = useRef(undo.run);
  run.current = undo.run;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typesText(event.target) || isElsewhere()) return;
      if (event.key.toLowerCase() === "u") void run.current();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  const last = queue.last;
  const held = last?.kind === "answer" && queue.outbox.answers.find((one) => one.assignment === last.task.assignment);
  const leftMs = held ? held.sendAfterMs - now : 0;
  const can = last?.kind === "skip" || leftMs > 0;
  return (
    <div class="undo">
      <span class={can ? "undo-shown" : "undo-hidden"}>
        <Button look="quiet" onClick={() => void undo.run()} keyHint="U" isDisabled={!can}>
          {t.task.undo}
        </Button>
        <span class="muted">
          {held && leftMs > 0 ? t.task.sent_in(f.number(Math.min(holdMs / 1000, Math.ceil(leftMs / 1000)))) : ""}
          {last?.kind === "skip" ? t.task.was_skipped : ""}
        </span>
      </span>
    </div>
  );
}

function NoTask({ queue }: { queue: WorkQueue }) {
  const { t } = useApp();
  const { noWork } = queue;
  const isOver = noWork !== null && !mayComeBack.includes(noWork);
  return (
    <div class="no-task">
      {!noWork && <Loading lines={8} />}
      {noWork && (
        <div class="notice notice-plain" role="status">
          <p>
            <strong>{t.no_work[noWork]}</strong> {isOver ? "" : t.task.looking}
          </p>
          <div class="row">
            {noWork === "training_needed" && (
              <a class="button button-main" href={`/work/${queue.project}/training`}>
                {t.work.begin_training}
              </a>
            )}
            {isOver && <Button onClick={() => queue.open()}>{t.task.look_again}</Button>}
            <a class="button button-plain" href="/work">
              {t.task.other_projects}
            </a>
          </div>
        </div>
      )}
      <Undo queue={queue} />
    </div>
  );
}

function Outcomes({ queue }: { queue: WorkQueue }) {
  const { t, f } = useApp();
  return (
    <section class="outcomes" aria-labelledby="outcomes-heading">
      <h2 id="outcomes-heading">{t.task.last_answers}</h2>
      <div role="log">
        <ul>
          {queue.told.map(({ answer, outcome }) => (
            <li key={answer.assignment} class={outcome.accepted ? "outcome outcome-good" : "outcome outcome-bad"}>
              <span class="mono">{answer.assignment}</span>{" "}
              {outcome.accepted
                ? Number(outcome.paid) > 0
                  ? t.task.accepted_paid(f.money(outcome.paid))
                  : t.task.accepted
                : t.task.not_accepted(refusalText(t.refusals, outcome.refusal ?? "", outcome.detail))}
            </li>
          ))}
        </ul>
      </div>
      {queue.told.length === 0 && <p class="muted">{t.task.none_yet}</p>}
    </section>
  );
}
