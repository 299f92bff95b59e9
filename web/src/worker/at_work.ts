import type { Session } from "../messages";
import { Outbox } from "./outbox";
import { WorkQueue } from "./work_queue";

// One outbox for the account, and one queue for each project that was worked on in this tab.
let account = 0;
let outbox: Outbox | null = null;
const queues = new Map<number, WorkQueue>();

export function outboxOf(session: Session): Outbox {
  if (outbox && account === session.account) return outbox;
  closeOutbox();
  account = session.account;
  const box = new Outbox(session.account, session.submits_per_message_max);
  // A reply may come after somebody else has signed in: it opens nothing again.
  const queue = (project: number) => (outbox === box ? queues.get(project) : undefined);
  box.onTold = (told) => queue(told.answer.project)?.hear(told);
  box.onWanted = (project) => queue(project)?.wanted() ?? 0;
  box.onTasks = (project, tasks) => queue(project)?.take(tasks);
  outbox = box;
  return box;
}

export function queueOf(session: Session, project: number): WorkQueue {
  const box = outboxOf(session);
  const queue = queues.get(project) ?? new WorkQueue(project, session.account, box);
  queues.set(project, queue);
  return queue;
}

// Nothing may go out in another account's name: whoever signs in next has an outbox of their own.
export function closeOutbox(): void {
  outbox?.close();
  outbox = null;
  queues.clear();
}
