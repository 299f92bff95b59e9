import { useEffect, useState } from "preact/hooks";
import type { Refusal } from "./api";
import { asRefusal, call } from "./api";
import type { ProjectDescription, ProjectSpec, StandingPage } from "./messages";

// Specs never change: each is asked for once in the life of the page.
const asked = new Map<number, Promise<ProjectDescription>>();

export const emptySpec: ProjectSpec = {
  title: "",
  instructions: "",
  item_template: "",
  columns: [],
  form: [],
  reward: "0.05",
  redundancy: { min: 3, max: 5, quorum: 2, theta_ppm: 0, confidence_ppm: 0, audit_ppm: 0, checks_ppm: 0 },
  pay: "agreeing",
  lease: 600_000,
  review_delay: 604_800_000,
  patience: 86_400_000,
  deadline_ms: 0,
  tasks_per_worker_max: 0,
  pull_by_item: false,
  require: { qualifications: [], judged_min: 0, agreement_ppm: 0, gold_ppm: 0, gold_after: 5 },
  training: { tasks: [], pass_ppm: 800_000, rounds_max: 2, grants: "" },
};

// A few at a time: a list of projects must not fill the broker's queue.
const atOnceMax = 3;
let running = 0;
const waiting: (() => void)[] = [];
async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  if (running >= atOnceMax) await new Promise<void>((go) => waiting.push(go));
  running += 1;
  try {
    return await ask();
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

export function describe(project: number): Promise<ProjectDescription> {
  const before = asked.get(project);
  if (before) return before;
  const now = inTurn(() => call("describe_project", { project })).then((reply) => ({
    ...reply,
    spec: {
      ...emptySpec,
      ...reply.spec,
      redundancy: { ...emptySpec.redundancy, ...reply.spec.redundancy },
      form: (reply.spec.form ?? []).map((field) => ({
        ...{ required: true, options: [], settings: {} },
        ...field,
      })),
    },
  }));
  asked.set(project, now);
  now.catch(() => asked.delete(project));
  return now;
}

export function standingIn(project: number): Promise<StandingPage> {
  return inTurn(() => call("get_standing", { project }));
}

export function useDescription(project: number): { data: ProjectDescription | null; error: Refusal | null } {
  const [state, setState] = useState<{ data: ProjectDescription | null; error: Refusal | null }>({
    data: null,
    error: null,
  });
  useEffect(() => {
    let isCurrent = true;
    describe(project)
      .then((data) => isCurrent && setState({ data, error: null }))
      .catch((error: unknown) => isCurrent && setState({ data: null, error: asRefusal(error) }));
    return () => {
      isCurrent = false;
    };
  }, [project]);
  return state;
}
