import { fieldType } from "../fields/registry";
import type { AnswerValues, FieldSpec } from "../messages";
import { useApp } from "../context";

// The form of a project, drawn from its spec: the same for workers, for training and for a requester's preview.
export function TaskForm(props: {
  form: FieldSpec[];
  values: AnswerValues;
  onChange?: (values: AnswerValues) => void;
  problems?: Record<string, string>;
  showsKeys?: boolean;
}) {
  const { t } = useApp();
  const byKey = keyField(props.form);
  return (
    <div class="form">
      {props.form.map((field, at) => {
        const type = fieldType(field.type);
        if (!type) return <p key={at}>{t.fields.unknown_type(field.type)}</p>;
        return (
          <type.Input
            key={`${at}.${field.type}`}
            field={field}
            values={props.values[field.name] ?? []}
            onChange={(values) => props.onChange?.({ ...props.values, [field.name]: values })}
            problem={props.problems?.[field.name] ?? null}
            showsKeys={!!props.showsKeys && field === byKey}
            isReadOnly={!props.onChange}
          />
        );
      })}
    </div>
  );
}

// The field whose options the keys 1 to 9 choose.
export function keyField(form: FieldSpec[]): FieldSpec | undefined {
  return form.find((field) => fieldType(field.type)?.hasOptions);
}

export function chooseByKey(form: FieldSpec[], values: AnswerValues, digit: number): AnswerValues {
  const field = keyField(form);
  const option = field?.options[digit - 1];
  if (!field || option === undefined) return values;
  if (field.type === "choice") return { ...values, [field.name]: [option] };
  const before = values[field.name] ?? [];
  const now = field.options.filter((one) => (one === option) !== before.includes(one));
  return { ...values, [field.name]: now };
}
