import type { ComponentType } from "preact";
import type { FieldSpec } from "../messages";
import type { Texts } from "../texts";

// A type of field, as common/forms has it: how it is entered, and what is wrong with what was entered. The broker
// checks again; what is told here only saves a way there and back.
export interface FieldInputProps {
  field: FieldSpec;
  values: string[];
  onChange(values: string[]): void;
  problem: string | null;
  showsKeys: boolean; // The options are chosen by the keys 1 to 9.
  isReadOnly: boolean;
}

export interface Setting {
  name: string;
  kind: "number" | "whole" | { options: string[] };
}

export interface FieldType {
  name: string;
  hasOptions: boolean;
  settings: Setting[];
  Input: ComponentType<FieldInputProps>;
  // Of a value that is there; that a required one is missing is told for all types alike.
  problemOf(field: FieldSpec, values: string[], t: Texts): string | null;
}

export function setting(field: FieldSpec, name: string): string | null {
  return field.settings?.[name] ?? null;
}
