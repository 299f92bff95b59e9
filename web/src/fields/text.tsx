import { useId } from "preact/hooks";
import { useApp } from "../context";
import type { FieldSpec } from "../messages";
import type { FieldInputProps, FieldType } from "./field_type";
import { setting } from "./field_type";

// text: free text, of at most length_max characters (code points, as the broker counts them).
const lengthMaxDefault = 2000;
const oneLineMax = 120;

function lengthMax(field: FieldSpec): number {
  return Number(setting(field, "length_max") ?? lengthMaxDefault);
}
const lengthOf = (text: string) => Array.from(text).length;

function TextInput(props: FieldInputProps) {
  const { t, f } = useApp();
  const id = useId();
  const value = props.values[0] ?? "";
  const most = lengthMax(props.field);
  const shared = {
    id,
    value,
    readOnly: props.isReadOnly,
    "aria-describedby": `${id}-about`,
    "aria-invalid": !!props.problem || undefined,
  };
  return (
    <div class="question">
      <label class="question-label" for={id}>
        {props.field.label}
        {!props.field.required && <span class="optional"> {t.fields.optional}</span>}
      </label>
      {most <= oneLineMax ? (
        <input {...shared} type="text" autocomplete="off" onInput={(event) => props.onChange([event.currentTarget.value])} />
      ) : (
        <textarea {...shared} rows={4} onInput={(event) => props.onChange([event.currentTarget.value])} />
      )}
      <p class={props.problem ? "entry-problem" : "entry-hint"} id={`${id}-about`}>
        {props.problem ?? t.fields.text_left(f.number(most - lengthOf(value)))}
      </p>
    </div>
  );
}

export const textType: FieldType = {
  name: "text",
  hasOptions: false,
  settings: [
    { name: "length_max", kind: "whole" },
    { name: "compare", kind: { options: ["normalised", "exact"] } },
  ],
  Input: TextInput,
  problemOf: (field, values, t) =>
    values.length === 1 && lengthOf(values[0]) <= lengthMax(field) ? null : t.fields.text_too_long(lengthMax(field)),
};
