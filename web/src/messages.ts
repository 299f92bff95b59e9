// The messages of the protocol as the gateway gives them in JSON: see schemas/README.md. Names are the protocol's own.

export type Money = string; // Decimal text.
export type Role = "worker" | "requester" | "admin" | "gateway";
export type ProjectState = "posting" | "open" | "paused" | "ended" | "cancelled";
export type PayPolicy = "agreeing" | "all" | "review";
export type PayState = "waiting" | "review" | "paid" | "unpaid" | "reversed";
export type TaskState = "open" | "settled" | "undecided" | "best_guess";
export type ColumnKind = "text" | "image" | "link";
export type ProjectAction = "pause" | "resume" | "end" | "cancel";
export type NoWork =
  | "no_open_project"
  | "project_paused"
  | "project_ended"
  | "all_tasks_taken"
  | "had_every_task"
  | "tasks_per_worker_reached"
  | "too_many_leases"
  | "tasks_loading"
  | "not_qualified"
  | "training_needed"
  | "training_failed";

export interface Session {
  account: number;
  role: Role;
  display_name: string;
  csrf: string;
  broker_version: string;
  now_ms: number;
  fee_ppm: number;
  currency: string;
  items_per_post_max: number;
  submits_per_message_max: number;
  leases_per_worker_max: number;
}

export interface FieldSpec {
  name: string;
  type: string;
  label: string;
  required: boolean;
  options: string[];
  settings: Record<string, string>;
}
export interface ColumnSpec {
  name: string;
  kind: ColumnKind;
}
export interface Redundancy {
  min: number;
  max: number;
  quorum: number;
  theta_ppm: number;
  confidence_ppm: number;
  audit_ppm: number;
  checks_ppm: number;
}
export interface Requirements {
  qualifications: { name: string; score_min: number }[];
  judged_min: number;
  agreement_ppm: number;
  gold_ppm: number;
  gold_after: number;
}
export interface Training {
  tasks: { values: string[]; gold: Record<string, string[]>; explanation: string }[];
  pass_ppm: number;
  rounds_max: number;
  grants: string;
}
export interface ProjectSpec {
  title: string;
  instructions: string;
  item_template: string;
  columns: ColumnSpec[];
  form: FieldSpec[];
  reward: Money;
  redundancy: Redundancy;
  pay: PayPolicy;
  lease: number; // Milliseconds, as are the next two.
  review_delay: number;
  patience: number;
  deadline_ms: number;
  tasks_per_worker_max: number;
  pull_by_item: boolean;
  require: Requirements;
  training: Training;
}
export interface Item {
  values: string[];
  answers?: number;
  gold?: Record<string, string>;
}
export type AnswerValues = Record<string, string[]>;

export interface TaskOffer {
  assignment: string;
  task?: string | null;
  item_no?: number | null;
  project: number;
  lease_left_ms: number;
  reward: Money;
  values: string[];
}
export interface Tasks {
  tasks: TaskOffer[];
  no_work?: NoWork | null;
}
export interface SubmitOutcome {
  assignment: string;
  accepted: boolean;
  refusal?: string | null;
  detail: string;
  paid: Money;
}
export interface Submitted extends Tasks {
  outcomes: SubmitOutcome[];
}
export interface ProjectDescription {
  project: number;
  state: ProjectState;
  spec: ProjectSpec;
}
export interface EarningsRow {
  assignment: string;
  project: number;
  at_ms: number;
  state: PayState;
  amount: Money;
  reason: string;
}
export interface EarningsPage {
  wallet: Money;
  on_the_way: Money;
  paid_out: Money;
  answers_waiting: number;
  payout_address: string;
  rows: EarningsRow[];
  next: string;
}
export interface TrainingStep {
  feedback?: { no: number; is_right: boolean; gold: AnswerValues; explanation: string } | null;
  next?: { round: number; no: number; values: string[] } | null;
  tasks: number;
  right: number;
  right_min: number;
  is_passed: boolean;
  rounds_left: number;
}
export interface QualificationRow {
  name: string;
  score: number;
  by: "admin" | "training" | "rule";
  project?: number | null;
  at_ms: number;
}
export interface ProjectStanding {
  gold: number;
  right: number;
  training_tasks: number;
  is_trained: boolean;
  rounds_left: number;
  no_work?: NoWork | null;
  missing: string;
}
export interface StandingPage {
  account: number;
  over_all: { judged: number; agreed: number; gold: number; right: number };
  qualifications: QualificationRow[];
  in_project?: ProjectStanding | null;
}
export interface ProjectRow {
  project: number;
  owner: number;
  title: string;
  state: ProjectState;
  reward: Money;
  pay: PayPolicy;
  created_ms: number;
  deadline_ms: number;
  items: number;
  closed: number;
  answers: number;
}
export interface ProjectsPage {
  rows: ProjectRow[];
  next: string;
}
export interface ProjectStatus {
  row: ProjectRow;
  posted: number;
  settled: number;
  undecided: number;
  best_guesses: number;
  leased: number;
  under_review: number;
  reserved: Money;
  paid: Money;
  fees: Money;
  refunded: Money;
  held: Money;
  now_ms: number;
}
export interface FieldResult {
  field: string;
  settled: boolean;
  value: string;
  confidence_ppm: number;
  method: string;
  votes: { value: string; count: number }[];
  posterior_ppm: number;
}
export interface AnswerRow {
  assignment: string;
  worker: number;
  at_ms: number;
  values: AnswerValues;
  state: PayState;
  paid: Money;
  reason: string;
  took_ms: number;
}
export interface ResultRow {
  task: string;
  item_no: number;
  values: string[];
  state: TaskState;
  reason: string;
  fields: FieldResult[];
  answers: number;
  cost: Money;
  given: AnswerRow[];
  gold: Record<string, string>;
}
export interface ResultsPage {
  rows: ResultRow[];
  next: string;
}
export interface Balance {
  wallet: Money;
  reserved: Money;
  under_way: Money;
}
export interface SupportReport {
  asked_ppm: number;
  fields: {
    field: string;
    claim_max_ppm: number;
    gold: number;
    right: number;
    gold_open: number;
    gold_needed: number;
    cost: Money;
  }[];
}
export interface AccountRow {
  account: number;
  role: Role;
  display_name: string;
  enrolled: boolean;
  suspended: boolean;
  created_ms: number;
  wallet: Money;
}
export interface AccountsPage {
  rows: AccountRow[];
  next: string;
}
export interface GrantRow {
  grant: number;
  gateway: number;
  opened_ms: number;
  renewed_ms: number;
  expires_ms: number;
  is_this: boolean;
}
export interface AuditPage {
  next: string;
  parts: number;
  batches: number;
  transfers: number;
  verdicts: number;
  payouts: number;
  wrong: string;
  sum: Money;
  transit: Money;
  in_outboxes: Money;
}
export interface TraceLine {
  at_ms: number;
  what: string;
  text: string;
}
type Nothing = Record<string, never>;

// What is asked and what comes back, by the name of the request.
export interface Requests {
  pull: [{ project?: number; count: number; wait_ms: number }, Tasks];
  submit: [{ answers: { assignment: string; values: AnswerValues }[]; next: number; project?: number }, Submitted];
  hand_back: [{ assignment: string; how: "skipped" | "returned" }, Nothing];
  take_back_skip: [{ assignment: string }, Tasks];
  describe_project: [{ project: number }, ProjectDescription];
  earnings: [{ unpaid_only?: boolean; after?: string; limit?: number }, EarningsPage];
  set_payout_address: [{ address: string }, Nothing];
  train: [{ project: number; answer?: { round: number; no: number; values: AnswerValues } }, TrainingStep];
  get_standing: [{ account?: number; project?: number }, StandingPage];
  open_project: [{ key: string; spec: ProjectSpec; items: number; answers_max: number }, OpenedProject];
  post_items: [{ project: number; first: number; items: Item[] }, { posted: number }];
  list_projects: [{ after?: string; limit?: number }, ProjectsPage];
  get_status: [{ project: number }, ProjectStatus];
  get_results: [
    { project: number; answers?: boolean; under_review_only?: boolean; after?: string; limit?: number },
    ResultsPage,
  ];
  review: [{ assignment: string; approve: boolean; reason: string }, Nothing];
  change_project: [{ project: number; action: ProjectAction }, Nothing];
  get_balance: [Nothing, Balance];
  get_support: [{ project: number }, SupportReport];
  invite: [{ key: string; role: Role; display_name: string; account?: number }, { account: number; line: string }];
  suspend: [{ account: number; suspended: boolean; reason: string }, Nothing];
  list_accounts: [{ role?: Role; after?: string; limit?: number }, AccountsPage];
  deposit: [{ key: string; account: number; amount: Money; note: string }, { transfer: string; wallet: Money }];
  trace_audit: [{ id: string }, { lines: TraceLine[] }];
  verify_audit: [{ after: string }, AuditPage];
  list_grants: [{ account?: number }, { rows: GrantRow[] }];
  end_grants: [{ account?: number; grant?: number }, Nothing];
}
export interface OpenedProject {
  project: number;
  reserved: Money;
  part_size: number;
}

export const redundancyMax = 100;
