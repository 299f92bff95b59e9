import { useState } from "preact/hooks";
import { call } from "../api";
import type { Action } from "../hooks";
import { useAction, useTopic } from "../hooks";
import type { ProjectRow, ProjectsPage } from "../messages";

// The projects, newest first: the first page is live, the ones behind it are fetched when they are asked for.
export function useProjects(): { rows: ProjectRow[] | null; more: Action | null } {
  const first = useTopic<ProjectsPage>("projects");
  const [older, setOlder] = useState<ProjectsPage | null>(null);
  const next = older ? older.next : (first?.next ?? "");
  const more = useAction(async () => {
    const page = await call("list_projects", { after: next, limit: 100 });
    setOlder({ rows: [...(older?.rows ?? []), ...page.rows], next: page.next });
  });
  if (!first) return { rows: null, more: null };
  const live = first.rows ?? [];
  const behind = (older?.rows ?? []).filter((row) => !live.some((one) => one.project === row.project));
  return { rows: [...live, ...behind], more: next ? more : null };
}
