import { NotFound } from "../pages/not_found";
import { match, numberIn } from "../router";
import { Accounts } from "./accounts";
import { Audit } from "./audit";
import { Overview } from "./overview";
import { AnyProject } from "./project";
import { Trace } from "./trace";
import { WorkerStanding } from "./worker";

// The pages of an admin.
export default function AdminArea({ path }: { path: string }) {
  if (match("/admin", path)) return <Overview />;
  if (match("/admin/accounts", path)) return <Accounts />;
  if (match("/admin/audit", path)) return <Audit />;
  if (match("/admin/trace", path)) return <Trace />;
  const project = numberIn(match("/admin/projects/:project", path)?.project);
  if (project !== null) return <AnyProject key={project} project={project} />;
  const worker = numberIn(match("/admin/workers/:account", path)?.account);
  if (worker !== null) return <WorkerStanding key={worker} account={worker} />;
  return <NotFound />;
}
