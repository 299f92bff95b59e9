import { useId } from "preact/hooks";
import { useApp } from "../context";
import type { FieldSpec } from "../messages";
import { microsFrom } from "../money";
import type { Texts } from "../texts";
import type { FieldInputProps, FieldType } from "./field_type";
import { setting } from "./field_type";

// number: a decimal with at most six places, exact: it is kept as text, and compared in millionths.
function hint(field: FieldSpec, t: Texts): string {
  const min = setting(field, "min");
  const max = setting(field, "max");
  if (min && max) return t.fields.number_between(min, max);
  if (min) return t.fields.number_from(min);
  if (max) return t.fields.number_to(max);
  return t.fields.number_any;
}

function problemOf(field: FieldSpec, values: string[], t: Texts): string | null {
  const value = microsFrom(values[0]);
  if (values.length !== 1 || value === null) return t.fields.number_any;
  const min = microsFrom(setting(field, "min") ?? "");
  const max = microsFrom(setting(field, "max") ?? "");
  if ((min !== null && value < min) || (max !== null && value > max)) return hint(field, t);
  return null;
}

function NumberInput(props: FieldInputProps) {
  const { t } = useApp();
  const id = useId();
  return (
    <div class="question">
      <label class="question-label" for={id}>
        {props.field.label}
        {!props.field.required && <span class="optional"> {t.fields.optional}</span>}
      </label>
      <input
        id={id}
        class="answer-number"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        value={props.values[0] ?? ""}
        readOnly={props.isReadOnly}
        aria-describedby={`${id}-about`}
        aria-invalid={!!props.problem || undefined}
        // Who writes decimals with a comma means a point.
        onInput={(event) => props.onChange([event.currentTarget.value.replace(",", ".")])}
      />
      <p class={props.problem ? "entry-problem" : "entry-hint"} id={`${id}-about`}>
        {props.problem ?? hint(props.field, t)}
      </p>
    </div>
  );
}

export const numberType: FieldType = {
  name: "number",
  hasOptions: false,
  settings: [
    { name: "min", kind: "number" },
    { name: "max", kind: "number" },
    { name: "tolerance", kind: "number" },
  ],
  Input: NumberInput,
  problemOf,
};
