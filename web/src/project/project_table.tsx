import { useApp } from "../context";
import type { Action } from "../hooks";
import type { ProjectRow, ProjectState } from "../messages";
import { Bar, Button, Moment, Money, Problem, Table, Tag } from "../ui/basics";

export const stateTone: Record<ProjectState, "good" | "bad" | "wait" | "plain"> = {
  posting: "wait",
  open: "good",
  paused: "wait",
  ended: "plain",
  cancelled: "plain",
};

export function ProjectTable(props: { rows: ProjectRow[]; base: string; showsOwner?: boolean; more: Action | null }) {
  const { t, f } = useApp();
  return (
    <>
      <Table
        caption={t.projects.title}
        head={
          <>
            <th scope="col">{t.projects.project}</th>
            <th scope="col">{t.projects.state}</th>
            <th scope="col">{t.projects.progress}</th>
            {props.showsOwner && <th scope="col">{t.projects.owner}</th>}
            <th scope="col" class="end">
              {t.projects.reward}
            </th>
            <th scope="col">{t.projects.created}</th>
          </>
        }
      >
        {props.rows.map((row) => (
          <tr key={row.project}>
            <td>
              <span class="cell">
                <a href={`${props.base}/${row.project}`}>{row.title}</a> <span class="mono muted">{row.project}</span>
              </span>
            </td>
            <td>
              <Tag tone={stateTone[row.state]}>{t.project_state[row.state]}</Tag>
            </td>
            <td>
              <span class="cell">
                <Bar value={row.closed} max={row.items} label={t.status.done_of(f.number(row.closed), f.number(row.items))} />
                <span class="muted">{t.status.done_of(f.number(row.closed), f.number(row.items))}</span>
              </span>
            </td>
            {props.showsOwner && <td class="mono">{row.owner}</td>}
            <td class="end">
              <Money amount={row.reward} />
            </td>
            <td>
              <Moment ms={row.created_ms} />
            </td>
          </tr>
        ))}
      </Table>
      {props.more && (
        <p class="pager">
          <Button onClick={() => void props.more?.run()} isBusy={props.more.isBusy}>
            {t.common.more}
          </Button>
        </p>
      )}
      <Problem error={props.more?.error ?? null} />
    </>
  );
}
