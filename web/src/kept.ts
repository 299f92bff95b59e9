// What is kept in the browser. A browser may refuse to keep anything (a private window, a full disk): then things work
// until the page is left.

const inMemory = new Map<string, string>(); // What the browser refused to keep.
type Store = "local" | "session";
const storeOf = (store: Store) => (store === "local" ? localStorage : sessionStorage);

export function keep(name: string, value: unknown, store: Store = "local"): void {
  const text = JSON.stringify(value);
  try {
    storeOf(store).setItem(`tally.${name}`, text);
    inMemory.delete(name);
  } catch {
    inMemory.set(name, text);
  }
}

function textOf(name: string, store: Store): string | null {
  const refused = inMemory.get(name);
  if (refused !== undefined) return refused;
  try {
    return storeOf(store).getItem(`tally.${name}`);
  } catch {
    return null;
  }
}

export function kept<T>(name: string, store: Store = "local"): T | null {
  try {
    return JSON.parse(textOf(name, store) ?? "null") as T | null;
  } catch {
    return null;
  }
}

export function forget(name: string, store: Store = "local"): void {
  inMemory.delete(name);
  try {
    storeOf(store).removeItem(`tally.${name}`);
  } catch {
    // It was never there.
  }
}

// The names under a prefix that have something kept for longer than this tab.
export function keptNames(prefix: string): string[] {
  const names = new Set([...inMemory.keys()]);
  try {
    for (let at = 0; at < localStorage.length; at += 1) names.add((localStorage.key(at) ?? "").replace(/^tally\./, ""));
  } catch {
    // What is in memory is all there is.
  }
  return [...names].filter((name) => name.startsWith(prefix));
}

// ---- Keys of commands ----

export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface KeptCommand {
  key: string;
  input: string;
}

// Runs a command under a key that is kept until it is answered for good, so that a retry, even after a reload, is the
// same command. Another input is another intention, with a key of its own.
export async function underKey<Reply>(
  intention: string,
  input: unknown,
  command: (key: string) => Promise<Reply>,
): Promise<Reply> {
  const name = `key.${intention}`;
  const text = JSON.stringify(input);
  const before = kept<KeptCommand>(name);
  const key = before?.input === text ? before.key : randomKey();
  keep(name, { key, input: text });
  try {
    const reply = await command(key);
    forget(name);
    return reply;
  } catch (error) {
    const isTransient = (error as { isTransient?: boolean }).isTransient ?? true;
    if (!isTransient) forget(name);
    throw error;
  }
}

// ---- What is too large for that: uploads ----

function database(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const opening = indexedDB.open("tally", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
}

async function inStore<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  try {
    const db = await database();
    return await new Promise<T>((done, failed) => {
      const asked = ask(db.transaction("kept", mode).objectStore("kept"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } catch {
    return null;
  }
}

export const keepLarge = (name: string, value: unknown) => inStore("readwrite", (store) => store.put(value, name));
export const forgetLarge = (name: string) => inStore("readwrite", (store) => store.delete(name));
export async function keptLarge<T>(name: string): Promise<T | null> {
  return ((await inStore("readonly", (store) => store.get(name))) as T | undefined) ?? null;
}
