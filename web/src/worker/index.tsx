import { useEffect } from "preact/hooks";
import { useSession } from "../context";
import { NotFound } from "../pages/not_found";
import { match, numberIn } from "../router";
import { closeOutbox, outboxOf } from "./at_work";
import { Earnings } from "./earnings";
import { OpenProjects } from "./projects";
import { ProjectPreview } from "./project";
import { TasksPage } from "./tasks";
import { TrainingPage } from "./training";

// The pages of a worker.
export default function WorkerArea({ path }: { path: string }) {
  const session = useSession();
  useEffect(() => {
    // Answers that were kept go out whatever page one comes back to.
    outboxOf(session);
    return closeOutbox;
  }, [session.account]);
  if (match("/work", path)) return <OpenProjects />;
  if (match("/earnings", path)) return <Earnings />;
  const preview = numberIn(match("/work/:project", path)?.project);
  if (preview !== null) return <ProjectPreview key={preview} project={preview} />;
  const tasks = numberIn(match("/work/:project/tasks", path)?.project);
  if (tasks !== null) return <TasksPage key={tasks} project={tasks} />;
  const training = numberIn(match("/work/:project/training", path)?.project);
  if (training !== null) return <TrainingPage key={training} project={training} />;
  return <NotFound />;
}
