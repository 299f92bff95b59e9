import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../api";
import { useApp } from "../context";
import { useAction } from "../hooks";
import type { AuditPage } from "../messages";
import { micros, moneyText } from "../money";
import { Button, Fact, Facts, Money, Notice, Page, Problem } from "../ui/basics";

// The audit of the whole ledger, step by step, with what it has added up so far.
interface Totals {
  parts: number;
  batches: number;
  transfers: number;
  verdicts: number;
  payouts: number;
  sum: bigint;
  transit: bigint;
  inOutboxes: bigint;
  wrong: string;
  isOver: boolean;
}
const nothing: Totals = { parts: 0, batches: 0, transfers: 0, verdicts: 0, payouts: 0, sum: 0n, transit: 0n, inOutboxes: 0n, wrong: "", isOver: false };

function added(totals: Totals, page: AuditPage): Totals {
  return {
    parts: totals.parts + page.parts,
    batches: totals.batches + page.batches,
    transfers: totals.transfers + page.transfers,
    verdicts: totals.verdicts + page.verdicts,
    payouts: totals.payouts + page.payouts,
    sum: totals.sum + micros(page.sum),
    transit: totals.transit + micros(page.transit),
    inOutboxes: totals.inOutboxes + micros(page.in_outboxes),
    wrong: totals.wrong || page.wrong,
    isOver: !page.next,
  };
}

export function Audit() {
  const { t, f } = useApp();
  const [totals, setTotals] = useState<Totals | null>(null);
  const isGone = useRef(false);
  useEffect(() => () => void (isGone.current = true), []);
  const audit = useAction(async () => {
    let sums = nothing;
    setTotals(sums);
    for (let after = "", isFirst = true; (isFirst || after) && !isGone.current; isFirst = false) {
      const page = await call("verify_audit", { after });
      sums = added(sums, page);
      setTotals(sums);
      // The first wrong row is what is looked for.
      if (sums.wrong) return;
      after = page.next;
    }
  });
  const start = (
    <Button look="main" onClick={() => void audit.run()} isBusy={audit.isBusy}>
      {totals ? t.audit.again : t.audit.start}
    </Button>
  );
  return (
    <Page title={t.admin.audit} lead={t.audit.lead} actions={start}>
      <Problem error={audit.error} />
      <div role="status">{totals && <Verdict totals={totals} isBusy={audit.isBusy} />}</div>
      {totals && (
        <Facts>
          <Fact name={t.audit.parts}>{f.number(totals.parts)}</Fact>
          <Fact name={t.audit.batches}>{f.number(totals.batches)}</Fact>
          <Fact name={t.audit.transfers}>{f.number(totals.transfers)}</Fact>
          <Fact name={t.audit.verdicts}>{f.number(totals.verdicts)}</Fact>
          <Fact name={t.audit.payouts}>{f.number(totals.payouts)}</Fact>
          <Fact name={t.audit.sum} note={t.audit.sum_note}>
            <Money amount={moneyText(totals.sum)} />
          </Fact>
          <Fact name={t.audit.transit} note={t.audit.transit_note}>
            <Money amount={moneyText(totals.transit)} />
          </Fact>
          <Fact name={t.audit.in_outboxes}>
            <Money amount={moneyText(totals.inOutboxes)} />
          </Fact>
        </Facts>
      )}
    </Page>
  );
}

function Verdict({ totals, isBusy }: { totals: Totals; isBusy: boolean }) {
  const { t } = useApp();
  if (totals.wrong) {
    return (
      <Notice tone="bad">
        <strong>{t.audit.wrong}</strong>
        <code class="mini-code">{totals.wrong}</code>
      </Notice>
    );
  }
  if (!totals.isOver) return isBusy ? <Notice>{t.audit.running}</Notice> : <Notice tone="wait">{t.audit.broken_off}</Notice>;
  // Rows may each be right and the whole not: over all parts money neither comes from nothing nor goes there.
  const isRight = totals.sum === 0n && totals.transit === totals.inOutboxes;
  return <Notice tone={isRight ? "good" : "bad"}>{isRight ? t.audit.right : t.audit.sums_wrong}</Notice>;
}
