import { useState } from "preact/hooks";
import { useApp } from "../../context";
import type { AnswerValues, ColumnKind, ProjectSpec } from "../../messages";
import { TaskView } from "../../task/task_view";
import { Button, SelectEntry, TextEntry } from "../../ui/basics";
import type { Draft } from "./draft";
import { specOf } from "./draft";
import { FormBuilder } from "./form_builder";

// Step 2: what a worker reads and answers, beside a preview that is the worker's own page.
export function FormStep({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useApp();
  const { spec } = draft;
  const set = (change: Partial<ProjectSpec>) => onChange({ ...draft, spec: { ...spec, ...change } });
  return (
    <div class="two">
      <section aria-labelledby="form-heading" class="stack">
        <h2 id="form-heading">{t.builder.title}</h2>
        <TextEntry label={t.builder.project_title} value={spec.title} onInput={(title) => set({ title })} />
        <TextEntry
          label={t.task.instructions}
          hint={t.builder.instructions_hint}
          value={spec.instructions}
          onInput={(instructions) => set({ instructions })}
          lines={4}
        />
        <div class="grid">
          {spec.columns.map((column, at) => (
            <SelectEntry<ColumnKind>
              key={column.name}
              label={t.builder.column(column.name)}
              value={column.kind}
              options={[
                ["text", t.builder.kinds.text],
                ["image", t.builder.kinds.image],
                ["link", t.builder.kinds.link],
              ]}
              onChange={(kind) => set({ columns: spec.columns.map((one, index) => (index === at ? { ...one, kind } : one)) })}
            />
          ))}
        </div>
        <TextEntry
          label={t.builder.template}
          hint={t.builder.template_hint(spec.columns[0]?.name ?? "…")}
          value={spec.item_template}
          onInput={(item_template) => set({ item_template })}
          lines={4}
        />
        <h3>{t.builder.questions}</h3>
        <FormBuilder form={spec.form} onChange={(form) => set({ form })} />
      </section>
      <Preview draft={draft} />
    </div>
  );
}

function Preview({ draft }: { draft: Draft }) {
  const { t, f } = useApp();
  const [at, setAt] = useState(0);
  const [values, setValues] = useState<AnswerValues>({});
  const sent = specOf(draft);
  const items = draft.file?.items ?? [];
  const item = items[Math.min(at, items.length - 1)];
  return (
    <section aria-labelledby="preview-heading" class="stack two-preview task-narrow">
      <div class="section-head">
        <h2 id="preview-heading">{t.builder.preview}</h2>
        <div class="row">
          <Button onClick={() => setAt(Math.max(0, at - 1))} isDisabled={at === 0} label={t.builder.item_before}>
            ‹
          </Button>
          <span class="muted">{t.builder.item_of(f.number(at + 1), f.number(items.length))}</span>
          <Button onClick={() => setAt(at + 1)} isDisabled={at + 1 >= items.length} label={t.builder.item_after}>
            ›
          </Button>
        </div>
      </div>
      <TaskView
        spec={{ ...sent, form: sent.form.map((field) => ({ ...field, label: field.label || "…" })) }}
        item={item?.values ?? []}
        values={values}
        onChange={setValues}
        showsKeys
        opensInstructions
      />
    </section>
  );
}
