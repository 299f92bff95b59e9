import { useState } from "preact/hooks";
import { call } from "../api";
import { useApp } from "../context";
import { useAction, useRequest } from "../hooks";
import type { AnswerRow, ProjectSpec } from "../messages";
import { AnswersBeside } from "../project/results";
import { Item } from "../task/item";
import { Button, Dialog, Paged, Problem, TextEntry, useCursor } from "../ui/basics";
import { tell } from "../ui/notices";

// Answers that wait for the requester's judgement, with the item they are about.
export function ReviewAnswers(props: { project: number; spec: ProjectSpec; waiting: number }) {
  const { t, f } = useApp();
  const { project, spec } = props;
  const cursor = useCursor();
  const page = useRequest("get_results", { project, answers: true, under_review_only: true, after: cursor.after, limit: 10 });
  const [judged, setJudged] = useState<Record<string, boolean>>({});
  return (
    <section class="section" aria-labelledby="review-heading">
      <div class="section-head">
        <h2 id="review-heading">{t.review.title}</h2>
        <div class="row">
          <span class="muted">{t.status.under_review(props.waiting, f.number(props.waiting))}</span>
          <Button onClick={page.reload}>{t.results.reload}</Button>
        </div>
      </div>
      <Paged page={page} cursor={cursor} lines={5} none={t.review.none}>
        {(rows) => (
          <div class="stack">
            {rows.map((row) => (
              <article class="panel stack" key={row.task} aria-label={t.review.item(row.item_no)}>
                <h3>{t.review.item(row.item_no)}</h3>
                <Item template={spec.item_template} columns={spec.columns} values={row.values} />
                <AnswersBeside
                  answers={(row.given ?? []).filter((answer) => answer.state === "review")}
                  spec={spec}
                  actions={(answer) => (
                    <Judge
                      answer={answer}
                      judged={judged[answer.assignment]}
                      onJudged={(approved) => setJudged((before) => ({ ...before, [answer.assignment]: approved }))}
                    />
                  )}
                />
              </article>
            ))}
          </div>
        )}
      </Paged>
    </section>
  );
}

function Judge(props: { answer: AnswerRow; judged: boolean | undefined; onJudged: (approved: boolean) => void }) {
  const { t } = useApp();
  const [isRejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState("");
  const judge = useAction(async () => {
    await call("review", { assignment: props.answer.assignment, approve: !isRejecting, reason: isRejecting ? reason.trim() : "" });
    tell(isRejecting ? t.review.rejected : t.review.approved, "good");
    props.onJudged(!isRejecting);
    setRejecting(false);
  });
  if (props.judged !== undefined) return <p class="muted">{props.judged ? t.review.approved : t.review.rejected}</p>;
  return (
    <div class="row">
      <Button look="main" onClick={() => void judge.run()} isBusy={judge.isBusy && !isRejecting}>
        {t.review.approve}
      </Button>
      <Button look="danger" onClick={() => setRejecting(true)}>
        {t.review.reject}
      </Button>
      <Problem error={isRejecting ? null : judge.error} />
      {isRejecting && (
        <Dialog title={t.review.reject} onClose={() => setRejecting(false)}>
          <TextEntry label={t.review.reason} hint={t.review.reason_hint} value={reason} onInput={setReason} lines={3} />
          <Problem error={judge.error} />
          <div class="row row-end">
            <Button onClick={() => setRejecting(false)}>{t.common.back}</Button>
            <Button look="danger" onClick={() => void judge.run()} isBusy={judge.isBusy} isDisabled={!reason.trim()}>
              {t.review.reject}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
