import { useEffect, useState } from "preact/hooks";
import { useApp } from "../context";
import type { ProjectStanding } from "../messages";
import { standingIn } from "../specs";
import { Tag } from "../ui/basics";

// How this worker stands in a project: undefined while it loads, null where nothing is known.
export function useStanding(project: number): ProjectStanding | null | undefined {
  const [standing, setStanding] = useState<ProjectStanding | null | undefined>(undefined);
  useEffect(() => {
    let isCurrent = true;
    standingIn(project)
      .then((page) => isCurrent && setStanding(page.in_project ?? null))
      .catch(() => isCurrent && setStanding(null));
    return () => {
      isCurrent = false;
    };
  }, [project]);
  return standing;
}

export function needsTraining(standing: ProjectStanding | null | undefined): boolean {
  return standing?.no_work === "training_needed";
}

export function StandingTag({ standing }: { standing: ProjectStanding | null | undefined }) {
  const { t } = useApp();
  if (!standing) return null;
  if (needsTraining(standing)) {
    return <Tag tone="wait">{t.work.training_first(standing.training_tasks, standing.rounds_left)}</Tag>;
  }
  if (standing.no_work) return <Tag tone="bad">{standing.missing || t.no_work[standing.no_work]}</Tag>;
  return <Tag tone="good">{t.work.open_to_you}</Tag>;
}
