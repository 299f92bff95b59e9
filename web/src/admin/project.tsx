import { useApp } from "../context";
import { useRequest, useTopic } from "../hooks";
import type { ProjectStatus } from "../messages";
import { Results } from "../project/results";
import { StatusView } from "../project/status";
import { useDescription } from "../specs";
import { Live, Loading, Money, Page, Problem, Table } from "../ui/basics";

// A project as its requester sees it, to look at only, and what its data can support.
export function AnyProject({ project }: { project: number }) {
  const { t } = useApp();
  const status = useTopic<ProjectStatus>(`status:${project}`);
  const { data, error } = useDescription(project);
  const title = data?.spec.title ?? status?.row.title ?? t.common.project_no(project);
  return (
    <Page title={title} back={{ href: "/admin", label: t.admin.overview }} actions={<Live />} wide>
      <Problem error={error} />
      {status ? <StatusView status={status} spec={data?.spec ?? null} /> : <Loading lines={8} />}
      <Support project={project} />
      {data && <Results project={project} spec={data.spec} />}
    </Page>
  );
}

function Support({ project }: { project: number }) {
  const { t, f } = useApp();
  const { data, error, reload } = useRequest("get_support", { project });
  return (
    <section class="section" aria-labelledby="support-heading">
      <h2 id="support-heading">{t.support.title}</h2>
      <Problem error={error} onRetry={reload} />
      {!data && !error && <Loading lines={3} />}
      {data && <p class="muted">{data.asked_ppm > 0 ? t.support.asked(f.percent(data.asked_ppm)) : t.support.none_asked}</p>}
      {data && data.fields.length > 0 && (
        <Table
          caption={t.support.title}
          head={
            <>
              <th scope="col">{t.support.field}</th>
              <th scope="col" class="end">
                {t.support.claim}
              </th>
              <th scope="col" class="end">
                {t.support.gold}
              </th>
              <th scope="col" class="end">
                {t.support.gold_open}
              </th>
              <th scope="col">{t.support.needed}</th>
              <th scope="col" class="end">
                {t.support.cost}
              </th>
            </>
          }
        >
          {data.fields.map((field) => (
            <tr key={field.field}>
              <td>{field.field}</td>
              <td class="end">{f.percent(field.claim_max_ppm)}</td>
              <td class="end">
                {f.number(field.right)} / {f.number(field.gold)}
              </td>
              <td class="end">{f.number(field.gold_open)}</td>
              <td>{field.gold_needed === 0 ? t.support.enough : field.gold_needed < 0 ? t.support.never : t.support.more(f.number(field.gold_needed))}</td>
              <td class="end">
                <Money amount={field.cost} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
