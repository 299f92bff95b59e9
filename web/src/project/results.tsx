import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useApp } from "../context";
import { useAction, useRequest } from "../hooks";
import type { AnswerRow, ProjectSpec, ResultRow, TaskState } from "../messages";
import { Button, Money, Paged, Problem, Table, Tag, useCursor } from "../ui/basics";
import { payTone, reasonText } from "./reasons";
import { downloadResults } from "./download";

// The verdicts of a project, a page at a time, with the answers they were made from.
const rowsPerPage = 25;
const stateTone: Record<TaskState, "good" | "bad" | "wait" | "plain"> = {
  open: "plain",
  settled: "good",
  undecided: "bad",
  best_guess: "wait",
};

export function Results({ project, spec }: { project: number; spec: ProjectSpec }) {
  const { t } = useApp();
  const cursor = useCursor();
  const page = useRequest("get_results", { project, answers: true, after: cursor.after, limit: rowsPerPage });
  return (
    <section class="section" aria-labelledby="results-heading">
      <div class="section-head">
        <h2 id="results-heading">{t.results.title}</h2>
        <div class="row">
          <Button onClick={page.reload} isBusy={page.isLoading && !!page.data}>
            {t.results.reload}
          </Button>
          <Download project={project} spec={spec} kind="csv" />
          <Download project={project} spec={spec} kind="jsonl" />
        </div>
      </div>
      <Paged page={page} cursor={cursor} lines={8} none={t.results.none}>
        {(rows) => <ResultTable rows={rows} spec={spec} />}
      </Paged>
    </section>
  );
}

function Download(props: { project: number; spec: ProjectSpec; kind: "csv" | "jsonl" }) {
  const { t, f } = useApp();
  const [count, setCount] = useState(0);
  const download = useAction(async () => {
    setCount(0);
    await downloadResults(props.project, props.spec, props.kind, setCount);
  });
  return (
    <>
      <Button onClick={() => void download.run()} isBusy={download.isBusy}>
        {download.isBusy ? f.number(count) : props.kind === "csv" ? t.results.download_csv : t.results.download_jsonl}
      </Button>
      <Problem error={download.error} />
    </>
  );
}

function ResultTable({ rows, spec }: { rows: ResultRow[]; spec: ProjectSpec }) {
  const { t } = useApp();
  // All columns of a wide batch would hide the verdicts.
  const columns = spec.columns.slice(0, 2);
  return (
    <Table
      caption={t.results.title}
      head={
        <>
          <th scope="col" class="end">
            {t.results.item}
          </th>
          {columns.map((column) => (
            <th scope="col" key={column.name}>
              {column.name}
            </th>
          ))}
          <th scope="col">{t.results.state}</th>
          {spec.form.map((field) => (
            <th scope="col" key={field.name}>
              {field.name}
            </th>
          ))}
          <th scope="col" class="end">
            {t.results.cost}
          </th>
          <th scope="col">{t.results.answers}</th>
        </>
      }
    >
      {rows.map((row) => (
        <ResultLines key={row.task} row={row} spec={spec} columns={columns.length} />
      ))}
    </Table>
  );
}

function ResultLines({ row, spec, columns }: { row: ResultRow; spec: ProjectSpec; columns: number }) {
  const { t, f } = useApp();
  const [isOpen, setOpen] = useState(false);
  const id = `answers-${row.task}`;
  return (
    <>
      <tr>
        <td class="end">{f.number(row.item_no)}</td>
        {spec.columns.slice(0, columns).map((column, at) => (
          <td key={column.name}>
            <span class="cell cell-value">{row.values[at]}</span>
          </td>
        ))}
        <td>
          <Tag tone={stateTone[row.state]}>{t.task_state[row.state]}</Tag>
          {row.reason && <span class="reason">{reasonText(t.reasons, row.reason)}</span>}
        </td>
        {spec.form.map((field) => (
          <td key={field.name}>
            <FieldVerdict row={row} name={field.name} />
          </td>
        ))}
        <td class="end">
          <Money amount={row.cost} />
        </td>
        <td>
          <button
            type="button"
            class="linklike"
            aria-expanded={isOpen}
            aria-controls={id}
            disabled={(row.given ?? []).length === 0}
            onClick={() => setOpen(!isOpen)}
          >
            {t.status.answers(row.answers, f.number(row.answers))}
            <span class="unseen"> {row.item_no}</span>
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr id={id}>
          <td colSpan={columns + spec.form.length + 4}>
            <AnswersBeside answers={row.given} spec={spec} />
          </td>
        </tr>
      )}
    </>
  );
}

function FieldVerdict({ row, name }: { row: ResultRow; name: string }) {
  const { f } = useApp();
  const found = (row.fields ?? []).find((one) => one.field === name);
  if (!found) return <span class="muted">–</span>;
  return (
    <span class="cell">
      <strong>{found.value || "–"}</strong>{" "}
      {found.confidence_ppm > 0 && <span class="muted">{f.percent(found.confidence_ppm)}</span>}
      <ul class="votes muted">
        {(found.votes ?? []).map((vote) => (
          <li key={vote.value}>
            <span>{f.number(vote.count)} ×</span> <span>{vote.value}</span>
          </li>
        ))}
      </ul>
    </span>
  );
}

export function AnswersBeside(props: { answers: AnswerRow[]; spec: ProjectSpec; actions?: (answer: AnswerRow) => ComponentChildren }) {
  const { t, f } = useApp();
  return (
    <div class="answers-beside">
      {props.answers.map((answer) => (
        <div class="answer-card" key={answer.assignment}>
          <div class="answer-card-head">
            <span>{t.results.worker(answer.worker)}</span>
            <Tag tone={payTone[answer.state]}>{t.pay_state[answer.state]}</Tag>
          </div>
          <dl>
            {props.spec.form.map((field) => (
              <div key={field.name}>
                <dt>{field.name}</dt>
                <dd>{(answer.values[field.name] ?? []).join(", ") || "–"}</dd>
              </div>
            ))}
          </dl>
          {answer.reason && <p class="reason">{reasonText(t.reasons, answer.reason)}</p>}
          <p class="muted">
            <span class="mono">{answer.assignment}</span> · {f.span(answer.took_ms)}
          </p>
          {props.actions?.(answer)}
        </div>
      ))}
    </div>
  );
}
