import { NotFound } from "../pages/not_found";
import { match, numberIn } from "../router";
import { Earnings } from "./earnings";
import { OpenProjects } from "./projects";
import { ProjectPreview } from "./project";
import { TasksPage } from "./tasks";
import { TrainingPage } from "./training";

// The pages of a worker.
export default function WorkerArea({ path }: { path: string }) {
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
