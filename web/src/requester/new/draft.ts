import type { FieldSpec, ProjectSpec } from "../../messages";
import { redundancyMax } from "../../messages";
import { costOfAnswer, microsFrom } from "../../money";
import { fieldType } from "../../fields/registry";
import { emptySpec } from "../../specs";
import { piecesOf } from "../../task/template";
import type { Texts } from "../../texts";
import type { ItemsFile } from "./read_items";

// A project that is being written. Numbers stay text until they are right.
export type Step = "items" | "form" | "pay" | "publish";
export const steps: Step[] = ["items", "form", "pay", "publish"];

export interface Draft {
  step: Step;
  file: ItemsFile | null;
  leavesOutBad: boolean; // Rows with a mistake.
  spec: ProjectSpec;
  reward: string;
  min: string;
  max: string;
  quorum: string;
  judgedBy: "quorum" | "confidence";
  confidence: string; // In percent.
  leaseMinutes: string;
}

export function emptyDraft(): Draft {
  return {
    step: "items",
    file: null,
    leavesOutBad: false,
    spec: { ...emptySpec, form: [newField([])] },
    reward: "0.05",
    min: "3",
    max: "5",
    quorum: "2",
    judgedBy: "quorum",
    confidence: "95",
    leaseMinutes: "10",
  };
}

export function newField(form: FieldSpec[]): FieldSpec {
  let no = form.length + 1;
  while (form.some((field) => field.name === `answer_${no}`)) no += 1;
  return { name: `answer_${no}`, type: "choice", label: "", required: true, options: ["", ""], settings: {} };
}

const whole = (text: string, min: number, max: number): number | null => {
  const value = Number(text);
  return /^\d{1,9}$/.test(text.trim()) && value >= min && value <= max ? value : null;
};

// The spec as it is sent.
export function specOf(draft: Draft): ProjectSpec {
  const bySkill = draft.judgedBy === "confidence";
  const { spec } = draft;
  return {
    ...spec,
    title: spec.title.trim(),
    item_template: spec.item_template.trim() ? spec.item_template : "",
    form: spec.form.map((field) => ({
      ...field,
      label: field.label.trim(),
      options: fieldType(field.type)?.hasOptions ? field.options.map((option) => option.trim()).filter(Boolean) : [],
      settings: settingsOf(field),
    })),
    reward: draft.reward.trim(),
    redundancy: {
      ...spec.redundancy,
      min: Number(draft.min),
      max: Number(draft.max),
      quorum: bySkill ? Math.min(2, Number(draft.max)) : Number(draft.quorum),
      confidence_ppm: bySkill ? Math.round(Number(draft.confidence) * 10_000) : 0,
      audit_ppm: bySkill ? 20_000 : 0,
    },
    lease: Number(draft.leaseMinutes) * 60_000,
  };
}

// Only those that the type has, and that were given.
function settingsOf(field: FieldSpec): Record<string, string> {
  const known = fieldType(field.type)?.settings ?? [];
  const given = known.map(({ name }) => [name, (field.settings[name] ?? "").trim()]);
  return Object.fromEntries(given.filter(([, value]) => value));
}

export function worstCase(draft: Draft, feePpm: number): bigint | null {
  const reward = microsFrom(draft.reward);
  const max = whole(draft.max, 1, redundancyMax);
  if (reward === null || max === null || !draft.file) return null;
  const answers = draft.file.items.reduce((sum, item) => sum + (item.answers ?? max), 0);
  return costOfAnswer(reward, feePpm) * BigInt(answers);
}

export function problemsOfStep(draft: Draft, step: Step, t: Texts): string[] {
  if (step === "items") return problemsOfItems(draft, t);
  if (step === "form") return problemsOfForm(draft, t);
  if (step === "pay") return problemsOfPay(draft, t);
  return [];
}

function problemsOfItems({ file, leavesOutBad }: Draft, t: Texts): string[] {
  if (!file) return [t.items.needed];
  if (file.objection) return [t.items.objections[file.objection]];
  if (file.items.length === 0) return [t.items.objections.empty];
  return file.mistakes.length > 0 && !leavesOutBad ? [t.items.decide] : [];
}

function problemsOfForm({ spec, file }: Draft, t: Texts): string[] {
  const problems: string[] = [];
  if (!spec.title.trim()) problems.push(t.builder.title_missing);
  if (Array.from(spec.title).length > 200) problems.push(t.builder.title_long);
  const { mistake } = piecesOf(spec.item_template, spec.columns);
  if (mistake) problems.push(t.builder.template_mistakes[mistake.kind](mistake.line, mistake.name));
  if (!spec.form.some((field) => field.required)) problems.push(t.builder.one_required);
  for (const field of spec.form) problems.push(...problemsOfField(field, spec.form, t));
  return [...problems, ...problemsOfGold(spec.form, file, t)];
}

export function problemsOfField(field: FieldSpec, form: FieldSpec[], t: Texts): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(field.name)) problems.push(t.builder.name_rule(field.name));
  if (form.filter((one) => one.name === field.name).length > 1) problems.push(t.builder.name_twice(field.name));
  if (!field.label.trim()) problems.push(t.builder.label_missing(field.name));
  const type = fieldType(field.type);
  const options = field.options.map((option) => option.trim()).filter(Boolean);
  if (type?.hasOptions && options.length < 2) problems.push(t.builder.two_options(field.name));
  if (type?.hasOptions && new Set(options).size < options.length) problems.push(t.builder.option_twice(field.name));
  for (const { name, kind } of type?.settings ?? []) {
    const value = field.settings[name]?.trim();
    if (!value || typeof kind === "object") continue;
    const isFine = kind === "whole" ? whole(value, 1, 10_000) !== null : microsFrom(value) !== null;
    if (!isFine) problems.push(t.builder.setting_number(field.name, t.builder.settings[name] ?? name));
  }
  return problems;
}

// What is known to be true must be something that a worker could choose.
function problemsOfGold(form: FieldSpec[], file: ItemsFile | null, t: Texts): string[] {
  for (const [at, item] of (file?.items ?? []).entries()) {
    for (const [name, value] of Object.entries(item.gold ?? {})) {
      const field = form.find((one) => one.name === name && one.type === "choice");
      if (!field) return [t.items.gold_field(name)];
      if (!field.options.some((option) => option.trim() === value)) return [t.items.gold_value(file?.lines[at] ?? 0, name, value)];
    }
  }
  return [];
}

function problemsOfPay(draft: Draft, t: Texts): string[] {
  const problems: string[] = [];
  const reward = microsFrom(draft.reward);
  if (reward === null || reward <= 0n) problems.push(t.pay.reward_wrong);
  const min = whole(draft.min, 1, redundancyMax);
  const max = whole(draft.max, 1, redundancyMax);
  if (min === null || max === null || min > max) problems.push(t.pay.min_max_wrong(redundancyMax));
  if (draft.judgedBy === "quorum" && whole(draft.quorum, 1, max ?? redundancyMax) === null) problems.push(t.pay.quorum_wrong);
  const confidence = Number(draft.confidence);
  if (draft.judgedBy === "confidence" && !(confidence >= 50 && confidence <= 99.9)) problems.push(t.pay.confidence_wrong);
  if (draft.judgedBy === "confidence" && !draft.spec.form.some((field) => field.type === "choice")) problems.push(t.pay.confidence_choice);
  if (whole(draft.leaseMinutes, 1, 43_200) === null) problems.push(t.pay.lease_wrong);
  return problems;
}
