import { call } from "../api";
import { useApp } from "../context";
import { useAction, useRequest } from "../hooks";
import type { GrantRow } from "../messages";
import { Button, Loading, Moment, Page, Problem, Table, Tag } from "../ui/basics";
import { tell } from "../ui/notices";

// Where this account is signed in, and the way to end it.
export function SignIns() {
  const { t } = useApp();
  const grants = useRequest("list_grants", {});
  return (
    <Page title={t.sign_ins.title} lead={t.sign_ins.lead}>
      <Problem error={grants.error} onRetry={grants.reload} />
      {!grants.data && grants.isLoading && <Loading lines={4} />}
      {grants.data && <GrantTable rows={grants.data.rows} onChange={grants.reload} />}
    </Page>
  );
}

export function GrantTable(props: { rows: GrantRow[]; account?: number; onChange: () => void }) {
  const { t } = useApp();
  if (props.rows.length === 0) return <p class="empty">{t.sign_ins.none}</p>;
  return (
    <Table
      caption={t.sign_ins.title}
      head={
        <>
          <th scope="col">{t.sign_ins.number}</th>
          <th scope="col">{t.sign_ins.opened}</th>
          <th scope="col">{t.sign_ins.used}</th>
          <th scope="col">{t.sign_ins.expires}</th>
          <th scope="col">
            <span class="unseen">{t.common.actions}</span>
          </th>
        </>
      }
    >
      {props.rows.map((row) => (
        <GrantLine key={row.grant} row={row} account={props.account} onChange={props.onChange} />
      ))}
    </Table>
  );
}

function GrantLine(props: { row: GrantRow; account?: number; onChange: () => void }) {
  const { t } = useApp();
  const { row } = props;
  const end = useAction(async () => {
    await call("end_grants", { account: props.account, grant: row.grant });
    tell(t.sign_ins.ended, "good");
    props.onChange();
  });
  return (
    <tr>
      <td class="mono">{row.grant}</td>
      <td>
        <Moment ms={row.opened_ms} />
      </td>
      <td>
        <Moment ms={row.renewed_ms} />
      </td>
      <td>
        <Moment ms={row.expires_ms} />
      </td>
      <td class="end">
        {row.is_this ? (
          <Tag tone="good">{t.sign_ins.this_one}</Tag>
        ) : (
          <Button onClick={() => void end.run()} isBusy={end.isBusy} label={`${t.sign_ins.end} ${row.grant}`}>
            {t.sign_ins.end}
          </Button>
        )}
        <Problem error={end.error} />
      </td>
    </tr>
  );
}
