import { useApp } from "../context";
import { useRequest } from "../hooks";
import { Fact, Facts, Loading, Moment, Page, Problem, Table } from "../ui/basics";

// How a worker stands over all projects.
export function WorkerStanding({ account }: { account: number }) {
  const { t, f } = useApp();
  const { data, error, reload } = useRequest("get_standing", { account });
  const share = (part: number, whole: number) => (whole > 0 ? f.percent((1_000_000 * part) / whole) : "–");
  return (
    <Page title={t.standing.title(account)} back={{ href: "/admin/accounts", label: t.admin.accounts }}>
      <Problem error={error} onRetry={reload} />
      {!data && !error && <Loading lines={5} />}
      {data && (
        <>
          <Facts>
            <Fact name={t.standing.judged}>{f.number(data.over_all.judged)}</Fact>
            <Fact name={t.standing.agreed} note={share(data.over_all.agreed, data.over_all.judged)}>
              {f.number(data.over_all.agreed)}
            </Fact>
            <Fact name={t.standing.gold}>{f.number(data.over_all.gold)}</Fact>
            <Fact name={t.standing.right} note={share(data.over_all.right, data.over_all.gold)}>
              {f.number(data.over_all.right)}
            </Fact>
          </Facts>
          <section class="section" aria-labelledby="held-heading">
            <h2 id="held-heading">{t.standing.qualifications}</h2>
            {data.qualifications.length === 0 && <p class="empty">{t.standing.none}</p>}
            {data.qualifications.length > 0 && (
              <Table
                caption={t.standing.qualifications}
                head={
                  <>
                    <th scope="col">{t.standing.name}</th>
                    <th scope="col" class="end">
                      {t.standing.score}
                    </th>
                    <th scope="col">{t.standing.by}</th>
                    <th scope="col">{t.standing.since}</th>
                  </>
                }
              >
                {data.qualifications.map((row) => (
                  <tr key={row.name}>
                    <td>{row.name}</td>
                    <td class="end">{f.number(row.score)}</td>
                    <td>
                      {t.standing.granted_by[row.by]} {row.project ? <a href={`/admin/projects/${row.project}`}>{row.project}</a> : ""}
                    </td>
                    <td>
                      <Moment ms={row.at_ms} />
                    </td>
                  </tr>
                ))}
              </Table>
            )}
          </section>
        </>
      )}
    </Page>
  );
}
