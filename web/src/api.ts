import { underKey } from "./kept";
import type { Requests, Session } from "./messages";

// The gateway's API: typed requests, the session, and events. Everything that goes wrong comes as a Refusal.

// These say nothing about what was asked.
const passing = ["unreachable", "unavailable", "busy", "rate_exceeded", "internal_error", "session_changed"];

export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly retryAfterMs = 0,
  ) {
    super(detail || code);
  }
  // The same request may succeed later: it should be kept and sent again.
  get isTransient(): boolean {
    return this.retryAfterMs > 0 || passing.includes(this.code);
  }
}

export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal("internal_error", error instanceof Error ? error.message : String(error));
}

let csrf = "";
let whenSignedOut: () => void = () => {};
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const body = (await response.json()) as { code?: string; detail?: string; retry_after_ms?: number };
    if (body.code) return new Refusal(body.code, body.detail ?? "", body.retry_after_ms ?? 0);
  } catch {
    // What stands before the gateway (a proxy) answers in its own way.
  }
  if (response.status >= 500 || response.status === 429 || response.status === 408) return new Refusal("unavailable", "", 1000);
  return new Refusal("internal_error", `HTTP ${response.status}`);
}

interface How {
  isAgain?: boolean;
  keepalive?: boolean; // It goes out although the page is being left.
}

async function request<Reply>(method: string, path: string, body?: unknown, how: How = {}): Promise<Reply> {
  const headers: Record<string, string> = {};
  if (method === "POST") {
    headers["Content-Type"] = "application/json";
    if (csrf) headers["X-CSRF-Token"] = csrf;
  }
  let response: Response;
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    response = await fetch(path, { method, headers, body: sent, credentials: "same-origin", keepalive: how.keepalive });
  } catch {
    throw new Refusal("unreachable", "", 1000);
  }
  if (response.ok) {
    try {
      return (await response.json()) as Reply;
    } catch {
      throw new Refusal("unreachable", "", 1000);
    }
  }
  const refusal = await refusalOf(response);
  // Another sign-in of this account has taken the place of ours in this browser: its token, and once more.
  if (refusal.code === "session_changed" && !how.isAgain) {
    if (await loadSession()) return request<Reply>(method, path, body, { ...how, isAgain: true });
  }
  // Signing in itself may be refused with 401; that ends no session.
  if (response.status === 401 && path !== "/api/sign-in") whenSignedOut();
  throw refusal;
}

// Lists that the gateway may leave out because they are empty.
const lists: { [name: string]: object } = {
  pull: { tasks: [] },
  take_back_skip: { tasks: [] },
  submit: { tasks: [], outcomes: [] },
  earnings: { rows: [], next: "" },
  list_projects: { rows: [], next: "" },
  get_results: { rows: [], next: "" },
  list_accounts: { rows: [], next: "" },
  list_grants: { rows: [] },
  trace_audit: { lines: [] },
  get_standing: { qualifications: [] },
  get_support: { fields: [] },
};

export async function call<Name extends keyof Requests>(
  name: Name,
  body: Requests[Name][0],
  how: How = {},
): Promise<Requests[Name][1]> {
  const reply = await request<Requests[Name][1]>("POST", `/api/${name}`, body, how);
  return { ...lists[name], ...reply };
}

// Whose page this is. Another tab may sign somebody else in: nothing may go out in their name from here, so the page
// begins anew as theirs. What is kept here is kept by account.
let account = 0;

function begin(session: Session): Session {
  if (account !== 0 && account !== session.account) {
    location.assign("/");
    throw new Refusal("signed_out", "");
  }
  account = session.account;
  csrf = session.csrf;
  clockSkewMs = session.now_ms - Date.now();
  return session;
}

// Null: nobody is signed in.
export async function loadSession(): Promise<Session | null> {
  const session = await request<Session | null>("GET", "/api/session");
  return session && begin(session);
}

// The nonce is kept for as long as the invitation is tried: whoever has it gets the same session again when the answer
// was lost, though the invitation is used up.
export async function signIn(code: string): Promise<Session> {
  const session = await underKey("sign-in", code, (nonce) => request<Session>("POST", "/api/sign-in", { code, nonce }));
  account = 0;
  return begin(session);
}

export async function signOut(everywhere: boolean): Promise<void> {
  await request("POST", "/api/sign-out", { everywhere });
  csrf = "";
  account = 0;
}

// The broker's clock, for deadlines: the browser's own may be wrong.
let clockSkewMs = 0;
export function brokerNow(): number {
  return Date.now() + clockSkewMs;
}

export function wait(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

// ---- Events ----

type Listener = (data: unknown) => void;
const topics = new Map<string, Set<Listener>>();
const latest = new Map<string, unknown>();
const refused = new Set<string>(); // Not to be asked for again while the page is the same.
const liveListeners = new Set<(isLive: boolean) => void>();
let source: EventSource | null = null;
let sourceTopics = "";
let isLive = false;

function setLive(now: boolean): void {
  isLive = now;
  for (const listener of liveListeners) listener(now);
}

// One connection for all topics of the page: a browser opens only a few to one host over HTTP/1.1.
function connect(): void {
  const wanted = [...topics.keys()].filter((topic) => !refused.has(topic)).sort().join(",");
  if (wanted === sourceTopics && source && source.readyState !== EventSource.CLOSED) return;
  source?.close();
  source = null;
  sourceTopics = wanted;
  if (!wanted) return setLive(false);
  const opened = new EventSource(`/api/events?watch=${encodeURIComponent(wanted)}`);
  source = opened;
  opened.onopen = () => setLive(true);
  opened.onerror = () => {
    setLive(false);
    // A refused connection is not tried again by the browser.
    if (opened.readyState !== EventSource.CLOSED) return;
    setTimeout(() => source === opened && connect(), 5000);
    void loadSession().then((session) => session ?? whenSignedOut(), () => null);
  };
  opened.addEventListener("refused", (event) => {
    const { topic, code } = JSON.parse((event as MessageEvent<string>).data) as { topic: string; code: string };
    opened.close();
    if (code === "on_behalf_not_granted") return void loadSession().then((session) => session ?? whenSignedOut(), () => null);
    refused.add(topic);
    connect();
  });
  for (const topic of topics.keys()) {
    opened.addEventListener(topic, (event) => {
      const data: unknown = JSON.parse((event as MessageEvent<string>).data);
      latest.set(topic, data);
      for (const listener of topics.get(topic) ?? []) listener(data);
    });
  }
}

// Calls the listener with the data of the topic, at once and whenever it has changed. Returns what ends it.
export function watch(topic: string, listener: Listener): () => void {
  const listeners = topics.get(topic) ?? new Set();
  listeners.add(listener);
  topics.set(topic, listeners);
  if (latest.has(topic)) listener(latest.get(topic));
  queueMicrotask(connect);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      topics.delete(topic);
      latest.delete(topic);
      refused.delete(topic);
    }
    queueMicrotask(connect);
  };
}

export function watchLive(listener: (isLive: boolean) => void): () => void {
  liveListeners.add(listener);
  listener(isLive);
  return () => liveListeners.delete(listener);
}
