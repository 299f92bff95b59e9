import { useApp } from "../context";
import { useTopic } from "../hooks";
import type { AccountsPage, Role } from "../messages";
import { useProjects } from "../project/all_projects";
import { ProjectTable } from "../project/project_table";
import { Fact, Facts, Live, Loading, Page } from "../ui/basics";

const roles: Role[] = ["worker", "requester", "admin", "gateway"];

export function Overview() {
  const { t, f } = useApp();
  const accounts = useTopic<AccountsPage>("accounts");
  const { rows: projects, more } = useProjects();
  const rows = accounts?.rows ?? [];
  // The events bring the first page of accounts only.
  const count = (role: Role) => f.number(rows.filter((row) => row.role === role).length) + (accounts?.next ? "+" : "");
  return (
    <Page title={t.admin.overview} actions={<Live />}>
      {!accounts && <Loading lines={3} />}
      {accounts && (
        <Facts>
          {roles.map((role) => (
            <Fact key={role} name={t.admin.by_role[role]}>
              {count(role)}
            </Fact>
          ))}
          <Fact name={t.admin.suspended}>{f.number(rows.filter((row) => row.suspended).length) + (accounts.next ? "+" : "")}</Fact>
        </Facts>
      )}
      <section class="section" aria-labelledby="projects-heading">
        <h2 id="projects-heading">{t.projects.title_all}</h2>
        {!projects && <Loading lines={5} />}
        {projects?.length === 0 && <p class="empty">{t.projects.none_at_all}</p>}
        {projects && projects.length > 0 && <ProjectTable rows={projects} base="/admin/projects" showsOwner more={more} />}
      </section>
    </Page>
  );
}
