// What is kept in the browser. A browser may refuse to keep anything (a private window, a full disk): then things work
// until the page is left.

const inMemory = new Map<string, string>();

export function keep(name: string, value: unknown, store: "local" | "session" = "local"): void {
  const text = JSON.stringify(value);
  inMemory.set(name, text);
  try {
    (store === "local" ? localStorage : sessionStorage).setItem(`tally.${name}`, text);
  } catch {
    // inMemory has it.
  }
}

export function kept<T>(name: string, store: "local" | "session" = "local"): T | null {
  try {
    const text = (store === "local" ? localStorage : sessionStorage).getItem(`tally.${name}`);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    const text = inMemory.get(name);
    return text === undefined ? null : (JSON.parse(text) as T);
  }
}

export function forget(name: string, store: "local" | "session" = "local"): void {
  inMemory.delete(name);
  try {
    (store === "local" ? localStorage : sessionStorage).removeItem(`tally.${name}`);
  } catch {
    // It was never there.
  }
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
