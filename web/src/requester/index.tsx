import { NotFound } from "../pages/not_found";
import { match, numberIn } from "../router";
import { NewProject } from "./new/wizard";
import { OwnProject } from "./project";
import { OwnProjects } from "./projects";

// The pages of a requester.
export default function RequesterArea({ path }: { path: string }) {
  if (match("/projects", path)) return <OwnProjects />;
  if (match("/projects/new", path)) return <NewProject />;
  const project = numberIn(match("/projects/:project", path)?.project);
  if (project !== null) return <OwnProject key={project} project={project} />;
  return <NotFound />;
}
