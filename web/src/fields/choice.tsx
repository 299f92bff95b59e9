import type { FieldType } from "./field_type";
import { Options } from "./options";

// choice: exactly one of the options.
export const choiceType: FieldType = {
  name: "choice",
  hasOptions: true,
  settings: [],
  Input: (props) => <Options {...props} kind="radio" />,
  problemOf: (field, values, t) =>
    values.length === 1 && field.options.includes(values[0]) ? null : t.fields.one_option,
};
