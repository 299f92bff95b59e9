import type { FieldType } from "./field_type";
import { Options } from "./options";

// choices: any number of the options.
export const choicesType: FieldType = {
  name: "choices",
  hasOptions: true,
  settings: [],
  Input: (props) => <Options {...props} kind="checkbox" />,
  problemOf: (field, values, t) =>
    values.every((value) => field.options.includes(value)) ? null : t.fields.one_option,
};
