import { call, wait, asRefusal } from "../../api";
import type { Refusal } from "../../api";
import { forgetLarge, keepLarge, keptLarge, randomKey } from "../../kept";
import type { Item, OpenedProject, ProjectSpec } from "../../messages";

// Publishing: opens the project under a key that is kept, then hands over its items slice by slice. All of it is kept
// in the browser until the last slice is acknowledged, so that a reload or a lost connection goes on where it was.
export interface Upload {
  account: number;
  key: string;
  spec: ProjectSpec;
  items: Item[];
  answersMax: number;
  project: number | null; // Once it is open.
  partSize: number;
  posted: number;
}

// How far it is stands by itself: the items are not written again with every slice.
const nameOf = (account: number) => `upload.${account}`;
const progressOf = (account: number) => `upload.${account}.posted`;

export async function keptUpload(account: number): Promise<Upload | null> {
  const upload = await keptLarge<Upload>(nameOf(account));
  return upload && { ...upload, posted: (await keptLarge<number>(progressOf(account))) ?? 0 };
}

export async function forgetUpload(account: number): Promise<void> {
  await forgetLarge(nameOf(account));
  await forgetLarge(progressOf(account));
}

export function newUpload(account: number, spec: ProjectSpec, items: Item[]): Upload {
  // Only where items bring their own number of answers does the sum differ from items times max.
  const hasOwn = items.some((item) => item.answers !== undefined);
  const answersMax = hasOwn ? items.reduce((sum, item) => sum + (item.answers ?? spec.redundancy.max), 0) : 0;
  return { account, key: randomKey(), spec, items, answersMax, project: null, partSize: 0, posted: 0 };
}

// The end of the slice that begins at `from` (counted from 0): at the next multiple of items_per_post_max from the
// batch's start, and never across a multiple of part_size.
export function endOfSlice(from: number, items: number, perPost: number, partSize: number): number {
  const nextMultiple = (size: number) => (size > 0 ? (Math.floor(from / size) + 1) * size : items);
  return Math.min(items, nextMultiple(perPost), nextMultiple(partSize));
}

export interface Progress {
  posted: number;
  items: number;
  trouble: Refusal | null; // It waits, and tries again.
}

// Runs until everything is posted, or `isStopped`. Throws the refusal that no retry would change.
export async function runUpload(
  begun: Upload,
  perPost: number,
  isStopped: () => boolean,
  onProgress: (progress: Progress) => void,
  onOpened: (project: number) => void,
): Promise<number> {
  let upload = begun;
  await keepLarge(nameOf(upload.account), upload);
  await keepLarge(progressOf(upload.account), upload.posted);
  const report = (trouble: Refusal | null = null) => onProgress({ posted: upload.posted, items: upload.items.length, trouble });
  report();
  if (upload.project === null) {
    const { key, spec, items, answersMax } = upload;
    const opened: OpenedProject = await patiently(
      () => call("open_project", { key, spec, items: items.length, answers_max: answersMax }),
      isStopped,
      report,
    );
    upload = { ...upload, project: opened.project, partSize: opened.part_size };
    await keepLarge(nameOf(upload.account), upload);
  }
  const project = upload.project as number;
  onOpened(project);
  while (upload.posted < upload.items.length) {
    const from = upload.posted;
    const end = endOfSlice(from, upload.items.length, perPost, upload.partSize);
    const items = upload.items.slice(from, end);
    await patiently(() => call("post_items", { project, first: from + 1, items }), isStopped, report);
    upload = { ...upload, posted: end };
    await keepLarge(progressOf(upload.account), end);
    report();
  }
  await forgetUpload(upload.account);
  return project;
}

export class Stopped extends Error {}

async function patiently<T>(ask: () => Promise<T>, isStopped: () => boolean, report: (trouble: Refusal | null) => void): Promise<T> {
  for (let delay = 1000; ; delay = Math.min(15_000, delay * 2)) {
    if (isStopped()) throw new Stopped();
    try {
      return await ask();
    } catch (error) {
      const refusal = asRefusal(error);
      if (!refusal.isTransient) throw refusal;
      report(refusal);
      await wait(Math.max(delay, refusal.retryAfterMs));
    }
  }
}
