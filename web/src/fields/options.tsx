import { useId } from "preact/hooks";
import { useApp } from "../context";
import type { FieldInputProps } from "./field_type";

// Options as a list of large targets, of which one or several are chosen.
export function Options(props: FieldInputProps & { kind: "radio" | "checkbox" }) {
  const { t } = useApp();
  const { field, values } = props;
  const id = useId();
  const choose = (option: string) => {
    if (props.kind === "radio") return props.onChange([option]);
    const isChosen = values.includes(option);
    // In the order of the form, so that the same choice is the same text.
    props.onChange(field.options.filter((one) => (one === option ? !isChosen : values.includes(one))));
  };
  return (
    <fieldset class="question" aria-describedby={`${id}-about`}>
      <legend>
        {field.label}
        {!field.required && <span class="optional"> {t.fields.optional}</span>}
      </legend>
      <div class="options">
        {field.options.map((option, at) => (
          <label class="option" key={option}>
            <input
              type={props.kind}
              name={id}
              value={option}
              checked={values.includes(option)}
              disabled={props.isReadOnly}
              onChange={() => choose(option)}
            />
            <span class="option-text">{option}</span>
            {props.showsKeys && at < 9 && <kbd aria-hidden="true">{at + 1}</kbd>}
          </label>
        ))}
      </div>
      <p class={props.problem ? "entry-problem" : "entry-hint"} id={`${id}-about`}>
        {props.problem ?? (props.kind === "checkbox" ? t.fields.choices_hint : "")}
        {!field.required && props.kind === "radio" && values.length > 0 && !props.isReadOnly && (
          <button type="button" class="linklike" onClick={() => props.onChange([])}>
            {t.fields.clear}
          </button>
        )}
      </p>
    </fieldset>
  );
}
