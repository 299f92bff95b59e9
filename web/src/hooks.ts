import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Refusal } from "./api";
import { asRefusal, call, watch, watchLive } from "./api";
import { useApp } from "./context";
import type { Requests } from "./messages";

export interface Asked<Reply> {
  data: Reply | null;
  error: Refusal | null;
  isLoading: boolean;
  reload(): void;
}

// Asks once, and again when the body changes. While it asks again the data before stays, so that nothing jumps.
export function useRequest<Name extends keyof Requests>(
  name: Name,
  body: Requests[Name][0] | null,
): Asked<Requests[Name][1]> {
  const [data, setData] = useState<Requests[Name][1] | null>(null);
  const [error, setError] = useState<Refusal | null>(null);
  const [isLoading, setLoading] = useState(body !== null);
  const [turn, setTurn] = useState(0);
  const asked = JSON.stringify(body);
  useEffect(() => {
    if (body === null) return;
    let isCurrent = true;
    setLoading(true);
    call(name, body)
      .then((reply) => isCurrent && (setData(() => reply), setError(null)))
      .catch((thrown: unknown) => isCurrent && setError(asRefusal(thrown)))
      .finally(() => isCurrent && setLoading(false));
    return () => {
      isCurrent = false;
    };
  }, [name, asked, turn]);
  return { data, error, isLoading, reload: useCallback(() => setTurn((before) => before + 1), []) };
}

// The data of a topic of events, as it is now.
export function useTopic<Data>(topic: string | null): Data | null {
  const [data, setData] = useState<Data | null>(null);
  useEffect(() => {
    setData(null);
    if (topic === null) return;
    return watch(topic, (now) => setData(() => now as Data));
  }, [topic]);
  return data;
}

export function useIsLive(): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => watchLive(setLive), []);
  return isLive;
}

export interface Action {
  run(): Promise<void>;
  isBusy: boolean;
  error: Refusal | null;
  clear(): void;
}

// Something that a button does: once at a time, and what goes wrong is kept to be shown.
export function useAction(act: () => Promise<void>): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Refusal | null>(null);
  const latest = useRef(act);
  latest.current = act;
  const run = useCallback(async () => {
    setBusy(true);
    setError(null);
    try {
      await latest.current();
    } catch (thrown) {
      setError(asRefusal(thrown));
    } finally {
      setBusy(false);
    }
  }, []);
  return { run, isBusy, error, clear: () => setError(null) };
}

export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function usePageTitle(title: string): void {
  const { t } = useApp();
  useEffect(() => {
    document.title = title ? `${title} · ${t.product}` : t.product;
  }, [title, t]);
}
