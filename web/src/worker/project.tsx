import { useApp } from "../context";
import { useDescription } from "../specs";
import { TaskForm } from "../task/form";
import { Fact, Facts, Loading, Money, Moment, Page, Problem } from "../ui/basics";
import { StandingTag, needsTraining, useStanding } from "./standing";

// What a project asks and pays, before a worker begins.
export function ProjectPreview({ project }: { project: number }) {
  const { t, f } = useApp();
  const { data, error } = useDescription(project);
  const standing = useStanding(project);
  const back = { href: "/work", label: t.work.title };
  if (!data) {
    return (
      <Page title={t.common.project_no(project)} back={back}>
        {error ? <Problem error={error} /> : <Loading lines={8} />}
      </Page>
    );
  }
  const { spec } = data;
  const training = spec.training.tasks.length || standing?.training_tasks || 0;
  return (
    <Page title={spec.title} back={back}>
      <Facts>
        <Fact name={t.work.pay} note={t.pay_rule[spec.pay]}>
          <Money amount={spec.reward} strong />
        </Fact>
        <Fact name={t.work.time_for_a_task}>{f.span(spec.lease)}</Fact>
        {training > 0 && <Fact name={t.work.training}>{t.work.training_tasks(training)}</Fact>}
        {spec.tasks_per_worker_max > 0 && (
          <Fact name={t.work.at_most}>{t.work.tasks(spec.tasks_per_worker_max, f.number(spec.tasks_per_worker_max))}</Fact>
        )}
        {spec.deadline_ms > 0 && (
          <Fact name={t.work.ends}>
            <Moment ms={spec.deadline_ms} />
          </Fact>
        )}
      </Facts>
      <p class="standing-line">
        <StandingTag standing={standing} />
      </p>
      <div class="row">
        {needsTraining(standing) ? (
          <a class="button button-main" href={`/work/${project}/training`}>
            {t.work.begin_training}
          </a>
        ) : (
          !standing?.no_work && (
            <a class="button button-main" href={`/work/${project}/tasks`}>
              {t.work.begin}
            </a>
          )
        )}
      </div>
      {spec.instructions.trim() && (
        <section class="section">
          <h2>{t.task.instructions}</h2>
          <p class="prose" dir="auto">
            {spec.instructions.trim()}
          </p>
        </section>
      )}
      <section class="section">
        <h2>{t.work.what_is_asked}</h2>
        <div class="panel">
          <TaskForm form={spec.form} values={{}} />
        </div>
      </section>
    </Page>
  );
}
