import { useEffect, useState } from "preact/hooks";
import { call } from "../api";
import { useApp } from "../context";
import { useAction, useRequest, useTopic } from "../hooks";
import type { EarningsPage, EarningsRow } from "../messages";
import { payTone, reasonText } from "../project/reasons";
import { Button, Fact, Facts, Live, Loading, Moment, Money, Page, Paged, Problem, Table, Tag, TextEntry, useCursor } from "../ui/basics";
import { tell } from "../ui/notices";

// What a worker earned, and answer by answer what became of it.
const rowsPerPage = 25;

export function Earnings() {
  const { t, f } = useApp();
  const sums = useTopic<EarningsPage>("earnings");
  return (
    <Page title={t.earnings.title} actions={<Live />}>
      {!sums && <Loading lines={4} />}
      {sums && (
        <Facts>
          <Fact name={t.earnings.wallet} note={t.earnings.wallet_note}>
            <Money amount={sums.wallet} strong />
          </Fact>
          <Fact name={t.earnings.on_the_way} note={t.earnings.on_the_way_note}>
            <Money amount={sums.on_the_way} strong />
          </Fact>
          <Fact name={t.earnings.paid_out}>
            <Money amount={sums.paid_out} strong />
          </Fact>
          <Fact name={t.earnings.waiting} note={t.earnings.waiting_note}>
            {f.number(sums.answers_waiting)}
          </Fact>
        </Facts>
      )}
      {sums && <PayoutAddress address={sums.payout_address} />}
      <Answers newest={sums?.rows?.[0]} />
    </Page>
  );
}

function PayoutAddress(props: { address: string }) {
  const { t } = useApp();
  const [address, setAddress] = useState(props.address);
  useEffect(() => setAddress(props.address), [props.address]);
  const isTooLong = new TextEncoder().encode(address).length > 200;
  const save = useAction(async () => {
    await call("set_payout_address", { address: address.trim() });
    tell(t.earnings.address_saved, "good");
  });
  return (
    <section class="section">
      <h2>{t.earnings.address_title}</h2>
      <form
        class="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isTooLong) void save.run();
        }}
      >
        <TextEntry
          label={t.earnings.address}
          hint={t.earnings.address_hint}
          problem={isTooLong ? t.earnings.address_too_long : null}
          value={address}
          onInput={setAddress}
        />
        <Button type="submit" isBusy={save.isBusy} isDisabled={address.trim() === props.address}>
          {t.common.save}
        </Button>
      </form>
      <Problem error={save.error} />
    </section>
  );
}

function Answers({ newest }: { newest: EarningsRow | undefined }) {
  const { t } = useApp();
  const [unpaidOnly, setUnpaidOnly] = useState(false);
  const cursor = useCursor();
  const page = useRequest("earnings", { unpaid_only: unpaidOnly, after: cursor.after, limit: rowsPerPage });
  // The first page follows the events; a page further back stands still under the reader's eyes.
  useEffect(() => {
    if (newest && !cursor.hasBefore) page.reload();
  }, [newest?.assignment, newest?.state]);
  return (
    <section class="section">
      <div class="section-head">
        <h2>{t.earnings.answers}</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={unpaidOnly}
            onChange={(event) => {
              setUnpaidOnly(event.currentTarget.checked);
              cursor.reset();
            }}
          />
          {t.earnings.unpaid_only}
        </label>
      </div>
      <Paged page={page} cursor={cursor} lines={6} none={t.earnings.none}>
        {(rows) => (
          <Table
            caption={t.earnings.answers}
            head={
              <>
                <th scope="col">{t.earnings.when}</th>
                <th scope="col">{t.earnings.answer}</th>
                <th scope="col">{t.earnings.project}</th>
                <th scope="col">{t.earnings.state}</th>
                <th scope="col" class="end">
                  {t.earnings.amount}
                </th>
              </>
            }
          >
            {rows.map((row) => (
              <tr key={row.assignment}>
                <td>
                  <Moment ms={row.at_ms} />
                </td>
                <td class="mono">{row.assignment}</td>
                <td>
                  <a href={`/work/${row.project}`}>{row.project}</a>
                </td>
                <td>
                  <Tag tone={payTone[row.state]}>{t.pay_state[row.state]}</Tag>
                  {row.reason && <span class="reason">{reasonText(t.reasons, row.reason)}</span>}
                  {!row.reason && row.state === "unpaid" && <span class="reason">{t.earnings.no_reason}</span>}
                </td>
                <td class="end">
                  <Money amount={row.amount} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Paged>
    </section>
  );
}
