import { useState } from "preact/hooks";
import { call } from "../api";
import { useApp, useSession } from "../context";
import { useAction, useRequest } from "../hooks";
import { underKey } from "../kept";
import type { AccountRow, Role } from "../messages";
import { microsFrom } from "../money";
import { GrantTable } from "../pages/sign_ins";
import { Button, CopyButton, Dialog, Loading, Moment, Money, Page, Paged, Problem, SelectEntry, Table, Tag, TextEntry, useCursor } from "../ui/basics";
import { tell } from "../ui/notices";

// Who there is, and what an admin does for them.
type Doing = { kind: "manage" | "invite" | "suspend" | "deposit" | "grants"; row: AccountRow } | { kind: "invite"; row: null };

export function Accounts() {
  const { t } = useApp();
  const cursor = useCursor();
  const [role, setRole] = useState<Role | "">("");
  const [doing, setDoing] = useState<Doing | null>(null);
  const page = useRequest("list_accounts", { role: role || undefined, after: cursor.after, limit: 50 });
  const close = () => {
    setDoing(null);
    page.reload();
  };
  const invite = (
    <Button look="main" onClick={() => setDoing({ kind: "invite", row: null })}>
      {t.accounts.invite}
    </Button>
  );
  return (
    <Page title={t.admin.accounts} actions={invite} wide>
      <div class="entry-narrow">
        <SelectEntry<Role | "">
          label={t.accounts.role}
          value={role}
          options={[["", t.accounts.all_roles], ...roleOptions(t.roles)]}
          onChange={(now) => {
            setRole(now);
            cursor.reset();
          }}
        />
      </div>
      <section class="section">
        <Paged page={page} cursor={cursor} lines={8} none={t.accounts.none}>
          {(rows) => <AccountTable rows={rows} onDo={setDoing} />}
        </Paged>
      </section>
      {doing?.kind === "manage" && <Manage row={doing.row} onDo={setDoing} onClose={() => setDoing(null)} />}
      {doing?.kind === "invite" && <Invite row={doing.row} onClose={close} />}
      {doing?.kind === "suspend" && <Suspend row={doing.row} onClose={close} />}
      {doing?.kind === "deposit" && <Deposit row={doing.row} onClose={close} />}
      {doing?.kind === "grants" && <EndSignIns row={doing.row} onClose={close} />}
    </Page>
  );
}

function roleOptions(names: Record<Role, string>): [Role, string][] {
  return (["worker", "requester", "admin", "gateway"] as Role[]).map((role) => [role, names[role]]);
}

function AccountTable({ rows, onDo }: { rows: AccountRow[]; onDo: (doing: Doing) => void }) {
  const { t } = useApp();
  return (
    <Table
      caption={t.admin.accounts}
      head={
        <>
          <th scope="col" class="end">
            {t.accounts.number}
          </th>
          <th scope="col">{t.accounts.name}</th>
          <th scope="col">{t.accounts.role}</th>
          <th scope="col">{t.accounts.state}</th>
          <th scope="col">{t.accounts.created}</th>
          <th scope="col" class="end">
            {t.accounts.wallet}
          </th>
          <th scope="col">{t.common.actions}</th>
        </>
      }
    >
      {rows.map((row) => (
        <tr key={row.account}>
          <td class="end mono">{row.account}</td>
          <td>
            <span class="cell">
              {row.role === "worker" ? <a href={`/admin/workers/${row.account}`}>{row.display_name || row.account}</a> : row.display_name}
            </span>
          </td>
          <td>{t.roles[row.role]}</td>
          <td>
            {row.suspended ? (
              <Tag tone="bad">{t.accounts.suspended}</Tag>
            ) : row.enrolled ? (
              <Tag tone="good">{t.accounts.enrolled}</Tag>
            ) : (
              <Tag tone="wait">{t.accounts.invited}</Tag>
            )}
          </td>
          <td>
            <Moment ms={row.created_ms} />
          </td>
          <td class="end">
            <Money amount={row.wallet} />
          </td>
          <td>
            <Button
              onClick={() => onDo({ kind: "manage", row })}
              label={t.accounts.manage_account(row.display_name || String(row.account))}
            >
              {t.accounts.manage}
            </Button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Manage({ row, onDo, onClose }: { row: AccountRow; onDo: (doing: Doing) => void; onClose: () => void }) {
  const { t } = useApp();
  const session = useSession();
  return (
    <Dialog title={row.display_name || String(row.account)} onClose={onClose}>
      <div class="stack">
        {row.role === "requester" && (
          <Button look="main" onClick={() => onDo({ kind: "deposit", row })}>
            {t.accounts.deposit}
          </Button>
        )}
        <Button onClick={() => onDo({ kind: "invite", row })}>{t.accounts.invite_again}</Button>
        <Button onClick={() => onDo({ kind: "grants", row })}>{t.sign_ins.title}</Button>
        {/* Who suspends their own account could not undo it. */}
        {row.account !== session.account && (
          <Button look="danger" onClick={() => onDo({ kind: "suspend", row })}>
            {row.suspended ? t.accounts.unsuspend : t.accounts.suspend}
          </Button>
        )}
      </div>
      <div class="row row-end">
        <Button onClick={onClose}>{t.common.close}</Button>
      </div>
    </Dialog>
  );
}

function Invite({ row, onClose }: { row: AccountRow | null; onClose: () => void }) {
  const { t } = useApp();
  const [role, setRole] = useState<Role>(row?.role ?? "worker");
  const [name, setName] = useState(row?.display_name ?? "");
  const [line, setLine] = useState("");
  const invite = useAction(async () => {
    const input = { role, display_name: name.trim(), account: row?.account };
    const reply = await underKey("invite", input, (key) => call("invite", { key, ...input }));
    setLine(reply.line);
  });
  const code = line.split("/").pop() ?? "";
  const link = `${location.origin}/join#${encodeURIComponent(code)}`;
  return (
    <Dialog title={row ? t.accounts.invite_again : t.accounts.invite} onClose={onClose}>
      {line ? (
        <div class="stack" role="status">
          <p>{t.accounts.link_once}</p>
          <code class="mini-code">{link}</code>
          <div class="row">
            <CopyButton text={link} />
          </div>
          <p class="muted">{t.accounts.line_for_programs}</p>
          <code class="mini-code">{line}</code>
        </div>
      ) : (
        <>
          {row ? (
            <p>{t.accounts.invite_again_text(row.display_name || String(row.account))}</p>
          ) : (
            <>
              <SelectEntry<Role> label={t.accounts.role} value={role} options={roleOptions(t.roles)} onChange={setRole} />
              <TextEntry label={t.accounts.name} value={name} onInput={setName} />
            </>
          )}
          <Problem error={invite.error} />
        </>
      )}
      <div class="row row-end">
        <Button onClick={onClose}>{line ? t.common.close : t.common.cancel}</Button>
        {!line && (
          <Button look="main" onClick={() => void invite.run()} isBusy={invite.isBusy}>
            {t.accounts.invite}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function Suspend({ row, onClose }: { row: AccountRow; onClose: () => void }) {
  const { t } = useApp();
  const [reason, setReason] = useState("");
  const title = row.suspended ? t.accounts.unsuspend : t.accounts.suspend;
  const suspend = useAction(async () => {
    await call("suspend", { account: row.account, suspended: !row.suspended, reason: reason.trim() });
    tell(t.accounts.saved, "good");
    onClose();
  });
  return (
    <Dialog title={`${title}: ${row.display_name || row.account}`} onClose={onClose}>
      <p>{row.suspended ? t.accounts.unsuspend_text : t.accounts.suspend_text}</p>
      <TextEntry label={t.accounts.reason} value={reason} onInput={setReason} />
      <Problem error={suspend.error} />
      <div class="row row-end">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button look={row.suspended ? "main" : "danger"} onClick={() => void suspend.run()} isBusy={suspend.isBusy}>
          {title}
        </Button>
      </div>
    </Dialog>
  );
}

function Deposit({ row, onClose }: { row: AccountRow; onClose: () => void }) {
  const { t, f } = useApp();
  const session = useSession();
  const [amount, setAmount] = useState("");
  const [note, setNote] = useState("");
  const value = microsFrom(amount);
  const isFine = value !== null && value > 0n;
  const deposit = useAction(async () => {
    const input = { account: row.account, amount: amount.trim(), note: note.trim() };
    const reply = await underKey(`deposit.${row.account}`, input, (key) => call("deposit", { key, ...input }));
    tell(t.accounts.deposited(f.money(reply.wallet)), "good");
    onClose();
  });
  return (
    <Dialog title={`${t.accounts.deposit}: ${row.display_name || row.account}`} onClose={onClose}>
      <p>{t.accounts.deposit_text}</p>
      <TextEntry label={t.accounts.amount(session.currency)} value={amount} onInput={setAmount} numeric problem={amount && !isFine ? t.accounts.amount_wrong : null} />
      <TextEntry label={t.accounts.note} hint={t.accounts.note_hint} value={note} onInput={setNote} />
      <Problem error={deposit.error} />
      <div class="row row-end">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button look="main" onClick={() => void deposit.run()} isBusy={deposit.isBusy} isDisabled={!isFine}>
          {t.accounts.deposit}
        </Button>
      </div>
    </Dialog>
  );
}

function EndSignIns({ row, onClose }: { row: AccountRow; onClose: () => void }) {
  const { t } = useApp();
  const grants = useRequest("list_grants", { account: row.account });
  const endAll = useAction(async () => {
    await call("end_grants", { account: row.account });
    tell(t.sign_ins.ended, "good");
    onClose();
  });
  return (
    <Dialog title={`${t.sign_ins.title}: ${row.display_name || row.account}`} onClose={onClose}>
      <Problem error={grants.error ?? endAll.error} />
      {!grants.data && grants.isLoading && <Loading lines={3} />}
      {grants.data && <GrantTable rows={grants.data.rows} account={row.account} onChange={grants.reload} />}
      <div class="row row-end">
        <Button onClick={onClose}>{t.common.close}</Button>
        <Button look="danger" onClick={() => void endAll.run()} isBusy={endAll.isBusy} isDisabled={(grants.data?.rows.length ?? 0) === 0}>
          {t.sign_ins.end_all}
        </Button>
      </div>
    </Dialog>
  );
}
