import type { Refusal } from "../api";
import { asRefusal, call, wait } from "../api";
import { forget, keep, kept, keptNames } from "../kept";
import type { AnswerValues, Money, SubmitOutcome, Tasks } from "../messages";

// Answers on their way to the broker. An answer is here from when it is handed in until the broker has said what
// became of it: through a lost connection, a reload and a restart of the browser. Each is kept by itself, so that several
// tabs do not overwrite each other's; that two of them send the same answer is harmless.

export const holdMs = 4000;
// Refusals of a whole message that sending it again cannot mend.
const aboutTheMessage = ["malformed", "too_large", "unknown_message", "answer_invalid"];

export interface OutboxAnswer {
  assignment: string;
  project: number;
  values: AnswerValues;
  reward: Money;
  sendAfterMs: number;
}
export interface Told {
  answer: OutboxAnswer;
  outcome: SubmitOutcome;
}

export class Outbox {
  answers: OutboxAnswer[];
  trouble: Refusal | null = null; // Why nothing goes out just now.
  private isSending = false;
  private isOneByOne = false;
  private isClosed = false;
  private retryMs = 1000;
  private timer = 0;
  private listeners = new Set<() => void>();
  onTold: (told: Told) => void = () => {};
  // How many tasks the page would like with the reply, and where they go.
  onWanted: (project: number) => number = () => 0;
  onTasks: (project: number, tasks: Tasks) => void = () => {};

  constructor(
    private readonly account: number,
    private readonly perMessageMax: number,
  ) {
    const found = keptNames(`outbox.${account}.`).map((name) => kept<OutboxAnswer>(name));
    this.answers = found.filter((answer) => answer !== null);
    addEventListener("online", this.wake);
    addEventListener("pagehide", this.sendAtLast);
    this.wake();
  }

  // Nothing is sent from now on; what is left is sent when this account is back.
  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.wake);
    removeEventListener("pagehide", this.sendAtLast);
  }

  private nameOf(answer: { assignment: string }): string {
    return `outbox.${this.account}.${answer.assignment}`;
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  add(answer: Omit<OutboxAnswer, "sendAfterMs">): void {
    // Only the last answer can be undone: those before it need not wait.
    const now = Date.now();
    for (const one of this.answers) one.sendAfterMs = Math.min(one.sendAfterMs, now);
    const before = this.answers;
    const held = { ...answer, sendAfterMs: now + holdMs };
    keep(this.nameOf(held), held);
    this.set([...before, held]);
    this.wake();
  }

  // Takes an answer back that is still held. False: it is on its way.
  undo(assignment: string): boolean {
    const found = this.answers.find((one) => one.assignment === assignment);
    if (!found || found.sendAfterMs <= Date.now()) return false;
    forget(this.nameOf(found));
    this.set(this.answers.filter((one) => one !== found));
    return true;
  }

  has(assignment: string): boolean {
    return this.answers.some((one) => one.assignment === assignment);
  }

  private wake = (): void => {
    clearTimeout(this.timer);
    if (!this.isSending && !this.isClosed) void this.send();
  };

  // The page is left: what is held goes out now, since nobody can take it back any more and the lease runs on. It stays
  // kept, and is sent again next time, for nobody is here to hear what became of it.
  private sendAtLast = (): void => {
    const now = Date.now();
    for (const one of this.answers) one.sendAfterMs = Math.min(one.sendAfterMs, now);
    const due = this.due();
    if (due.length === 0) return;
    const answers = due.map(({ assignment, values }) => ({ assignment, values }));
    call("submit", { answers, next: 0, project: due[0].project }, { keepalive: true }).catch(() => {});
  };

  private set(answers: OutboxAnswer[]): void {
    this.answers = answers;
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }

  // What may go now, of one project: the tasks that come with the reply are of that project.
  private due(): OutboxAnswer[] {
    if (this.isClosed) return [];
    const now = Date.now();
    // What another tab took back or has handed in already is not there any more.
    const isGone = (one: OutboxAnswer) => one.sendAfterMs <= now && kept(this.nameOf(one)) === null;
    if (this.answers.some(isGone)) this.set(this.answers.filter((one) => !isGone(one)));
    const ready = this.answers.filter((one) => one.sendAfterMs <= now);
    const sameProject = ready.filter((one) => one.project === ready[0].project);
    return sameProject.slice(0, this.isOneByOne ? 1 : Math.max(1, this.perMessageMax || 1));
  }

  private async send(): Promise<void> {
    this.isSending = true;
    try {
      for (let due = this.due(); due.length > 0; due = this.due()) await this.sendSome(due);
    } finally {
      this.isSending = false;
    }
    const next = Math.min(...this.answers.map((one) => one.sendAfterMs));
    if (!this.isClosed && Number.isFinite(next)) this.timer = window.setTimeout(() => this.wake(), Math.max(50, next - Date.now()));
  }

  private async sendSome(due: OutboxAnswer[]): Promise<void> {
    const project = due[0].project;
    const answers = due.map(({ assignment, values }) => ({ assignment, values }));
    const next = this.onWanted(project);
    try {
      const reply = await call("submit", { answers, next, project });
      this.retryMs = 1000;
      this.trouble = null;
      this.settle(due, reply.outcomes);
      if (next > 0) this.onTasks(project, reply);
    } catch (error) {
      if (next > 0) this.onTasks(project, { tasks: [] });
      await this.failed(due, asRefusal(error));
    }
  }

  private settle(due: OutboxAnswer[], outcomes: SubmitOutcome[]): void {
    for (const answer of due) forget(this.nameOf(answer));
    this.set(this.answers.filter((one) => !due.includes(one)));
    for (const answer of due) {
      const outcome = outcomes.find((one) => one.assignment === answer.assignment);
      if (outcome) this.onTold({ answer, outcome });
    }
  }

  private async failed(due: OutboxAnswer[], refusal: Refusal): Promise<void> {
    // Whatever else may be wrong (signed out, suspended, a proxy that is in the way) says nothing about the answers:
    // they wait.
    const isFinal = !this.isClosed && !refusal.isTransient && aboutTheMessage.includes(refusal.code);
    if (isFinal && due.length > 1) {
      this.isOneByOne = true; // One of them may be what is wrong.
      return;
    }
    if (isFinal) {
      const { code, detail } = refusal;
      const refused = due.map(({ assignment }) => ({ assignment, accepted: false, refusal: code, detail, paid: "0" }));
      return this.settle(due, refused);
    }
    this.trouble = refusal;
    this.changed();
    await Promise.race([
      wait(Math.max(refusal.retryAfterMs, this.retryMs)),
      new Promise((done) => addEventListener("online", done, { once: true })),
    ]);
    this.retryMs = Math.min(30_000, this.retryMs * 2);
  }
}
