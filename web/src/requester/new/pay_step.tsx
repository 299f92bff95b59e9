import { useApp, useSession } from "../../context";
import type { PayPolicy } from "../../messages";
import { micros, costOfAnswer, microsFrom, moneyText } from "../../money";
import { Money, SelectEntry, TextEntry } from "../../ui/basics";
import type { Draft } from "./draft";
import { worstCase } from "./draft";

// Step 3: what an answer brings, and how many answers a task gets.
export function PayStep({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useApp();
  const session = useSession();
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  return (
    <div class="two">
      <section aria-labelledby="pay-heading" class="stack">
        <h2 id="pay-heading">{t.pay.title}</h2>
        <div class="grid">
          <TextEntry label={t.pay.reward(session.currency)} value={draft.reward} onInput={(reward) => set({ reward })} numeric />
          <TextEntry label={t.pay.lease} value={draft.leaseMinutes} onInput={(leaseMinutes) => set({ leaseMinutes })} numeric />
        </div>
        <SelectEntry<PayPolicy>
          label={t.pay.policy}
          value={draft.spec.pay}
          options={[
            ["agreeing", t.pay_policy.agreeing],
            ["all", t.pay_policy.all],
            ["review", t.pay_policy.review],
          ]}
          onChange={(pay) => onChange({ ...draft, spec: { ...draft.spec, pay } })}
        />
        <h2>{t.pay.redundancy}</h2>
        <p class="muted prose">{t.pay.redundancy_lead}</p>
        <div class="grid">
          <TextEntry label={t.pay.min} value={draft.min} onInput={(min) => set({ min })} numeric />
          <TextEntry label={t.pay.max} value={draft.max} onInput={(max) => set({ max })} numeric />
        </div>
        <SelectEntry
          label={t.pay.judged_by}
          value={draft.judgedBy}
          options={[
            ["quorum", t.pay.by_quorum],
            ["confidence", t.pay.by_confidence],
          ]}
          onChange={(judgedBy) => set({ judgedBy })}
        />
        {draft.judgedBy === "quorum" ? (
          <TextEntry label={t.pay.quorum} hint={t.pay.quorum_hint} value={draft.quorum} onInput={(quorum) => set({ quorum })} numeric />
        ) : (
          <TextEntry
            label={t.pay.confidence}
            hint={t.pay.confidence_hint}
            value={draft.confidence}
            onInput={(confidence) => set({ confidence: confidence.replace(",", ".") })}
            numeric
          />
        )}
      </section>
      <section class="panel stack two-preview" aria-labelledby="cost-heading">
        <h2 id="cost-heading">{t.pay.cost}</h2>
        <CostLines draft={draft} />
      </section>
    </div>
  );
}

export function CostLines({ draft }: { draft: Draft }) {
  const { t, f } = useApp();
  const session = useSession();
  const most = worstCase(draft, session.fee_ppm);
  const reward = microsFrom(draft.reward);
  const items = draft.file?.items.length ?? 0;
  return (
    <>
      <p>
        {t.pay.worst_case}
        <br />
        {most === null ? "–" : <Money amount={moneyText(most)} strong />}
      </p>
      {reward !== null && (
        <p class="muted">
          {t.pay.made_of(f.number(items), draft.max, f.money(moneyText(costOfAnswer(reward, session.fee_ppm))), f.percent(session.fee_ppm))}
        </p>
      )}
      <p class="muted">{t.pay.refund}</p>
    </>
  );
}

export const isShort = (most: bigint | null, wallet: string) => most !== null && most > micros(wallet);
