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
  outbox = new Outbox(session.account, session.submits_per_message_max);
  outbox.onTold = (told) => queueOf(session, told.answer.project).hear(told);
  outbox.onWanted = (project) => queues.get(project)?.wanted() ?? 0;
  outbox.onTasks = (project, tasks) => queueOf(session, project).take(tasks);
  return outbox;
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
