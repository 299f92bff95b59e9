import { useEffect, useState } from "preact/hooks";
import { useApp } from "../context";
import type { ProjectRow, ProjectStanding, ProjectSpec } from "../messages";
import { useProjects } from "../project/all_projects";
import { describe } from "../specs";
import { Button, Live, Loading, Money, Page } from "../ui/basics";
import { StandingTag, needsTraining, useStanding } from "./standing";

// The projects that are open to a worker, newest first.
const shownAtFirst = 12;

export function OpenProjects() {
  const { t } = useApp();
  const { rows, more } = useProjects();
  const [shown, setShown] = useState(shownAtFirst);
  return (
    <Page title={t.work.title} lead={t.work.lead} actions={<Live />}>
      {!rows && <Loading lines={6} />}
      {rows?.length === 0 && <p class="empty">{t.work.none}</p>}
      <ul class="cards">
        {rows?.slice(0, shown).map((row) => (
          <OpenProject key={row.project} row={row} />
        ))}
      </ul>
      {rows && (rows.length > shown || more) && (
        <Button onClick={() => (rows.length > shown ? setShown(shown + shownAtFirst) : void more?.run())} isBusy={more?.isBusy}>
          {t.common.more}
        </Button>
      )}
    </Page>
  );
}

function useSpec(project: number): ProjectSpec | null {
  const [spec, setSpec] = useState<ProjectSpec | null>(null);
  useEffect(() => {
    describe(project).then(
      (description) => setSpec(description.spec),
      () => setSpec(null),
    );
  }, [project]);
  return spec;
}

function OpenProject({ row }: { row: ProjectRow }) {
  const { t, f } = useApp();
  const spec = useSpec(row.project);
  const standing = useStanding(row.project);
  const left = Math.max(0, row.items - row.closed);
  return (
    <li class="card">
      <div class="card-head">
        <h2>
          <a href={`/work/${row.project}`}>{row.title}</a>
        </h2>
        <p class="card-pay">
          <Money amount={row.reward} strong /> <span class="muted">{t.work.per_answer}</span>
        </p>
      </div>
      <p class="card-asks">{spec ? spec.form.map((field) => field.label).join(" · ") : "\u00a0"}</p>
      <div class="card-foot">
        <span class="muted">{row.items > 0 ? t.work.tasks_left(left, f.number(left)) : t.pay_rule[row.pay]}</span>
        <span class="card-standing">
          <StandingTag standing={standing} />
        </span>
        <Begin row={row} standing={standing} />
      </div>
    </li>
  );
}

function Begin({ row, standing }: { row: ProjectRow; standing: ProjectStanding | null | undefined }) {
  const { t } = useApp();
  const title = <span class="unseen">: {row.title}</span>;
  if (standing?.no_work && !needsTraining(standing)) {
    return (
      <a class="button button-plain" href={`/work/${row.project}`}>
        {t.work.details}
        {title}
      </a>
    );
  }
  return (
    <a class="button button-main" href={`/work/${row.project}/${needsTraining(standing) ? "training" : "tasks"}`}>
      {needsTraining(standing) ? t.work.begin_training : t.work.begin}
      {title}
    </a>
  );
}
