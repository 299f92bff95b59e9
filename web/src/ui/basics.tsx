import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Refusal } from "../api";
import { useApp } from "../context";
import type { Money as Amount } from "../messages";
import type { Asked } from "../hooks";
import { useIsLive, usePageTitle } from "../hooks";

// The small parts that all pages are made of.

export function Page(props: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  back?: { href: string; label: string };
  wide?: boolean;
}) {
  usePageTitle(props.title);
  return (
    <div class={props.wide ? "page page-wide" : "page"}>
      {props.back && (
        <a class="back" href={props.back.href}>
          {props.back.label}
        </a>
      )}
      <div class="page-head">
        <div>
          <h1>{props.title}</h1>
          {props.lead && <p class="lead">{props.lead}</p>}
        </div>
        {props.actions && <div class="row">{props.actions}</div>}
      </div>
      {props.children}
    </div>
  );
}

type Look = "main" | "plain" | "quiet" | "danger";
export function Button(props: {
  look?: Look;
  onClick?: (event: MouseEvent) => void;
  type?: "button" | "submit";
  isBusy?: boolean;
  isDisabled?: boolean;
  children: ComponentChildren;
  label?: string;
  keyHint?: string;
}) {
  return (
    <button
      type={props.type ?? "button"}
      class={`button button-${props.look ?? "plain"}`}
      disabled={props.isDisabled || props.isBusy}
      aria-busy={props.isBusy || undefined}
      aria-label={props.label}
      aria-keyshortcuts={props.keyHint}
      onClick={props.onClick}
    >
      {props.children}
      {props.keyHint && <kbd>{props.keyHint}</kbd>}
    </button>
  );
}

export function Money(props: { amount: Amount; strong?: boolean }) {
  const { f } = useApp();
  return <span class={props.strong ? "money money-strong" : "money"}>{f.money(props.amount)}</span>;
}

export function Moment(props: { ms: number }) {
  const { f } = useApp();
  if (props.ms <= 0) return <span class="muted">–</span>;
  return <time dateTime={new Date(props.ms).toISOString()}>{f.moment(props.ms)}</time>;
}

export function Problem(props: { error: Refusal | null; onRetry?: () => void }) {
  const { t } = useApp();
  if (!props.error) return null;
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>{refusalText(t.refusals, props.error.code, t.refusals.internal_error)}</strong>
        {props.error.detail && <span class="detail"> {props.error.detail}</span>}
      </p>
      {props.onRetry && <Button onClick={props.onRetry}>{t.common.try_again}</Button>}
    </div>
  );
}

export function refusalText(texts: Record<string, string>, code: string, fallback: string): string {
  return texts[code] ?? fallback;
}

export function Notice(props: { tone?: "plain" | "good" | "bad" | "wait"; children: ComponentChildren }) {
  return <div class={`notice notice-${props.tone ?? "plain"}`}>{props.children}</div>;
}

// Holds the place of what loads, so that nothing moves when it comes.
export function Loading(props: { lines?: number }) {
  const { t } = useApp();
  return (
    <div class="loading" role="status">
      <span class="unseen">{t.common.loading}</span>
      {Array.from({ length: props.lines ?? 3 }, (_, at) => (
        <div class="loading-line" key={at} />
      ))}
    </div>
  );
}

export function Tag(props: { tone?: "good" | "bad" | "wait" | "plain"; children: ComponentChildren }) {
  return <span class={`tag tag-${props.tone ?? "plain"}`}>{props.children}</span>;
}

export function Live() {
  const { t } = useApp();
  const isLive = useIsLive();
  return (
    <span class={isLive ? "live live-on" : "live"}>
      <span class="live-dot" aria-hidden="true" />
      {isLive ? t.common.live : t.common.not_live}
    </span>
  );
}

export function Facts(props: { children: ComponentChildren }) {
  return <dl class="facts">{props.children}</dl>;
}
export function Fact(props: { name: string; children: ComponentChildren; note?: string }) {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>
        {props.children}
        {props.note && <span class="fact-note">{props.note}</span>}
      </dd>
    </div>
  );
}

export function Bar(props: { value: number; max: number; label: string }) {
  const share = props.max > 0 ? Math.min(100, (100 * props.value) / props.max) : 0;
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={props.label}>
      <rect class="bar-all" width="100" height="6" />
      <rect class="bar-done" width={share} height="6" />
    </svg>
  );
}

// A labelled control of a form of ours; what is wrong with it is told beside it.
export function Entry(props: {
  label: string;
  hint?: string;
  problem?: string | null;
  narrow?: boolean;
  children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ComponentChildren;
}) {
  const id = useId();
  const about = props.problem || props.hint ? `${id}-about` : undefined;
  return (
    <div class={props.narrow ? "entry entry-narrow" : "entry"}>
      <label for={id}>{props.label}</label>
      {props.children({ id, describedBy: about, invalid: !!props.problem })}
      {about && (
        <p class={props.problem ? "entry-problem" : "entry-hint"} id={about}>
          {props.problem || props.hint}
        </p>
      )}
    </div>
  );
}

export function TextEntry(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  problem?: string | null;
  lines?: number;
  numeric?: boolean;
  narrow?: boolean;
  required?: boolean;
  autocomplete?: string;
}) {
  return (
    <Entry label={props.label} hint={props.hint} problem={props.problem} narrow={props.narrow}>
      {({ id, describedBy, invalid }) =>
        props.lines ? (
          <textarea
            id={id}
            rows={props.lines}
            value={props.value}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        ) : (
          <input
            id={id}
            type="text"
            inputMode={props.numeric ? "decimal" : undefined}
            autocomplete={props.autocomplete ?? "off"}
            required={props.required}
            value={props.value}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        )
      }
    </Entry>
  );
}

export function SelectEntry<Value extends string>(props: {
  label: string;
  value: Value;
  options: [Value, string][];
  onChange: (value: Value) => void;
  hint?: string;
  narrow?: boolean;
}) {
  return (
    <Entry label={props.label} hint={props.hint} narrow={props.narrow}>
      {({ id, describedBy }) => (
        <select
          id={id}
          value={props.value}
          aria-describedby={describedBy}
          onChange={(event) => props.onChange(event.currentTarget.value as Value)}
        >
          {props.options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Entry>
  );
}

export function CopyButton(props: { text: string }) {
  const { t } = useApp();
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setDone(true);
      setTimeout(() => setDone(false), 2500);
    } catch {
      // The text stands beside the button, to be copied by hand.
    }
  };
  return (
    <>
      <Button onClick={() => void copy()}>{isDone ? t.common.copied : t.common.copy}</Button>
      <span class="unseen" role="status">
        {isDone ? t.common.copied : ""}
      </span>
    </>
  );
}

// The browser's own modal dialog: it keeps the focus and gives it back.
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={props.onClose}>
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

type Cursor = { after: string; hasBefore: boolean; onBefore(): void; goTo(next: string): void; reset(): void };

// A list that comes page by page: what went wrong, that it is on its way, that it is empty, its rows, and the way on.
export function Paged<Row>(props: {
  page: Asked<{ rows: Row[]; next?: string }>;
  cursor: Cursor;
  lines: number; // Of the place that is kept for it.
  none: string;
  children: (rows: Row[]) => ComponentChildren;
}) {
  const { page, cursor } = props;
  const rows = page.data?.rows ?? [];
  const next = page.data?.next;
  return (
    <>
      <Problem error={page.error} onRetry={page.reload} />
      {!page.data && page.isLoading && <Loading lines={props.lines} />}
      {page.data && rows.length === 0 && <p class="empty">{props.none}</p>}
      {rows.length > 0 && props.children(rows)}
      {(cursor.hasBefore || next) && <Pager cursor={cursor} next={next} />}
    </>
  );
}

function Pager({ cursor, next }: { cursor: Cursor; next?: string }) {
  const { t } = useApp();
  return (
    <nav class="pager" aria-label={t.common.pages}>
      <Button isDisabled={!cursor.hasBefore} onClick={cursor.onBefore}>
        {t.common.previous}
      </Button>
      <Button isDisabled={!next} onClick={() => next && cursor.goTo(next)}>
        {t.common.next}
      </Button>
    </nav>
  );
}

// A cursor only goes forward; the ones before are remembered to go back.
export function useCursor(): Cursor {
  const [cursors, setCursors] = useState<string[]>([""]);
  return {
    after: cursors[cursors.length - 1],
    hasBefore: cursors.length > 1,
    onBefore: () => setCursors((before) => before.slice(0, -1)),
    goTo: (next) => setCursors((before) => [...before, next]),
    reset: () => setCursors([""]),
  };
}

export function Table(props: { caption: string; head: ComponentChildren; children: ComponentChildren }) {
  // It scrolls by itself on a small screen, which a keyboard must be able to do too.
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label={props.caption}>
      <table>
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
