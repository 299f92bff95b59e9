import type { Refusal } from "../api";
import { asRefusal, call, wait } from "../api";
import { keep, kept } from "../kept";
import type { AnswerValues, NoWork, TaskOffer, Tasks } from "../messages";
import type { Outbox, Told } from "./outbox";

// The open tasks of one worker in one project: the one that is shown, and the next one, loaded already. It outlives the
// page that shows it, so that a lease is not lost when the worker looks elsewhere or reloads.

const tasksWanted = 2;
const pullWaitMs = 10_000;

export interface OpenTask extends TaskOffer {
  endsMs: number; // Of the lease, by this browser's clock.
}
type Last = { kind: "answer"; task: OpenTask; values: AnswerValues } | { kind: "skip"; task: OpenTask };

// After these asking again soon may bring work; after the others it will not.
export const mayComeBack: NoWork[] = ["all_tasks_taken", "tasks_loading", "too_many_leases", "project_paused"];

export class WorkQueue {
  tasks: OpenTask[] = [];
  last: Last | null = null;
  told: Told[] = [];
  noWork: NoWork | null = null;
  trouble: Refusal | null = null;
  draft: AnswerValues = {}; // What an undone answer had.
  answered = 0;
  private isOpen = false;
  private isPulling = false;
  private isRefilling = false;
  private hasMoreRoom = false; // A task was taken from the queue while it was being refilled.
  private listeners = new Set<() => void>();

  constructor(
    readonly project: number,
    private readonly account: number,
    readonly outbox: Outbox,
  ) {
    const before = kept<OpenTask[]>(this.name, "session") ?? [];
    this.tasks = before.filter((task) => task.endsMs > Date.now() && !outbox.has(task.assignment));
  }

  private get name(): string {
    return `tasks.${this.account}.${this.project}`;
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    keep(this.name, this.tasks, "session");
    for (const listener of this.listeners) listener();
  }

  // The page is there: tasks are asked for from now on.
  open(): void {
    this.isOpen = true;
    this.noWork = null;
    this.tasks = this.tasks.filter((task) => task.endsMs > Date.now());
    void this.refill();
  }
  close(): void {
    this.isOpen = false;
  }

  wanted(): number {
    return this.isOpen && !this.isPulling ? Math.max(0, tasksWanted - this.tasks.length) : 0;
  }

  take(reply: Tasks): void {
    const now = Date.now();
    const fresh = reply.tasks.filter((offer) => !this.tasks.some((one) => one.assignment === offer.assignment));
    this.tasks = [...this.tasks, ...fresh.map((offer) => ({ ...offer, endsMs: now + offer.lease_left_ms }))];
    if (this.tasks.length > 0) this.noWork = null;
    else if (reply.no_work) this.noWork = reply.no_work;
    this.changed();
  }

  private async refill(): Promise<void> {
    this.hasMoreRoom = this.isRefilling;
    if (this.isRefilling) return;
    this.isRefilling = true;
    try {
      do {
        this.hasMoreRoom = false;
        await this.refillOnce();
      } while (this.hasMoreRoom && this.isOpen);
    } finally {
      this.isRefilling = false;
    }
  }

  private async refillOnce(): Promise<void> {
    while (this.isOpen && this.tasks.length < tasksWanted) {
      // A worker who has a task must not wait for the one after it.
      const isEmpty = this.tasks.length === 0;
      if (!(await this.pull(isEmpty ? pullWaitMs : 0))) return;
      if (!isEmpty && this.tasks.length > 0) return;
      if (this.tasks.length > 0) continue;
      if (this.noWork && !mayComeBack.includes(this.noWork)) return;
      await wait(1500);
    }
  }

  private async pull(waitMs: number): Promise<boolean> {
    this.isPulling = true;
    try {
      const count = tasksWanted - this.tasks.length;
      const reply = await call("pull", { project: this.project, count, wait_ms: waitMs });
      this.trouble = null;
      this.take(reply);
      return true;
    } catch (error) {
      const refusal = asRefusal(error);
      this.trouble = refusal;
      this.changed();
      if (!refusal.isTransient) return false;
      await wait(Math.max(2000, refusal.retryAfterMs));
      return true;
    } finally {
      this.isPulling = false;
    }
  }

  // Without its last task's place in the way: what ran out before it was shown is not shown.
  private shift(): void {
    const now = Date.now();
    this.tasks = this.tasks.slice(1).filter((task) => task.endsMs > now);
    this.draft = {};
    this.changed();
    void this.refill();
  }

  handIn(values: AnswerValues): void {
    const task = this.tasks[0];
    this.last = { kind: "answer", task, values };
    this.answered += 1;
    this.outbox.add({ assignment: task.assignment, project: this.project, values, reward: task.reward });
    this.shift();
  }

  async skip(): Promise<void> {
    const task = this.tasks[0];
    this.last = { kind: "skip", task };
    this.shift();
    await call("hand_back", { assignment: task.assignment, how: "skipped" });
  }

  // Takes the last answer or skip back. False: it is too late for it.
  async undo(): Promise<boolean> {
    const last = this.last;
    if (!last) return false;
    this.last = null;
    if (last.kind === "answer") {
      if (!this.outbox.undo(last.task.assignment)) return false;
      this.answered -= 1;
      this.draft = last.values;
      this.tasks = [last.task, ...this.tasks];
    } else {
      const reply = await call("take_back_skip", { assignment: last.task.assignment });
      const again = reply.tasks.map((offer) => ({ ...offer, endsMs: Date.now() + offer.lease_left_ms }));
      this.draft = {};
      this.tasks = [...again, ...this.tasks];
    }
    this.changed();
    return true;
  }

  hear(told: Told): void {
    this.told = [told, ...this.told].slice(0, 5);
    if (!told.outcome.accepted) this.answered = Math.max(0, this.answered - 1);
    this.changed();
  }
}
