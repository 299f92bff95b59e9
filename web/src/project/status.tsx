import { useRef } from "preact/hooks";
import { useApp, useSession } from "../context";
import type { ProjectSpec, ProjectStatus } from "../messages";
import { costOfAnswer, micros, moneyText } from "../money";
import { Bar, Fact, Facts, Money, Tag } from "../ui/basics";
import { stateTone } from "./project_table";

// How a project stands, live: for its requester and for an admin.
export function StatusView({ status, spec }: { status: ProjectStatus; spec: ProjectSpec | null }) {
  const { t, f } = useApp();
  const { row } = status;
  const leftMs = useTimeLeft(status);
  return (
    <>
      <section class="panel" aria-labelledby="progress-heading">
        <div class="section-head">
          <h2 id="progress-heading">{t.status.progress}</h2>
          <Tag tone={stateTone[row.state]}>{t.project_state[row.state]}</Tag>
        </div>
        <Bar value={row.closed} max={row.items} label={t.status.done_of(f.number(row.closed), f.number(row.items))} />
        <p class="progress-line">
          <span>{t.status.done_of(f.number(row.closed), f.number(row.items))}</span>
          <span>{leftMs === null ? "\u00a0" : t.status.time_left(f.span(leftMs))}</span>
        </p>
        <p class="muted">
          {[
            t.status.settled(status.settled, f.number(status.settled)),
            t.status.best_guesses(status.best_guesses, f.number(status.best_guesses)),
            t.status.undecided(status.undecided, f.number(status.undecided)),
            t.status.answers(row.answers, f.number(row.answers)),
            t.status.leased(status.leased, f.number(status.leased)),
            ...(row.pay === "review" ? [t.status.under_review(status.under_review, f.number(status.under_review))] : []),
          ].join(" · ")}
        </p>
      </section>
      <section class="section" aria-labelledby="money-heading">
        <h2 id="money-heading">{t.status.money}</h2>
        <MoneyFacts status={status} spec={spec} />
      </section>
    </>
  );
}

function MoneyFacts({ status, spec }: { status: ProjectStatus; spec: ProjectSpec | null }) {
  const { t } = useApp();
  const saved = useSaved(status, spec);
  return (
    <Facts>
      <Fact name={t.status.reserved} note={t.status.reserved_note}>
        <Money amount={status.reserved} strong />
      </Fact>
      <Fact name={t.status.paid}>
        <Money amount={status.paid} strong />
      </Fact>
      <Fact name={t.status.fees}>
        <Money amount={status.fees} strong />
      </Fact>
      <Fact name={t.status.held} note={t.status.held_note}>
        <Money amount={status.held} strong />
      </Fact>
      <Fact name={t.status.refunded}>
        <Money amount={status.refunded} strong />
      </Fact>
      <Fact name={t.status.saved} note={t.status.saved_note}>
        {saved === null ? "–" : <Money amount={saved} strong />}
      </Fact>
    </Facts>
  );
}

// What the closed tasks would have cost more, had each been answered as often as it may be. Answers to open tasks are
// counted as if they were to closed ones, so that it never says too much.
function useSaved(status: ProjectStatus, spec: ProjectSpec | null): string | null {
  const session = useSession();
  if (!spec) return null;
  const most = BigInt(status.row.closed) * BigInt(spec.redundancy.max);
  const saved = most - BigInt(status.row.answers);
  if (saved <= 0n) return "0";
  return moneyText(saved * costOfAnswer(micros(status.row.reward), session.fee_ppm));
}

// By the speed of the last minutes that this page has seen; before it has seen enough, by that since the beginning.
const seenMs = 10 * 60_000;
const enoughMs = 30_000;
function useTimeLeft(status: ProjectStatus): number | null {
  const seen = useRef<{ at: number; closed: number }[]>([]);
  const { row, now_ms: now } = status;
  const last = seen.current[seen.current.length - 1];
  if (!last || last.at !== now) seen.current = [...seen.current.filter((one) => one.at > now - seenMs), { at: now, closed: row.closed }];
  const left = row.items - row.closed;
  if (row.state !== "open" || left <= 0) return null;
  const first = seen.current[0];
  const recent = row.closed - first.closed;
  if (now - first.at > enoughMs && recent > 0) return (left * (now - first.at)) / recent;
  return row.closed > 0 ? (left * (now - row.created_ms)) / row.closed : null;
}
