import type { AnswerValues, FieldSpec } from "../messages";
import type { Texts } from "../texts";
import { choiceType } from "./choice";
import { choicesType } from "./choices";
import type { FieldType } from "./field_type";
import { numberType } from "./number";
import { textType } from "./text";

// All types of fields. A new one is a file beside these and a line here.
export const fieldTypes: FieldType[] = [choiceType, choicesType, numberType, textType];

export function fieldType(name: string): FieldType | null {
  return fieldTypes.find((type) => type.name === name) ?? null;
}

// By field: what must be put right before the answer can be handed in.
export function problemsOf(form: FieldSpec[], values: AnswerValues, t: Texts): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const field of form) {
    const given = (values[field.name] ?? []).filter((value) => value.trim() !== "");
    const type = fieldType(field.type);
    if (!type) problems[field.name] = t.fields.unknown_type(field.type);
    else if (given.length === 0) {
      if (field.required) problems[field.name] = t.fields.required;
    } else {
      const problem = type.problemOf(field, given, t);
      if (problem) problems[field.name] = problem;
    }
  }
  return problems;
}

// What is sent: nothing for a field that was left empty.
export function cleaned(form: FieldSpec[], values: AnswerValues): AnswerValues {
  const made: AnswerValues = {};
  for (const field of form) {
    const given = (values[field.name] ?? []).filter((value) => value.trim() !== "");
    if (given.length > 0) made[field.name] = given;
  }
  return made;
}
